"""The HNSW graph over a matrix's rows, for large libraries: the saved file, and searching in it.

Built (`building`) and served by child processes, because hnswlib holds Python's lock while it loads and
saves (190 ms for 88 MB), and building takes long. hnswlib crashes on damaged files and does not notice a
full disk, so a file is only opened when it matches its manifest (invariant 1).
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import hnswlib
import numpy as np

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.records.searching import Trial
from photofind.core.vectors.manifest import read_manifest, write_manifest

_log = logging.getLogger(__name__)
_FORMAT = 3
# Graphs of before have not been tried; they are, before they answer.
_UNTRIED_FORMAT = 2
LINKS = 16
# What a vector takes beside its numbers: links at the lowest level, and about so much for all the rest.
_LINK_BYTES, _OTHER_BYTES = 2 * LINKS * 4 + 4, 120
# What trying it takes, which is measured by building one of 100,000 (`python -m tests.bench graph`).
_TRIAL_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class SavedGraph:
    """What the manifest says of a saved graph; a `trial` that it has not passed may be all that is kept of it."""

    library: str
    model: str
    dim: int
    count: int  # vectors that its answers come from
    newest_label: int
    seq: int  # number of the newest removal that it knows of
    size: int
    blake2b: str
    trial: Trial | None = None


class Hnsw:
    """A loaded graph; vectors with labels up to `newest_label`, removals up to number `seq` left out."""

    def __init__(self, index: hnswlib.Index, count: int, newest_label: int, seq: int, ef: int = 0) -> None:
        self._index = index
        self._index.set_num_threads(1)
        self._count = count
        self.newest_label = newest_label
        self.seq = seq
        self.ef = ef
        self._hidden: set[int] = set()

    def __len__(self) -> int:
        """Return how many vectors its answers come from."""
        return self._count - len(self._hidden)

    def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors] | None:
        """Return labels [k] and cosines [k] of about the nearest, best first; None where it cannot."""
        k = min(k, len(self))
        if k <= 0:
            return None
        self._index.set_ef(max(self.ef, 2 * k))
        try:
            labels, distances = self._index.knn_query(vector, k)
        except RuntimeError as error:  # fewer than k are reachable (hnswlib#465, #608)
            _log.info("exact search instead of HNSW: %s", error)
            return None
        return labels[0].astype(np.int64), (1 - distances[0]).astype(np.float32)

    def hide(self, labels: Ids) -> None:
        """Leave removed embeddings out of all answers."""
        for label in labels.tolist():
            if label <= self.newest_label and label not in self._hidden:
                try:
                    self._index.mark_deleted(label)
                except RuntimeError as error:  # it came and went before the graph was built
                    _log.debug("label %d: %s", label, error)
                else:
                    self._hidden.add(label)


def load_hnsw(directory: Path, library: str, model_id: str, dim: int) -> Hnsw | None:
    """Load the saved graph of a library's model, or return None where there is none that matches its manifest."""
    found = open_index(directory, library, model_id, dim)
    if found is None:
        return None
    index, saved = found
    return Hnsw(index, saved.count, saved.newest_label, saved.seq, saved.trial.ef if saved.trial else 0)


def open_index(directory: Path, library: str, model_id: str, dim: int) -> tuple[hnswlib.Index, SavedGraph] | None:
    """Load the saved graph as hnswlib has it, with what is told of it; None as `load_hnsw` has it."""
    saved = read_saved_graph(directory, library, model_id, dim)
    if saved is None or not _matches(directory, saved):
        return None
    index = hnswlib.Index("ip", dim)
    index.load_index(str(directory / "hnsw.bin"))
    return index, saved


def read_saved_graph(directory: Path, library: str, model_id: str, dim: int) -> SavedGraph | None:
    """Return what is told of the saved graph of a library's model, None where there is none, or not of these."""
    try:
        saved = _from_json(read_manifest(directory / "hnsw.json"))
        if (saved.library, saved.model, saved.dim) != (library, model_id, dim):
            raise ValueError("it is of another library or model")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        _log.warning("the HNSW file is left out and built again: %s", error)
        return None
    return saved


def write_saved_graph(directory: Path, saved: SavedGraph) -> None:
    """Say that the graph in `directory` is a whole one."""
    write_manifest(directory / "hnsw.json", {"format": _FORMAT, **asdict(saved)})


def hnsw_is_damaged(directory: Path, library: str, model_id: str, dim: int) -> bool:
    """Tell whether there is a saved graph that `load_hnsw` would not load though it is to answer."""
    if not (directory / "hnsw.json").exists():
        return False
    saved = read_saved_graph(directory, library, model_id, dim)
    if saved is None:
        return True
    is_kept = saved.trial is None or saved.trial.is_passed
    return is_kept and not _matches(directory, saved)


def drop_hnsw(directory: Path) -> None:
    """Throw the saved graph away; it is built again when there is time."""
    (directory / "hnsw.json").unlink(missing_ok=True)
    drop_file(directory)


def drop_file(directory: Path) -> None:
    """Throw the graph itself away, and keep what is told of it."""
    (directory / "hnsw.bin").unlink(missing_ok=True)


def graph_bytes(rows: int, dim: int) -> int:
    """Return about how much memory a graph over so many vectors takes."""
    return rows * (4 * dim + _LINK_BYTES + _OTHER_BYTES) + _TRIAL_BYTES


def digest(path: Path) -> str:
    """Return the checksum of a whole file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


def _from_json(content: dict[str, Any]) -> SavedGraph:
    if content.pop("format") not in (_FORMAT, _UNTRIED_FORMAT):
        raise ValueError("it is of another format")
    trial = content.pop("trial", None)
    return SavedGraph(**content, trial=None if trial is None else Trial(**trial))


def _matches(directory: Path, saved: SavedGraph) -> bool:
    path = directory / "hnsw.bin"
    try:
        is_whole = path.stat().st_size == saved.size and digest(path) == saved.blake2b
    except OSError as error:
        _log.warning("the HNSW file is left out and built again: %s", error)
        return False
    if not is_whole:
        _log.warning("the HNSW file is left out and built again: its checksum does not match")
    return is_whole
