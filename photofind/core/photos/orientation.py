"""How a picture lies, as its EXIF says; damaged EXIF only means that nobody knows."""

from __future__ import annotations

import logging

from PIL import ExifTags, Image

_log = logging.getLogger(__name__)


def orientation_of(image: Image.Image) -> int:
    """Return EXIF's orientation of an opened image, 1 to 8; 1 where there is none."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation)
    except Exception as error:  # noqa: BLE001 - Pillow raises almost anything on hostile EXIF
        _log.info("unreadable EXIF: %s", error)
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
