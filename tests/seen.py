"""How a picture that the tests made is seen: red on the left, blue on the right, and what becomes of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from photofind.core.errors import PhotofindError
from photofind.core.photos.images import decode_bytes, open_thumbnail
from photofind.core.records.arrays import Pixels
from photofind.core.records.models import Spec

SPEC = Spec("test", "test", 8, 64, "squash")
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
Color = tuple[int, int, int]


def red_and_blue(size: tuple[int, int] = (120, 80)) -> Image.Image:
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def sides(pixels: Pixels) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the colours in the middle of the left and of the right half."""
    height, width = pixels.shape[:2]
    return pixels[height // 2, width // 4].astype(np.int64), pixels[height // 2, width * 3 // 4].astype(np.int64)


def is_seen(pixels: Pixels, left: Color, right: Color, tolerance: int = 26) -> bool:
    return all(np.abs(side - color).max() < tolerance for side, color in zip(sides(pixels), (left, right), strict=True))


def assert_sides(data: bytes, left: Color = RED, right: Color = BLUE, tolerance: int = 26) -> None:
    """Assert that model and thumbnail see an undamaged picture of these colours."""
    photo = decode_bytes(data, SPEC)
    assert photo.flaw is None
    for pixels in (photo.pixels, open_thumbnail(photo.thumbnail)):
        assert is_seen(pixels, left, right, tolerance), sides(pixels)


def reason(data: bytes) -> str:
    """Return why a picture is refused."""
    try:
        photo = decode_bytes(data, SPEC)
    except PhotofindError as error:
        return str(error)
    raise AssertionError(f"it was read: {sides(photo.pixels)}, {photo.flaw}")
