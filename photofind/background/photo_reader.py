"""Read rows and thumbnails for the grid, beside the library thread, so that scrolling never waits for a slice.

Reads by `Tiles`, which has connections of its own, so that it goes on while photos are embedded.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from photofind.background.calls import Post
from photofind.core.errors import PhotofindError
from photofind.core.records.photos import Photo, Tile
from photofind.core.search.tiles import Tiles

_log = logging.getLogger(__name__)
T = TypeVar("T")
_RETRY_SECONDS = 0.2
# Photos without their thumbnails are read so many at a time: a tile that is asked for meanwhile comes between.
_PHOTOS_AT_ONCE = 1_000

OnTiles = Callable[[list[Tile]], None]
OnPhotos = Callable[[list[Photo]], None]


@dataclass(slots=True)
class _TilesAsked:
    """Tiles to be read."""

    photo_ids: Sequence[int]
    on_done: OnTiles


@dataclass(slots=True)
class _PhotosAsked:
    """Photos to be read, as far as they are."""

    photo_ids: Sequence[int]
    on_done: OnPhotos
    read: int = 0
    found: list[Photo] = field(default_factory=list)


class PhotoReader:
    """Read tiles on a thread of its own, the newest request first; every request is answered."""

    def __init__(self, library_dir: Path, post: Post) -> None:
        self._tiles = Tiles(library_dir)
        self._post = post
        self._wake = threading.Condition()
        self._requests: list[_TilesAsked] = []
        self._photos: deque[_PhotosAsked] = deque()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="photo reader", daemon=True)

    def start(self) -> None:
        """Begin to answer requests; they wait until there is a library to read."""
        self._thread.start()

    def request(self, photo_ids: Sequence[int], on_done: OnTiles) -> None:
        """Read tiles; `on_done` gets those that exist, through `post`."""
        with self._wake:
            self._requests.append(_TilesAsked(photo_ids, on_done))
            self._wake.notify()

    def request_photos(self, photo_ids: Sequence[int], on_done: OnPhotos) -> None:
        """Read photos without their thumbnails; `on_done` gets those that exist, in this order, through `post`."""
        with self._wake:
            self._photos.append(_PhotosAsked(photo_ids, on_done))
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
            while self._wait():
                if self._tiles.open():
                    self._answer_next()
                else:
                    self._rest()
        finally:
            self._tiles.close()

    def _wait(self) -> bool:
        """Wait for a request; False where the thread is to end."""
        with self._wake:
            self._wake.wait_for(lambda: self._requests or self._photos or self._is_stopping)
            return not self._is_stopping

    def _rest(self) -> None:
        """Wait a moment for the library, which the library thread is still creating."""
        with self._wake:
            self._wake.wait_for(lambda: self._is_stopping, _RETRY_SECONDS)

    def _answer_next(self) -> None:
        """Answer the newest request for tiles, or read some more photos where there is none."""
        with self._wake:
            request = self._requests.pop() if self._requests else self._photos[0]
        if isinstance(request, _TilesAsked):
            self._answer(request)
        else:
            self._read_on(request)

    def _answer(self, request: _TilesAsked) -> None:
        tiles = self._read(lambda: self._tiles.read(request.photo_ids))
        self._post(lambda: request.on_done(tiles))

    def _read_on(self, request: _PhotosAsked) -> None:
        part = request.photo_ids[request.read : request.read + _PHOTOS_AT_ONCE]
        request.found += self._read(lambda: self._tiles.photos(part))
        request.read += len(part)
        if request.read >= len(request.photo_ids):
            with self._wake:
                self._photos.popleft()
            self._post(lambda: request.on_done(request.found))

    def _read(self, read: Callable[[], list[T]]) -> list[T]:
        """Read, once more from files opened anew where that fails: what is not read stays grey for long."""
        try:
            try:
                return read()
            except PhotofindError as error:
                _log.warning("tiles could not be read: %s", error)
                self._rest()
                return read() if self._tiles.open() else []
        except PhotofindError as error:
            _log.warning("tiles could not be read again: %s", error)
        except Exception:  # noqa: BLE001 - a mistake of ours is logged and told, and must not end the thread
            _log.exception("tiles could not be read")
        return []
