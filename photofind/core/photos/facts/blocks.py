"""What a picture's file carries beside its pixels, as bytes: found by its structure, whatever its name."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import BinaryIO, Final

# More than this says nothing of a photo: it is a picture inside, or an attack.
MOST_BYTES: Final = 4 << 20


@dataclass
class Blocks:
    """EXIF as files that begin like a TIFF, XMP packets, IPTC records, and texts by their names.

    `kind` is the file's own, as jpeg or heic; `gps` is EXIF that is about the place alone.
    """

    kind: str | None = None
    exif: list[BinaryIO] = field(default_factory=list)
    gps: list[BinaryIO] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    iptc: list[bytes] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    is_animated: bool = False

    def add_exif(self, block: bytes) -> None:
        """Add EXIF, with the mark before it that JPEG has or without."""
        if block[:4] == b"Exif":
            block = block[6:]
        if block:
            self.exif.append(io.BytesIO(block))


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Return `size` bytes from a place in a file, fewer at its end; ValueError for more than says anything."""
    if not 0 <= size <= MOST_BYTES or not 0 <= offset < 1 << 62:
        raise ValueError(f"{size} bytes at {offset}")
    file.seek(offset)
    return file.read(size)
