"""The tags of a TIFF's head, which is how EXIF is written; one that is damaged costs itself alone.

Only the tags that say something are read, wherever they lie: a RAW file's head may be its end.
"""

from __future__ import annotations

import logging
import struct
from typing import BinaryIO, Final

from photofind.core.photos.facts.blocks import MOST_BYTES, Blocks, read_at
from photofind.core.photos.facts.photoshop import read_resources

_log = logging.getLogger(__name__)
# A tag's values: text and what is not told apart as bytes, numbers otherwise.
Value = bytes | tuple[float, ...]
Tags = dict[int, Value]

_EXIF, _GPS, _XMP, _IPTC, _RESOURCES = 0x8769, 0x8825, 700, 33723, 34377
# What has no business in a photo's own directory, or another meaning there than in that of its place.
_LEAST_TAG: Final = 0xFE
_MOST_GPS_TAG: Final = 0x1F
_WIDTHS: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8}
_LETTERS: Final = {3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q"}
_TEXTS: Final = (1, 2, 7)
_LONG: Final = frozenset((_XMP, _IPTC, _RESOURCES))
_MOST_ENTRIES: Final = 2_000
_MOST_VALUE: Final = 64 << 10
_MOST_OFFSET: Final = 1 << 62


def read_tags(file: BinaryIO, blocks: Blocks, *, gps: bool = False) -> Tags:
    """Return the tags of a photo, its EXIF and its place; XMP and IPTC among them go to `blocks`.

    `gps`: the file is about the place alone.
    """
    head = read_at(file, 0, 16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None:
        return {}
    is_big = head[2:4] in (b"+\0", b"\0+")
    first = struct.unpack_from(f"{order}Q" if is_big else f"{order}I", head, 8 if is_big else 4)[0]
    directory = _Directory(file, order, is_big)
    tags = directory.read(first)
    if gps:
        return {tag: value for tag, value in tags.items() if tag <= _MOST_GPS_TAG}
    found = {tag: value for tag, value in tags.items() if tag >= _LEAST_TAG}
    found |= {t: value for t, value in directory.read(_pointer(tags, _EXIF)).items() if t >= _LEAST_TAG}
    found |= {t: value for t, value in directory.read(_pointer(tags, _GPS)).items() if t <= _MOST_GPS_TAG}
    _hand_over(found, blocks)
    return found


def _pointer(tags: Tags, tag: int) -> int:
    value = tags.get(tag, ())
    return int(value[0]) if isinstance(value, tuple) and value else 0


def _hand_over(tags: Tags, blocks: Blocks) -> None:
    for tag, blocks_of in ((_XMP, blocks.xmp), (_IPTC, blocks.iptc)):
        value = tags.pop(tag, b"")
        if isinstance(value, bytes) and value:
            blocks_of.append(value)
    resources = tags.pop(_RESOURCES, b"")
    if isinstance(resources, bytes):
        read_resources(resources, blocks)


class _Directory:
    """A reader of directories in one file; BigTIFF has wider numbers in them."""

    def __init__(self, file: BinaryIO, order: str, is_big: bool) -> None:
        self._file = file
        self._order = order
        self._count, self._entry = ("Q", "HHQQ") if is_big else ("H", "HHII")
        self._room = 8 if is_big else 4

    def read(self, at: int) -> Tags:
        """Return the tags of the directory at a place, none where there is none."""
        found: Tags = {}
        width = struct.calcsize(f"{self._order}{self._count}")
        head = read_at(self._file, at, width) if 0 < at < _MOST_OFFSET else b""
        if len(head) < width:
            return found
        (count,) = struct.unpack(f"{self._order}{self._count}", head)
        size = struct.calcsize(f"{self._order}{self._entry}")
        entries = read_at(self._file, at + len(head), min(count, _MOST_ENTRIES) * size)
        for place in range(0, len(entries) - size + 1, size):
            tag, kind, number, _ = struct.unpack_from(f"{self._order}{self._entry}", entries, place)
            try:
                value = self._value(tag, kind, number, entries[place + size - self._room : place + size])
            except (ValueError, struct.error) as error:
                _log.info("tag %d cannot be read: %s", tag, error)
                continue
            if value is not None:
                found.setdefault(tag, value)
        return found

    def _value(self, tag: int, kind: int, number: int, there: bytes) -> Value | None:
        if tag == _IPTC and kind == 4:
            kind, number = 7, number * 4  # some say that IPTC is a list of numbers
        size = _WIDTHS.get(kind, 0) * number
        if not 0 < size <= (MOST_BYTES if tag in _LONG else _MOST_VALUE):
            return None
        data = there[:size]
        if size > self._room:
            (offset,) = struct.unpack(f"{self._order}{'Q' if self._room == 8 else 'I'}", there)
            data = read_at(self._file, offset, size)
        if kind in _TEXTS:
            return data
        return self._numbers(kind, data)

    def _numbers(self, kind: int, data: bytes) -> Value | None:
        count = len(data) // _WIDTHS[kind]
        if kind not in (5, 10):
            return struct.unpack_from(f"{self._order}{count}{_LETTERS[kind]}", data)
        parts = struct.unpack_from(f"{self._order}{2 * count}{'I' if kind == 5 else 'i'}", data)
        return tuple(
            above / below if below else float("nan") for above, below in zip(parts[::2], parts[1::2], strict=True)
        )
