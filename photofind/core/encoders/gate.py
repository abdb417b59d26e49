"""Whether an engine's answers are as good as single precision's: by angle, and by which photos come out on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from photofind.core.records.arrays import Vectors

_TOP: Final = 10
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
    """How near vectors are to single precision's: mean and lowest cosine, and the share of the same photos on top."""

    mean: float
    lowest: float
    overlap: float

    def holds(self, bound: Agreement) -> bool:
        """Tell whether this is as good as a bound asks."""
        return self.mean >= bound.mean and self.lowest >= bound.lowest and self.overlap >= bound.overlap


# The same sums in another order; half precision; and eight bits, where nine of the ten best photos must stay: a JPEG
# decoded at a part of its size moves its vector half as much (cosine 0.995), and nobody sees it.
EXACT: Final = Agreement(0.9999, 0.9999, 0.98)
HALF: Final = Agreement(0.999, 0.998, 0.95)
EIGHT_BITS: Final = Agreement(0.99, 0.97, 0.9)


def compare_images(exact: Vectors, images: Vectors, texts: Vectors) -> Agreement:
    """Compare image vectors [n, dim] with exact ones; the ranking is by texts [m, dim].

    Where there are none, as of a model without words, it is by what is similar to the first of the images themselves.
    """
    if not len(texts):
        return _agreement(exact, images, _likeness(exact), _likeness(images))
    return _agreement(exact, images, texts @ exact.T, texts @ images.T)


def compare_texts(exact: Vectors, texts: Vectors, images: Vectors) -> Agreement:
    """Compare text vectors [m, dim] with exact ones; what is ranked are images [n, dim]."""
    return _agreement(exact, texts, exact @ images.T, texts @ images.T)


def _likeness(images: Vectors) -> Vectors:
    """Return how similar all images are to the first, [m, n]; each comes last for itself, where it tells nothing."""
    scores = np.asarray(images[: len(TEXTS)] @ images.T)
    np.fill_diagonal(scores, -np.inf)
    return scores


def _agreement(exact: Vectors, vectors: Vectors, exact_scores: Vectors, scores: Vectors) -> Agreement:
    if vectors.shape != exact.shape or not np.isfinite(vectors).all():
        return Agreement(0.0, 0.0, 0.0)
    cosines = np.sum(exact * vectors, axis=1)
    top = min(_TOP, scores.shape[1])
    best, found = (np.argsort(-each, axis=1)[:, :top] for each in (exact_scores, scores))
    same = [len(np.intersect1d(one, other)) / top for one, other in zip(best, found, strict=True)]
    return Agreement(float(cosines.mean()), float(cosines.min()), float(np.mean(same)))
