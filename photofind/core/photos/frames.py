"""Choose the frame of an animation that is shown: the first, unless there is nothing in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

import numpy as np
from PIL import Image

_log = logging.getLogger(__name__)
# What Pillow opens as animations; frames of others are pages, layers, or pictures of their own.
_ANIMATIONS = ("AVIF", "FLI", "GIF", "PNG", "WEBP")
_MOST_FRAMES = 1_000
_MOST_SECONDS = 2.0
# A frame is looked at as so many cells a side.
_CELLS = 32
# So many cells differ so much from the others where there is something in a frame, and where it can be seen well.
_FEWEST_CELLS = 10
_FAINT, _PLAIN = 16, 32


def go_to_telling_frame(image: Image.Image) -> None:
    """Go to the first frame of a loaded animation that has something in it, or to the one with most; within bounds.

    Many begin empty, white or black, and fade in.
    """
    if image.format not in _ANIMATIONS or not getattr(image, "is_animated", False) or is_telling(image):
        return
    best = choose_frame(_frames(image))
    if image.tell() != best:
        image.seek(best)
        image.load()


def choose_frame(frames: Iterable[Image.Image]) -> int:
    """Return the number of the first frame with something in it, else that of the one with most."""
    best, most = 0, _FEWEST_CELLS - 1
    end = time.monotonic() + _MOST_SECONDS
    for number, frame in enumerate(frames):
        if is_telling(frame):
            return number
        cells = _cells_that_differ(frame, _FAINT)
        if cells > most:
            best, most = number, cells
        if number >= _MOST_FRAMES or time.monotonic() > end:
            break
    return best


def _frames(image: Image.Image) -> Iterable[Image.Image]:
    """Yield an animation's frames up to one that is damaged: the picture is whole without it."""
    yield image
    try:
        while True:
            image.seek(image.tell() + 1)
            image.load()
            yield image
    except Exception as error:  # noqa: BLE001 - the end, or any of the dozen kinds that Pillow raises
        _log.info("no more frames: %r", error)


def is_telling(frame: Image.Image) -> bool:
    """Tell whether there is something in a frame that can be seen well."""
    return _cells_that_differ(frame, _PLAIN) >= _FEWEST_CELLS


def _cells_that_differ(frame: Image.Image, least: int) -> int:
    layer = frame.convert("RGBA").resize((_CELLS, _CELLS), Image.Resampling.BOX)
    cells = np.asarray(Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")).reshape(
        -1, 3
    )
    return int((np.abs(cells - np.median(cells, axis=0)).max(axis=1) > least).sum())
