"""The lock that makes one process a library's only writer."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from photofind.core.errors import PhotofindError, said_by


class LibraryInUseError(PhotofindError):
    """Another photofind writes to this library; reading it is still possible."""


def take_lock(directory: Path) -> FileLock:
    """Make this process the one writer of the library in `directory`, which is made if it is not there.

    The system frees the lock if the process dies, so none is ever left over. LibraryInUseError where
    another process has it, PhotofindError where the folder cannot be written.
    """
    lock = FileLock(directory / "library.lock")
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire(timeout=0)
    except Timeout:
        raise LibraryInUseError("library_in_use", library=directory) from None
    except OSError as error:
        raise PhotofindError("library_not_permitted", library=directory, said=said_by(error)) from error
    return lock
