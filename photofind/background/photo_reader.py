"""Read rows and thumbnails for the grid, beside the library thread, so that scrolling never waits for a slice.

Reads by `Tiles`, which has connections of its own, so that it goes on while photos are embedded.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from photofind.background.calls import Post
from photofind.core.errors import PhotofindError
from photofind.core.records.photos import Tile
from photofind.core.search.tiles import Tiles

_log = logging.getLogger(__name__)
# What scrolled by long ago need not be read any more.
_MOST_WAITING = 64
_RETRY_SECONDS = 0.2

OnTiles = Callable[[list[Tile]], None]


class PhotoReader:
    """Read tiles on a thread of its own, the newest request first."""

    def __init__(self, library_dir: Path, post: Post) -> None:
        self._tiles = Tiles(library_dir)
        self._post = post
        self._wake = threading.Condition()
        self._requests: deque[tuple[Sequence[int], OnTiles]] = deque(maxlen=_MOST_WAITING)
        self._is_stopping = False
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
                if self._tiles.open():
                    self._answer(*request)
                else:
                    self._put_back(request)
        finally:
            self._tiles.close()

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

    def _answer(self, photo_ids: Sequence[int], on_done: OnTiles) -> None:
        tiles: list[Tile] = []
        try:
            tiles = self._tiles.read(photo_ids)
        except PhotofindError as error:
            _log.warning("tiles could not be read: %s", error)
        except Exception:  # noqa: BLE001 - a mistake of ours is logged and told, and must not end the thread
            _log.exception("tiles could not be read")
        self._post(lambda: on_done(tiles))
