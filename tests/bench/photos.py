"""Photo-like JPEGs: soft shapes, edges and grain, so that they decode and compress about as camera files do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from photofind.core.records.arrays import Pixels

_MARGIN = 512
_GRAIN = 5.0


def write_photos(folder: Path, count: int, size: tuple[int, int], *, copies: int = 1) -> Path:
    """Write `count` JPEGs of quality 90 and (width, height), none like another; 12 MP make about 3 MB.

    Of each there are `copies` that differ by a byte after the picture's end: other files, the same work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    width, height = size
    canvas = _paint((width + _MARGIN, height + _MARGIN), rng)
    for number in range(count):
        left, top = rng.integers(0, _MARGIN, 2)
        part = canvas[top : top + height, left : left + width, rng.permutation(3)]
        part = part[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]
        path = folder / f"{number:05}.jpg"
        Image.fromarray(np.ascontiguousarray(part)).save(path, quality=90)
        for copy in range(1, copies):
            path.with_name(f"{path.stem}-{copy}.jpg").write_bytes(path.read_bytes() + bytes([copy]))
    return folder


def _paint(size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Add up noise of ever finer scale, as natural pictures have it, and the grain of a sensor."""
    width, height = size
    picture = np.full((height, width, 3), 128, np.float32)
    for cells, strength in ((3, 60.0), (9, 30.0), (40, 15.0), (200, 8.0), (900, 4.0)):
        noise = rng.normal(0, strength, (max(1, cells * height // width), cells, 3))
        for channel in range(3):
            plane = Image.fromarray(noise[..., channel].astype(np.float32))
            picture[..., channel] += np.asarray(plane.resize(size, Image.Resampling.BICUBIC))
    picture += rng.normal(0, _GRAIN, (height, width, 1)).astype(np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)
