"""The watcher: says that something changed in a folder; nothing else is taken from an event.

Events are a hint, scanning is the truth: each `WatchedFolder` looks itself after what makes it deaf.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from photofind.background.watching.watched_folder import WatchedFolder
from photofind.core.disk.exclusions import Exclusions
from photofind.core.records.photos import Folder
from photofind.core.sentences.sentence import Sentence

QUIET_SECONDS = 1.0
LOOK_SECONDS = 5.0
POLL_SECONDS = 60.0
# Files may come in for hours; they are looked at this often even if it never gets quiet.
_MOST_SECONDS = 5.0


class Watcher:
    """Watch folders and call `on_dirty(folder id)` after a second of quiet, on the watcher's thread.

    A folder is dirty when something in it changed, or when changes may have been missed: it came, went, was
    replaced or mounted, events were lost, or none are told there. Every `look_seconds` each folder is looked
    after; one whose changes are not told is dirty every `poll_seconds`. `on_notice` gets a sentence about that
    once per folder, on a thread of the folder's.
    """

    def __init__(
        self,
        on_dirty: Callable[[int], None],
        on_notice: Callable[[Sentence], None],
        *,
        look_seconds: float = LOOK_SECONDS,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._on_dirty = on_dirty
        self._on_notice = on_notice
        self._look_seconds = look_seconds
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._folders: dict[int, WatchedFolder] = {}
        self._dirty: dict[int, tuple[float, float]] = {}  # first and latest event, monotonic seconds
        self._wake = threading.Event()
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin to tell what is dirty."""
        self._thread.start()

    def watch(self, folders: list[Folder], exclusions: Exclusions) -> None:
        """Watch exactly these folders from now on, online or not; returns at once."""
        paths = {folder.id: folder.path for folder in folders}
        with self._lock:
            if self._is_stopped:
                return
            for folder_id, watched in list(self._folders.items()):
                if paths.get(folder_id) != watched.path:
                    self._folders.pop(folder_id).stop()
            for folder in folders:
                drops = exclusions.filter_for(folder.path).drops
                if folder.id in self._folders:
                    self._folders[folder.id].drops = drops
                    self._folders[folder.id].links = folder.links
                else:
                    self._folders[folder.id] = self._watch(folder, drops)

    def note_scan(self, folder_id: int, seconds: float) -> None:
        """Take note of how long a scan took: where it is slow, a folder is polled less often."""
        with self._lock:
            if folder_id in self._folders:
                self._folders[folder_id].scan_seconds = seconds

    def stop(self, timeout: float = 3.0) -> None:
        """End the watching; a thread that hangs with its drive is left behind."""
        deadline = time.monotonic() + timeout
        with self._lock:
            self._is_stopped = True
            folders = list(self._folders.values())
        for watched in folders:
            watched.stop()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        for watched in folders:
            watched.join(max(0.0, deadline - time.monotonic()))

    def _watch(self, folder: Folder, drops: Callable[[bytes], bool]) -> WatchedFolder:
        watched = WatchedFolder(
            folder.path,
            drops,
            folder.links,
            on_dirty=lambda: self._note(folder.id),
            is_dirty=lambda: self._note_more(folder.id),
            on_notice=self._on_notice,
            look_seconds=self._look_seconds,
            poll_seconds=self._poll_seconds,
        )
        watched.start()
        return watched

    def _run(self) -> None:
        while True:
            self._wake.wait(QUIET_SECONDS / 4 if self._dirty else None)
            self._wake.clear()
            if self._is_stopped:
                return
            self._tell()

    def _note(self, folder_id: int) -> None:
        """Note that a folder is dirty (on any thread, for every event)."""
        now = time.monotonic()
        with self._lock:
            first, _ = self._dirty.get(folder_id, (now, now))
            self._dirty[folder_id] = (first, now)
        if first == now:
            self._wake.set()

    def _note_more(self, folder_id: int) -> bool:
        """Note one more event of a folder that is dirty already; False where it is not (on any thread)."""
        with self._lock:
            if folder_id not in self._dirty:
                return False
            self._dirty[folder_id] = (self._dirty[folder_id][0], time.monotonic())
            return True

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
