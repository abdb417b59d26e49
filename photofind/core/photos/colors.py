"""Bring any Pillow mode, depth and colour profile to sRGB as a person sees it."""

from __future__ import annotations

import io
import logging
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageCms

from photofind.core.records.arrays import Pixels

_log = logging.getLogger(__name__)
_SRGB = ImageCms.createProfile("sRGB")
_DEEP_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
_PROFILED_MODES = ("L", "RGB", "CMYK", "LAB")
_SAMPLE_FORMAT = 339
# What files that store grey as wide numbers mean by white.
_WHITES = (255, 65_535, 2**31 - 1, 2**32 - 1)


def to_srgb(image: Image.Image) -> Image.Image:
    """Return an RGB image in sRGB: deep pixels scaled by depth, alpha over white, profile applied."""
    if image.mode in _DEEP_MODES:
        return Image.fromarray(_scale_deep(image)).convert("RGB")
    return _apply_profile(_flatten(image))


def _scale_deep(image: Image.Image) -> Pixels:
    """Scale deep grey to 8 bits, heeding what Pillow leaves to us of a TIFF: odd depth, sign, white as zero."""
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(ExifTags.Base.BitsPerSample, (0,))[0]
    values = np.asarray(image)
    if image.mode == "I" and bits == 32 and tags.get(_SAMPLE_FORMAT, (1,))[0] == 1:
        values = values.view(np.uint32)
    scaled = _scale_depth(values, 4_095 if bits == 12 else 65_535)
    return 255 - scaled if tags.get(ExifTags.Base.PhotometricInterpretation) == 0 else scaled


def _scale_depth(values: npt.NDArray[Any], white_of_two_bytes: int) -> Pixels:
    """Scale grey of any depth to 8 bits; `convert` clips: 16 bit becomes white, floats black (Pillow#3011)."""
    if values.dtype.kind == "f":
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    highest = float(values.max(initial=0))
    if values.dtype.itemsize == 2:
        white = white_of_two_bytes
    elif values.dtype.kind == "f" and highest <= 1:
        white = 1
    else:
        white = next((white for white in _WHITES if highest <= white), int(highest))
    scaled = np.clip(values.astype(np.float32) * (255 / white) + 0.5, 0, 255)
    return np.asarray(scaled, np.uint8)


def _flatten(image: Image.Image) -> Image.Image:
    """Lay transparent pixels over white; what lies under them is not what a person sees."""
    if not image.has_transparency_data:
        return image.convert("RGB") if image.mode in ("P", "PA", "1", "HSV") else image
    layer = image.convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    flat.info = dict(image.info)
    return flat


def _apply_profile(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode not in _PROFILED_MODES or not (profile or image.mode == "LAB"):
        return _as_rgb(image)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile) if profile else ImageCms.createProfile("LAB"))
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError) as error:
        _log.info("colour profile ignored: %s", error)
        return _as_rgb(image)
    return converted if converted is not None else _as_rgb(image)


def _as_rgb(image: Image.Image) -> Image.Image:
    return image.copy() if image.mode == "RGB" else image.convert("RGB")
