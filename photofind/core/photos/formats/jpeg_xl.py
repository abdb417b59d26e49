"""Read JPEG XL with imagecodecs (libjxl), which is an extra; upright, as libjxl turns it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from photofind.core.errors import PhotofindError
from photofind.core.photos.formats.encoded_colors import to_srgb_bytes
from photofind.core.photos.formats.jpeg_xl_head import Colors, Head, read_head
from photofind.core.photos.frames import choose_frame, is_telling
from photofind.core.photos.limits import check_size
from photofind.core.photos.samples import Samples, to_bytes

if TYPE_CHECKING:
    from types import ModuleType

_CODESTREAM = b"\xff\x0a"
_CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"
BEGINNINGS = (_CODESTREAM, _CONTAINER)
# Of a codestream so much is looked into for its head.
_HEAD_BYTES = 4_096


def read_jpeg_xl(content: bytes) -> Image.Image | bytes:
    """Return a JPEG XL's picture, or, where it was made from a JPEG, that JPEG's content.

    PhotofindError where the extra is not installed, OSError for a file that is damaged.
    """
    codecs = _codecs()
    stream, was_jpeg = _parts(content)
    head = read_head(stream)
    check_size(head.size)
    if was_jpeg:
        try:
            return bytes(codecs.jpegxl_decode_jpeg(content))
        except (codecs.JpegxlError, ValueError):
            pass  # what was lost of it does not keep its picture from being read
    if head.is_cmyk:
        raise PhotofindError("picture_of_odd_kind", format="JPEG XL", kind="CMYK")
    image = _decode_animation(content, codecs, head) if head.is_animated else _decode_frame(content, codecs, head)
    image.info["is_upright"] = True
    return image


def _codecs() -> ModuleType:
    try:
        import imagecodecs  # noqa: PLC0415 - an extra, which only few photos need
    except ImportError as error:
        raise PhotofindError("picture_jpeg_xl") from error
    return imagecodecs


def _parts(content: bytes) -> tuple[bytes, bool]:
    """Return the beginning of a file's codestream, and whether beside it is what makes it a JPEG again."""
    if content.startswith(_CODESTREAM):
        return content[:_HEAD_BYTES], False
    stream, was_jpeg = b"", False
    for kind, data in _boxes(content):
        if kind in (b"jxlc", b"jxlp"):
            stream += data[4 if kind == b"jxlp" else 0 :][:_HEAD_BYTES]
        was_jpeg = was_jpeg or kind == b"jbrd"
    return stream, was_jpeg


def _boxes(content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    at, view = 0, memoryview(content)
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        begin = at + 8
        if size == 1 and at + 16 <= len(content):
            size, begin = struct.unpack_from(">Q", content, at + 8)[0], at + 16
        end = len(content) if size == 0 else at + size
        if end < begin:
            return
        yield kind, view[begin:end]
        at = end


def _decode_frame(content: bytes, codecs: Any, head: Head) -> Image.Image:
    try:
        return _to_image(np.asarray(codecs.jpegxl_decode(content, index=0)), head)
    except codecs.JpegxlError as error:
        cause = "image file is truncated" if "NEED_MORE_INPUT" in str(error) else str(error)
        raise OSError(cause) from error


def _decode_animation(content: bytes, codecs: Any, head: Head) -> Image.Image:
    """Return an animation's first frame with something in it; all are decoded only where the first has nothing."""
    first = _decode_frame(content, codecs, head)
    if is_telling(first):
        return first
    try:
        frames = codecs.jpegxl_decode(content)
    except (codecs.JpegxlError, MemoryError):
        return first
    return _to_image(frames[choose_frame(_to_image(frame, head) for frame in frames)], head)


def _to_image(samples: Samples, head: Head) -> Image.Image:
    samples = samples[..., None] if samples.ndim == 2 else samples
    colors = 3 if samples.shape[2] >= 3 else 1
    white = 1.0 if samples.dtype.kind == "f" else float(np.iinfo(samples.dtype).max)
    pixels = _to_srgb(samples[..., :colors], white, head)
    bands = [Image.fromarray(np.ascontiguousarray(pixels[..., n])) for n in range(colors)]
    if head.has_alpha and samples.shape[2] > colors:
        alpha = to_bytes(samples[..., colors], white)
        if alpha.any() or not head.is_premultiplied:
            mode = "RGBa" if head.is_premultiplied else "RGBA"
            return Image.merge(mode, [*(bands * (4 - colors))[:3], Image.fromarray(alpha)]).convert("RGBA")
    return bands[0] if colors == 1 else Image.merge("RGB", bands)


def _to_srgb(samples: Samples, brightest: float, head: Head) -> Samples:
    """Convert to sRGB what libjxl gives in the file's own colours; a profile cannot be had, and is taken for sRGB."""
    colors = head.colors
    if colors.has_profile or colors == Colors():
        return to_bytes(samples, brightest)
    try:
        return to_srgb_bytes(samples, brightest, colors.white, colors.primaries, colors.curve, colors.gamma)
    except (np.linalg.LinAlgError, ZeroDivisionError):  # points that no colours can have
        return to_bytes(samples, brightest)
