"""HEICs that the tests make: one coded tile, listed again and again as phones list theirs."""

from __future__ import annotations

import base64
import struct

# 512 x 512 pixels, of them the upper left quarter (40, 40, 200), the rest (200, 40, 40); coded by x265.
TILE = 512
_SETUP = base64.b64decode(
    "AQNwAAAAkAAAAAAAWvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAWroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwBaoAQCAIBZbqSSmub"
    "gIaDAgAAADIAAAAMAhGIAAQAHRAHBcrBiQA=="
)
_CODED = base64.b64decode(
    "AAAAhigBrwQRBoiySGySIPx5OOv/++DJ+9knecRv7BOZ0dwMlZ9dq8n75yXTt7QjkAGlp+juBmDRpvtAABwwkw00wEMAFAAOyIcAAA6x/gAccJI9eAw"
    "virferoxWGZflMF7gHgAAAwAAAwAAFnAAAAMAAAMAADSgAAADAAADAAKaAAADAAADAAhY"
)


def _box(kind: bytes, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I4s", 8 + len(data), kind) + data


def _full(kind: bytes, version: int, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


def heic(across: int, down: int, width: int, height: int) -> bytes:
    """Return a HEIC of so many tiles, of which width x height pixels are the picture."""
    count = across * down
    tiles = range(2, count + 2)
    grid = struct.pack(">BBBBII", 0, 1, down - 1, across - 1, width, height)
    items = [_full(b"infe", 2, struct.pack(">HH4sx", 1, 0, b"grid"))]
    items += [_full(b"infe", 2, struct.pack(">HH4sx", tile, 0, b"hvc1"), flags=1) for tile in tiles]
    uses = [struct.pack(">HB2B", 1, 2, 0x83, 4)] + [struct.pack(">HB3B", tile, 3, 0x81, 2, 4) for tile in tiles]
    properties = _box(
        b"ipco",
        _box(b"hvcC", _SETUP),
        _full(b"ispe", 0, struct.pack(">II", TILE, TILE)),
        _full(b"ispe", 0, struct.pack(">II", width, height)),
        _full(b"pixi", 0, b"\3\x08\x08\x08"),
    )
    head = _box(b"ftyp", b"heic", bytes(4), b"mif1heic")

    def meta(offset: int) -> bytes:
        places = [struct.pack(">HHHHII", 1, 1, 0, 1, 0, len(grid))]
        places += [struct.pack(">HHHHII", tile, 0, 0, 1, offset, len(_CODED)) for tile in tiles]
        return _full(
            b"meta",
            0,
            _full(b"hdlr", 0, struct.pack(">I4s12xx", 0, b"pict")),
            _full(b"pitm", 0, struct.pack(">H", 1)),
            _full(b"iinf", 0, struct.pack(">H", count + 1), *items),
            _full(b"iref", 0, _box(b"dimg", struct.pack(f">HH{count}H", 1, count, *tiles))),
            _box(b"iprp", properties, _full(b"ipma", 0, struct.pack(">I", count + 1), *uses)),
            _full(b"iloc", 1, b"\x44\x00", struct.pack(">H", count + 1), *places),
            _box(b"idat", grid),
        )

    return head + meta(len(head) + len(meta(0)) + 8) + _box(b"mdat", _CODED)
