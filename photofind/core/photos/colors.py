"""Bring any Pillow mode, depth and colour profile to sRGB as a person sees it."""

from __future__ import annotations

import io
import logging

import numpy as np
from PIL import ExifTags, Image, ImageCms

from photofind.core.photos.samples import to_bytes, white_of
from photofind.core.records.arrays import Pixels

_log = logging.getLogger(__name__)
_SRGB = ImageCms.createProfile("sRGB")
_DEEP_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
_ALPHA_MODES = {"RGBA": "RGB", "LA": "L"}
_PROFILED_MODES = ("L", "RGB", "CMYK", "LAB")
_SAMPLE_FORMAT = 339
# Over white, nobody sees what is covered by no more than this, of 255.
_NOT_TO_BE_SEEN = 3


def to_srgb(image: Image.Image) -> Image.Image:
    """Return an RGB image in sRGB: deep pixels scaled by depth, alpha over white, profile applied."""
    if image.mode in _DEEP_MODES:
        return Image.fromarray(_scale_deep(image)).convert("RGB")
    return _apply_profile(_flatten(image))


def show_colors(image: Image.Image) -> Image.Image:
    """Return an image without a fourth channel that is no transparency: its format says so, or it hides all there is.

    Before anything is scaled: that takes the colours away from what cannot be seen.
    """
    if image.mode not in _ALPHA_MODES:
        return image
    if image.info.get("has_alpha", True) and _highest(image.getchannel("A")) > _NOT_TO_BE_SEEN:
        return image
    return _without_alpha(image)


def _highest(band: Image.Image) -> float:
    return float(np.asarray(band.getextrema(), np.float64).max())


def _without_alpha(image: Image.Image) -> Image.Image:
    opaque = image.convert(_ALPHA_MODES[image.mode])
    opaque.info = {key: value for key, value in image.info.items() if key != "transparency"}
    return opaque


def _scale_deep(image: Image.Image) -> Pixels:
    """Scale deep grey to 8 bits, heeding what Pillow leaves to us of a TIFF: odd depth, sign, white as zero."""
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(ExifTags.Base.BitsPerSample, (0,))[0]
    values = np.asarray(image)
    if image.mode == "I" and bits == 32 and tags.get(_SAMPLE_FORMAT, (1,))[0] == 1:
        values = values.view(np.uint32)
    # `convert` clips: 16 bit becomes white, floats black (Pillow#3011).
    scaled = to_bytes(values, 4_095 if bits == 12 else white_of(values))
    return 255 - scaled if tags.get(ExifTags.Base.PhotometricInterpretation) == 0 else scaled


def _flatten(image: Image.Image) -> Image.Image:
    """Lay transparent pixels over white; what lies under them is not what a person sees."""
    if not image.has_transparency_data:
        return image.convert("RGB") if image.mode in ("P", "PA", "1", "HSV") else image
    layer = show_colors(image.convert("RGBA"))
    if layer.mode == "RGB":
        return layer
    flat = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    flat.info = dict(image.info)
    return flat


def _apply_profile(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode not in _PROFILED_MODES or not (profile or image.mode == "LAB"):
        return _as_rgb(image)
    try:
        # Lab needs none, and one that comes with it is of what the picture was made from.
        is_lab = image.mode == "LAB"
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB") if is_lab else io.BytesIO(profile or b""))
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError) as error:
        _log.info("colour profile ignored: %s", error)
        return _as_rgb(image)
    return converted if converted is not None else _as_rgb(image)


def _as_rgb(image: Image.Image) -> Image.Image:
    return image.copy() if image.mode == "RGB" else image.convert("RGB")
