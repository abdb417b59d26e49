"""Where what is known of a photo comes from, and which reader read it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

# Photos whose facts an older reader read are read again in the background: one more wherever that finds more.
READER_VERSION: Final = 1


# How long dates in ISO 8601 are that are known to the year or the month, and what makes a day of them.
_PARTS: Final = {len("2007"): "-01-01", len("2007-06"): "-01"}


def begin_of(taken: str) -> datetime:
    """Return the first moment that a date in ISO 8601 may mean, however exact it is; ValueError for none."""
    return datetime.fromisoformat(taken + _PARTS.get(len(taken), ""))


class TakenFrom(StrEnum):
    """What says when a photo was taken, the first to be believed first."""

    EXIF = "exif"
    XMP = "xmp"
    IPTC = "iptc"
    CREATED = "created"
    """When the picture was made digital, or its file created."""
    GPS = "gps"
    NAME = "name"
    SIDECAR = "sidecar"
    WRITTEN = "written"
    """When the camera wrote the file."""
    FILE = "file"
    """The file's own time: nothing else is known."""


class TagKind(StrEnum):
    """What a word is that a photo can be filtered by."""

    KEYWORD = "keyword"
    PERSON = "person"
    PLACE = "place"
    IS = "is"
