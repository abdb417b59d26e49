"""Open an image file: strictly, and where it is damaged once more, leniently.

Pillow's leniency is one switch for the whole process; it is on only while the second try lasts,
and a decoder child has one thread (invariant 6).
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from PIL import Image, ImageFile, ImagePalette, UnidentifiedImageError

from photofind.core.errors import PhotofindError
from photofind.core.photos.formats.pixels_alone import pixels_alone, without_bad_checksums
from photofind.core.photos.formats.readers import open_content
from photofind.core.photos.frames import go_to_telling_frame
from photofind.core.photos.limits import check_size
from photofind.core.photos.wholeness import LEAST_SHARE, check_whole, ends_early, is_cut_off, share_read
from photofind.core.sentences.sentence import Sentence

_log = logging.getLogger(__name__)
Made = TypeVar("Made")

TOO_MUCH_MEMORY = Sentence("picture_needs_memory")
# What is surely meant to be a picture, even where nothing can be made of it.
_BEGINNINGS = re.compile(
    rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|....ftyp(avi|hei|hev|mif)|8BPS|\xff\x0a|\0\0\0\x0cJXL ", re.DOTALL
)

# Our own limit is the one decision on size; Pillow's would warn about honest panoramas.
Image.MAX_IMAGE_PIXELS = None


def read_image(content: bytes, work: Callable[[Image.Image], Made]) -> tuple[Made, Sentence | None]:
    """Do `work` with an image file's content; return what it made and what is damaged in it, if anything.

    `work` calls `load_pixels` and may be called more than once. Raises PhotofindError with the reason
    where nothing or too little can be read.
    """
    # A copy that broke off often leaves zeros up to the size of the whole file: to libjpeg they are pixels.
    content = content.rstrip(b"\0") if content.startswith(b"\xff\xd8") else without_bad_checksums(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata in photos that look fine
        try:
            return _read_strictly(content, work)
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


def _read_strictly(content: bytes, work: Callable[[Image.Image], Made]) -> tuple[Made, Sentence | None]:
    """Do `work` with a file's content, or with its pixels alone where only something else in it is damaged."""
    try:
        with _open(content) as image:
            return work(image), None
    except (PhotofindError, MemoryError):
        raise
    except Exception as error:
        bare = pixels_alone(content)
        if bare == content:
            raise
        try:
            with _open(bare) as image:
                return work(image), Sentence("detail_missing") if ends_early(content) else None
        except Exception:  # noqa: BLE001 - whatever it is, the first one is what is wrong with the file
            raise error from None


def load_pixels(image: Image.Image) -> None:
    """Decode an opened image's pixels; raises PhotofindError for too many, OSError and others for damage."""
    check_size(image.size)
    image.load()
    go_to_telling_frame(image)
    if image.mode == "P" and image.palette is None:  # Pillow's ICNS reader leaves it behind in the pixels
        image.palette = ImagePalette.ImagePalette(palette=image.im.getpalette())
    if ImageFile.LOAD_TRUNCATED_IMAGES and share_read(image) < LEAST_SHARE:
        raise OSError("too little can be read")


@contextmanager
def _open(content: bytes) -> Iterator[Image.Image]:
    is_lenient = ImageFile.LOAD_TRUNCATED_IMAGES
    with open_content(content, is_lenient=is_lenient) as image:
        if not is_lenient:
            check_whole(content, image.format)
        yield image


@contextmanager
def _leniently() -> Iterator[None]:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _flaw(content: bytes, error: Exception, image: Image.Image) -> Sentence:
    if not is_cut_off(content, error):
        return Sentence("parts_look_wrong")
    return Sentence("detail_missing") if share_read(image) > 0.99 else Sentence("part_missing")


def _reason(content: bytes, error: Exception) -> Sentence:
    if isinstance(error, MemoryError):
        return TOO_MUCH_MEMORY
    if is_cut_off(content, error):
        return Sentence("picture_cut_off")
    if isinstance(error, UnidentifiedImageError) and _BEGINNINGS.match(content):
        return Sentence("picture_without_beginning")
    if isinstance(error, UnidentifiedImageError):
        return Sentence("picture_unknown")
    _log.info("damaged picture: %r", error)
    return Sentence("picture_undecodable")
