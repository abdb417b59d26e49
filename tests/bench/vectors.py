"""Vectors shaped like a CLIP model's: in a narrow cone, in clusters, most of it in few directions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from photofind.core.records.arrays import Vectors

DIM = 512
_CLUSTERS = 2_000
_CONE, _SPREAD, _NEAR = 1.0, 0.6, 0.2


def clustered(rows: int, seed: int = 0) -> Vectors:
    """Return unit vectors float32 [rows, DIM] in clusters of very different sizes, as events and places make them."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(0, 1, (_CLUSTERS, DIM)) * _spectrum()
    sizes = 1 / np.arange(1, _CLUSTERS + 1)
    chosen = rng.choice(_CLUSTERS, rows, p=sizes / sizes.sum())
    own = rng.normal(0, _SPREAD, (rows, DIM)) * _spectrum()
    return unit(_cone() + centres[chosen] + own)


def uniform(rows: int, seed: int = 0, dim: int = DIM) -> Vectors:
    """Return unit vectors float32 [rows, dim] without any structure: the hardest case there is, and no model's."""
    return unit(np.random.default_rng(seed).normal(0, 1, (rows, dim)))


def near(vectors: Vectors, seed: int = 0) -> Vectors:
    """Return queries like pictures: close to, but not equal to, vectors of the library."""
    own = np.random.default_rng(seed).normal(0, _NEAR, vectors.shape) * _spectrum()
    return unit(vectors + own / np.linalg.norm(own, axis=1, keepdims=True) * _NEAR)


def like_words(vectors: Vectors, seed: int = 0) -> Vectors:
    """Return queries like words: in a cone of their own, pointing only roughly towards vectors of the library."""
    rng = np.random.default_rng(seed)
    away = np.random.default_rng(98).normal(0, 1, DIM) / np.sqrt(DIM)
    own = rng.normal(0, 1, vectors.shape) / np.sqrt(DIM)
    return unit(0.4 * vectors + 0.7 * away + 0.5 * own)


def unit(vectors: npt.NDArray[np.floating]) -> Vectors:
    """Scale rows to length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _spectrum() -> Vectors:
    """Return how much each direction tells, of length 1 in all, falling as in real embeddings."""
    strengths = np.arange(1, DIM + 1) ** -0.5
    return np.asarray(strengths / np.linalg.norm(strengths), np.float32)


def _cone() -> Vectors:
    """Return what all embeddings of a model have in common."""
    common = np.random.default_rng(97).normal(0, 1, DIM)
    return np.asarray(_CONE * common / np.linalg.norm(common), np.float32)
