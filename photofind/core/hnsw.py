"""The HNSW graph over a matrix's rows, for large libraries; the only user of hnswlib.

Built and saved by a child process from the matrix's file, because hnswlib holds Python's lock
while it saves (190 ms for 88 MB) and building takes long. hnswlib crashes on damaged files and
does not notice a full disk, so a file is only opened when it fits its manifest (DESIGN invariant 1).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import hnswlib
import numpy as np

from photofind.core.matrix import Matrix, write_atomically
from photofind.core.records import Ids, Vectors

_log = logging.getLogger(__name__)
_FORMAT = 1
# Measured by `make bench` on 100,000 x 512: recall@100 against exact search is above 0.99 with these.
_LINKS = 16
_EF_CONSTRUCTION = 200
_EF_LEAST = 1_000


@dataclass(frozen=True, slots=True)
class _Manifest:
    format: int
    model: str
    dim: int
    count: int
    newest_label: int
    size: int
    blake2b: str


class Hnsw:
    """A loaded graph; `count` vectors with labels up to `newest_label`."""

    def __init__(self, index: hnswlib.Index, manifest: _Manifest) -> None:
        self._index = index
        self.count = manifest.count
        self.newest_label = manifest.newest_label
        self._hidden: set[int] = set()

    def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors] | None:
        """Return labels [k] and cosines [k] of about the nearest, best first; None where it cannot."""
        k = min(k, self.count - len(self._hidden))
        if k <= 0:
            return None
        self._index.set_ef(max(_EF_LEAST, 2 * k))
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
                self._hidden.add(label)
                try:
                    self._index.mark_deleted(label)
                except RuntimeError as error:  # removed before the graph was built
                    _log.debug("label %d: %s", label, error)


def load_hnsw(directory: Path, model_id: str, dim: int) -> Hnsw | None:
    """Load the saved graph of a model, or return None where there is none that fits its manifest."""
    try:
        manifest = _Manifest(**json.loads((directory / "hnsw.json").read_bytes()))
        if (manifest.format, manifest.model, manifest.dim) != (_FORMAT, model_id, dim):
            raise ValueError("it is of another model or format")
        path = directory / "hnsw.bin"
        if path.stat().st_size != manifest.size or _digest(path) != manifest.blake2b:
            raise ValueError("its checksum does not fit")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        _log.warning("the HNSW file is left out and built again: %s", error)
        return None
    index = hnswlib.Index("ip", dim)
    index.load_index(str(path), max_elements=manifest.count)
    index.set_num_threads(1)
    return Hnsw(index, manifest)


def build_hnsw(directory: Path, model_id: str, dim: int) -> None:
    """Build the graph over the matrix in `directory` and save it; run this in a process of its own.

    The manifest goes first and comes back last, so that a crash leaves no pair that seems to fit.
    """
    matrix = Matrix(directory, model_id, dim, read_only=True)
    labels, vectors = matrix.stored_rows()
    if not len(labels):
        return
    index = hnswlib.Index("ip", dim)
    index.init_index(len(labels), M=_LINKS, ef_construction=_EF_CONSTRUCTION, random_seed=1)
    index.add_items(vectors, labels, num_threads=max(1, (os.cpu_count() or 2) // 2))
    temporary = directory / "hnsw.bin.new"
    index.save_index(str(temporary))
    if temporary.stat().st_size != index.index_file_size():
        temporary.unlink()
        raise OSError("the disk is full: the HNSW file came out too short")
    with open(temporary, "rb") as file:
        os.fsync(file.fileno())
    manifest = _Manifest(
        _FORMAT, model_id, dim, len(labels), int(labels[-1]), temporary.stat().st_size, _digest(temporary)
    )
    (directory / "hnsw.json").unlink(missing_ok=True)
    temporary.replace(directory / "hnsw.bin")
    write_atomically(directory / "hnsw.json", json.dumps(asdict(manifest)).encode())


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()
