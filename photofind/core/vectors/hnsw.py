"""The HNSW graph over a matrix's rows, for large libraries; the only user of hnswlib.

Built and saved by a child process from the matrix's file, because hnswlib holds Python's lock
while it saves (190 ms for 88 MB) and building takes long. hnswlib crashes on damaged files and
does not notice a full disk, so a file is only opened when it matches its manifest (invariant 1).
"""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import hnswlib
import numpy as np

from photofind.core.atomic_file import put_in_place
from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors.manifest import read_manifest, write_manifest
from photofind.core.vectors.matrix import Matrix

_log = logging.getLogger(__name__)
_FORMAT = 2
# Measured by `make bench` on 100,000 x 512: recall@100 against exact search is above 0.99 with these.
_LINKS = 16
_EF_CONSTRUCTION = 200
_EF_LEAST = 1_000


@dataclass(frozen=True, slots=True)
class _Manifest:
    format: int
    library: str
    model: str
    dim: int
    count: int
    newest_label: int
    seq: int  # number of the newest removal that it knows of
    size: int
    blake2b: str


class Hnsw:
    """A loaded graph; vectors with labels up to `newest_label`, removals up to number `seq` left out."""

    def __init__(self, index: hnswlib.Index, manifest: _Manifest) -> None:
        self._index = index
        self._count = manifest.count
        self.newest_label = manifest.newest_label
        self.seq = manifest.seq
        self._hidden: set[int] = set()

    def __len__(self) -> int:
        """Return how many vectors its answers come from."""
        return self._count - len(self._hidden)

    def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors] | None:
        """Return labels [k] and cosines [k] of about the nearest, best first; None where it cannot."""
        k = min(k, len(self))
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
                try:
                    self._index.mark_deleted(label)
                except RuntimeError as error:  # it came and went before the graph was built
                    _log.debug("label %d: %s", label, error)
                else:
                    self._hidden.add(label)


def load_hnsw(directory: Path, library: str, model_id: str, dim: int) -> Hnsw | None:
    """Load the saved graph of a library's model, or return None where there is none that matches its manifest."""
    manifest = _matching_manifest(directory, library, model_id, dim)
    if manifest is None:
        return None
    index = hnswlib.Index("ip", dim)
    index.load_index(str(directory / "hnsw.bin"), max_elements=manifest.count)
    index.set_num_threads(1)
    return Hnsw(index, manifest)


def hnsw_is_damaged(directory: Path, library: str, model_id: str, dim: int) -> bool:
    """Tell whether there is a saved graph that `load_hnsw` would not load."""
    return (directory / "hnsw.json").exists() and _matching_manifest(directory, library, model_id, dim) is None


def _matching_manifest(directory: Path, library: str, model_id: str, dim: int) -> _Manifest | None:
    path = directory / "hnsw.bin"
    try:
        manifest = _Manifest(**read_manifest(directory / "hnsw.json"))
        if (manifest.format, manifest.library, manifest.model, manifest.dim) != (_FORMAT, library, model_id, dim):
            raise ValueError("it is of another library, model or format")
        if path.stat().st_size != manifest.size or _digest(path) != manifest.blake2b:
            raise ValueError("its checksum does not match")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        _log.warning("the HNSW file is left out and built again: %s", error)
        return None
    return manifest


def build_hnsw(directory: Path, model_id: str, dim: int) -> None:
    """Build the graph over the matrix in `directory` and save it; run this in a process of its own.

    The manifest goes first and comes back last, so that a crash leaves no pair that seems to match.
    """
    library = read_manifest(directory / "manifest.json")["library"]
    matrix = Matrix(directory, library, model_id, dim, read_only=True)
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
    size, digest = temporary.stat().st_size, _digest(temporary)
    manifest = _Manifest(_FORMAT, library, model_id, dim, len(labels), int(labels[-1]), matrix.seq, size, digest)
    drop_hnsw(directory)
    put_in_place(temporary, directory / "hnsw.bin")
    write_manifest(directory / "hnsw.json", asdict(manifest))


def drop_hnsw(directory: Path) -> None:
    """Throw the saved graph away; it is built again when there is time."""
    for name in ("hnsw.json", "hnsw.bin"):
        (directory / name).unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()
