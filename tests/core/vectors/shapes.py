"""Vectors of all shapes that a model's can have, and some that none has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from photofind.core.records.arrays import Vectors


def scaled(vectors: npt.NDArray[np.floating]) -> Vectors:
    """Scale rows to length 1, those of zeros left as they are, in the precision of the catalog."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float16).astype(np.float32)


def uniform(rng: np.random.Generator, n: int, dim: int) -> Vectors:
    return scaled(rng.normal(size=(n, dim)))


def clustered(rng: np.random.Generator, n: int, dim: int) -> Vectors:
    centres = rng.normal(size=(20, dim)) + 1
    return scaled(centres[rng.integers(0, 20, n)] + 0.3 * rng.normal(size=(n, dim)))


def with_large_numbers(rng: np.random.Generator, n: int, dim: int) -> Vectors:
    """As of CLIP: two of the numbers are many times as large as all others."""
    vectors = rng.normal(size=(n, dim))
    vectors[:, 3] += 12
    vectors[:, dim // 2] -= 9
    return scaled(vectors)


def sparse(rng: np.random.Generator, n: int, dim: int) -> Vectors:
    """As of quick look: shares of colours, most of them next to nothing."""
    return scaled(rng.exponential(size=(n, dim)) ** 6)


def with_copies(rng: np.random.Generator, n: int, dim: int) -> Vectors:
    """Every second vector is the same, and the others lie close to it."""
    vectors = rng.normal(size=(n, dim))
    vectors = vectors[:1] + 0.05 * vectors
    vectors[::2] = vectors[0]
    return scaled(vectors)


def with_zeros(rng: np.random.Generator, n: int, dim: int) -> Vectors:
    vectors = rng.normal(size=(n, dim))
    vectors[rng.random(n) < 0.3] = 0
    return scaled(vectors)


def axes(rng: np.random.Generator, n: int, dim: int) -> Vectors:
    """One number of each is 1."""
    return np.asarray(np.eye(dim)[rng.integers(0, dim, n)], np.float32)


SHAPES: list[Callable[[np.random.Generator, int, int], Vectors]] = [
    uniform,
    clustered,
    with_large_numbers,
    sparse,
    with_copies,
    with_zeros,
    axes,
]
