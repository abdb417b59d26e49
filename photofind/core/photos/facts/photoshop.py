"""Photoshop's image resources, which JPEG, TIFF and PSD have their IPTC in; and the head of a PSD."""

from __future__ import annotations

from typing import BinaryIO, Final

from photofind.core.photos.facts.blocks import MOST_BYTES, Blocks, read_at

_IPTC: Final = 0x0404
_EXIF: Final = 0x0422
_XMP: Final = 0x0424
_MOST_RESOURCES: Final = 1_000


def read_resources(data: bytes, blocks: Blocks) -> None:
    """Add what is in image resources; a JPEG's and a TIFF's have EXIF and XMP elsewhere."""
    at = 0
    for _ in range(_MOST_RESOURCES):
        if data[at : at + 4] not in (b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR") or at + 12 > len(data):
            return
        number = int.from_bytes(data[at + 4 : at + 6], "big")
        at += 6
        at += (data[at] + 2) & ~1  # a name, its length before it, of an even length in all
        size = int.from_bytes(data[at : at + 4], "big")
        block = data[at + 4 : at + 4 + size]
        if number == _IPTC:
            blocks.iptc.append(block)
        elif number == _EXIF:
            blocks.add_exif(block)
        elif number == _XMP:
            blocks.xmp.append(block)
        at += 4 + size + (size & 1)


def read_psd(file: BinaryIO, blocks: Blocks) -> None:
    """Add what a PSD or PSB carries."""
    at = 26
    at += 4 + int.from_bytes(read_at(file, at, 4), "big")  # the colour table
    size = int.from_bytes(read_at(file, at, 4), "big")
    read_resources(read_at(file, at + 4, min(size, MOST_BYTES)), blocks)
