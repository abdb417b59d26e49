"""Building the HNSW graph of a matrix, or growing the saved one by what it lacks, and trying it.

Run in a process of its own. hnswlib is given some rows at a time, so that no copy of the whole is made.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import hnswlib
import numpy as np

from photofind.core.atomic_file import put_in_place
from photofind.core.cores import usable_cores
from photofind.core.records.arrays import Ids
from photofind.core.vectors.admission import try_graph
from photofind.core.vectors.hnsw import LINKS, Hnsw, SavedGraph, digest, drop_hnsw, open_index, write_saved_graph
from photofind.core.vectors.manifest import read_manifest
from photofind.core.vectors.matrix import Matrix

# With these, recall is above 0.99 on 100,000 x 512 (`python -m tests.bench search`).
_EF_CONSTRUCTION = 200
# Removed vectors stay in a graph as stepping stones; one with more of them is built from nothing.
_MOST_REMOVED = 0.2
_ROWS_A_STEP = 4_096


def build_hnsw(directory: Path, model_id: str, dim: int, tell: Callable[[float], None] = lambda _: None) -> None:
    """Build or grow the graph over the matrix in `directory`, try it, and save both; `tell` gets shares done.

    The manifest goes first and comes back last, so that a crash leaves the old graph, the new one or none.
    """
    library = read_manifest(directory / "manifest.json")["library"]
    matrix = Matrix(directory, library, model_id, dim, read_only=True)
    rows = matrix.kept_rows()
    if not len(rows):
        return
    labels = matrix.labels[rows]
    index = _grown(directory, library, model_id, dim, labels) or _empty(dim, len(labels))
    missing = rows[~np.isin(labels, np.array(index.get_ids_list(), np.int64))]
    for start in range(0, len(missing), _ROWS_A_STEP):
        tell(start / len(missing))
        some = missing[start : start + _ROWS_A_STEP]
        index.add_items(matrix.take(some), matrix.labels[some], num_threads=max(1, usable_cores() // 2))
    graph = Hnsw(index, len(rows), int(labels[-1]), matrix.seq)
    trial = try_graph(graph, matrix, rows)
    size, checksum = _write(index, directory / "hnsw.bin.new")
    drop_hnsw(directory)
    put_in_place(directory / "hnsw.bin.new", directory / "hnsw.bin")
    write_saved_graph(
        directory,
        SavedGraph(library, model_id, dim, len(rows), graph.newest_label, matrix.seq, size, checksum, trial),
    )


def _empty(dim: int, room: int) -> hnswlib.Index:
    index = hnswlib.Index("ip", dim)
    index.init_index(room, M=LINKS, ef_construction=_EF_CONSTRUCTION, random_seed=1)
    return index


def _grown(directory: Path, library: str, model_id: str, dim: int, labels: Ids) -> hnswlib.Index | None:
    """Return the saved graph with room for what it lacks and without what was removed; None to begin with nothing."""
    found = open_index(directory, library, model_id, dim)
    if found is None:
        return None
    index, _ = found
    known = np.array(index.get_ids_list(), np.int64)
    gone = known[~np.isin(known, labels)]
    if len(gone) > _MOST_REMOVED * len(known):
        return None
    index.resize_index(len(labels) + len(gone))
    for label in gone.tolist():
        with contextlib.suppress(RuntimeError):  # it was left out already when it was saved
            index.mark_deleted(label)
    return index


def _write(index: hnswlib.Index, path: Path) -> tuple[int, str]:
    """Write a graph to a file; return its size and checksum. OSError where the disk is full."""
    index.save_index(str(path))
    if path.stat().st_size != index.index_file_size():
        path.unlink()
        raise OSError("the disk is full: the HNSW file came out too short")
    return path.stat().st_size, digest(path)
