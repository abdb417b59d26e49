"""Files that take their place in one moment: a crash or power cut at any time leaves the old or the new one, whole."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

# What a file system answers that cannot sync directories at all.
_CANNOT_SYNC = {errno.EINVAL, errno.ENOTSUP}


def write_atomically(path: Path, content: bytes) -> None:
    """Write a whole file, in place of one that may be there; OSError, and the old one stays, where it cannot be."""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content)
    put_in_place(new, path)


def put_in_place(new: Path, path: Path) -> None:
    """Rename a file that is finished to `path`, in place of one that may be there; both are in one folder.

    What wrote it, another library perhaps, need not have synced it.
    """
    sync_file(new)
    new.replace(path)
    sync_directory(path.parent)


def put_folder_in_place(new: Path, folder: Path) -> None:
    """Rename a folder of finished files to `folder`; one that is there is deleted before, so a crash may leave none."""
    for path in new.iterdir():
        sync_file(path)
    sync_directory(new)
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    sync_directory(folder.parent)


def sync_file(path: Path) -> None:
    """Make a file's content survive a power cut."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


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
