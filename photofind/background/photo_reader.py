"""Read rows and thumbnails for the grid, beside the library thread, so that scrolling never waits for a slice.

Has read-only connections of its own: SQLite's write-ahead log lets it read while photos are embedded.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from photofind.background.worker import Post
from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.errors import PhotofindError
from photofind.core.library import CATALOG_FILE, THUMBNAILS_FILE
from photofind.core.photos.images import open_thumbnail
from photofind.core.records.photos import Photo, Tile

_log = logging.getLogger(__name__)
# What scrolled by long ago need not be read any more.
_MOST_WAITING = 64
_RETRY_SECONDS = 0.2

OnTiles = Callable[[list[Tile]], None]
# Which file has the name, to notice that another one has taken its place: it was mended, or made again.
Identity = list[tuple[int, int]]


class PhotoReader:
    """Read tiles on a thread of its own, the newest request first."""

    def __init__(self, library_dir: Path, post: Post) -> None:
        self._directory = library_dir
        self._post = post
        self._wake = threading.Condition()
        self._requests: deque[tuple[Sequence[int], OnTiles]] = deque(maxlen=_MOST_WAITING)
        self._is_stopping = False
        self._opened: tuple[Catalog, Thumbnails] | None = None
        self._identity: Identity = []
        self._thread = threading.Thread(target=self._run, name="photo reader", daemon=True)

    def start(self) -> None:
        """Begin to answer requests; they wait until there is a library to read."""
        self._thread.start()

    def request(self, photo_ids: Sequence[int], on_done: OnTiles) -> None:
        """Read tiles; `on_done` gets those that exist, through `post`."""
        with self._wake:
            self._requests.append((photo_ids, on_done))
            self._wake.notify()

    def stop(self, timeout: float = 3.0) -> None:
        """End the thread."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        try:
            while (request := self._next()) is not None:
                files = self._files()
                if files is None:
                    self._put_back(request)
                    continue
                self._answer(*files, *request)
        finally:
            self._close()

    def _next(self) -> tuple[Sequence[int], OnTiles] | None:
        with self._wake:
            while not self._requests and not self._is_stopping:
                self._wake.wait()
            return None if self._is_stopping else self._requests.pop()

    def _put_back(self, request: tuple[Sequence[int], OnTiles]) -> None:
        """Wait a moment for the library, which the library thread is still creating."""
        with self._wake:
            self._requests.append(request)
            self._wake.wait_for(lambda: self._is_stopping, _RETRY_SECONDS)

    def _files(self) -> tuple[Catalog, Thumbnails] | None:
        """Return the library's files as they lie there now, None while they cannot be opened."""
        there = self._there()
        if self._opened is not None and there != self._identity:
            self._close()
        if self._opened is None:
            self._identity, self._opened = there, self._open()
        return self._opened

    def _there(self) -> Identity:
        try:
            found = [(self._directory / name).stat() for name in (CATALOG_FILE, THUMBNAILS_FILE)]
        except OSError:
            return []  # on the way to being replaced, or not made yet
        return [(stat.st_dev, stat.st_ino) for stat in found]

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        for file in opened or ():
            file.close()

    def _open(self) -> tuple[Catalog, Thumbnails] | None:
        try:
            catalog = Catalog(self._directory / CATALOG_FILE, read_only=True)
        except PhotofindError as error:
            _log.debug("not yet readable: %s", error)
            return None
        try:
            return catalog, Thumbnails(self._directory / THUMBNAILS_FILE, read_only=True)
        except PhotofindError as error:
            _log.debug("not yet readable: %s", error)
            catalog.close()
            return None

    def _answer(self, catalog: Catalog, thumbnails: Thumbnails, ids: Sequence[int], on_done: OnTiles) -> None:
        try:
            photos = catalog.photos(ids)
            jpegs = thumbnails.get([photo.id for photo in photos])
            tiles = [self._tile(photo, jpegs.get(photo.id)) for photo in photos]
        except sqlite3.Error as error:
            _log.warning("tiles could not be read: %s", error)
            self._close()
            tiles = []
        except Exception:  # noqa: BLE001 - a mistake of ours is logged and told, and must not end the thread
            _log.exception("tiles could not be read")
            tiles = []
        self._post(lambda: on_done(tiles))

    @staticmethod
    def _tile(photo: Photo, jpeg: bytes | None) -> Tile:
        try:
            return Tile(photo, None if jpeg is None else open_thumbnail(jpeg))
        except OSError as error:
            _log.warning("thumbnail of photo %d: %s", photo.id, error)
            return Tile(photo, None)
