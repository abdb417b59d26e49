"""Read the whole picture in a Photoshop file (PSD, PSB), of 1 to 32 bits a channel; layers are passed over.

Pillow reads 8 bits alone, no PSB, and takes a saved selection for transparency. A library for layers (psd-tools) reads
every layer first, which the whole picture, as Photoshop stores it beside them, does without.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from photofind.core.errors import PhotofindError
from photofind.core.photos.formats.photoshop_channels import read_channels
from photofind.core.photos.limits import check_size
from photofind.core.photos.samples import Samples, to_bytes

BEGINNINGS = (b"8BPS\0\1", b"8BPS\0\2")
_BITMAP, _GREY, _INDEXED, _RGB, _CMYK, _MULTICHANNEL, _DUOTONE, _LAB = 0, 1, 2, 3, 4, 7, 8, 9
_MODES = {_BITMAP: "L", _GREY: "L", _DUOTONE: "L", _INDEXED: "P", _RGB: "RGB", _CMYK: "CMYK", _LAB: "LAB"}
_WHITES = {1: 255, 8: 255, 16: 65_535, 32: 1}
_PROFILE, _EXIF, _XMP = 1039, 1058, 1060
_THUMBNAIL, _TRANSPARENT_COLOR, _VERSION = 1036, 1047, 1057
_THUMBNAIL_HEAD = 28
_RESOURCES = {_PROFILE: "icc_profile", _EXIF: "exif", _XMP: "xmp"}
# Blocks that hold the layers of pictures of more than 8 bits, and those that say that the first extra channel of the
# whole picture is its transparency.
_LAYERS, _TRANSPARENCY = (b"Layr", b"Lr16", b"Lr32"), (b"Mtrn", b"Mt16", b"Mt32")
_LONG_BLOCKS = frozenset((b"LMsk", b"Lr16", b"Lr32", b"Layr", b"Mt16", b"Mt32", b"Mtrn", b"Alph", b"FMsk", b"lnk2"))


@dataclass(frozen=True, slots=True)
class _Head:
    """A Photoshop file's header; `is_big` is that of a PSB, whose lengths are of 8 bytes."""

    is_big: bool
    channels: int
    size: tuple[int, int]
    depth: int
    mode: int


def read_photoshop(content: bytes, *, is_lenient: bool) -> Image.Image:
    """Return the whole picture in a Photoshop file, its profile, EXIF and XMP in `info`.

    OSError for a file that was cut off, unless `is_lenient`: then what is missing is black.
    """
    head = _read_head(content)
    view = memoryview(content)  # the layers, which are passed over, may be most of a gigabyte
    colors, at = _block(view, 26, ">I")
    found, at = _block(view, at, ">I")
    resources = dict(_read_resources(found))
    if not _is_whole(resources):
        return _thumbnail(resources, head)
    layers, at = _block(view, at, ">Q" if head.is_big else ">I")
    wanted = Image.getmodebands(_MODES[head.mode])
    has_alpha = head.channels > wanted and head.mode in (_GREY, _RGB) and _says_alpha(layers, head.is_big)
    planes = read_channels(
        view[at:], head.size, head.depth, head.channels, wanted + has_alpha, head.is_big, is_lenient=is_lenient
    )
    image = _to_image(planes, head, colors)
    image.info.update({_RESOURCES[kind]: data for kind, data in resources.items() if kind in _RESOURCES})
    if head.mode == _INDEXED and _TRANSPARENT_COLOR in resources:
        image.info["transparency"] = int.from_bytes(resources[_TRANSPARENT_COLOR][:2], "big") & 0xFF
    return image


def _read_head(content: bytes) -> _Head:
    if len(content) < 26:
        raise OSError("image file is truncated")
    version, channels, height, width, depth, mode = struct.unpack_from(">H6xHIIHH", content, 4)
    if mode not in _MODES or depth not in _WHITES or not 1 <= channels <= 56 or not width or not height:
        raise PhotofindError("picture_of_odd_kind", format="Photoshop", kind=f"{depth}-bit {_name(mode)}")
    check_size((width, height))
    return _Head(version == 2, channels, (width, height), depth, mode)


