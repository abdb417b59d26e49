"""Exact search: every row of a matrix is compared."""

from __future__ import annotations

import numpy as np

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors.matrix import Matrix


def find_nearest(matrix: Matrix, vector: Vectors, k: int) -> tuple[Ids, Vectors]:
    """Return labels and cosines, best first, of the `k` rows that are nearest to a unit vector float32 [dim]."""
    return best(matrix.labels, matrix.scores(vector), k)


def best(labels: Ids, scores: Vectors, k: int) -> tuple[Ids, Vectors]:
    """Return the `k` labels with the highest scores, best first, and these; rows that were removed score -2."""
    if len(scores) > k:
        lowest = np.partition(scores, len(scores) - k)[len(scores) - k]
        labels, scores = labels[scores >= lowest], scores[scores >= lowest]
    order = np.lexsort((labels, -scores))[:k]  # equal scores: the same order every time, whatever k is
    order = order[scores[order] >= -1.5]
    return labels[order], scores[order]
