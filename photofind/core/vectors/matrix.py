"""All vectors of a model as one memory-mapped float32 matrix: exact search, and start-up that does not read it.

A cache of the catalog's embeddings (invariants 1 and 2): rows are appended to a file, and
a manifest, written last and atomically, says how many of them count and what they sum up to. A
file that does not match its manifest is thrown away and filled again. Single precision because
NumPy multiplies it directly; half precision takes it fifteen times as long (`make bench`).
`codes` are the same rows with one byte a number, as far as they are made.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors.cache_file import append_rows, map_checked_rows, map_rows
from photofind.core.vectors.codes import RowCodes
from photofind.core.vectors.manifest import read_manifest, write_manifest
from photofind.core.vectors.products import multiply

_log = logging.getLogger(__name__)
_FORMAT = 2
_FLUSH_ROWS = 2_048
# The score of rows whose embedding is no more: below all cosines.
REMOVED = np.float32(-4)


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
        if not read_only:
            directory.mkdir(parents=True, exist_ok=True)
        self._start_empty()
        if not self._could_load():
            self._clear_rows()  # not sooner: the error holds maps of the files, and Windows deletes none that is mapped
        self.codes = RowCodes(directory, self._identity, self._labels, read_only=read_only)

    def _start_empty(self) -> None:
        self._stored: Vectors = np.empty((0, self.dim), np.float32)
        self._labels: Ids = np.empty(0, np.int64)
        self._crc = {"vectors": 0, "labels": 0}
        self.seq = 0  # number of the newest removal that is taken into account
        self._stored_seq = 0
        self._tail: list[Vectors] = []
        self._tail_rows = 0
        self._removed: Ids = np.empty(0, np.int64)  # rows, ascending

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
        return len(self) - self.removed, int(self._labels.sum() - self._labels[self._removed].sum())

    def scores(self, vector: Vectors, start: int = 0) -> Vectors:
        """Return the cosine [n - start] of every row from `start` on with a unit vector [dim], or `REMOVED`."""
        parts = [multiply(self._stored, slice(min(start, len(self._stored)), len(self._stored)), vector)]
        skip = max(0, start - len(self._stored))
        if self._tail_rows:
            parts.append(multiply(self._tail_matrix(), slice(skip, self._tail_rows), vector))
        scores = np.concatenate(parts)
        rows = self._removed - start
        scores[rows[rows >= 0]] = REMOVED
        return scores

    def scores_of(self, vector: Vectors, rows: Ids) -> Vectors:
        """Return the cosine of some rows [m] with a unit vector [dim], or `REMOVED`, reading only those."""
        scores, stored = np.empty(len(rows), np.float32), rows < len(self._stored)
        scores[stored] = multiply(self._stored, rows[stored], vector)
        if self._tail_rows:
            scores[~stored] = multiply(self._tail_matrix(), rows[~stored] - len(self._stored), vector)
        scores[np.isin(rows, self._removed)] = REMOVED
        return scores

    def most(self, vector: Vectors, rows: Ids | None = None) -> Vectors:
        """Return what the cosine [m] of all rows, or some in ascending order, is at most, or `REMOVED`.

        From one byte a number where there are `codes`: one or two hundredths more than it is, which is to `spare`.
        """
        coded = len(self.codes)
        if rows is None:
            most = np.concatenate([self.codes.most(vector, slice(0, coded)), self.scores(vector, coded)])
            most[self._removed] = REMOVED
            return most
        split = int(np.searchsorted(rows, coded))
        most = np.concatenate([self.codes.most(vector, rows[:split]), self.scores_of(vector, rows[split:])])
        most[np.isin(rows, self._removed)] = REMOVED
        return most

    def spare(self, vector: Vectors) -> Vectors:
        """Return by how much more `most` [n] is than what the codes tell of each row's cosine, 0 without codes."""
        return np.concatenate([self.codes.spare(vector), np.zeros(len(self) - len(self.codes), np.float32)])

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
        return np.setdiff1d(np.arange(len(self._stored)), self._removed)

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
        self._removed = np.union1d(self._removed, self.rows_of(labels))

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
            checksums = {
                "vectors": self._append("vectors", stored * self.dim * 4, self._tail_matrix()),
                "labels": self._append("labels", stored * 8, self._labels[stored:]),
            }
        self._write_manifest(checksums)
        self._crc, self._tail, self._tail_rows, self._stored_seq = checksums, [], 0, self.seq
        self._stored = map_rows(self._directory / "vectors", np.float32, (len(self._labels), self.dim))

    def _append(self, name: str, offset: int, rows: Vectors | Ids) -> int:
        return append_rows(self._directory / name, offset, rows, self._crc[name])

    def make_codes(self, seconds: float) -> bool:
        """Go on making `codes` of what is in the files, for about so long; tell whether all is made."""
        return self.codes.make(self._labels[: len(self._stored)], self._stored, seconds)

    def clear(self) -> None:
        """Throw the cache away; the owner fills it again from the catalog."""
        self._clear_rows()
        self.codes.clear()

    def _clear_rows(self) -> None:
        self._start_empty()
        if not self._read_only:
            for name in ("manifest.json", "vectors", "labels"):
                (self._directory / name).unlink(missing_ok=True)

    def _write_manifest(self, checksums: dict[str, int]) -> None:
        manifest = {
            **self._identity,
            "count": len(self._labels),
            "seq": self.seq,
            "removed": self._labels[self._removed].tolist(),
            "crc": checksums,
        }
        write_manifest(self._directory / "manifest.json", manifest)

    # Loading

    def _could_load(self) -> bool:
        try:
            self._load()
        except (OSError, ValueError, KeyError, TypeError) as error:
            if not isinstance(error, FileNotFoundError):
                _log.warning("vectors are read again from the catalog: %s", error)
            return False
        return True

    def _load(self) -> None:
        manifest = read_manifest(self._directory / "manifest.json")
        if any(manifest[key] != value for key, value in self._identity.items()):
            raise ValueError("the vectors are of another library, model or format")
        count = int(manifest["count"])
        self._crc = {name: int(manifest["crc"][name]) for name in ("vectors", "labels")}
        self._labels = np.array(map_checked_rows(self._directory / "labels", np.int64, (count,), self._crc["labels"]))
        if np.any(np.diff(self._labels) <= 0):
            raise ValueError("labels out of order")
        shape = (count, self.dim)
        self._stored = map_checked_rows(self._directory / "vectors", np.float32, shape, self._crc["vectors"])
        self.seq = self._stored_seq = int(manifest["seq"])
        self.remove(np.array(manifest["removed"], np.int64))
