"""What one open of a photo's file gives."""

from __future__ import annotations

from dataclasses import dataclass

from photofind.core.records.arrays import Pixels
from photofind.core.sentences.sentence import Sentence

# size in bytes, mtime and ctime in nanoseconds, inode: compared for equality, never for order.
Fingerprint = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Metadata:
    """Date taken (local time, ISO 8601), camera, and place in degrees (north and east positive).

    `orientation` is EXIF's 1 to 8, 1 where there is none.
    """

    taken: str | None = None
    camera: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """All that one open of a photo gives.

    `pixels` uint8 [size, size, 3] for the model; `thumbnail` JPEG bytes, longest edge at most
    384 px; width and height upright, in pixels of the original; `content_hash` 16 bytes. `flaw`
    is a sentence where the file is damaged but enough could be read. `fingerprint` is that of
    the file which was read, None for content that came without one.
    """

    pixels: Pixels
    thumbnail: bytes
    width: int
    height: int
    content_hash: bytes
    metadata: Metadata
    flaw: Sentence | None = None
    fingerprint: Fingerprint | None = None
