"""Vectors with one byte a number, and how far a product of two of them can be from that of the vectors.

A vector is turned, scaled so that its largest number is 127, and rounded. Turning (always the same way) spreads what
is in a few numbers over all: models have such numbers, and quick look has little else, and one large number
would cost all others of its vector their precision.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from photofind.core.records.arrays import Vectors
from photofind.core.vectors.products import Codes

# More than what turning, multiplying and adding up in single precision can lose of a product of unit vectors.
_ROUNDING = 2e-5


@dataclass(frozen=True, slots=True)
class Quantised:
    """Vectors as codes int8 [n, dim] with a scale float32 [n] each, and the worst of all of them.

    `error`: the longest that a vector lies from its scaled code, in its scales; `length`: the longest scaled code.
    """

    codes: Codes
    scales: Vectors
    error: float
    length: float


def quantise(vectors: Vectors) -> Quantised:
    """Quantise vectors [n, dim]; a vector of zeros gets scale 0."""
    return _quantise_turned(vectors @ _turn(vectors.shape[1]).T)


def _quantise_turned(turned: Vectors) -> Quantised:
    scales = np.abs(turned).max(axis=1) / np.float32(127)
    divisors = np.where(scales > 0, scales, np.float32(1))[:, np.newaxis]
    codes = np.rint(turned / divisors).astype(np.int8)
    errors = np.linalg.norm(turned / divisors - codes, axis=1)
    lengths = np.linalg.norm(codes * scales[:, np.newaxis], axis=1)
    return Quantised(codes, scales, float(errors.max(initial=0)), float(lengths.max(initial=0)))


@dataclass(frozen=True, slots=True)
class QuantisedQuery:
    """A vector to multiply codes with: a row's product is at most scale x (`scale` x product + `error`) + `most`."""

    code: Codes
    scale: np.float32
    error: np.float32
    most: np.float32


def quantise_query(vector: Vectors, error: float, length: float) -> QuantisedQuery:
    """Quantise a vector [dim] for rows whose worst `error` and `length` are these.

    With a row v = s c + e and the query q = t g + f, all turned: v q = s t (c g) + s (c f) + e q, where by Cauchy and
    Schwarz s (c f) is at most `length` x |f|, and e q at most s x `error` x |q|.
    """
    # Not NumPy's product with the whole: its threads stay awake for a while, and would be in the way of what follows.
    quantised = _quantise_turned(np.vecdot(_turn(len(vector)), vector)[np.newaxis])
    scale = quantised.scales[0]
    return QuantisedQuery(
        code=quantised.codes[0],
        scale=scale,
        error=np.float32(error * np.linalg.norm(vector)),
        most=np.float32(length * quantised.error * scale + _ROUNDING),
    )


@cache
def _turn(dim: int) -> Vectors:
    """Return what each number after the turn is made of [dim, dim]: signs drawn once, then a cosine transform."""
    drawn = np.frombuffer(hashlib.shake_128(b"photofind").digest(dim), np.uint8)
    signs = np.where(drawn & 1, 1.0, -1.0)
    waves, places = np.arange(dim)[:, np.newaxis], np.arange(dim)
    turn = np.cos(np.pi * (2 * places + 1) * waves / (2 * dim)) * np.sqrt(2 / dim)
    turn[0] /= np.sqrt(2)
    return np.asarray(signs * turn, np.float32)
