"""Pictures drawn by a formula, of very different kinds: what a model is tried on where there are no photos yet."""

from __future__ import annotations

import numpy as np

from photofind.core.records.arrays import Pixels


def draw_pictures(count: int, size: int) -> Pixels:
    """Draw pictures uint8 [count, size, size, 3], the same ones each time: gradients, checks, blobs and noise."""
    rng = np.random.default_rng(0)
    return np.stack([_KINDS[number % len(_KINDS)](rng, size) for number in range(count)])


def _gradient(rng: np.random.Generator, size: int) -> Pixels:
    corners = rng.integers(0, 256, (2, 2, 3)).astype(np.float64)
    down, across = np.linspace(0, 1, size)[:, None, None], np.linspace(0, 1, size)[None, :, None]
    top, bottom = (corners[row, 0] * (1 - across) + corners[row, 1] * across for row in (0, 1))
    return np.asarray(top * (1 - down) + bottom * down, np.uint8)


def _checks(rng: np.random.Generator, size: int) -> Pixels:
    cells = int(rng.integers(2, 17))
    colours = rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
    places = np.arange(size) * cells // size
    return np.asarray(colours[places][:, places])


def _blobs(rng: np.random.Generator, size: int) -> Pixels:
    """Draw soft round things before a background, as a camera sees a subject."""
    picture = _gradient(rng, size).astype(np.float64)
    down, across = np.mgrid[0:size, 0:size] / size
    for _ in range(int(rng.integers(1, 6))):
        place, radius = rng.random(2), rng.uniform(0.08, 0.4)
        weight = np.clip((radius - np.hypot(down - place[0], across - place[1])) * 20, 0, 1)[..., None]
        picture = picture * (1 - weight) + rng.integers(0, 256, 3) * weight
    return np.asarray(picture, np.uint8)


def _noise(rng: np.random.Generator, size: int) -> Pixels:
    """Draw a blob with the grain of a dark photo."""
    grain = rng.normal(0, rng.uniform(5, 40), (size, size, 3))
    return np.asarray(np.clip(_blobs(rng, size) + grain, 0, 255), np.uint8)


_KINDS = (_gradient, _checks, _blobs, _noise)
