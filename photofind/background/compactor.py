"""Gives the room of deleted thumbnails back, in a library of an older photofind, while there is nothing else to do."""

from __future__ import annotations

import threading
import time

from photofind.core.catalog.thumbnails import Compaction
from photofind.core.library import Library

# How soon it is tried again after it was broken off or could not be done.
_AGAIN_SECONDS = 60.0
_END_SECONDS = 2.0


class Compactor:
    """At most one thread that writes the thumbnails anew; used on the library thread."""

    def __init__(self) -> None:
        self._next = 0.0
        self._compaction: Compaction | None = None
        self._thread: threading.Thread | None = None

    def work(self, library: Library) -> None:
        """Begin where that is due; returns at once."""
        now = time.monotonic()
        if now < self._next or self._is_running:
            return
        self._next = now + _AGAIN_SECONDS
        self._compaction = library.care.due_compaction()
        if self._compaction is not None:
            self._thread = threading.Thread(target=self._compaction.make, name="compaction", daemon=True)
            self._thread.start()

    @property
    def _is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def break_off(self) -> None:
        """End it: the file is to be written."""
        deadline = time.monotonic() + _END_SECONDS
        while self._compaction is not None and self._thread is not None and self._is_running:
            self._compaction.break_off()
            self._thread.join(0.02)
            if time.monotonic() > deadline:
                return
