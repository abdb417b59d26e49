"""Which photos a screenshot shows: its tiles compared with the thumbnails that are expected there.

The tiles' places come from `GridLayout`; how far down the grid begins is found in the screenshot.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image
from PySide6.QtCore import QRect

from photofind.gui.grid.layout import SCROLL_BAR, GridLayout
from photofind.gui.grid.photo_grid import USUAL_EDGE

_LINES = 2
_HIGHEST, _LOWEST = 90, 260
_CORNER = 8
_BLOCK = 4

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Answer:
    """What a window should show: photo ids in order, the likely ones first, and their thumbnails as JPEG."""

    photo_ids: list[int]
    likely: int
    jpegs: dict[int, bytes]


def worst_difference(seen: Image.Image, expected: Answer) -> float:
    """Return how much the tile that fits least differs from its photo: mean of absolute differences, of 255."""
    tiles = find_grid(seen, expected)
    pixels = np.asarray(seen.convert("RGB"), dtype=np.float32)
    photos = _photos(expected, tiles)
    return max(_difference(pixels, rect, photo) for rect, photo in zip(tiles, photos, strict=True))


def find_grid(seen: Image.Image, expected: Answer) -> list[QRect]:
    """Return where the tiles of the first lines are, taking the height where they fit best."""
    layout = GridLayout(
        width=seen.width - SCROLL_BAR,
        count=len(expected.photo_ids),
        likely=expected.likely,
        wanted_edge=USUAL_EDGE,
    )
    count = min(layout.count, _LINES * layout.columns)
    tiles = [layout.rect(row) for row in range(count)]
    pixels = np.asarray(seen.convert("RGB"), dtype=np.float32)
    photos = _photos(expected, tiles)
    first_line = [rect for rect in tiles if rect.top() == tiles[0].top()]

    def misfit(top: int) -> float:
        found = zip(first_line, photos, strict=False)
        return float(np.mean([_difference(pixels, rect.translated(0, top), photo) for rect, photo in found]))

    best = min(range(_HIGHEST, _LOWEST), key=misfit)
    shown = [rect.translated(0, best) for rect in tiles]
    return [rect for rect in shown if rect.bottom() < seen.height - 50]


def _photos(expected: Answer, tiles: list[QRect]) -> list[Floats]:
    """Return the expected photos as the grid shows them: the middle square, as large as a tile."""
    return [
        _middle(expected.jpegs[photo_id], rect.width())
        for photo_id, rect in zip(expected.photo_ids, tiles, strict=False)
    ]


def _middle(jpeg: bytes, edge: int) -> Floats:
    with Image.open(io.BytesIO(jpeg)) as thumbnail:
        side = min(thumbnail.size)
        left, top = (thumbnail.width - side) // 2, (thumbnail.height - side) // 2
        cut = thumbnail.convert("RGB").crop((left, top, left + side, top + side))
        return np.asarray(cut.resize((edge, edge), Image.Resampling.BILINEAR), dtype=np.float32)


def _difference(pixels: Floats, rect: QRect, photo: Floats) -> float:
    """Compare without the rounded corners; in blocks, as Qt and Pillow scale fine detail differently."""
    part = pixels[rect.top() : rect.top() + rect.height(), rect.left() : rect.left() + rect.width()]
    return float(np.abs(_in_blocks(part - photo)).mean())


def _in_blocks(pixels: Floats) -> Floats:
    """Return the means of blocks of the inner part [edge, edge, 3]."""
    edge = (len(pixels) - 2 * _CORNER) // _BLOCK * _BLOCK
    inner = pixels[_CORNER : _CORNER + edge, _CORNER : _CORNER + edge]
    means: Floats = inner.reshape(edge // _BLOCK, _BLOCK, edge // _BLOCK, _BLOCK, 3).mean(axis=(1, 3))
    return means
