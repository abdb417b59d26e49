"""The tags of a TIFF's directories, as far as they can be read."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal

from PIL import TiffImagePlugin

_log = logging.getLogger(__name__)
# TIFF and BigTIFF, both byte orders.
BEGINNINGS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SUB_DIRECTORIES = 330
_SUBFILE_TYPE, _REDUCED_OR_MASK = 254, 0b101
_MOST_DIRECTORIES = 16

Tags = TiffImagePlugin.ImageFileDirectory_v2


def is_big_tiff(head: bytes) -> bool:
    """Tell whether a TIFF's offsets are of 8 bytes."""
    return head[:4] in BEGINNINGS[2:]


def read_directories(file: BinaryIO) -> Iterator[Tags]:
    """Yield the directories of a TIFF, the first one first, then those behind and below it; few, and none broken."""
    file.seek(0)
    head = file.read(16)
    if head[:4] not in BEGINNINGS:
        return
    waiting, seen = [_first_offset(head)], set[int]()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        at = waiting.pop(0)
        if not at or at in seen:
            continue
        seen.add(at)
        tags = _read_directory(file, head, at)
        if tags is None:
            continue
        yield tags
        waiting += [tags.next, *numbers(tags, _SUB_DIRECTORIES)]


def main_directory(file: BinaryIO) -> Tags | None:
    """Return the directory of a TIFF's picture, None where none can be read: the first may be a copy or a mask."""
    directories = read_directories(file)
    first = next(directories, None)
    if first is None or not number(first, _SUBFILE_TYPE, 0) & _REDUCED_OR_MASK:
        return first
    return next((tags for tags in directories if not number(tags, _SUBFILE_TYPE, 0) & _REDUCED_OR_MASK), first)


def begin_with(content: bytes, directory: int | None) -> bytes:
    """Return a TIFF that has the directory at an offset as its first; the very same where it is that already."""
    if directory is None or directory == _first_offset(content[:16]):
        return content
    at, width = (8, 8) if is_big_tiff(content) else (4, 4)
    return content[:at] + directory.to_bytes(width, _byte_order(content)) + content[at + width :]


def numbers(tags: Tags, tag: int) -> tuple[int, ...]:
    """Return a tag's whole numbers, none where it is missing or is something else."""
    try:
        value: Any = tags.get(tag, ())
    except Exception:  # noqa: BLE001 - Pillow raises almost anything on hostile tags
        return ()
    values = value if isinstance(value, tuple) else (value,)
    return tuple(value for value in values if isinstance(value, int))


def number(tags: Tags, tag: int, default: int) -> int:
    """Return a tag's first number."""
    return next(iter(numbers(tags, tag)), default)


def _first_offset(head: bytes) -> int:
    offset = head[8:16] if is_big_tiff(head) else head[4:8]
    return int.from_bytes(offset, _byte_order(head))


def _byte_order(head: bytes) -> Literal["little", "big"]:
    return "little" if head.startswith(b"II") else "big"


def _read_directory(file: BinaryIO, head: bytes, at: int) -> Tags | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Pillow finds a BigTIFF's mark at one place, where that of the other byte order does not have it.
            start = b"II+\0" + head[4:] if is_big_tiff(head) else head[:8]
            tags = TiffImagePlugin.ImageFileDirectory_v2(start, prefix=head[:2])
            file.seek(at)
            tags.load(file)
        except Exception as error:  # noqa: BLE001 - Pillow raises almost anything on hostile tags
            _log.info("a TIFF's directory cannot be read: %s", error)
            return None
    return tags
