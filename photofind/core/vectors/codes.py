"""The rows of a matrix once more with one byte a number: a first pass over them costs a quarter of reading all.

A cache under the rules of the matrix (invariant 1), made from its rows in slices; it says which rows those were, by
their labels, as the vector of a label never changes. What it has codes of is a beginning of the matrix.
"""

from __future__ import annotations

import logging
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors import products
from photofind.core.vectors.cache_file import append_rows, map_checked_rows, map_rows
from photofind.core.vectors.manifest import read_manifest, write_manifest
from photofind.core.vectors.quantising import quantise, quantise_query

_log = logging.getLogger(__name__)
_FORMAT = 1
_ROWS_A_STEP = 2_048


class RowCodes:
    """Codes of the first rows of a matrix; `identity` tells whose matrix it is, `labels` [n] are those of its rows."""

    def __init__(self, directory: Path, identity: dict[str, Any], labels: Ids, *, read_only: bool) -> None:
        self._directory = directory
        self._identity = {**identity, "codes": _FORMAT}
        self._dim = int(identity["dim"])
        self._read_only = read_only
        self._can_multiply = products.can_multiply_codes()
        self._has_failed = False
        self._start_empty()
        if self._can_multiply and not self._could_load(labels):
            self.clear()

    def _start_empty(self) -> None:
        self._codes: products.Codes = np.empty((0, self._dim), np.int8)
        self._scales: Vectors = np.empty(0, np.float32)
        self._crc = {"codes": 0, "scales": 0, "labels": 0}
        self._error = self._length = 0.0

    def __len__(self) -> int:
        return len(self._scales)

    def most(self, vector: Vectors, scope: products.Scope) -> Vectors:
        """Return what the cosine [m] of each row in a scope with a unit vector [dim] is at most."""
        query = quantise_query(vector, self._error, self._length)

        def fill(part: products.Scope, bounds: Vectors) -> None:
            products.multiply_codes(self._codes, part, query.code, bounds)
            bounds *= query.scale
            bounds += query.error
            bounds *= self._scales[part]
            bounds += query.most

        return products.for_each_part(self._codes, scope, fill)

    def spare(self, vector: Vectors) -> Vectors:
        """Return by how much more `most` of all rows [n] is than what their codes tell of the cosine."""
        query = quantise_query(vector, self._error, self._length)
        return self._scales * query.error + query.most

    # Writing

    def make(self, labels: Ids, vectors: Vectors, seconds: float) -> bool:
        """Go on with all rows [n], [n, dim] that the matrix has stored, for about so long; tell whether all is done.

        Few rows are left out until there are more of them; on a full disk, all until the next start.
        """
        deadline = time.monotonic() + seconds
        is_made = self._can_multiply and not self._read_only
        while is_made and not self._has_failed and len(self) + _ROWS_A_STEP <= len(labels):
            rows = slice(len(self), len(self) + _ROWS_A_STEP)
            try:
                self._append(labels[rows], vectors[rows])
            except OSError as error:
                _log.warning("codes are not cached on the disk: %s", error)
                self._has_failed = True
            if time.monotonic() > deadline:
                return False
        return True

    def _append(self, labels: Ids, vectors: Vectors) -> None:
        made, stored = quantise(vectors), len(self)
        error, length = max(self._error, made.error), max(self._length, made.length)
        crc = {
            "codes": append_rows(self._directory / "codes", stored * self._dim, made.codes, self._crc["codes"]),
            "scales": append_rows(self._directory / "scales", stored * 4, made.scales, self._crc["scales"]),
            "labels": zlib.crc32(labels.tobytes(), self._crc["labels"]),
        }
        count = stored + len(labels)
        manifest = {**self._identity, "count": count, "error": error, "length": length, "crc": crc}
        write_manifest(self._directory / "codes.json", manifest)
        self._crc, self._error, self._length = crc, error, length
        self._codes = map_rows(self._directory / "codes", np.int8, (count, self._dim))
        self._scales = map_rows(self._directory / "scales", np.float32, (count,))

    def clear(self) -> None:
        """Throw the codes away; they are made again from the matrix."""
        self._start_empty()
        if not self._read_only:
            for name in ("codes.json", "codes", "scales"):
                (self._directory / name).unlink(missing_ok=True)

    # Loading

    def _could_load(self, labels: Ids) -> bool:
        try:
            self._load(labels)
        except (OSError, ValueError, KeyError, TypeError) as error:
            if not isinstance(error, FileNotFoundError):
                _log.warning("codes are made again from the vectors: %s", error)
            return False
        return True

    def _load(self, labels: Ids) -> None:
        manifest = read_manifest(self._directory / "codes.json")
        if any(manifest[key] != value for key, value in self._identity.items()):
            raise ValueError("the codes are of another library, model or format")
        count, crc = int(manifest["count"]), {name: int(manifest["crc"][name]) for name in self._crc}
        if count > len(labels) or zlib.crc32(labels[:count].tobytes()) != crc["labels"]:
            raise ValueError("the codes are of other vectors")
        codes = map_checked_rows(self._directory / "codes", np.int8, (count, self._dim), crc["codes"])
        scales = map_checked_rows(self._directory / "scales", np.float32, (count,), crc["scales"])
        self._error, self._length = float(manifest["error"]), float(manifest["length"])
        self._crc, self._codes, self._scales = crc, codes, scales
