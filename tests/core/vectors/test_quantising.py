"""One byte a number: no cosine is above what it is said to be at most, whatever the vectors are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from photofind.core.records.arrays import Vectors
from photofind.core.vectors.quantising import quantise, quantise_query
from tests.core.vectors.shapes import SHAPES

ROWS = 400


def most(rows: Vectors, query: Vectors) -> Vectors:
    """What the cosines are at most, from the codes, by plain arithmetic."""
    made = quantise(rows)
    asked = quantise_query(query, made.error, made.length)
    products = made.codes.astype(np.int64) @ asked.code.astype(np.int64)
    return made.scales * (asked.scale * products.astype(np.float32) + asked.error) + asked.most


@pytest.mark.parametrize("dim", [3, 32, 100, 512, 771])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_cosine_is_above_what_it_is_at_most_nor_far_below(
    shape: Callable[[np.random.Generator, int, int], Vectors], dim: int
) -> None:
    rng = np.random.default_rng(dim)
    rows = shape(rng, ROWS, max(dim, 5))
    for query in (*rows[:5], *shape(rng, 5, max(dim, 5)), -rows[0]):
        above = most(rows, query) - rows.astype(np.float64) @ query
        assert above.min() > 0
        assert above.max() < 0.06


def test_a_large_number_costs_the_others_no_precision() -> None:
    """As CLIP has some; a scale that fits it would leave the others a few steps."""
    rng = np.random.default_rng(1)
    even = rng.normal(size=(ROWS, 512)).astype(np.float32)
    even /= np.linalg.norm(even, axis=1, keepdims=True)
    uneven = even.copy()
    uneven[:, 92] += 0.6
    uneven /= np.linalg.norm(uneven, axis=1, keepdims=True)
    widths = [(most(rows, rows[0]) - rows @ rows[0]).max() for rows in (even, uneven)]
    assert widths[1] < 1.3 * widths[0]


def test_zeros_are_zeros() -> None:
    made = quantise(np.zeros((3, 64), np.float32))
    assert not made.codes.any()
    assert not made.scales.any()
    assert (made.error, made.length) == (0, 0)
    assert np.all(np.abs(most(np.zeros((3, 64), np.float32), np.eye(64, dtype=np.float32)[0])) < 1e-3)
