"""Size pictures for a model, for the grid and for the viewer."""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image

from photofind.core.records.arrays import Pixels
from photofind.core.records.models import Spec

THUMBNAIL_EDGE = 384
_THUMBNAIL_QUALITY = 82
# What can be scaled before its costly conversion to sRGB.
_SCALABLE_MODES = ("L", "RGB", "RGBA", "LA", "CMYK", "YCbCr")
_RESAMPLING = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


def needed_size(size: tuple[int, int], spec: Spec) -> tuple[int, int]:
    """Return the least size that serves model and thumbnail; JPEG then decodes only as much (5x on 12 MP)."""
    need = max(spec.size / min(size), THUMBNAIL_EDGE / max(size))
    return math.ceil(size[0] * need), math.ceil(size[1] * need)


def shrink(image: Image.Image, spec: Spec) -> Image.Image:
    """Box-average a large image to about three times what is needed, before any costly conversion."""
    if image.mode not in _SCALABLE_MODES:
        return image
    needed = needed_size(image.size, spec)
    factor = min(image.width // (3 * needed[0]), image.height // (3 * needed[1]))
    if factor < 2:
        return image
    small = image.reduce(factor)
    small.info = image.info
    return small


def scale_down(image: Image.Image, edge: int) -> None:
    """Make an image's longer edge at most `edge`, in place; modes that cannot be averaged stay as they are."""
    if image.mode in _SCALABLE_MODES:
        image.thumbnail((edge, edge), Image.Resampling.BICUBIC, reducing_gap=3)


def size_for_model(image: Image.Image, original: tuple[int, int], spec: Spec) -> Pixels:
    """Size an upright RGB image for a model as open_clip's own preprocess sizes its original.

    Returns uint8 [size, size, 3]. What is cut off is computed from the original's size: rounded
    from a smaller decode's it can be a whole pixel of the result away. Scaling and cutting are
    one step, so that a very long panorama never becomes a very long large image.
    """
    size, (width, height) = spec.size, original
    resample = _RESAMPLING[spec.interpolation]
    if spec.resize == "squash":
        return np.asarray(image.resize((size, size), resample))
    if spec.resize == "longest":
        return _pad_longest(image, original, spec)
    short = min(width, height)
    scaled = (int(size * width / short), int(size * height / short))
    left, top = round((scaled[0] - size) / 2), round((scaled[1] - size) / 2)
    across, down = image.width / scaled[0], image.height / scaled[1]
    box = (left * across, top * down, (left + size) * across, (top + size) * down)
    return np.asarray(image.resize((size, size), resample, box=box))


def _pad_longest(image: Image.Image, original: tuple[int, int], spec: Spec) -> Pixels:
    scale = spec.size / max(original)
    scaled = (max(1, round(original[0] * scale)), max(1, round(original[1] * scale)))
    canvas = Image.new("RGB", (spec.size, spec.size), (spec.fill,) * 3)
    place = ((spec.size - scaled[0]) // 2, (spec.size - scaled[1]) // 2)
    canvas.paste(image.resize(scaled, _RESAMPLING[spec.interpolation]), place)
    return np.asarray(canvas)


def make_thumbnail(image: Image.Image) -> bytes:
    """Return an upright RGB image as JPEG bytes, its longest edge at most 384 px."""
    small = image.copy()
    scale_down(small, THUMBNAIL_EDGE)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_THUMBNAIL_QUALITY)
    return out.getvalue()
