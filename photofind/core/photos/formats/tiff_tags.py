"""The tags of a TIFF's directories, as far as they can be read."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL import TiffImagePlugin

_log = logging.getLogger(__name__)
# TIFF and BigTIFF, both byte orders.
BEGINNINGS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SUB_DIRECTORIES = 330
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
    return int.from_bytes(offset, "little" if head.startswith(b"II") else "big")


def _read_directory(file: BinaryIO, head: bytes, at: int) -> Tags | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tags = TiffImagePlugin.ImageFileDirectory_v2(head if is_big_tiff(head) else head[:8])
            file.seek(at)
            tags.load(file)
        except Exception as error:  # noqa: BLE001 - Pillow raises almost anything on hostile tags
            _log.info("a TIFF's directory cannot be read: %s", error)
            return None
    return tags
