"""Files made of boxes: HEIC, AVIF, CR3, JPEG 2000, JPEG XL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from photofind.core.photos.facts.blocks import MOST_BYTES, Blocks, read_at
from photofind.core.photos.formats.brotli import unpack_brotli

_MOST_BOXES: Final = 1_000
_MOST_ITEMS: Final = 20_000
_CANON: Final = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_XMP: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_EXIF_JP2: Final = b"JpgTiffExif->JP2"
_IPTC: Final = bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38")
_KINDS: Final = {b"crx ": "cr3", b"jp2 ": "jp2", b"jxl ": "jxl", b"avif": "avif", b"avis": "avif"}
_MOVING: Final = (b"avis", b"hevc", b"msf1")


class _Box(NamedTuple):
    kind: bytes
    start: int
    end: int


def read_boxes(file: BinaryIO, blocks: Blocks) -> None:
    """Add what a file of boxes carries."""
    for box in _boxes(file, 0, None):
        if box.kind == b"ftyp":
            _add_brand(read_at(file, box.start, min(box.end - box.start, 256)), blocks)
        elif box.kind == b"meta":
            _add_items(file, box, blocks)
        elif box.kind == b"moov":
            _add_canon(file, box, blocks)
        elif box.kind == b"uuid":
            _add_named(read_at(file, box.start, min(box.end - box.start, MOST_BYTES)), blocks)
        elif box.kind == b"Exif":
            _add_exif(read_at(file, box.start, box.end - box.start), blocks)
        elif box.kind == b"brob":
            _add_packed(read_at(file, box.start, min(box.end - box.start, MOST_BYTES)), blocks)
        elif box.kind == b"xml ":
            blocks.xmp.append(read_at(file, box.start, box.end - box.start))


def _boxes(file: BinaryIO, at: int, end: int | None) -> Iterator[_Box]:
    for _ in range(_MOST_BOXES):
        head = read_at(file, at, 16)
        if len(head) < 8 or (end is not None and at >= end):
            return
        size, start = int.from_bytes(head[:4], "big"), at + 8
        if size == 1:
            size, start = int.from_bytes(head[8:16], "big"), at + 16
        elif size == 0:
            size = file.seek(0, 2) - at
        if size < start - at:
            return
        yield _Box(head[4:8], start, at + size)
        at += size


def _add_brand(brands: bytes, blocks: Blocks) -> None:
    known = [brands[:4], *(brands[i : i + 4] for i in range(8, len(brands), 4))]
    blocks.kind = next((_KINDS[brand] for brand in known if brand in _KINDS), "heic")
    blocks.is_animated = known[0] in _MOVING


def _add_canon(file: BinaryIO, moov: _Box, blocks: Blocks) -> None:
    """Add a CR3's EXIF, of which each part is a block by itself."""
    for box in _boxes(file, moov.start, moov.end):
        if box.kind != b"uuid" or read_at(file, box.start, 16) != _CANON:
            continue
        for part in _boxes(file, box.start + 16, box.end):
            if part.kind in (b"CMT1", b"CMT2"):
                blocks.add_exif(read_at(file, part.start, part.end - part.start))
            elif part.kind == b"CMT4":
                blocks.gps.append(_as_file(read_at(file, part.start, part.end - part.start)))


def _as_file(block: bytes) -> BinaryIO:
    held = Blocks()
    held.add_exif(block)
    return held.exif[0]


def _add_named(box: bytes, blocks: Blocks) -> None:
    name, content = box[:16], box[16:]
    if name == _XMP:
        blocks.xmp.append(content)
    elif name == _EXIF_JP2:
        blocks.add_exif(content)
    elif name == _IPTC:
        blocks.iptc.append(content)


def _add_exif(box: bytes, blocks: Blocks) -> None:
    """Add EXIF with four bytes before it that say where in it the TIFF begins."""
    blocks.add_exif(box[4 + int.from_bytes(box[:4], "big") :])


def _add_packed(box: bytes, blocks: Blocks) -> None:
    """Add a JPEG XL's EXIF or XMP that Brotli packed, where the extra that unpacks it is installed."""
    kind, content = box[:4], unpack_brotli(box[4:], MOST_BYTES) if box[:4] in (b"Exif", b"xml ") else b""
    if kind == b"Exif" and content:
        _add_exif(content, blocks)
    elif content:
        blocks.xmp.append(content)


# The items of a HEIC or AVIF


def _add_items(file: BinaryIO, meta: _Box, blocks: Blocks) -> None:
    parts = {box.kind: box for box in _boxes(file, meta.start + 4, meta.end)}
    if b"iinf" not in parts or b"iloc" not in parts:
        return
    wanted = _wanted(file, parts[b"iinf"])
    if not wanted:
        return
    inside = parts[b"idat"].start if b"idat" in parts else 0
    iloc = parts[b"iloc"]
    for item, extents in _places(read_at(file, iloc.start, iloc.end - iloc.start), inside):
        if item in wanted and sum(size for _, size in extents) <= MOST_BYTES:
            content = b"".join(read_at(file, offset, size) for offset, size in extents)
            if wanted[item] == b"Exif":
                _add_exif(content, blocks)
            else:
                blocks.xmp.append(content)


def _wanted(file: BinaryIO, iinf: _Box) -> dict[int, bytes]:
    """Return the kinds of those items that are EXIF or XMP."""
    start = iinf.start + (6 if read_at(file, iinf.start, 1) == b"\0" else 8)
    found: dict[int, bytes] = {}
    for box in _entries(file, start, iinf.end):
        data = read_at(file, box.start, min(box.end - box.start, 256))
        width = 2 if data[0] == 2 else 4
        item, kind = int.from_bytes(data[4 : 4 + width], "big"), data[6 + width : 10 + width]
        if kind == b"Exif" or (kind == b"mime" and b"application/rdf+xml" in data):
            found[item] = kind
    return found


def _entries(file: BinaryIO, start: int, end: int) -> Iterator[_Box]:
    """Yield the boxes of a list that may be longer than others: a large HEIC has an item for each of its tiles."""
    at = start
    for _ in range(_MOST_ITEMS // _MOST_BOXES):
        last = None
        for last in _boxes(file, at, end):
            yield last
        if last is None or last.end >= end:
            return
        at = last.end


class _Fields:
    """Numbers of some bytes each, one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def take(self, size: int) -> int:
        part = self._data[self._at : self._at + size]
        if len(part) < size:
            raise ValueError("the list ends too early")
        self._at += size
        return int.from_bytes(part, "big")


def _places(iloc: bytes, inside: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield each item with the places of its parts in the file; `inside` is where those in the meta box begin."""
    version = iloc[0]
    wide = 4 if version == 2 else 2
    offset_size, length_size, base_size = iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4
    index_size = iloc[5] & 15 if version else 0
    fields = _Fields(iloc, 6)
    for _ in range(min(fields.take(wide), _MOST_ITEMS)):
        item = fields.take(wide)
        is_inside = bool(version) and fields.take(2) & 15 == 1
        fields.take(2)
        base = fields.take(base_size) + (inside if is_inside else 0)
        extents = []
        for _ in range(fields.take(2)):
            fields.take(index_size)
            extents.append((base + fields.take(offset_size), fields.take(length_size)))
        yield item, extents
