"""One watched folder: its events, and a look every few seconds whether they can still come.

Watching goes deaf without a word when a folder is unmounted, mounted again, replaced or renamed, at the
system's limits and on network drives (watchdog#409, #673). A folder is then watched anew, or looked at on a timer.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from photofind.background.watching.events import FolderEvents
from photofind.core.disk import volumes
from photofind.core.records.names import display_name
from photofind.core.sentences.sentence import Sentence

_log = logging.getLogger(__name__)
# Looking again and again must not take more than a tenth of the time.
_REST_PER_SCAN = 10.0


@dataclass(frozen=True, slots=True)
class _Place:
    """What lies where the folder should be; when it is another, what was watched is not there any more."""

    device: int
    inode: int
    volume: str
    kind: str
    mounts: frozenset[bytes]
    links: tuple[tuple[bytes, tuple[int, int] | None], ...]


class WatchedFolder:
    """Looks after one folder on a thread of its own, so that a drive that hangs holds up nothing else.

    `on_dirty` and `on_notice` are called on that thread or one of watchdog's. `drops` tells which relative
    paths do not count, `links` are the relative paths of links to folders that are followed, `scan_seconds` is how
    long the latest scan took; all may be set at any time.
    """

    def __init__(
        self,
        path: bytes,
        drops: Callable[[bytes], bool],
        links: tuple[bytes, ...] = (),
        *,
        on_dirty: Callable[[], None],
        is_dirty: Callable[[], bool],
        on_notice: Callable[[Sentence], None],
        look_seconds: float,
        poll_seconds: float,
    ) -> None:
        self.path = path
        self.drops = drops
        self.links = links
        self.scan_seconds = 0.0
        self._on_dirty = on_dirty
        self._is_dirty = is_dirty
        self._on_notice = on_notice
        self._look_seconds = look_seconds
        self._poll_seconds = poll_seconds
        self._place: _Place | None = None
        self._events: FolderEvents | None = None
        self._name = display_name(os.path.basename(path) or path)
        self._why_polled: Sentence | None = None
        self._said: set[Sentence] = set()
        self._polled_at = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watched folder", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the watching to end; returns at once."""
        self._stopped.set()

    def join(self, timeout: float) -> None:
        """Wait for the end; a drive that hangs may delay it beyond any timeout."""
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._look()
            self._poll()
            self._stopped.wait(self._look_seconds)
        self._unwatch()

    def _look(self) -> None:
        """Watch anew when the folder is not what was watched, or events have ended."""
        place = _find(self.path, self.links)
        if place == self._place and (self._events is None or self._events.is_alive):
            return
        self._unwatch()
        self._place = place
        if place is not None:
            self._watch(place)
        self._polled_at = time.monotonic()
        self._on_dirty()  # what changed before the watches were there is found by a look only

    def _watch(self, place: _Place) -> None:
        if volumes.is_network(place.kind):
            self._why_polled = Sentence("watching_network_drive", folder=self._name)
            return
        try:
            links = [link for link, target in place.links if target is not None]
            self._events = FolderEvents(self.path, links, self._note, self._on_dirty, self._is_dirty)
        except (FileNotFoundError, NotADirectoryError):
            self._place = None  # gone since it was found; the next look says which
            return
        except OSError as error:
            _log.warning("not watched: %s", error)
            self._why_polled = _refusal(error, self._name)
            return
        leads = (os.path.join(self.path, link) for link, _ in place.links)
        if any(self._is_network_below(inside) for inside in (*place.mounts, *leads)):
            self._why_polled = Sentence("watching_network_drive_inside", folder=self._name)

    def _unwatch(self) -> None:
        self._why_polled = None
        if self._events is not None:
            self._events.stop()
            self._events = None

    def _poll(self) -> None:
        """Call a folder dirty now and then while changes in it are not told."""
        if self._events is not None and self._events.is_partial:
            self._why_polled = Sentence("watching_too_many_folders", folder=self._name)
        if self._why_polled is None:
            return
        if self._why_polled not in self._said:
            self._said.add(self._why_polled)
            self._on_notice(self._why_polled)
        now = time.monotonic()
        if now - self._polled_at >= max(self._poll_seconds, self.scan_seconds * _REST_PER_SCAN):
            self._polled_at = now
            self._on_dirty()

    def _note(self, path: bytes, other: bytes) -> None:
        """Call the folder dirty unless all that changed is left out (on watchdog's thread, for every event)."""
        if not self.drops(path) or (other and not self.drops(other)):
            self._on_dirty()

    def _is_network_below(self, mount: bytes) -> bool:
        if self.drops(mount[len(os.path.join(self.path, b"")) :]):
            return False
        try:
            return volumes.is_network(volumes.volume_of(mount).kind)
        except OSError as error:
            _log.info("nothing known of a mount: %s", error)
            return False


def _refusal(error: OSError, folder: str) -> Sentence:
    """Return why a folder is not watched; the first two are limits of Linux that a person can raise."""
    if error.errno == errno.EMFILE:
        return Sentence("watching_too_many_programs", folder=folder)
    if error.errno == errno.ENOSPC:
        return Sentence("watching_too_many_folders", folder=folder)
    return Sentence("watching_refused", folder=folder)


def _find(path: bytes, links: Sequence[bytes]) -> _Place | None:
    """Return what lies at a path, and where links in it lead, or None where it cannot be reached."""
    try:
        volume = volumes.volume_of(path)
        targets = tuple((link, _target(os.path.join(path, link))) for link in links)
        return _Place(volume.device, volume.inode, volume.id, volume.kind, volumes.mounts_below(path), targets)
    except OSError as error:
        _log.debug("not there: %s", error)
        return None


def _target(link: bytes) -> tuple[int, int] | None:
    """Return which directory a link leads to, None where none is there now."""
    try:
        return volumes.place_of(os.stat(link))
    except OSError:
        return None
