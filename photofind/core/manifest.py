"""Small JSON files that say what a large file beside them holds, safe against crashes and changed bytes."""

from __future__ import annotations

import errno
import json
import os
import zlib
from pathlib import Path
from typing import Any

# What a file system answers that cannot sync directories at all.
_CANNOT_SYNC = {errno.EINVAL, errno.ENOTSUP}


def sync_directory(directory: Path) -> None:
    """Make renames and deletions in a directory survive a power cut; nothing where the system has no such call."""
    if os.name != "posix":
        return
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(opened)


def sync_file(path: Path) -> None:
    """Make a file that another library has written survive a power cut."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file so that a crash at any moment leaves the old or the new content, never a part."""
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_directory(path.parent)


def write_manifest(path: Path, content: dict[str, Any]) -> None:
    """Write a manifest together with its own checksum."""
    document = {"content": content, "crc": _checksum(content)}
    write_atomically(path, json.dumps(document).encode())


def read_manifest(path: Path) -> dict[str, Any]:
    """Return what `write_manifest` wrote; FileNotFoundError without one, ValueError where it has changed."""
    document = json.loads(path.read_bytes())
    if not isinstance(document, dict) or not isinstance(content := document.get("content"), dict):
        raise ValueError(f"{path.name} is no manifest")
    if document.get("crc") != _checksum(content):
        raise ValueError(f"the checksum of {path.name} does not fit")
    return content


def _checksum(content: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())
