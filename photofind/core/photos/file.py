"""Read a photo's file as bytes: what is wrong with the file or its drive, apart from what is in it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from photofind.core.disk.scan import fingerprint
from photofind.core.errors import PhotofindError, said_by
from photofind.core.records.decoded import Fingerprint

_MAX_BYTES = 1 << 30
# What systems say of a drive or server that has gone away: nothing is wrong with the photo. Some
# names are missing on some systems.
_DRIVE_GONE = frozenset(
    getattr(errno, name)
    for name in (
        "ENODEV",
        "ENXIO",
        "ENOMEDIUM",
        "ENOTDIR",
        "ESTALE",
        "ENOTCONN",
        "ENOLINK",
        "ENETDOWN",
        "ENETUNREACH",
        "EHOSTDOWN",
        "EHOSTUNREACH",
        "ETIMEDOUT",
        "ECONNABORTED",
        "ECONNREFUSED",
        "ECONNRESET",
        "ESHUTDOWN",
    )
    if hasattr(errno, name)
)


def read_photo_file(path: bytes, check: Callable[[BinaryIO], None] | None = None) -> tuple[bytes, Fingerprint]:
    """Read a file whole; return its content and the fingerprint of what was read.

    `check` may look into the open file before, and raise what keeps it from being read. Raises
    FileNotFoundError where the file or its drive is not there, PhotofindError with the reason for
    everything else.
    """
    with explaining():
        content, before, after = _read(path, check)
    if after != before:
        raise PhotofindError("file_changed")
    if not content:
        raise PhotofindError("file_empty")
    return content, before


@contextmanager
def explaining() -> Iterator[None]:
    """Say what is wrong with a file that is opened or read in this context, as `read_photo_file` does."""
    try:
        yield
    except PermissionError as error:
        raise PhotofindError("file_not_permitted") from error
    except OSError as error:
        if error.errno == errno.ENOENT or error.errno in _DRIVE_GONE:
            raise FileNotFoundError(*error.args) from error
        if error.errno == errno.EIO:
            raise PhotofindError("file_drive_failed", said=said_by(error)) from error
        raise PhotofindError("file_unreadable", said=said_by(error)) from error


def _read(path: bytes, check: Callable[[BinaryIO], None] | None) -> tuple[bytes, Fingerprint, Fingerprint]:
    with open(path, "rb") as file:
        stat = os.fstat(file.fileno())
        if stat.st_size > _MAX_BYTES:
            raise PhotofindError("file_too_big", gigabytes=stat.st_size / 1e9)
        if check is not None:
            check(file)
            file.seek(0)
        content = file.read(max(0, stat.st_size) + 1)
        return content, fingerprint(stat), fingerprint(os.fstat(file.fileno()))
