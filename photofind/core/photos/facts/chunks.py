"""WebP's chunks and GIF's blocks."""

from __future__ import annotations

from typing import BinaryIO, Final

from photofind.core.photos.facts.blocks import Blocks, read_at

_MOST_CHUNKS: Final = 50_000
_GIF_XMP: Final = b"XMP DataXMP"
_GIF_XMP_END: Final = 257  # the marks after it by which older readers find its end


def read_webp(file: BinaryIO, blocks: Blocks) -> None:
    """Add what a WebP carries."""
    at = 12
    for _ in range(_MOST_CHUNKS):
        head = read_at(file, at, 8)
        size = int.from_bytes(head[4:], "little")
        if len(head) < 8:
            return
        if head[:4] == b"VP8X":
            blocks.is_animated = bool(read_at(file, at + 8, 1)[0] & 0x02)
        elif head[:4] == b"EXIF":
            blocks.add_exif(read_at(file, at + 8, size))
        elif head[:4] == b"XMP ":
            blocks.xmp.append(read_at(file, at + 8, size))
        at += 8 + size + (size & 1)


def read_gif(file: BinaryIO, blocks: Blocks) -> None:
    """Add what a GIF carries, up to its second picture."""
    at = 13 + _colours(read_at(file, 10, 1)[0])
    pictures = 0
    for _ in range(_MOST_CHUNKS):
        head = read_at(file, at, 2)
        if head[:1] == b"\x21":
            if head[1:] == b"\xff" and read_at(file, at + 3, 11) == _GIF_XMP:
                blocks.xmp.append(_joined(file, at + 14)[:-_GIF_XMP_END])
            at = _after(file, at + 2)
        elif head[:1] == b"\x2c":
            pictures += 1
            if pictures > 1:
                blocks.is_animated = True
                return
            at = _after(file, at + 11 + _colours(read_at(file, at + 9, 1)[0]))
        else:
            return


def _colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after(file: BinaryIO, at: int) -> int:
    for _ in range(_MOST_CHUNKS):
        size = read_at(file, at, 1)
        if size in (b"", b"\0"):
            break
        at += 1 + size[0]
    return at + 1


def _joined(file: BinaryIO, at: int) -> bytes:
    """Return XMP, which stands in a GIF as it is: what is elsewhere the length of a part is a part of it."""
    return read_at(file, at, _after(file, at) - at)
