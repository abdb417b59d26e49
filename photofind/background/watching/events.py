"""Events of the disk below one folder, and whether they can be trusted; the only user of watchdog.

On Linux watchdog keeps three losses to itself: a directory that the system's limit left unwatched
(watchdog#673), a kernel queue that ran over (watchdog#654), and watches that ended with a mount.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import BaseObserver
from watchdog.utils import BaseThread

_log = logging.getLogger(__name__)
# A directory that is "modified" says nothing that its files do not say, and would tell of excluded ones too.
_CHANGES: list[type[FileSystemEvent]] = [
    *(FileCreatedEvent, FileMovedEvent, FileDeletedEvent, FileClosedEvent),
    *(DirCreatedEvent, DirMovedEvent, DirDeletedEvent),
]


@dataclass(slots=True)
class _Losses:
    """What watchdog does not tell."""

    on_overflow: Callable[[], None]
    is_enough: Callable[[], bool]
    unwatched: bool = False
    unmounted: bool = False


class FolderEvents:
    """Calls `on_change(path, other path)` for each change below a folder and `links` in it, on a thread of watchdog's.

    Paths are relative to the folder, the other one that of a move, else empty. `on_overflow` is called
    when events were lost. `is_enough` is asked for each event of a file: while it says True nothing more needs
    to be known, which spares most of the work that 50,000 new files make. OSError where the folder cannot be
    watched: EMFILE at the limit of instances, ENOSPC at the limit of watches.
    """

    def __init__(
        self,
        folder: bytes,
        links: Sequence[bytes],
        on_change: Callable[[bytes, bytes], None],
        on_overflow: Callable[[], None],
        is_enough: Callable[[], bool],
    ) -> None:
        root = os.path.realpath(folder)  # inotify would watch a link itself
        self._losses = _Losses(on_overflow, is_enough)
        self._observer, self._threads = _new_observer(self._losses)
        try:
            self._observer.schedule(_Changes(root, on_change), os.fsdecode(root), recursive=True, event_filter=_CHANGES)
            self._schedule_links(root, links, on_change)
            self._observer.start()
        except BaseException:
            self.stop()
            raise

    def _schedule_links(self, root: bytes, links: Sequence[bytes], on_change: Callable[[bytes, bytes], None]) -> None:
        """Watch where links lead too, each place once; changes are told as if they were below the link."""
        places = {os.path.realpath(os.path.join(root, link)): link for link in reversed(links)}
        for place, link in places.items():
            changes = _Changes(place, partial(_tell_below, link, on_change))
            self._observer.schedule(changes, os.fsdecode(place), recursive=True, event_filter=_CHANGES)

    @property
    def is_alive(self) -> bool:
        """Whether events still come; watchdog's observer stays alive when its emitter is not."""
        threads = [self._observer, *self._threads, *self._observer.emitters]
        return not self._losses.unmounted and all(thread.is_alive() for thread in threads)

    @property
    def is_partial(self) -> bool:
        """Whether directories below the folder are not watched because the system's limit is reached."""
        return self._losses.unwatched

    def stop(self) -> None:
        """End the events; may hang with a drive that hangs."""
        self._observer.stop()
        for thread in self._threads:
            thread.stop()
        for thread in (self._observer, *self._threads):
            if thread.ident is not None:
                thread.join()


def _tell_below(link: bytes, on_change: Callable[[bytes, bytes], None], path: bytes, other: bytes) -> None:
    on_change(os.path.join(link, path), os.path.join(link, other) if other else other)


class _Changes(FileSystemEventHandler):
    """Passes changes on with paths relative to the folder."""

    def __init__(self, root: bytes, on_change: Callable[[bytes, bytes], None]) -> None:
        self._start = len(os.path.join(root, b""))
        self._on_change = on_change

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Pass on one change (called on watchdog's thread)."""
        start = self._start
        self._on_change(os.fsencode(event.src_path)[start:], os.fsencode(event.dest_path)[start:])


if sys.platform == "linux":
    import errno

    from watchdog.observers.inotify import InotifyEmitter
    from watchdog.observers.inotify_c import (
        CallbackId,
        InotifyConstants,
        InotifyEvent,
        InotifyFD,
        Mask,
        WatchCallback,
        WatchDescriptor,
    )

    # What may change the directories that are watched.
    _ALWAYS_HANDLED = (
        InotifyConstants.IN_ISDIR
        | InotifyConstants.IN_DELETE_SELF
        | InotifyConstants.IN_UNMOUNT
        | InotifyConstants.IN_IGNORED
        | InotifyConstants.IN_Q_OVERFLOW
    )

    # It calls its own orderly end an error, and what it fails at is found by a look.
    logging.getLogger("watchdog.observers.inotify").setLevel(logging.CRITICAL)
    # A directory made inside one just made is found twice, by its event and by the look inside, and added twice.
    warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)

    class _Inotify(InotifyFD):
        """Notes what watchdog swallows (add_callback's errors) or only logs (the overflow)."""

        def __init__(self, losses: _Losses) -> None:
            super().__init__()
            self._losses = losses

        def run(self) -> None:
            """Read events to the end; a failure ends them, which `is_alive` tells."""
            try:
                super().run()
            except OSError as error:  # so does closing it while a directory just made is added
                _log.info("no more events: %s", error)

        def add_callback(self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId) -> WatchDescriptor:
            """Watch one directory, note when the limit is reached."""
            try:
                return super().add_callback(path, mask, callback, id_)
            except OSError as error:
                self._losses.unwatched |= error.errno == errno.ENOSPC
                raise

        def handle_event(self, event: InotifyEvent) -> None:
            """Handle one event unless enough is known; note lost ones after watchdog has added its watches again."""
            if not event.mask & _ALWAYS_HANDLED and self._losses.is_enough():
                return
            super().handle_event(event)
            if event.is_queue_overflow:
                self._losses.on_overflow()
            elif event.mask & InotifyConstants.IN_UNMOUNT:
                self._losses.unmounted = True

    def _new_observer(losses: _Losses) -> tuple[BaseObserver, list[BaseThread]]:
        inotify = _Inotify(losses)
        inotify.start()
        return BaseObserver(InotifyEmitter, inotify_fd=inotify), [inotify]

else:
    from watchdog.observers import Observer

    _CHANGES.append(FileModifiedEvent)  # "closed" is inotify's own

    def _new_observer(_losses: _Losses) -> tuple[BaseObserver, list[BaseThread]]:
        return Observer(), []
