"""Whether an engine's answers are as good as single precision's, in a library of any size.

What an engine is off by is measured against how far pictures lie apart, after all that they share is taken off: of a
few pictures the best ten hardly change where among a hundred thousand a quarter of them does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from photofind.core.records.arrays import Vectors

_TOP: Final = 10
_LEAST: Final = 1e-9  # where all pictures are one
# What people look for, from things to places to moods: the ranking by these must hold.
# fmt: off
TEXTS: Final = (
    "a dog", "a cat asleep", "birds in the sky", "a horse on a meadow", "a red car", "a bicycle", "a train",
    "a boat on the lake", "an aeroplane", "a birthday cake", "a plate of food", "a glass of wine", "a cup of coffee",
    "fruit", "flowers", "a tree in autumn", "a forest", "mountains", "a beach at sunset", "the sea", "a waterfall",
    "snow", "rain", "fog", "a blue sky with clouds", "stars at night", "fireworks", "a city at night",
    "a street with people", "an old house", "a church", "a bridge", "a castle", "a garden", "a kitchen",
    "a living room", "a book", "a screenshot", "a document with text", "a map", "a painting",
    "a black and white photo", "a child laughing", "a baby", "a wedding", "a group of friends", "a woman with a hat",
    "a man with a beard", "people dancing", "a portrait",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near vectors are to single precision's.

    `noise` is what scores are off by, as a share of how far those of the pictures lie apart, root mean square;
    `furthest` is what the worst vector is off by, as a share of how far vectors lie apart; `overlap` the share of the
    same ten on top.
    """

    noise: float
    furthest: float
    overlap: float

    def holds(self, bound: Agreement) -> bool:
        """Tell whether this is as good as a bound asks."""
        return self.noise <= bound.noise and self.furthest <= bound.furthest and self.overlap >= bound.overlap


# The same sums in another order; half precision; and eight bits. With a noise of 6 %, nine of the ten best among
# 100,000 stay, of 14 % (nine of ten among 64) three quarters: `docs/decisions.md`.
EXACT: Final = Agreement(0.01, 0.04, 0.98)
HALF: Final = Agreement(0.04, 0.16, 0.95)
EIGHT_BITS: Final = Agreement(0.06, 0.24, 0.9)
_NONE: Final = Agreement(float("inf"), float("inf"), 0.0)


def compare_images(exact: Vectors, images: Vectors, texts: Vectors) -> Agreement:
    """Compare image vectors [n, dim] with exact ones; the ranking is by texts [m, dim].

    Where there are none, as of a model without words, it is by what is similar to the first of the images themselves.
    """
    if not _are_comparable(exact, images):
        return _NONE
    if not len(texts):
        return _agreement(exact, images, _likeness(exact), _likeness(images))
    return _agreement(exact, images, texts @ exact.T, texts @ images.T)


def compare_texts(exact: Vectors, texts: Vectors, images: Vectors) -> Agreement:
    """Compare text vectors [m, dim] with exact ones; what is ranked are images [n, dim]."""
    if not _are_comparable(exact, texts):
        return _NONE
    return _agreement(exact, texts, exact @ images.T, texts @ images.T)


def compare_both(exact: tuple[Vectors, Vectors], made: tuple[Vectors, Vectors]) -> Agreement:
    """Compare texts [m, dim] by images [n, dim], as a search has them, with exact ones by exact ones.

    Both sides have their own noise; what the worst vector is off by was compared before.
    """
    (exact_texts, exact_images), (texts, images) = exact, made
    scores, exact_scores = texts @ images.T, exact_texts @ exact_images.T
    return Agreement(_noise(exact_scores, scores), 0.0, _overlap(exact_scores, scores))


def _are_comparable(exact: Vectors, vectors: Vectors) -> bool:
    return vectors.shape == exact.shape and bool(np.isfinite(vectors).all())


def _likeness(images: Vectors) -> Vectors:
    """Return how similar all images are to the first, [m, n], without each one's likeness to itself."""
    scores = np.asarray(images[: len(TEXTS)] @ images.T)
    others = np.arange(scores.shape[1]) != np.arange(len(scores))[:, None]
    return np.asarray(scores[others].reshape(len(scores), -1))


def _agreement(exact: Vectors, vectors: Vectors, exact_scores: Vectors, scores: Vectors) -> Agreement:
    apart = np.sqrt(np.square(exact - exact.mean(axis=0)).sum(axis=1).mean())
    off = np.sqrt(np.square(vectors - exact).sum(axis=1).max())
    furthest = float(off / max(apart, _LEAST))
    return Agreement(_noise(exact_scores, scores), furthest, _overlap(exact_scores, scores))


def _noise(exact: Vectors, scores: Vectors) -> float:
    """Return the noise of scores [m, n]; what moves all of a row alike moves no ranking."""
    off, apart = ((each.var(axis=1).mean()) ** 0.5 for each in (scores - exact, exact))
    return float(off / max(apart, _LEAST))


def _overlap(exact: Vectors, scores: Vectors) -> float:
    top = min(_TOP, scores.shape[1])
    best, found = (np.argsort(-each, axis=1)[:, :top] for each in (exact, scores))
    return float(np.mean([len(np.intersect1d(one, other)) / top for one, other in zip(best, found, strict=True)]))
