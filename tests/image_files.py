"""Image files that the tests make in memory."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    """Open an image file's content."""
    return Image.open(io.BytesIO(content))


def quarters(size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right."""
    image = Image.new("RGB", size, "white")
    width, height = size[0] // 2, size[1] // 2
    image.paste("red", (0, 0, width, height))
    image.paste("green", (width, 0, size[0], height))
    image.paste("blue", (0, height, width, size[1]))
    return image


def bomb() -> bytes:
    """A PNG of 20,000 x 20,000 pixels in a few kilobytes."""
    return png_of_zeros(20_000)


def png_of_zeros(side: int, bits: int = 1, color_type: int = 0) -> bytes:
    """A black or transparent PNG of side x side pixels, in as few bytes as can be."""
    bits_a_pixel = bits * {0: 1, 2: 3, 6: 4}[color_type]
    packer = zlib.compressobj(1)
    row = bytes(1 + side * bits_a_pixel // 8)
    rows = b"".join([packer.compress(row) for _ in range(side)]) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, bits, color_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
