"""Numbers of any kind that stand for light become 8 bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from photofind.core.records.arrays import Pixels

Samples = npt.NDArray[Any]

# Rows are converted in pieces of so many numbers, so that a large picture is never held once more as floats.
_PIECE = 1 << 22
# So many samples tell what the others are like.
_ENOUGH = 1 << 20
# A picture of floats that is nowhere brighter than this has 1 for white: in 0 to 255 it would be all but black.
_LIGHT_BEYOND_WHITE = 16.0
# Of a picture with light beyond white at least so much is darker than white.
_DARK_SHARE = 0.25
# What files that store light as floats or wide numbers may mean by white.
_WHITES = (255.0, 65_535.0, 2.0**31 - 1, 2.0**32 - 1)


def to_bytes(samples: Samples, white: float) -> Pixels:
    """Scale samples [rows, …] so that `white` becomes 255; what is brighter is white, what is no number black."""
    out = np.empty(samples.shape, np.uint8)
    step = max(1, _PIECE // max(1, samples[:1].size))
    for row in range(0, len(samples), step):
        piece = samples[row : row + step].astype(np.float32)
        piece *= 255 / white
        piece += 0.5
        np.nan_to_num(piece, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
        out[row : row + step] = np.clip(piece, 0, 255, out=piece)
    return out


def white_of(samples: Samples) -> float:
    """Return what stands for white in samples of a file that does not say: of short integers their highest."""
    if samples.dtype.kind != "f":
        return _white_of_integers(samples)
    step = max(1, math.ceil(math.sqrt(samples.size / _ENOUGH)))
    some = samples[::step, ::step]
    finite = some[np.isfinite(some)]
    if not finite.size or finite.max() <= _LIGHT_BEYOND_WHITE:
        return 1.0
    # HDR programs keep some light beyond white; a picture in 0 to 255 is nearly all above 1.
    if np.quantile(finite[finite > 0], _DARK_SHARE) <= 1 and not _are_whole(finite):
        return 1.0
    return _least_white(float(finite.max()))


def _white_of_integers(samples: Samples) -> float:
    white = float(np.iinfo(samples.dtype).max)
    return white if samples.dtype.itemsize < 4 else _least_white(float(samples.max(initial=0)))


def _least_white(highest: float) -> float:
    return next((white for white in _WHITES if highest <= white), highest)


def _are_whole(values: Samples) -> bool:
    return bool((values % 1 == 0).all())
