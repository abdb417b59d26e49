"""Many photos of a camera's size in little time: few pictures, but no two files of the same content."""

from __future__ import annotations

import io
import struct
import zlib
from itertools import count
from pathlib import Path

from tests.pictures import COLORS, grain

_numbers = count()


class ManyPhotos:
    """Writes photos of one size."""

    def __init__(self, size: tuple[int, int] = (1600, 1200)) -> None:
        self._pictures = []
        for seed, color in enumerate(COLORS.values()):
            file = io.BytesIO()
            grain(color, size, seed).save(file, "JPEG")
            self._pictures.append(file.getvalue())

    def write(self, path: Path) -> None:
        """Write one, making its folders; a number after the picture's end makes its content unlike all others'."""
        number = next(_numbers)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._pictures[number % len(self._pictures)] + number.to_bytes(8, "big"))

    def fill(self, folder: Path, photos: int) -> Path:
        """Write so many into a folder and one below it."""
        for number in range(photos):
            self.write(folder / ("below" if number % 3 else "") / f"{number:05}.jpg")
        return folder


def write_huge_picture(path: Path, edge: int = 13_000) -> None:
    """Write a black PNG of 16 bits that takes seconds to open: each byte is told by its three neighbours."""
    packer = zlib.compressobj(1)
    lines = b"".join(packer.compress(b"\4" + bytes(6 * edge)) for _ in range(edge)) + packer.flush()
    header = struct.pack(">IIBBBBB", edge, edge, 16, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", lines), (b"IEND", b"")]
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in parts
        )
    )
