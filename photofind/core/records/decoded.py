"""What one open of a photo's file gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from photofind.core.records.arrays import Pixels
from photofind.core.sentences.sentence import Sentence

# Photos that an older opener could not open, or in part only, are tried again: one more wherever it opens more.
OPENER_VERSION: Final = 1
# size in bytes, mtime and ctime in nanoseconds, inode: compared for equality, never for order.
Fingerprint = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a photo's file says of it, and the files beside it; plain values alone, for they come from a child.

    `taken` is local time as ISO 8601, as exact as it is known: to the year, month, day, second or a fraction of one;
    `zone` is that time's distance from UTC, as +02:00, where it is known; `taken_from` is a `TakenFrom`. Place in
    degrees, north and east positive. `aperture` is the f-number, `shutter` in
    seconds, `focal_length` in millimetres; `kind` is the file's, as jpeg or cr2; `rating` is 0 to 5, -1 rejected.
    `traits`: screenshot, raw, animated. `also` is what else it says in words.
    """

    taken: str | None = None
    camera: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    taken_from: str | None = None
    zone: str | None = None
    lens: str | None = None
    aperture: float | None = None
    shutter: float | None = None
    iso: int | None = None
    focal_length: float | None = None
    kind: str | None = None
    title: str | None = None
    caption: str | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """All that one open of a photo gives.

    `pixels` uint8 [size, size, 3] for the model; `thumbnail` JPEG bytes, longest edge at most
    384 px; width and height upright, in pixels of the original; `content_hash` 16 bytes, `ends` 8 that
    tell the beginning and the end of the content. `flaw` is a sentence where the file is damaged but
    enough could be read. `fingerprint` is that of the file which was read, None for content that came
    without one.
    """

    pixels: Pixels
    thumbnail: bytes
    width: int
    height: int
    content_hash: bytes
    metadata: Metadata
    flaw: Sentence | None = None
    fingerprint: Fingerprint | None = None
    ends: bytes = b""
