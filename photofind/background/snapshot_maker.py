"""Make the weekly snapshot of the catalog on a thread of its own, so that no search waits for it."""

from __future__ import annotations

import threading
import time

from photofind.core.catalog.snapshots import WeeklySnapshot
from photofind.core.library import Library

# How often it is worth looking, and how soon to try again what did not work.
_LOOK_SECONDS = 600.0


class SnapshotMaker:
    """At most one thread that copies the catalog; used on the library thread."""

    def __init__(self) -> None:
        self._next_look = 0.0
        self._thread: threading.Thread | None = None
        self._snapshot: WeeklySnapshot | None = None

    def work(self, library: Library) -> None:
        """Begin a snapshot where the last one is a week old; returns at once."""
        now = time.monotonic()
        if now < self._next_look or (self._thread is not None and self._thread.is_alive()):
            return
        self._next_look = now + _LOOK_SECONDS
        self._snapshot = library.care.due_snapshot()
        if self._snapshot is not None:
            self._thread = threading.Thread(target=self._snapshot.make, name="snapshot", daemon=True)
            self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Break off; what was written of the copy is deleted."""
        if self._snapshot is None or self._thread is None:
            return
        deadline = time.monotonic() + timeout
        while self._thread.is_alive() and time.monotonic() < deadline:
            self._snapshot.break_off()
            self._thread.join(0.02)
