"""Which colour names a person would give to a pixel, and how strongly the pixel catches the eye.

Names are soft and add up: a pixel between red and orange is some of both, so noise, recompression and small
changes of light move a share a little instead of flipping it. Bounds are in OKLCh (lightness, chroma, hue).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from photofind.core.records.arrays import Pixels, Vectors

HUES: Final = {
    "pink": 352.0,
    "red": 24.0,
    "orange": 56.0,
    "yellow": 97.0,
    "green": 136.0,
    "turquoise": 194.0,
    "blue": 256.0,
    "purple": 306.0,
}
COLOURS: Final = (*HUES, "brown", "beige", "black", "gray", "white")
TONES: Final = ("dark", "plain", "light")

_BITS: Final = 5  # per channel: 32,768 colours are told apart
_GRAY_SALIENCE: Final = 0.25

Numbers = npt.NDArray[np.float64]


def name_pixels(images: Pixels) -> tuple[Vectors, Vectors, Vectors]:
    """Return colours by tone [..., 13, 3], lightness [...] and chroma [...] of pixels uint8 [..., 3].

    A pixel's colours sum to its salience, 0.25 to 1: vivid and white pixels count more than gray ones.
    """
    high = (images >> (8 - _BITS)).astype(np.intp)
    codes = (high[..., 0] << 2 * _BITS) | (high[..., 1] << _BITS) | high[..., 2]
    named, lightness, chroma = _tables()
    return named.take(codes, axis=0), lightness.take(codes), chroma.take(codes)


@cache
def _tables() -> tuple[Vectors, Vectors, Vectors]:
    steps = 1 << _BITS
    levels = (np.arange(steps) + 0.5) / steps
    levels = (levels - levels[0]) / (levels[-1] - levels[0])  # so that white is white
    rgb = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    lightness, chroma, hue = _oklch(rgb)
    striking = np.maximum(_rise(chroma, 0.03, 0.13), 0.4 * _rise(lightness, 0.76, 0.88))
    salience = _GRAY_SALIENCE + (1 - _GRAY_SALIENCE) * striking
    colours = _name_colours(lightness, chroma, hue) * salience
    named = colours[:, None, :] * _name_tones(lightness)[None, :, :]
    return (
        np.moveaxis(named, -1, 0).astype(np.float32, order="C"),
        lightness.astype(np.float32),
        chroma.astype(np.float32),
    )


def _name_colours(lightness: Numbers, chroma: Numbers, hue: Numbers) -> Numbers:
    """Return how much of each colour is in each pixel, [13, n]; the 13 sum to 1."""
    vivid = _rise(chroma, 0.025, 0.05) * _rise(lightness, 0.14, 0.26 - 0.5 * np.minimum(chroma, 0.2))
    neutral = 1 - vivid
    black = _fall(lightness, 0.24, 0.36)
    white = _rise(lightness, 0.76, 0.88)
    named = dict(zip(HUES, _name_hues(hue) * vivid, strict=True))
    muted = _fall(chroma, 0.075, 0.115)
    pale = _rise(lightness, 0.62, 0.74)
    named |= {"brown": np.zeros_like(hue), "beige": np.zeros_like(hue)}
    _move(named, "red", "pink", _rise(lightness, 0.70, 0.80) * _fall(hue, 20, 30))
    for warm in ("red", "orange", "yellow"):
        _move(named, warm, "beige", muted * pale)
    # A darker orange is brown unless it glows; a dark red is still red.
    _move(named, "orange", "brown", np.maximum(muted, _fall(lightness, 0.50, 0.60) * _fall(chroma, 0.12, 0.15)))
    _move(named, "red", "brown", muted)
    _move(named, "yellow", "brown", muted * _fall(hue, 90, 105))
    _move(named, "yellow", "green", muted)
    named |= {"black": neutral * black, "white": neutral * white, "gray": neutral * (1 - black - white)}
    return np.stack([named[colour] for colour in COLOURS])


def _move(named: dict[str, Numbers], source: str, target: str, share: Numbers) -> None:
    named[target] = named[target] + named[source] * share
    named[source] = named[source] * (1 - share)


def _name_hues(hue: Numbers) -> Numbers:
    """Return how much of each of the 8 hues is in each pixel: two neighbours share what lies between them."""
    centres = np.array(list(HUES.values()))
    before = (centres - np.roll(centres, 1)) % 360
    after = (np.roll(centres, -1) - centres) % 360
    offset = (hue[None, :] - centres[:, None] + 180) % 360 - 180
    distance = np.where(offset < 0, -offset / before[:, None], offset / after[:, None])
    return np.asarray(_fall(distance, 0.35, 0.65))


def _name_tones(lightness: Numbers) -> Numbers:
    """Return how dark, plain and light each pixel is, [3, n]."""
    dark, light = _fall(lightness, 0.38, 0.48), _rise(lightness, 0.70, 0.80)
    return np.stack([dark, 1 - dark - light, light])


def _oklch(rgb: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return OKLab's lightness 0..1, chroma and hue in degrees of sRGB colours 0..1 [n, 3]."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(linear @ _RGB_TO_CONES.T)
    lightness, a, b = (cones @ _CONES_TO_LAB.T).T
    return lightness, np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _rise(value: Numbers, low: float | Numbers, high: float | Numbers) -> Numbers:
    return np.clip((value - low) / (high - low), 0, 1)


def _fall(value: Numbers, low: float, high: float) -> Numbers:
    return 1 - _rise(value, low, high)


# Björn Ottosson's OKLab, public domain: https://bottosson.github.io/posts/oklab/
_RGB_TO_CONES: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_CONES_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
