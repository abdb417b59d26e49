"""Exact search: rows with one byte a number say which could be among the nearest, and only those are compared in full.

What a row's cosine is at most (`Matrix.most`) leaves out no row that belongs into the answer, so it is the same as
that of comparing all, whatever the vectors are.
"""

from __future__ import annotations

import numpy as np

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
# Reading scattered rows takes 2 to 3 times as long as reading them in order: above this share all are read.
_FEW = 0.35


def find_nearest(matrix: Matrix, vector: Vectors, k: int, rows: Ids | None = None) -> tuple[Ids, Vectors]:
    """Return labels and cosines, best first, of the `k` rows that are nearest to a unit vector float32 [dim].

    `rows`: those to choose from, ascending, instead of all.
    """
    size = len(matrix) if rows is None else len(rows)
    is_coded = len(matrix.codes) >= (1 - _MOST_UNCODED) * len(matrix)
    least = CODES_FROM_ROWS if rows is None else _CODES_FROM_SOME
    if is_coded and size >= least and k <= _MOST_ASKED * size:
        candidates = _candidates(matrix, vector, k, rows)
        if len(candidates) <= _MOST_CANDIDATES * size:
            rows = candidates
    if rows is None:
        return best(matrix.labels, matrix.scores(vector), k)
    is_few = len(rows) < _FEW * len(matrix)
    scores = matrix.scores_of(vector, rows) if is_few else matrix.scores(vector)[rows]
    return best(matrix.labels[rows], scores, k)


def _candidates(matrix: Matrix, vector: Vectors, k: int, rows: Ids | None) -> Ids:
    """Return all rows that could be among the `k` nearest, ascending: whose most reaches what some `k` rows have."""
    if rows is None:
        rows, most = np.arange(len(matrix)), matrix.most(vector)
    elif len(rows) < _FEW * len(matrix):
        most = matrix.most(vector, rows)
    else:
        most = matrix.most(vector)[rows]
    lowest = np.partition(most, len(most) - k)[len(most) - k]
    if lowest < REMOVED / 2:  # all that are left
        return rows[most > REMOVED / 2]
    first = rows[most >= lowest][:k]
    reached: np.float32 = matrix.scores_of(vector, first).min()
    return rows[most >= reached]


def best(labels: Ids, scores: Vectors, k: int) -> tuple[Ids, Vectors]:
    """Return the `k` labels with the highest scores, best first, and these; removed rows are left out."""
    if len(scores) > k:
        lowest = np.partition(scores, len(scores) - k)[len(scores) - k]
        labels, scores = labels[scores >= lowest], scores[scores >= lowest]
    order = np.lexsort((labels, -scores))[:k]  # equal scores: the same order every time, whatever k is
    order = order[scores[order] > REMOVED / 2]
    return labels[order], scores[order]
