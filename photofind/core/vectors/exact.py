"""Exact search: rows with one byte a number say which could be among the nearest, and only those are compared in full.

What a row's cosine is at most (`Matrix.most`) leaves out no row that belongs into the answer, so it is the same as
that of comparing all, whatever the vectors are.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors.matrix import REMOVED, Matrix

# Measured by `make bench` on 2 cores. With fewer rows, more to find, or more rows without codes than these, it takes
# no longer to compare all in full; so it does where the codes leave as many candidates as when many are copies.
CODES_FROM_ROWS = 20_000
# Of scattered rows fewer bytes are read sooner: 10,000 of a million take 4.5 ms instead of 7.8, 1,000 as long.
_CODES_FROM_SOME = 2_000
_MOST_UNCODED = 0.1
_MOST_ASKED = 0.1
_MOST_CANDIDATES = 0.4
# What codes tell may be as far off as `spare`, if every number erred the same way. They do not: of a million x 512 the
# worst is off by a seventh, and this share divided by the root of `dim`, a quarter there, is believed to hold always.
_DOUBT = 6
# Reading scattered rows takes 2 to 3 times as long as reading them in order: above this share all are read.
_FEW = 0.35


def find_nearest(matrix: Matrix, vector: Vectors, k: int, rows: Ids | None = None) -> tuple[Ids, Vectors]:
    """Return labels and cosines, best first, of the `k` rows that are nearest to a unit vector float32 [dim].

    `rows`: those to choose from, ascending, instead of all.
    """
    return Comparison(matrix, vector, rows).nearest(k)


class Comparison:
    """One unit vector float32 [dim] and the rows it is compared with: once, whatever is asked of it.

    `rows`: those to choose from, ascending, instead of all.
    """

    def __init__(self, matrix: Matrix, vector: Vectors, rows: Ids | None = None) -> None:
        self._matrix = matrix
        self._vector = vector
        self._rows = rows
        self._size = len(matrix) if rows is None else len(rows)
        least = CODES_FROM_ROWS if rows is None else _CODES_FROM_SOME
        is_coded = len(matrix.codes) >= (1 - _MOST_UNCODED) * len(matrix)
        self._uses_codes = is_coded and self._size >= least

    def nearest(self, k: int) -> tuple[Ids, Vectors]:
        """Return labels and cosines, best first, of the `k` nearest rows."""
        if self._uses_codes and k <= _MOST_ASKED * self._size:
            candidates = self._candidates(k)
            if len(candidates) <= _MOST_CANDIDATES * self._size:
                return best(self._matrix.labels[candidates], self._scores_of(candidates), k)
        return best(self._labels, self._scores, k)

    def labels_from(self, line: float) -> Ids:
        """Return the labels of all rows with this cosine or more.

        Where codes are by far enough off the line, they are believed: good to count with.
        """
        if not self._uses_codes:
            return self._labels[self._scores >= line]
        spare = self._matrix.spare(self._vector)
        spare = spare if self._rows is None else spare[self._rows]
        above, doubt = self._most - spare - np.float32(line), min(1, _DOUBT / self._matrix.dim**0.5) * spare
        is_from: npt.NDArray[np.bool_] = above > doubt
        near = np.flatnonzero(np.abs(above) <= doubt)
        is_from[near] = self._scores_of(near if self._rows is None else self._rows[near]) >= line
        return self._labels[is_from]

    @property
    def _labels(self) -> Ids:
        return self._matrix.labels if self._rows is None else self._matrix.labels[self._rows]

    @cached_property
    def _scores(self) -> Vectors:
        if self._rows is None:
            return self._matrix.scores(self._vector)
        return self._scores_of(self._rows)

    def _scores_of(self, rows: Ids) -> Vectors:
        is_few = len(rows) < _FEW * len(self._matrix)
        return self._matrix.scores_of(self._vector, rows) if is_few else self._matrix.scores(self._vector)[rows]

    @cached_property
    def _most(self) -> Vectors:
        if self._rows is None:
            return self._matrix.most(self._vector)
        if len(self._rows) < _FEW * len(self._matrix):
            return self._matrix.most(self._vector, self._rows)
        return self._matrix.most(self._vector)[self._rows]

    def _candidates(self, k: int) -> Ids:
        """Return all rows that could be among the `k` nearest, ascending: whose most reaches what some `k` have."""
        most = self._most
        lowest = np.partition(most, len(most) - k)[len(most) - k]
        if lowest < REMOVED / 2:  # all that are left
            return self._rows_where(most > REMOVED / 2)
        first = self._rows_where(most >= lowest)[:k]
        reached: np.float32 = self._matrix.scores_of(self._vector, first).min()
        return self._rows_where(most >= reached)

    def _rows_where(self, is_meant: npt.NDArray[np.bool_]) -> Ids:
        return np.flatnonzero(is_meant) if self._rows is None else self._rows[is_meant]


def best(labels: Ids, scores: Vectors, k: int) -> tuple[Ids, Vectors]:
    """Return the `k` labels with the highest scores, best first, and these; removed rows are left out."""
    if len(scores) > k:
        lowest = np.partition(scores, len(scores) - k)[len(scores) - k]
        labels, scores = labels[scores >= lowest], scores[scores >= lowest]
    order = np.lexsort((labels, -scores))[:k]  # equal scores: the same order every time, whatever k is
    order = order[scores[order] > REMOVED / 2]
    return labels[order], scores[order]
