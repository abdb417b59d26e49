"""Open a TIFF: with Pillow where it reads it rightly, else with tifffile, which is an extra.

What Pillow gets wrong without a word was found by reading 9,000 kinds of TIFF, whose pixels are known, with it
(`tests/core/photos/test_every_tiff.py`).
"""

from __future__ import annotations

import io
from typing import cast

from PIL import Image, TiffImagePlugin, UnidentifiedImageError
from PIL.ExifTags import Base

from photofind.core.errors import PhotofindError
from photofind.core.photos.formats.tiff_kind import TiffKind
from photofind.core.photos.formats.tiff_tags import BEGINNINGS as BEGINNINGS
from photofind.core.photos.formats.tiff_tags import Tags, begin_with, is_big_tiff, main_directory, number
from photofind.core.photos.limits import check_size

_PROFILE = 34_675
_FACTS = (Base.Orientation, Base.Make, Base.Model, Base.DateTime)


def open_tiff(content: bytes, *, is_lenient: bool) -> Image.Image:
    """Open a TIFF's content; PhotofindError names what it holds where that cannot be read rightly."""
    tags = main_directory(io.BytesIO(content))
    if tags is None:
        return _open_with_pillow(content)
    content = begin_with(content, tags.offset)
    check_size((number(tags, Base.ImageWidth, 0), number(tags, Base.ImageLength, 0)))
    kind = TiffKind.of(tags, content[:2])
    if not kind.is_misread_by_pillow:
        try:
            image = _open_with_pillow(content)
        except UnidentifiedImageError:
            pass
        else:
            image.info["has_alpha"] = kind.has_alpha
            return _with_hidden_colors(image, content) if kind.is_premultiplied else image
    return _open_with_tifffile(content, tags, kind, is_lenient=is_lenient)


def _open_with_pillow(content: bytes) -> TiffImagePlugin.TiffImageFile:
    image = cast(TiffImagePlugin.TiffImageFile, Image.open(io.BytesIO(content), formats=("TIFF",)))
    try:
        check_size(image.size)
    except PhotofindError:
        image.close()
        raise
    return image


def _with_hidden_colors(image: TiffImagePlugin.TiffImageFile, content: bytes) -> Image.Image:
    """Return a picture whose fourth channel hides all of it with its colours, which Pillow divides by that channel."""
    image.load()
    if image.mode != "RGBA" or image.getchannel("A").getextrema() != (0, 0):
        return image
    image = _open_with_pillow(content)
    image.info["has_alpha"] = False
    image.tile = [tile._replace(args=_undivided(tile.args)) for tile in image.tile]
    return image


def _undivided(args: object) -> tuple[object, ...]:
    first, *rest = args if isinstance(args, tuple) else (args,)
    return (str(first).replace("RGBa", "RGBA"), *rest)


def _open_with_tifffile(content: bytes, tags: Tags, kind: TiffKind, *, is_lenient: bool) -> Image.Image:
    try:
        import imagecodecs  # noqa: F401, PLC0415 - an extra, which only few photos need

        from photofind.core.photos.formats.tiff_samples import read_samples  # noqa: PLC0415 - needs the extra
    except ImportError as error:
        raise PhotofindError("tiff_needs_package", kind=kind.name) from error
    image = read_samples(content, kind, is_lenient=is_lenient)
    image.info["exif"] = _facts(tags) if is_big_tiff(content) else content
    profile = tags.get(_PROFILE)
    if isinstance(profile, bytes):
        image.info["icc_profile"] = profile
    return image


def _facts(tags: Tags) -> bytes:
    """Return what a BigTIFF says of its photo as EXIF; where it has it, only Pillow's TIFF reader finds it."""
    exif = Image.Exif()
    exif.update({tag: tags[tag] for tag in _FACTS if tag in tags})
    return exif.tobytes()
