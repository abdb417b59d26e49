"""Find out what a picture's file is by how it begins, and take out of it what is not pixels."""

from __future__ import annotations

import logging
import re
import struct
from collections.abc import Callable
from typing import BinaryIO, Final

from photofind.core.photos.facts.blocks import Blocks, read_at
from photofind.core.photos.facts.boxes import read_boxes
from photofind.core.photos.facts.chunks import read_gif, read_webp
from photofind.core.photos.facts.jpeg import read_jpeg
from photofind.core.photos.facts.photoshop import read_psd
from photofind.core.photos.facts.png import read_png

_log = logging.getLogger(__name__)
# What parsing raises that meets something else than what it reads; the file itself failing is another matter.
MISREAD: Final = (ValueError, struct.error, IndexError, OverflowError, KeyError, TypeError, RecursionError)


def _read_tiff(file: BinaryIO, blocks: Blocks) -> None:
    blocks.exif.append(file)


def _read_fuji(file: BinaryIO, blocks: Blocks) -> None:
    """Add what the preview in a RAF carries."""
    read_jpeg(file, blocks, int.from_bytes(read_at(file, 84, 4), "big"))


def _read_minolta(file: BinaryIO, blocks: Blocks) -> None:
    """Add the TIFF that is one of the blocks in an MRW's head."""
    at, end = 8, 8 + int.from_bytes(read_at(file, 4, 4), "big")
    while at < end and len(head := read_at(file, at, 8)) == 8:
        size = int.from_bytes(head[4:], "big")
        if head[:4] == b"\0TTW":
            blocks.add_exif(read_at(file, at + 8, size))
            return
        at += 8 + size


def _read_nothing(_file: BinaryIO, _blocks: Blocks) -> None:
    """Add nothing: these carry their pixels alone."""


_Reader = Callable[[BinaryIO, Blocks], None]
_READERS: Final[tuple[tuple[re.Pattern[bytes], str | None, _Reader], ...]] = tuple(
    (re.compile(start, re.DOTALL), kind, reader)
    for start, kind, reader in (
        (rb"\xff\xd8\xff", "jpeg", read_jpeg),
        (rb"\x89PNG\r\n\x1a\n", "png", read_png),
        (rb"RIFF....WEBP", "webp", read_webp),
        (rb"GIF8", "gif", read_gif),
        (rb"8BPS", "psd", read_psd),
        (rb"(II[*+]\0|MM\0[*+]|IIRO|IIRS|MMOR|IIU\0)", "tiff", _read_tiff),
        (rb"....ftyp", None, read_boxes),
        (rb"\0\0\0\x0c(jP  |JXL )", None, read_boxes),
        (rb"FUJIFILMCCD-RAW", None, _read_fuji),
        (rb"\0MRM", None, _read_minolta),
        (rb"\xff\x0a", "jxl", _read_nothing),
        (rb"BM", "bmp", _read_nothing),
    )
)


def read_blocks(file: BinaryIO) -> Blocks:
    """Return what a file carries, as far as it can be made out; raises OSError where it cannot be read."""
    blocks = Blocks()
    start = read_at(file, 0, 16)
    for pattern, kind, reader in _READERS:
        if pattern.match(start):
            blocks.kind = kind
            try:
                reader(file, blocks)
            except MISREAD as error:
                _log.info("the head of a picture is damaged: %r", error)
            break
    return blocks