def _name(mode: int) -> str:
    return "multichannel" if mode == _MULTICHANNEL else f"colours of kind {mode}"


def _block(content: memoryview, at: int, length: str) -> tuple[memoryview, int]:
    """Return the block at an offset, which begins with its length, and where it ends."""
    begin = at + struct.calcsize(length)
    if begin > len(content):
        raise OSError("image file is truncated")
    end = begin + struct.unpack_from(length, content, at)[0]
    return content[begin:end], end


def _read_resources(data: memoryview) -> Iterator[tuple[int, bytes]]:
    at = 0
    while bytes(data[at : at + 4]) == b"8BIM" and at + 7 <= len(data):
        kind, name = struct.unpack_from(">HB", data, at + 4)
        at += 6 + (name + 2) // 2 * 2
        if at + 4 > len(data):
            return
        size = struct.unpack_from(">I", data, at)[0]
        yield kind, bytes(data[at + 4 : at + 4 + size])
        at += 4 + (size + 1) // 2 * 2


def _is_whole(resources: dict[int, bytes]) -> bool:
    """Tell whether the whole picture is there; without Photoshop's “Maximize Compatibility” a white one is."""
    return resources.get(_VERSION, b"")[4:5] != b"\0"


def _thumbnail(resources: dict[int, bytes], head: _Head) -> Image.Image:
    """Return the small picture that is kept beside layers alone; its `info` has the size of the whole one."""
    data = resources.get(_THUMBNAIL, b"")[_THUMBNAIL_HEAD:]
    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG",))
    except UnidentifiedImageError as error:
        raise PhotofindError("photoshop_layers_alone") from error
    image.info["whole_size"] = head.size
    return image


def _says_alpha(layers: memoryview, is_big: bool) -> bool:
    """Tell whether the first extra channel is the whole picture's transparency; else it is a saved selection.

    It is where the number of layers is negative; a picture without layers has selections only.
    """
    width = ">Q" if is_big else ">I"
    if len(layers) < struct.calcsize(width):
        return False
    info, at = _block(layers, 0, width)
    if len(info) >= 2:
        return bool(struct.unpack_from(">h", info)[0] < 0)
    if at + 4 <= len(layers):
        _, at = _block(layers, at, ">I")
    return _blocks_say_alpha(layers, at, is_big)


def _blocks_say_alpha(layers: memoryview, at: int, is_big: bool) -> bool:
    while bytes(layers[at : at + 4]) in (b"8BIM", b"8B64") and at + 12 <= len(layers):
        kind = bytes(layers[at + 4 : at + 8])
        is_long = is_big and kind in _LONG_BLOCKS
        if at + 8 + (8 if is_long else 4) > len(layers):
            return False
        data, end = _block(layers, at + 8, ">Q" if is_long else ">I")
        if kind in _TRANSPARENCY:
            return True
        if kind in _LAYERS and len(data) >= 2:
            return bool(struct.unpack_from(">h", data)[0] < 0)
        at = (end + 3) // 4 * 4
    return False


def _to_image(planes: list[Samples], head: _Head, colors: memoryview) -> Image.Image:
    mode = _MODES[head.mode]
    channels = [plane if plane.dtype == np.uint8 else to_bytes(plane, _WHITES[head.depth]) for plane in planes]
    if head.mode in (_BITMAP, _CMYK):  # ones are ink in the one, zeros in the other
        channels = [255 - channel for channel in channels]
    if len(channels) > Image.getmodebands(mode):
        mode += "A"
    bands = [Image.fromarray(channel) for channel in channels]
    image = bands[0] if len(bands) == 1 else Image.merge(mode, bands)
    if head.mode == _INDEXED and len(colors) >= 768:
        image.putpalette(np.frombuffer(colors[:768], np.uint8).reshape(3, 256).T.tobytes())
    return image
