"""What a photo's EXIF says of when, where and with what it was taken; damaged EXIF only means "unknown"."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image

from photofind.core.records.decoded import Metadata

_log = logging.getLogger(__name__)


def read_metadata(image: Image.Image) -> Metadata:
    """Read the EXIF of an opened image; never fails for the sake of damaged EXIF (PhotoPrism#1326)."""
    return _read(image.getexif)


def read_raw_metadata(content: bytes, preview: Image.Image) -> Metadata:
    """Read the EXIF of a RAW file's content, where it is built as a TIFF, else that of the preview in it."""

    def load() -> Image.Exif:
        exif = Image.Exif()
        # Olympus and Panasonic write a magic number of their own into what else is a TIFF's head.
        exif.load(content[:2] + {b"II": b"*\0", b"MM": b"\0*"}.get(content[:2], b"") + content[4:])
        return exif

    metadata = _read(load)
    return metadata if metadata.taken or metadata.camera else _read_preview(preview)


def _read_preview(preview: Image.Image) -> Metadata:
    """Read a preview's EXIF; that which LibRaw makes up leaves open which half of the world a place is in."""
    metadata = _read(preview.getexif)
    is_made_up = "dcraw" in _text(preview.getexif().get(ExifTags.Base.Software))
    return replace(metadata, latitude=None, longitude=None) if is_made_up else metadata


def _read(load: Callable[[], Image.Exif]) -> Metadata:
    try:
        exif = load()
        details: Mapping[int, Any] = exif.get_ifd(ExifTags.IFD.Exif)
        place: Mapping[int, Any] = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception as error:  # noqa: BLE001 - Pillow raises almost anything on hostile EXIF
        _log.info("unreadable EXIF: %s", error)
        return Metadata()
    latitude, longitude = _position(place)
    return Metadata(_taken(exif, details), _camera(exif), latitude, longitude, _orientation(exif))


def _orientation(exif: Mapping[int, Any]) -> int:
    value = exif.get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _taken(exif: Mapping[int, Any], details: Mapping[int, Any]) -> str | None:
    base = ExifTags.Base
    for value in (
        details.get(base.DateTimeOriginal),
        details.get(base.DateTimeDigitized),
        exif.get(base.DateTime),
    ):
        text = _text(value)[:19].replace("-", ":", 2).replace("T", " ")
        try:
            return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").isoformat()
        except ValueError:
            continue  # cameras without a clock write zeros or blanks
    return None


def _camera(exif: Mapping[int, Any]) -> str | None:
    make, model = _text(exif.get(ExifTags.Base.Make)), _text(exif.get(ExifTags.Base.Model))
    if make and not model.lower().startswith(make.split()[0].lower()):
        model = f"{make} {model}"
    return model.strip() or None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text.split("\0")[0] if c.isprintable()).strip()[:100]


def _position(place: Mapping[int, Any]) -> tuple[float | None, float | None]:
    gps = ExifTags.GPS
    latitude = _degrees(place.get(gps.GPSLatitude), place.get(gps.GPSLatitudeRef), "S", 90)
    longitude = _degrees(place.get(gps.GPSLongitude), place.get(gps.GPSLongitudeRef), "W", 180)
    return (latitude, longitude) if latitude is not None and longitude is not None else (None, None)


def _degrees(value: Any, reference: object, negative: str, limit: float) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    total = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(total) or abs(total) > limit:
        return None
    return -total if _text(reference).upper() == negative else total
