"""Open the content of an image file with Pillow: strictly, and where it is damaged once more, leniently.

Pillow's leniency is one switch for the whole process; it is on only while the second try lasts,
and a decoder child has one thread (invariant 6).
"""

from __future__ import annotations

import functools
import io
import logging
import re
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import pi_heif
from PIL import Image, ImageFile, ImagePalette, UnidentifiedImageError

from photofind.core.errors import PhotofindError
from photofind.core.sentences.sentence import Sentence

_log = logging.getLogger(__name__)
Made = TypeVar("Made")

# Most pixels held at once: 60-megapixel photos and 160-megapixel panoramas pass, bombs do not.
_MAX_MEGAPIXELS = 180
# A JPEG of any size can be read at an eighth of it: what counts is what `draft` leaves.
_REDUCED_WHILE_DECODED = ("JPEG", "MPO")
# A damaged picture of which less can be read is a failure. Measured with quick look on 85 photos, each cut
# off at ten places: below a tenth the median cosine to the whole photo is 0.36, like that of any two photos
# (0.39); from a tenth to a fifth it is 0.45, from 0.3 to a half 0.69.
_LEAST_SHARE = 0.1
# EPS would start Ghostscript on the file; the others are stubs that open and then cannot be loaded.
_REFUSED_FORMATS = frozenset(("EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG"))
TOO_MUCH_MEMORY = Sentence("picture_needs_memory")
# What is surely meant to be a picture, even where Pillow can make nothing of it.
_BEGINNINGS = re.compile(rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|....ftyp(avi|hei|hev|mif)", re.DOTALL)
_BOXES_WITH_PIXELS = (b"meta", b"mdat", b"moov", b"jp2c")

pi_heif.register_heif_opener()
# Our own limit above is the one decision on size; Pillow's would warn about honest panoramas.
Image.MAX_IMAGE_PIXELS = None


def read_image(content: bytes, work: Callable[[Image.Image], Made]) -> tuple[Made, Sentence | None]:
    """Do `work` with an image file's content; return what it made and what is damaged in it, if anything.

    `work` calls `load_pixels` and may be called twice. Raises PhotofindError with the reason where
    nothing or too little can be read.
    """
    # A copy that broke off often leaves zeros up to the size of the whole file: to libjpeg they are pixels.
    content = content.rstrip(b"\0") if content.startswith(b"\xff\xd8") else content
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata in photos that look fine
        try:
            with _open(content) as image:
                return work(image), None
        except PhotofindError:
            raise
        except Exception as error:  # noqa: BLE001 - Pillow raises a dozen kinds, SyntaxError among them
            strict = error
        try:
            if isinstance(strict, MemoryError):
                raise strict
            with _leniently(), _open(content) as image:
                return work(image), _flaw(content, strict, image)
        except Exception as error:
            raise PhotofindError.saying(_reason(content, strict)) from error


def load_pixels(image: Image.Image) -> None:
    """Decode an opened image's pixels; raises PhotofindError for too many, OSError and others for damage."""
    _check_size(image.size)
    image.load()
    if image.mode == "P" and image.palette is None:  # Pillow's ICNS reader leaves it behind in the pixels
        image.palette = ImagePalette.ImagePalette(palette=image.im.getpalette())
    if ImageFile.LOAD_TRUNCATED_IMAGES and share_read(image) < _LEAST_SHARE:
        raise OSError("too little can be read")


def _check_size(size: tuple[int, int]) -> None:
    megapixels = size[0] * size[1] / 1e6
    if megapixels > _MAX_MEGAPIXELS:
        raise PhotofindError("picture_too_large", megapixels=megapixels, most_megapixels=_MAX_MEGAPIXELS)


def share_read(image: Image.Image) -> float:
    """Return about what share of a damaged picture's rows and columns, the fewer of both, holds anything.

    Decoders leave the rest in one colour: black, grey, in HEIC green. So lines that are wholly of
    the colour of one of the corners count as missing; the rows of a turned picture are columns.
    """
    pixels = np.asarray(image)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    shares = []
    for corner in (pixels[0, 0], pixels[0, -1], pixels[-1, 0], pixels[-1, -1]):
        is_filled = (pixels != corner).any(axis=2)
        shares += [is_filled.any(axis=0).mean(), is_filled.any(axis=1).mean()]
    return float(min(shares))


@contextmanager
def _open(content: bytes) -> Iterator[Image.Image]:
    with Image.open(io.BytesIO(content), formats=_formats()) as image:
        if image.format not in _REDUCED_WHILE_DECODED:
            _check_size(image.size)  # before anything: a look for EXIF decodes a PNG
        if not ImageFile.LOAD_TRUNCATED_IMAGES:
            _check_whole(content, image.format)
        yield image


def _check_whole(content: bytes, kind: str | None) -> None:
    """Raise OSError for damage that decoding passes over: HEIC that was cut off turns green, PNG becomes noise."""
    if kind == "HEIF" and _ends_early(content):
        raise OSError("image file is truncated")
    if kind == "PNG":
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            image.verify()


@functools.cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in Image.ID if name not in _REFUSED_FORMATS)


@contextmanager
def _leniently() -> Iterator[None]:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _ends_early(content: bytes) -> bool:
    """Tell whether a file of boxes (HEIC, AVIF, JPEG 2000) or a WebP says that it is longer than it is."""
    if content[:4] == b"RIFF":
        return len(content) < 8 + int.from_bytes(content[4:8], "little")
    at = 0
    while content[4:8] in (b"ftyp", b"jP  ") and at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        if size == 1 and at + 16 <= len(content):
            size = struct.unpack_from(">Q", content, at + 8)[0]
        if size < 8:  # 0: up to the end, whatever that is
            return False
        if at + size > len(content):
            return kind in _BOXES_WITH_PIXELS
        at += size
    return False


def _flaw(content: bytes, error: Exception, image: Image.Image) -> Sentence:
    if not _is_cut_off(content, error):
        return Sentence("parts_look_wrong")
    return Sentence("detail_missing") if share_read(image) > 0.99 else Sentence("part_missing")


def _is_cut_off(content: bytes, error: Exception) -> bool:
    return "truncated" in str(error).lower() or _ends_early(content)


def _reason(content: bytes, error: Exception) -> Sentence:
    if content.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")):
        return Sentence("picture_jpeg_xl")
    if isinstance(error, MemoryError):
        return TOO_MUCH_MEMORY
    if _is_cut_off(content, error):
        return Sentence("picture_cut_off")
    if isinstance(error, UnidentifiedImageError) and _BEGINNINGS.match(content):
        return Sentence("picture_without_beginning")
    if isinstance(error, UnidentifiedImageError):
        return Sentence("picture_unknown")
    _log.info("damaged picture: %r", error)
    return Sentence("picture_undecodable")
