"""Read JPEG 2000 with more than 8 bits a colour with imagecodecs, which is an extra; all other is Pillow's.

Pillow rounds up what it scales down to 8 bits: of 16 bits, all from 65,408 on becomes 0, and what is white turns black.
Less than 8 bits it shifts up: of 1 bit, white becomes 128; and of a palette, one colour becomes another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from photofind.core.errors import PhotofindError
from photofind.core.photos.samples import Samples, to_bytes

BEGINNINGS = (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")
_MISREAD_MODES = ("LA", "RGB", "RGBA", "YCbCr", "CMYK")
_SHIFTED_MODES = ("L", "LA", "P", "PA", "RGB", "RGBA", "CMYK")
_STREAM = b"\xff\x4f\xff\x51"
# From where a stream begins to how many components it has, and to the first of their depths, each of 3 bytes.
_COUNT, _DEPTHS = 40, 42


def replace_misread(image: Image.Image, content: bytes, *, is_lenient: bool) -> Image.Image:
    """Return the picture that Pillow has opened, or, where it would show it in other colours, one that is right.

    PhotofindError where the extra is not installed, OSError for a file that is damaged.
    """
    depths = _depths(content)
    bands = Image.getmodebands(image.mode)
    if image.mode in _SHIFTED_MODES and len(depths) >= bands and min(depths) < 8 and max(depths) <= 8:
        tables = [_unshifted(depth, band) for depth, band in zip(depths, image.getbands(), strict=False)]
        return image.point([value for table in tables for value in table])
    if image.mode not in _MISREAD_MODES or max(depths, default=0) <= 8 or is_lenient:
        return image
    samples = _decode(content)
    if samples.ndim != 3 or samples.shape[2] < bands or len(depths) < bands or samples.dtype.kind != "u":
        raise PhotofindError("picture_of_odd_kind", format="JPEG 2000", kind=f"{max(depths)}-bit {image.mode}")
    planes = [to_bytes(samples[..., n], 2.0 ** depths[n] - 1) for n in range(bands)]
    picture = Image.merge(image.mode, [Image.fromarray(plane) for plane in planes])
    picture.info = image.info
    return picture


def _unshifted(depth: int, band: str) -> list[int]:
    """Return what each value of a band stands for that Pillow has shifted up to 8 bits."""
    shift = 8 - depth
    if band == "P":
        return [value >> shift for value in range(256)]
    white = (2**depth - 1) << shift
    return [min(255, round(value * 255 / white)) for value in range(256)]


def _depths(content: bytes) -> list[int]:
    """Return how many bits each component has; none where that cannot be read."""
    at = content.find(_STREAM)
    count = int.from_bytes(content[at + _COUNT : at + _DEPTHS], "big") if at >= 0 else 0
    depths = content[at + _DEPTHS : at + _DEPTHS + 3 * count : 3]
    return [(depth & 0x7F) + 1 for depth in depths]


def _decode(content: bytes) -> Samples:
    try:
        import imagecodecs  # noqa: PLC0415 - an extra, which only few photos need
    except ImportError as error:
        raise PhotofindError("jpeg_2000_needs_package") from error
    codecs: Any = imagecodecs
    try:
        return np.asarray(codecs.jpeg2k_decode(content))
    except (codecs.Jpeg2kError, ValueError) as error:
        raise OSError(str(error)) from error
