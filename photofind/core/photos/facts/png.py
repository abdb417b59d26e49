"""The chunks of a PNG file; pixels are stepped over."""

from __future__ import annotations

import binascii
import zlib
from typing import BinaryIO, Final

from photofind.core.photos.facts.blocks import MOST_BYTES, Blocks, read_at
from photofind.core.photos.facts.photoshop import read_resources

_XMP: Final = "XML:com.adobe.xmp"
_PROFILE: Final = "Raw profile type "
_MOST_CHUNKS: Final = 200_000
_MOST_TEXTS: Final = 100


def read_png(file: BinaryIO, blocks: Blocks) -> None:
    """Add what a PNG carries, before its pixels or after them."""
    at = 8
    for _ in range(_MOST_CHUNKS):
        head = read_at(file, at, 8)
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8 or kind == b"IEND":
            return
        if kind == b"eXIf":
            blocks.add_exif(read_at(file, at + 8, size))
        elif kind == b"acTL":
            blocks.is_animated = True
        elif kind in (b"tEXt", b"zTXt", b"iTXt") and size <= MOST_BYTES and len(blocks.texts) < _MOST_TEXTS:
            _add_text(kind, read_at(file, at + 8, size), blocks)
        at += 12 + size


def _add_text(kind: bytes, chunk: bytes, blocks: Blocks) -> None:
    key, _, rest = chunk.partition(b"\0")
    name = key.decode("latin-1")
    text = _text(kind, rest)
    if name == _XMP:
        blocks.xmp.append(text)
    elif name.startswith(_PROFILE):
        _add_profile(name.removeprefix(_PROFILE), text, blocks)
    else:
        blocks.texts[name] = text.decode("utf-8" if kind == b"iTXt" else "latin-1", "replace")


def _text(kind: bytes, rest: bytes) -> bytes:
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _unpacked(rest[1:])
    is_packed, rest = rest[:1] == b"\1", rest[2:]
    text = rest.partition(b"\0")[2].partition(b"\0")[2]  # after its language and its name in that
    return _unpacked(text) if is_packed else text


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, MOST_BYTES)
    except zlib.error:
        return b""


def _add_profile(name: str, text: bytes, blocks: Blocks) -> None:
    """Add a profile as ImageMagick writes it: a name, a length, and the bytes as digits."""
    digits = b"".join(text.split()[2:])
    try:
        block = binascii.unhexlify(digits)
    except binascii.Error:
        return
    if name in ("exif", "APP1") and block.startswith(b"Exif"):
        blocks.add_exif(block)
    elif name == "xmp" or (name == "APP1" and b"<x:xmpmeta" in block[:1_000]):
        blocks.xmp.append(block.partition(b"\0")[2] if block.startswith(b"http://ns.adobe.com/xap") else block)
    elif name in ("iptc", "8bim"):
        read_resources(block.removeprefix(b"Photoshop 3.0\0"), blocks)
