"""What the window asks a disk about a path: on another thread, and it waits for the answer for a moment only."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

T = TypeVar("T")
Kind = Literal["folder", "file", "other", "nothing"]
# Longer, and a person notices that the window stands still.
_WAIT_SECONDS = 0.15
# So many threads may be held by disks that hang; nothing more is asked until one of them is back.
_MOST_HELD = 8
_held = threading.BoundedSemaphore(_MOST_HELD)


def ask(look: Callable[[], T]) -> T | None:
    """Return what a look at a disk finds, None where the disk does not answer in time, or there is an error."""
    if not _held.acquire(blocking=False):
        return None
    found: list[T] = []
    is_done = threading.Event()

    def work() -> None:
        try:
            found.append(look())
        except (OSError, ValueError):  # as `os.path` does: a path that cannot be is nowhere
            pass
        finally:
            _held.release()
            is_done.set()

    threading.Thread(target=work, name="path", daemon=True).start()
    is_done.wait(_WAIT_SECONDS)
    return found[0] if found else None


def is_there(path: bytes) -> bool | None:
    """Tell whether anything is at a path; None where the disk does not answer."""
    return ask(lambda: os.path.exists(path))


def kinds_of(paths: Sequence[Path]) -> list[Kind | None]:
    """Return what is at some paths; None for those that their disk has not answered for in time."""
    found: list[Kind] = []

    def look() -> None:
        for path in paths:
            found.append(_kind_of(path))

    ask(look)
    known = found[:]  # the look may go on
    return [*known, *[None] * (len(paths) - len(known))]


def _kind_of(path: Path) -> Kind:
    if os.path.isdir(path):
        return "folder"
    if os.path.isfile(path):
        return "file"
    return "other" if os.path.exists(path) else "nothing"


def real_path(path: bytes) -> bytes:
    """Return a path without links; the absolute one where the disk does not answer."""
    return ask(lambda: os.path.realpath(path)) or os.path.abspath(path)
