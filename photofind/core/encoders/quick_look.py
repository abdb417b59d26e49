"""Quick look, the built-in encoder: it knows looks and colours, not things, and needs no download.

It measures where which colours are, how light a picture is and where its edges run; a text becomes the looks
its words ask for. Nothing is learned, nothing is random.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from photofind.core.encoders.quick_look_colours import TONES, name_pixels
from photofind.core.encoders.quick_look_space import DIM, GRID, join_blocks
from photofind.core.encoders.quick_look_text import encode_text, knows
from photofind.core.records.arrays import Pixels, Vectors
from photofind.core.records.models import QUICK_LOOK, Spec

_SIZE: Final = 64
_BATCH: Final = 8  # measured: 8 stay in the processor's cache, 32 run a third slower
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32) / 255


class QuickLook:
    """Embed pictures and words by colour, place, light and edges; an `Encoder`."""

    spec: Final = Spec("quick-look-1", QUICK_LOOK, DIM, _SIZE, resize="squash", interpolation="bilinear")
    device: Final = "CPU"
    on_processor: Final = True
    engine: Final = "NumPy"
    note: Final = None
    is_loaded: Final = True

    def knows(self, text: str) -> bool:
        """Tell whether any word of a text is one for looks."""
        return knows(text)

    def load_texts(self) -> None:
        """Do nothing: there is nothing to load."""

    def rest(self, seconds: float) -> None:
        """Do nothing: it takes no memory."""

    def encode_images(self, images: Pixels) -> Vectors:
        """Embed sRGB images uint8 [n, 64, 64, 3]; return float32 [n, dim] of unit length."""
        vectors = np.empty((len(images), DIM), np.float32)
        for start in range(0, len(images), _BATCH):
            vectors[start : start + _BATCH] = _describe(images[start : start + _BATCH])
        return vectors

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; return float32 [n, dim] of unit length; see `encode_text`."""
        return np.array([encode_text(text) for text in texts], np.float32).reshape(-1, DIM)


def _describe(images: Pixels) -> Vectors:
    n = len(images)
    named, lightness, chroma = name_pixels(images)
    shades = _sum_cells(named.reshape(n, _SIZE, _SIZE, -1), GRID)
    shades /= shades.sum(axis=(1, 2), keepdims=True)
    places = shades.reshape(n, GRID * GRID, -1, len(TONES)).sum(axis=-1)
    luma = np.asarray(images @ _LUMA, np.float32)
    edges = _measure_edges(luma)
    return join_blocks(
        colours=np.sqrt(places.sum(axis=1)),
        shades=np.sqrt(shades.sum(axis=1)),
        places=np.sqrt(places.reshape(n, -1)),
        moods=_measure_moods(lightness, chroma, luma.std(axis=(1, 2)), edges),
        layout=_describe_layout(luma, edges),
    )


def _sum_cells(planes: Vectors, grid: int) -> Vectors:
    """Sum planes [n, h, w, k] over the cells of a grid; return [n, grid * grid, k]."""
    n, height, width, k = planes.shape
    rows = planes.reshape(n * grid, height // grid, width * k).sum(axis=1)
    cells = rows.reshape(n * grid * grid, width // grid, k).sum(axis=1)
    return np.asarray(cells.reshape(n, grid * grid, k))


def _measure_edges(luma: Vectors) -> Vectors:
    """Return how strongly luma [n, h, w] changes in four directions, [n, h - 2, w - 2, 4]."""
    left, right = luma[:, 1:-1, :-2], luma[:, 1:-1, 2:]
    up, down = luma[:, :-2, 1:-1], luma[:, 2:, 1:-1]
    across, along = right - left, down - up
    strength = np.abs(np.stack([across, along, (across + along) * 0.7, (across - along) * 0.7], axis=-1))
    return np.maximum(strength - 0.03, 0)  # what is weaker is noise, or what JPEG leaves behind


def _measure_moods(lightness: Vectors, chroma: Vectors, spread: Vectors, edges: Vectors) -> Vectors:
    """Return how far each picture is dark, bright, ... in the order of MOODS, each 0..1, [n, 8]."""
    light = lightness.mean(axis=(1, 2))
    colour = np.sqrt(np.square(chroma).mean(axis=(1, 2)))
    detail = edges.mean(axis=(1, 2, 3))
    moods = [
        _ramp(light, 0.45, 0.20),
        _ramp(light, 0.70, 0.90),
        _ramp(colour, 0.025, 0.01),
        _ramp(colour, 0.07, 0.13),
        _ramp(spread, 0.25, 0.36),
        _ramp(spread, 0.20, 0.08) * _ramp(colour, 0.06, 0.03) * _ramp(light, 0.4, 0.6),
        _ramp(detail, 0.03, 0.005),
        _ramp(detail, 0.07, 0.16),
    ]
    return np.stack(moods, axis=1)


def _ramp(value: Vectors, none: float, full: float) -> Vectors:
    return np.asarray(np.clip((value - none) / (full - none), 0, 1), np.float32)


def _describe_layout(luma: Vectors, edges: Vectors) -> Vectors:
    """Return where light and edges are, [n, 128], each row shorter than 1 and near 0 where all is flat."""
    light = _average_cells(luma[..., None], 2 * GRID)
    framed = np.pad(edges, ((0, 0), (1, 1), (1, 1), (0, 0)))
    strength = np.sqrt(_average_cells(framed, GRID))
    layout = np.concatenate([_centre(light), _centre(strength) / 2], axis=1)
    return np.asarray(layout / (np.linalg.norm(layout, axis=1, keepdims=True) + 0.1), np.float32)


def _average_cells(planes: Vectors, grid: int) -> Vectors:
    """Average planes [n, 64, 64, k] over the cells of a grid; return [n, grid * grid * k]."""
    return np.asarray(_sum_cells(planes, grid).reshape(len(planes), -1) / (_SIZE // grid) ** 2, np.float32)


def _centre(rows: Vectors) -> Vectors:
    return np.asarray(rows - rows.mean(axis=1, keepdims=True), np.float32)
