"""The HNSW graph in its trial: what it finds, against exact search; what building it takes; growing by a tenth.

`python -c "from tests.bench.graph import measure; measure(1_000_000)"` measures another size.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.records.searching import LEAST_RECALL
from photofind.core.vectors.building import build_hnsw
from photofind.core.vectors.hnsw import graph_bytes, read_saved_graph
from photofind.core.vectors.matrix import Matrix
from tests.bench import vectors as shapes
from tests.bench.report import Result, report

_SIZES = (50_000, 100_000)
_UNIFORM_ROWS = 20_000
_NEW_SHARE = 0.1


def main() -> None:
    """Measure sizes around those where a graph may begin to be faster, and vectors without structure."""
    for rows in _SIZES:
        measure(rows)
    with tempfile.TemporaryDirectory() as directory:
        vectors = shapes.uniform(_UNIFORM_ROWS)
        _fill(Path(directory), np.arange(1, len(vectors) + 1), vectors)
        _build(Path(directory), f"graph.{_UNIFORM_ROWS}.uniform")


def measure(rows: int) -> None:
    """Measure a graph over so many vectors."""
    name, vectors = f"graph.{rows}", shapes.clustered(rows + int(_NEW_SHARE * rows))
    labels = np.arange(1, len(vectors) + 1)
    with tempfile.TemporaryDirectory() as directory:
        _fill(Path(directory), labels[:rows], vectors[:rows])
        seconds, memory = _build(Path(directory), name)
        report(Result(f"{name}.memory", memory / 1e6, "MB", "<=", 1, "estimated", graph_bytes(rows, shapes.DIM) / 1e6))
        _fill(Path(directory), labels[rows:], vectors[rows:])
        grown, _ = _build(Path(directory), f"{name}.grown")
        report(Result(f"{name}.growing", grown, "s", "<=", 0.5, "building", seconds))


def _fill(directory: Path, labels: Ids, vectors: Vectors) -> None:
    matrix = Matrix(directory, "bench", "bench", shapes.DIM)
    halves = vectors.astype(np.float16).astype(np.float32)  # as the catalog keeps them
    matrix.append(labels, halves)
    matrix.flush()
    matrix.make_codes(float("inf"))


def _build(directory: Path, name: str) -> tuple[float, int]:
    """Build or grow the graph in a process of its own; return the seconds and the memory it took."""
    ours, theirs = multiprocessing.Pipe()
    start = time.perf_counter()
    child = multiprocessing.get_context("spawn").Process(target=_work, args=(theirs, directory))
    child.start()
    memory = ours.recv()
    child.join()
    seconds = time.perf_counter() - start
    saved = read_saved_graph(directory, "bench", "bench", shapes.DIM)
    if saved is None or saved.trial is None:
        raise RuntimeError("there is no graph")
    trial = saved.trial
    report(Result(f"{name}.building", seconds, "s"))
    report(Result(f"{name}.recall", trial.recall, "share", ">=", LEAST_RECALL))
    report(Result(f"{name}.recall_of_1001", trial.recall_all, "share"))
    report(Result(f"{name}.ef", trial.ef, "candidates"))
    report(Result(f"{name}.milliseconds", trial.graph_ms, "ms", "<=", 1, "exact search", trial.exact_ms))
    return seconds, memory


def _work(parent: Connection, directory: Path) -> None:
    taken = [_own_memory()]
    build_hnsw(directory, "bench", shapes.DIM, lambda _: taken.append(_own_memory()))
    parent.send(max(taken) - taken[0])


def _own_memory() -> int:
    """Return the bytes of this process that no file stands behind: Linux tells."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))
