"""RAW files that the tests make: DNGs with a sensor's mosaic and, if wanted, an embedded preview."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

import numpy as np
from PIL import Image

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 10: 8}
_BYTE, _TEXT, _SHORT, _LONG, _FRACTION, _SIGNED_FRACTION = 1, 2, 3, 4, 5, 10


@dataclass(frozen=True)
class _Tag:
    number: int
    kind: int
    values: bytes


def _tag(number: int, kind: int, *values: int) -> _Tag:
    code = {_BYTE: "B", _SHORT: "H", _LONG: "I", _FRACTION: "I", _SIGNED_FRACTION: "i"}[kind]
    return _Tag(number, kind, struct.pack(f"<{len(values)}{code}", *values))


def _text(number: int, text: str) -> _Tag:
    return _Tag(number, _TEXT, text.encode() + b"\0")


def _directory(tags: list[_Tag], at: int) -> bytes:
    """Return a TIFF directory that lies at offset `at`, its long values behind it."""
    entries, values = b"", b""
    behind = at + 2 + 12 * len(tags) + 4
    for tag in sorted(tags, key=lambda tag: tag.number):
        field = tag.values.ljust(4, b"\0")
        if len(tag.values) > 4:
            field = struct.pack("<I", behind + len(values))
            values += tag.values + b"\0" * (len(tag.values) % 2)
        entries += struct.pack("<HHI", tag.number, tag.kind, len(tag.values) // _SIZES[tag.kind]) + field
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0) + values


def _preview_tags(preview: Image.Image | None, kind: str, exif: Image.Exif | None, at: int) -> tuple[list[_Tag], bytes]:
    """Return the tags of an embedded preview whose pixels lie at offset `at`, and those pixels."""
    if preview is None:
        return [], b""
    compression, photometric, pixels = 1, 2, preview.tobytes()
    if kind == "jpeg":
        out = io.BytesIO()
        preview.save(out, "JPEG", quality=90, exif=exif or b"")
        compression, photometric, pixels = 7, 6, out.getvalue()
    tags = [
        _tag(254, _LONG, 1),
        _tag(256, _LONG, preview.width),
        _tag(257, _LONG, preview.height),
        _tag(258, _SHORT, 8, 8, 8),
        _tag(259, _SHORT, compression),
        _tag(262, _SHORT, photometric),
        _tag(273, _LONG, at),
        _tag(277, _SHORT, 3),
        _tag(278, _LONG, preview.height),
        _tag(279, _LONG, len(pixels)),
    ]
    return tags, pixels


def _mosaic_tags(mosaic: np.ndarray[tuple[int, int], np.dtype[np.uint16]], at: int) -> list[_Tag]:
    height, width = mosaic.shape
    return [
        _tag(254, _LONG, 0),
        _tag(256, _LONG, width),
        _tag(257, _LONG, height),
        _tag(258, _SHORT, 16),
        _tag(259, _SHORT, 1),
        _tag(262, _SHORT, 32803),
        _tag(273, _LONG, at),
        _tag(277, _SHORT, 1),
        _tag(278, _LONG, height),
        _tag(279, _LONG, mosaic.nbytes),
        _tag(33421, _SHORT, 2, 2),
        _tag(33422, _BYTE, 0, 1, 1, 2),
        _tag(50714, _SHORT, 0),
        _tag(50717, _LONG, 65_535),
    ]


def _mosaic(picture: Image.Image) -> np.ndarray[tuple[int, int], np.dtype[np.uint16]]:
    """Return what a sensor under red, green and blue filters (RGGB) records of a picture."""
    pixels = np.asarray(picture.convert("RGB")).astype(np.uint16)
    mosaic = pixels[..., 1].copy()
    mosaic[0::2, 0::2] = pixels[0::2, 0::2, 0]
    mosaic[1::2, 1::2] = pixels[1::2, 1::2, 2]
    return np.asarray((mosaic / 255.0) ** 2.2 * 65_535, np.uint16)


def dng(
    picture: Image.Image,
    preview: Image.Image | None,
    *,
    orientation: int = 1,
    preview_kind: str = "jpeg",
    preview_exif: Image.Exif | None = None,
) -> bytes:
    """Return a DNG of a picture as the sensor lay, with a preview as "jpeg", as "bitmap" or, given None, without one.

    It was taken 2024-05-06 07:08:09 with a "Maker Rawcam 1" at 48.5 north, 11.25 east.
    """
    details = _directory([_text(36867, "2024:05:06 07:08:09")], 8)
    place_at = 8 + len(details)
    place = _directory(
        [
            _text(1, "N"),
            _tag(2, _FRACTION, 48, 1, 30, 1, 0, 1),
            _text(3, "E"),
            _tag(4, _FRACTION, 11, 1, 15, 1, 0, 1),
        ],
        place_at,
    )
    mosaic = _mosaic(picture)
    mosaic_at = place_at + len(place)
    sub_at = mosaic_at + mosaic.nbytes
    sub = _directory(_mosaic_tags(mosaic, mosaic_at), sub_at)
    preview_at = sub_at + len(sub)
    preview_tags, pixels = _preview_tags(preview, preview_kind, preview_exif, preview_at)
    first_at = preview_at + len(pixels) + len(pixels) % 2
    common = [
        _text(271, "Maker"),
        _text(272, "Rawcam 1"),
        _tag(274, _SHORT, orientation),
        _text(306, "2024:05:06 07:08:09"),
        _tag(330, _LONG, sub_at),
        _tag(34665, _LONG, 8),
        _tag(34853, _LONG, place_at),
        _tag(50706, _BYTE, 1, 4, 0, 0),
        _tag(50721, _SIGNED_FRACTION, *(n for row in _XYZ_TO_CAMERA for n in (row, 10_000))),
        _tag(50728, _FRACTION, 1, 1, 1, 1, 1, 1),
    ]
    first = _directory(common + preview_tags, first_at)
    head = b"II*\0" + struct.pack("<I", first_at)
    body = head + details + place + mosaic.tobytes() + sub + pixels
    return body.ljust(first_at, b"\0") + first


# A camera that sees in linear sRGB: its colour matrix is that of sRGB.
_XYZ_TO_CAMERA = (32406, -15372, -4986, -9689, 18758, 415, 557, -2040, 10570)
