"""The lock that makes one process a library's only writer."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from photofind.core.errors import PhotofindError


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
        raise LibraryInUseError(
            f"The library “{directory}” is open in another photofind; use that one, or close it first."
        ) from None
    except OSError as error:
        raise PhotofindError(
            f"The library “{directory}” cannot be written: {error.strerror or error}; "
            "check the folder's permissions, or choose another with --library."
        ) from error
    return lock
