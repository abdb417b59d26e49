"""The segments of a JPEG file, up to where its pixels begin."""

from __future__ import annotations

from typing import BinaryIO, Final

from photofind.core.photos.facts.blocks import MOST_BYTES, Blocks, read_at
from photofind.core.photos.facts.photoshop import read_resources

_EXIF: Final = b"Exif\0"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_MORE_XMP: Final = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP: Final = b"Photoshop 3.0\0"
_MOST_SEGMENTS: Final = 2_000
_WITHOUT_LENGTH: Final = frozenset((0x01, *range(0xD0, 0xD9)))
_PIXELS, _END = 0xDA, 0xD9


def read_jpeg(file: BinaryIO, blocks: Blocks, start: int = 0) -> None:
    """Add what the JPEG that begins at `start` carries."""
    more: dict[bytes, bytearray] = {}
    resources = bytearray()
    at = start + 2
    for _ in range(_MOST_SEGMENTS):
        head = read_at(file, at, 4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (_PIXELS, _END):
            break
        if head[1] == 0xFF or head[1] in _WITHOUT_LENGTH:
            at += 1 if head[1] == 0xFF else 2
            continue
        size = int.from_bytes(head[2:], "big")
        if head[1] in (0xE1, 0xED):
            _add(read_at(file, at + 4, max(0, size - 2)), blocks, more, resources)
        at += 2 + size
    blocks.xmp += [bytes(packet) for packet in more.values()]
    read_resources(bytes(resources), blocks)


def _add(segment: bytes, blocks: Blocks, more: dict[bytes, bytearray], resources: bytearray) -> None:
    if segment.startswith(_EXIF):
        blocks.add_exif(segment)
    elif segment.startswith(_XMP):
        blocks.xmp.append(segment[len(_XMP) :])
    elif segment.startswith(_MORE_XMP):
        # A packet too long for one segment: its name, its whole length and this part's place in it come first.
        name, rest = segment[len(_MORE_XMP) :][:32], segment[len(_MORE_XMP) + 40 :]
        packet = more.setdefault(name, bytearray())
        if len(packet) + len(rest) <= MOST_BYTES:
            packet += rest
    elif segment.startswith(_PHOTOSHOP) and len(resources) <= MOST_BYTES:
        resources += segment[len(_PHOTOSHOP) :]
