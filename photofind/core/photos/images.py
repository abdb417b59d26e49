"""Open an image file as a person sees it.

One open gives everything photofind wants of a photo: upright sRGB pixels at a model's input
size, a thumbnail, and what is known of it. Runs in a child process (invariant 6): the
bytes are not to be trusted, and the child has a memory and a time limit.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO, TypeVar

import numpy as np
from PIL import Image

from photofind.core.errors import PhotofindError
from photofind.core.photos.colors import show_colors, to_srgb
from photofind.core.photos.ends import ends_of, hash_of
from photofind.core.photos.facts.reading import read_facts
from photofind.core.photos.file import read_photo_file
from photofind.core.photos.formats.raw import RawPreview, is_raw_name, open_raw, require_rawpy
from photofind.core.photos.formats.raw_content import is_raw, may_be_raw
from photofind.core.photos.opening import load_pixels, read_image
from photofind.core.photos.orientation import orientation_of
from photofind.core.photos.sizing import THUMBNAIL_EDGE, make_thumbnail, needed_size, scale_down, shrink, size_for_model
from photofind.core.records.arrays import Pixels
from photofind.core.records.decoded import DecodedPhoto, Fingerprint, Metadata
from photofind.core.records.models import Spec
from photofind.core.sentences.sentence import Sentence

Made = TypeVar("Made")

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset(_TURNS[orientation] for orientation in (5, 6, 7, 8))


@dataclass(frozen=True, slots=True)
class _Picture:
    """An opened image, not yet decoded, and what makes it upright.

    `original` is the photo's upright size; None where it is the image's own.
    """

    image: Image.Image
    turn: Image.Transpose | None
    original: tuple[int, int] | None = None


def decode_photo(source: bytes, spec: Spec) -> DecodedPhoto:
    """Decode the photo at path `source` for a model; PhotofindError says why a file cannot be used.

    FileNotFoundError passes through: a file that vanished, or whose drive did, is no problem of the file.
    """
    content, has_raw_name, fingerprint = _read(source)
    facts = read_facts(io.BytesIO(content), source, mtime_ns=fingerprint[1])
    return replace(_decode_content(content, has_raw_name, facts, spec), fingerprint=fingerprint)


def decode_bytes(data: bytes, spec: Spec) -> DecodedPhoto:
    """Decode an image file's content for a model; PhotofindError says why it cannot be used."""
    return _decode_content(data, False, read_facts(io.BytesIO(data)), spec)


def open_image(source: bytes, edge: int) -> Pixels:
    """Open the whole picture at path `source` as a person sees it, scaled down to at most `edge` pixels.

    Returns upright sRGB uint8 [h, w, 3], of a damaged file what can be read; raises what `decode_photo` raises.
    """
    content, has_raw_name, _ = _read(source)
    pixels, _ = _open(content, has_raw_name, lambda picture: _open_whole(picture, edge))
    return pixels


def open_thumbnail(jpeg: bytes) -> Pixels:
    """Decode a thumbnail made by `decode_photo` into uint8 [h, w, 3]."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        return np.asarray(image.convert("RGB"))


def is_thumbnail(jpeg: bytes) -> bool:
    """Tell, by their head, whether bytes are such a thumbnail: no larger than one, whoever made them."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            return max(image.size) <= THUMBNAIL_EDGE
    except Exception:  # noqa: BLE001 - Pillow raises a dozen kinds
        return False


def size_thumbnail(jpeg: bytes, original: tuple[int, int], spec: Spec) -> Pixels | None:
    """Size a thumbnail for a model as `decode_photo` sizes its original, of upright width and height `original`.

    Returns uint8 [size, size, 3], or None for one that is damaged.
    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            return size_for_model(image.convert("RGB"), original, spec)
    except (OSError, SyntaxError, ValueError):  # what Pillow raises for bytes that are no longer what was written
        return None


def _read(path: bytes) -> tuple[bytes, bool, Fingerprint]:
    """Return a file's content, whether it is called a RAW, and its fingerprint."""
    has_raw_name = is_raw_name(path)
    content, fingerprint = read_photo_file(path, _check_raw if has_raw_name else None)
    return content, has_raw_name, fingerprint


def _check_raw(file: BinaryIO) -> None:
    """Raise PhotofindError for a RAW where none can be opened, before 30 MB are read in vain."""
    if is_raw(file):
        require_rawpy()


def _open(content: bytes, has_raw_name: bool, work: Callable[[_Picture], Made]) -> tuple[Made, Sentence | None]:
    """Do `work` with the picture in a file's content; return what it made and the file's flaw, if any."""
    is_surely_raw = is_raw(io.BytesIO(content))
    if not is_surely_raw and not (has_raw_name and may_be_raw(content[:16])):
        return _open_picture(content, work)
    try:
        raw = open_raw(content)
    except PhotofindError as error:
        if is_surely_raw:
            raise
        # What is called a RAW may be a plain TIFF; what is neither is told to be no RAW.
        try:
            return _open_picture(content, work)
        except PhotofindError:
            raise error from None
    if isinstance(raw.picture, bytes):
        return read_image(raw.picture, lambda image: work(_raw_picture(image, raw)))
    return work(_raw_picture(Image.fromarray(raw.picture), raw)), None


def _open_picture(content: bytes, work: Callable[[_Picture], Made]) -> tuple[Made, Sentence | None]:
    return read_image(content, lambda image: work(_picture(image)))


def _picture(image: Image.Image) -> _Picture:
    # Pillow turns TIFF by itself, and gives its size upright.
    is_upright = image.format == "TIFF" or image.info.get("is_upright", False)
    return _Picture(image, None if is_upright else _TURNS.get(orientation_of(image)), image.info.get("whole_size"))


def _raw_picture(image: Image.Image, raw: RawPreview) -> _Picture:
    """Turn a preview as its own EXIF says, else as the RAW does; not where it lies as the photo should already."""
    own = orientation_of(image) if isinstance(raw.picture, bytes) else 1
    turn = _TURNS.get(own if own != 1 else raw.orientation)
    lies_right = image.width != image.height and (image.width > image.height) == (raw.width > raw.height)
    if turn in _SIDEWAYS and lies_right:
        turn = None
    return _Picture(image, turn, (raw.width, raw.height))


def _decode_content(content: bytes, has_raw_name: bool, facts: Metadata, spec: Spec) -> DecodedPhoto:
    content_hash = hash_of(content)
    photo, flaw = _open(content, has_raw_name, lambda picture: _decode(picture, content_hash, facts, spec))
    return replace(photo, flaw=flaw, ends=ends_of(content))


def _decode(picture: _Picture, content_hash: bytes, facts: Metadata, spec: Spec) -> DecodedPhoto:
    image, turn = picture.image, picture.turn
    size = image.size
    image.draft(None, needed_size(size, spec))
    load_pixels(image)
    upright = to_srgb(shrink(show_colors(image), spec))
    if turn is not None:
        upright = upright.transpose(turn)
    seen = size[::-1] if turn in _SIDEWAYS else size
    return DecodedPhoto(
        size_for_model(upright, seen, spec),
        make_thumbnail(upright),
        *(picture.original or seen),
        content_hash,
        facts,
    )


def _open_whole(picture: _Picture, edge: int) -> Pixels:
    image = picture.image
    scale = min(1.0, edge / max(image.size))
    image.draft(None, (math.ceil(image.width * scale), math.ceil(image.height * scale)))
    load_pixels(image)
    seen = show_colors(image)
    scale_down(seen, edge)
    upright = to_srgb(seen)
    scale_down(upright, edge)
    return np.asarray(upright if picture.turn is None else upright.transpose(picture.turn))
