"""The watcher: says that something changed in a folder; nothing else is taken from an event.

Events are a hint, scanning is the truth: watchdog goes deaf without a word at the system's
limits, on network drives and when a drive is mounted again, so the worker rescans on a timer too.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from photofind.core.records import Folder, display_name

_log = logging.getLogger(__name__)
QUIET_SECONDS = 1.0
# Files may come in for hours; they are looked at this often even if it never gets quiet.
_MOST_SECONDS = 5.0
_CHANGES = frozenset(("created", "modified", "moved", "deleted", "closed"))


class Watcher:
    """Watch folders on a thread of its own and call `on_dirty(folder id)` after a second of quiet.

    `on_dirty` and `on_notice` are called on the watcher's thread.
    """

    def __init__(self, on_dirty: Callable[[int], None], on_notice: Callable[[str], None]) -> None:
        self._on_dirty = on_dirty
        self._on_notice = on_notice
        self._wanted: queue.SimpleQueue[list[Folder] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._dirty: dict[int, tuple[float, float]] = {}  # first and latest event, monotonic seconds
        self._observers: dict[int, BaseObserver] = {}
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin to watch what `watch` asks for."""
        self._thread.start()

    def watch(self, folders: list[Folder]) -> None:
        """Watch exactly these folders from now on; returns at once."""
        self._wanted.put(folders)

    def stop(self, timeout: float = 3.0) -> None:
        """End the watching."""
        self._wanted.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            try:
                folders = self._wanted.get(timeout=QUIET_SECONDS / 4)
            except queue.Empty:
                self._tell()
                continue
            if folders is None:
                break
            self._change(folders)
        for folder_id in list(self._observers):
            self._unwatch(folder_id)

    def _change(self, folders: list[Folder]) -> None:
        wanted = {folder.id: folder for folder in folders if folder.online}
        for folder_id in list(self._observers):
            if folder_id not in wanted:
                self._unwatch(folder_id)
        for folder_id, folder in wanted.items():
            if folder_id not in self._observers:
                self._watch(folder)

    def _watch(self, folder: Folder) -> None:
        """Watch one folder, with an observer of its own: one that fails does not touch the others."""
        observer = Observer()
        handler = _Handler(lambda: self._note(folder.id))
        try:
            observer.schedule(handler, os.fsdecode(folder.path), recursive=True)
            observer.start()
        except OSError as error:
            _log.warning("not watched: %s", error)
            self._on_notice(
                f"The system cannot watch “{display_name(folder.path)}” ({error.strerror or error}); "
                "photofind looks there every ten minutes instead."
            )
            return
        self._observers[folder.id] = observer

    def _unwatch(self, folder_id: int) -> None:
        observer = self._observers.pop(folder_id)
        observer.stop()
        observer.join(1.0)

    def _note(self, folder_id: int) -> None:
        now = time.monotonic()
        with self._lock:
            first, _ = self._dirty.get(folder_id, (now, now))
            self._dirty[folder_id] = (first, now)

    def _tell(self) -> None:
        now = time.monotonic()
        with self._lock:
            quiet = [
                folder_id
                for folder_id, (first, latest) in self._dirty.items()
                if now - latest >= QUIET_SECONDS or now - first >= _MOST_SECONDS
            ]
            for folder_id in quiet:
                del self._dirty[folder_id]
        for folder_id in quiet:
            self._on_dirty(folder_id)


class _Handler(FileSystemEventHandler):
    """Pass on that something changed; reading a photo is no change."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note a change (called on watchdog's thread)."""
        if event.event_type in _CHANGES:
            self._on_change()
