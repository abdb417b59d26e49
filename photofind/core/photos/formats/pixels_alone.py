"""An image file without what is no part of its picture: text, EXIF, profiles, what lies behind its end.

Such parts may be damaged and the picture whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_WEBP_PIXELS = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF")


def without_bad_checksums(content: bytes) -> bytes:
    """Return a PNG without its optional chunks whose checksum is wrong, and what lies behind its end; else as it is."""
    if not content.startswith(_PNG):
        return content
    view, kept, end = memoryview(content), [content[:8]], 8
    is_changed = False
    for begin, end, kind in _png_chunks(content):
        is_optional = kind[0] & 0x20
        if is_optional and zlib.crc32(view[begin + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            is_changed = True
        else:
            kept.append(content[begin:end])
    if not is_changed:
        return content
    return b"".join(kept) + (b"" if kept[-1][4:8] == b"IEND" else content[end:])


def pixels_alone(content: bytes) -> bytes:
    """Return a PNG or WebP with nothing but its pixels; any other file as it is."""
    if content.startswith(_PNG):
        return content[:8] + b"".join(
            content[a:b]
            for a, b, kind in _png_chunks(content)
            if kind in _PNG_PIXELS and (kind != b"tRNS" or _can_be_transparency(content[25], b - a - 12))
        )
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp_pixels(content)
    return content


def _can_be_transparency(color_type: int, size: int) -> bool:
    """Tell whether a PNG's transparency of so many bytes fits its colours: grey, RGB, or a palette."""
    return size == {0: 2, 2: 6}.get(color_type, size)


def _png_chunks(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield begin, end and kind of each whole chunk up to the last."""
    at = 8
    while at + 12 <= len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        if end > len(content):
            return
        kind = content[at + 4 : at + 8]
        yield at, end, kind
        if kind == b"IEND":
            return
        at = end


def _webp_pixels(content: bytes) -> bytes:
    kept, at = [], 12
    while at + 8 <= len(content):
        kind, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        if kind in _WEBP_PIXELS and end <= len(content):
            chunk = content[at:end]
            kept.append(_without_promises(chunk) if kind == b"VP8X" else chunk)
        at = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _without_promises(head: bytes) -> bytes:
    """Return a WebP's head that announces neither profile nor EXIF nor XMP."""
    return head[:8] + bytes([head[8] & ~0b0010_1100]) + head[9:]
