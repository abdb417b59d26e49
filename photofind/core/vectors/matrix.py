"""All vectors of a model as one memory-mapped float32 matrix: exact search, and start-up that does not read it.

A cache of the catalog's embeddings (invariants 1 and 2): rows are appended to a file, and
a manifest, written last and atomically, says how many of them count and what they sum up to. A
file that does not match its manifest is thrown away and filled again. Single precision because
NumPy multiplies it directly; half precision takes it fifteen times as long (`make bench`).
"""

from __future__ import annotations

import logging
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors.manifest import read_manifest, write_manifest

_log = logging.getLogger(__name__)
_FORMAT = 2
_FLUSH_ROWS = 2_048


class Matrix:
    """Rows of (label, vector) in ascending label order; one writer, any number of read-only openers.

    `library` is the identity of the catalog whose embeddings these are: labels of two catalogs,
    or of one before and after it was restored, may be the same numbers. Rows appended since the
    last `flush` are in memory; a read-only matrix keeps them there.
    """

    def __init__(self, directory: Path, library: str, model_id: str, dim: int, *, read_only: bool = False) -> None:
        self.dim = dim
        self._directory = directory
        self._identity = {"format": _FORMAT, "library": library, "model": model_id, "dim": dim}
        self._read_only = read_only
        self._row_bytes = dim * 4
        if not read_only:
            directory.mkdir(parents=True, exist_ok=True)
        self._start_empty()
        try:
            self._load()
        except (OSError, ValueError, KeyError, TypeError) as error:
            if not isinstance(error, FileNotFoundError):
                _log.warning("vectors are read again from the catalog: %s", error)
            self.clear()

    def _start_empty(self) -> None:
        self._stored: Vectors = np.empty((0, self.dim), np.float32)
        self._labels: Ids = np.empty(0, np.int64)
        self._crc = {"vectors": 0, "labels": 0}
        self.seq = 0  # number of the newest removal that is taken into account
        self._stored_seq = 0
        self._tail: list[Vectors] = []
        self._tail_rows = 0
        self._removed: set[int] = set()

    # Reading

    def __len__(self) -> int:
        return len(self._labels)

    @property
    def labels(self) -> Ids:
        """All labels [n], ascending; removed ones are still among them."""
        return self._labels

    @property
    def newest_label(self) -> int:
        """The highest label, 0 when empty."""
        return int(self._labels[-1]) if len(self._labels) else 0

    @property
    def removed(self) -> int:
        """How many rows stand for embeddings that are no more."""
        return len(self._removed)

    def count_and_sum(self) -> tuple[int, int]:
        """Return how many rows count and the sum of their labels."""
        return len(self) - self.removed, int(self._labels.sum()) - sum(self._removed)

    def scores(self, vector: Vectors, start: int = 0) -> Vectors:
        """Return the cosine [n - start] of every row from `start` on with a unit vector [dim]; removed rows get -2."""
        parts = [self._stored[start:] @ vector]
        skip = max(0, start - len(self._stored))
        if self._tail_rows:
            parts.append(self._tail_matrix()[skip:] @ vector)
        scores = np.concatenate(parts)
        if self._removed:
            rows = self.rows_of(np.fromiter(self._removed, np.int64)) - start
            scores[rows[rows >= 0]] = -2
        return scores

    def scores_of(self, vector: Vectors, rows: Ids) -> Vectors:
        """Return the cosine of some rows [m] with a unit vector [dim], reading only those."""
        return np.asarray(self.take(rows) @ vector)

    def take(self, rows: Ids) -> Vectors:
        """Return a copy of some rows [m, dim]."""
        stored = rows < len(self._stored)
        if stored.all():
            return np.asarray(np.take(self._stored, rows, axis=0))
        taken = np.empty((len(rows), self._stored.shape[1]), np.float32)
        taken[stored] = np.take(self._stored, rows[stored], axis=0)
        taken[~stored] = self._tail_matrix()[rows[~stored] - len(self._stored)]
        return taken

    def rows_of(self, labels: Ids) -> Ids:
        """Return the row of each label that has one; labels without one are left out."""
        rows = np.searchsorted(self._labels, labels)
        rows = np.minimum(rows, max(0, len(self._labels) - 1))
        return rows[self._labels[rows] == labels] if len(self._labels) else np.empty(0, np.int64)

    def kept_rows(self) -> Ids:
        """Return the numbers [n] of the rows that are in the file, removed ones left out."""
        labels = self._labels[: len(self._stored)]
        return np.flatnonzero(~np.isin(labels, np.fromiter(self._removed, np.int64)))

    def _tail_matrix(self) -> Vectors:
        if len(self._tail) > 1:
            self._tail = [np.concatenate(self._tail)]
        return self._tail[0]

    # Writing

    def append(self, labels: Ids, vectors: Vectors) -> None:
        """Add rows, labels ascending above all others."""
        if not len(labels):
            return
        self._labels = np.concatenate([self._labels, labels])
        self._tail.append(vectors)
        self._tail_rows += len(labels)
        if self._tail_rows >= _FLUSH_ROWS:
            self.flush()

    def remove(self, labels: Ids) -> None:
        """Leave these rows out of all answers."""
        self._removed.update(labels[np.isin(labels, self._labels)].tolist())

    def flush(self) -> None:
        """Append what is in memory to the files, then say so in the manifest; nothing when read-only.

        On a full disk the rows stay in memory: they are in the catalog, and this is only a cache.
        """
        if self._read_only or not (self._tail_rows or self.seq != self._stored_seq):
            return
        try:
            self._append_to_files()
        except OSError as error:
            _log.warning("vectors are not cached on the disk: %s", error)

    def _append_to_files(self) -> None:
        checksums, stored = self._crc, len(self._stored)
        if self._tail_rows:
            tail = np.ascontiguousarray(self._tail_matrix()).tobytes()
            checksums = {
                "vectors": self._write("vectors", stored * self._row_bytes, tail),
                "labels": self._write("labels", stored * 8, self._labels[stored:].tobytes()),
            }
        self._write_manifest(checksums)
        self._crc, self._tail, self._tail_rows, self._stored_seq = checksums, [], 0, self.seq
        self._map(len(self._labels))

    def clear(self) -> None:
        """Throw the cache away; the owner fills it again from the catalog."""
        self._start_empty()
        if not self._read_only:
            for name in ("manifest.json", "vectors", "labels"):
                (self._directory / name).unlink(missing_ok=True)

    def _write(self, name: str, offset: int, content: bytes) -> int:
        """Write at an offset, dropping what an interrupted append left behind; return the new checksum."""
        path = self._directory / name
        with open(path, "r+b" if path.exists() else "w+b") as file:
            file.truncate(offset)
            file.seek(offset)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return zlib.crc32(content, self._crc[name])

    def _write_manifest(self, checksums: dict[str, int]) -> None:
        manifest = {
            **self._identity,
            "count": len(self._labels),
            "seq": self.seq,
            "removed": sorted(self._removed),
            "crc": checksums,
        }
        write_manifest(self._directory / "manifest.json", manifest)

    # Loading

    def _load(self) -> None:
        manifest = read_manifest(self._directory / "manifest.json")
        if any(manifest[key] != value for key, value in self._identity.items()):
            raise ValueError("the vectors are of another library, model or format")
        count = int(manifest["count"])
        self._labels = self._checked("labels", count * 8, manifest).view(np.int64)
        if np.any(np.diff(self._labels) <= 0):
            raise ValueError("labels out of order")
        self._checked("vectors", count * self._row_bytes, manifest)
        self._crc = {name: int(manifest["crc"][name]) for name in ("vectors", "labels")}
        self._map(count)
        self.seq = self._stored_seq = int(manifest["seq"])
        self._removed = {int(label) for label in manifest["removed"]}

    def _checked(self, name: str, size: int, manifest: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Read the first `size` bytes of a file and compare their checksum, without copying large ones."""
        if size == 0:
            return np.empty(0, np.uint8)
        content = np.memmap(self._directory / name, np.uint8, "r", shape=(size,))
        if zlib.crc32(content.data) != manifest["crc"][name]:
            raise ValueError(f"checksum of {name} does not match")
        return np.array(content) if name == "labels" else content

    def _map(self, count: int) -> None:
        if count:
            path = self._directory / "vectors"
            self._stored = np.memmap(path, np.float32, "r", shape=(count, self.dim))
