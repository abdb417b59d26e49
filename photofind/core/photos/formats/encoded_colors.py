"""Bring pixels to sRGB whose colours are named by the numbers that video and JPEG XL share (ITU-T H.273)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from photofind.core.photos.samples import Samples
from photofind.core.records.arrays import Pixels

Light = npt.NDArray[np.floating[Any]]

Point = tuple[float, float]

# White (D65, equal energy, DCI) and primaries (sRGB, BT.2020, P3) by JPEG XL's numbers, as points (x, y).
WHITES: dict[int, Point] = {1: (0.3127, 0.3290), 10: (1 / 3, 1 / 3), 11: (0.314, 0.351)}
PRIMARIES: dict[int, tuple[Point, ...]] = {
    1: ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
}
BT709_CURVE, LINEAR, SRGB_CURVE, PQ, DCI, HLG = 1, 8, 13, 16, 17, 18
# The cone responses that Bradford scales to bring one white to another.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
# What counts as white of a curve that says how bright a screen is to be, in its units: BT.2408's 203 of 10,000 nits.
_PQ_WHITE = 203 / 10_000
_HLG_WHITE = 0.265
_PIXELS_AT_ONCE = 1 << 20


def to_srgb_bytes(
    pixels: Samples, brightest: float, white: Point, primaries: tuple[Point, ...], curve: int, gamma: float | None
) -> Pixels:
    """Convert [height, width, channels] of such colours to sRGB; what is brighter than white becomes white."""
    light = _light(curve, gamma)
    matrix = _to_srgb(white, primaries).T if pixels.shape[2] == 3 else np.eye(1, dtype=np.float32)
    out = np.empty(pixels.shape, np.uint8)
    step = max(1, _PIXELS_AT_ONCE // pixels.shape[1])
    for row in range(0, len(pixels), step):
        piece = np.nan_to_num(pixels[row : row + step].astype(np.float32) / brightest, nan=0.0, posinf=1.0, neginf=0.0)
        linear = light(np.clip(piece, 0, 1)) @ matrix
        out[row : row + step] = _encode(np.clip(linear, 0, 1)) * 255 + 0.5
    return out


def _to_srgb(white: Point, primaries: tuple[Point, ...]) -> Light:
    """Return the matrix from linear colours to those of sRGB."""
    here, there = _to_xyz(white, primaries), _to_xyz(WHITES[1], PRIMARIES[1])
    cones = [_BRADFORD @ _xyz(point) for point in (WHITES[1], white)]
    adapt = np.linalg.inv(_BRADFORD) @ np.diag(cones[0] / cones[1]) @ _BRADFORD
    matrix: Light = np.asarray(np.linalg.inv(there) @ adapt @ here, np.float32)
    return matrix


def _to_xyz(white: Point, primaries: tuple[Point, ...]) -> npt.NDArray[np.float64]:
    columns = np.stack([_xyz(point) for point in primaries], 1)
    return np.asarray(columns * np.linalg.solve(columns, _xyz(white)))


def _xyz(point: Point) -> npt.NDArray[np.float64]:
    x, y = point
    return np.array([x / y, 1, (1 - x - y) / y])


def _encode(linear: Light) -> Light:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** np.float32(1 / 2.4) - 0.055).astype(
        np.float32
    )


def _light(curve: int, gamma: float | None) -> Callable[[Light], Light]:
    """Return what turns a curve's numbers into light, 1 of which is white."""
    if gamma:
        return lambda value: value ** np.float32(1 / gamma)
    return _LIGHTS.get(curve, _from_srgb)


def _from_srgb(value: Light) -> Light:
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** np.float32(2.4))


def _from_bt709(value: Light) -> Light:
    return np.asarray(np.where(value < 0.081, value / 4.5, ((value + 0.099) / 1.099) ** np.float32(1 / 0.45)))


def _from_pq(value: Light) -> Light:
    root = value ** np.float32(1 / 78.84375)
    nits: Light = (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** np.float32(1 / 0.1593017578125)
    return nits / np.float32(_PQ_WHITE)


def _from_hlg(value: Light) -> Light:
    bright = (np.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return np.where(value <= 0.5, value**2 / 3, bright) / np.float32(_HLG_WHITE)


_LIGHTS: dict[int, Callable[[Light], Light]] = {
    BT709_CURVE: _from_bt709,
    LINEAR: lambda value: value,
    SRGB_CURVE: _from_srgb,
    PQ: _from_pq,
    DCI: lambda value: value ** np.float32(2.6),
    HLG: _from_hlg,
}
