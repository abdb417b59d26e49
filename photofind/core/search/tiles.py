"""The tiles of the grid, read beside the thread that has the library open: SQLite's log lets several read at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.database import CATALOG_FILE, THUMBNAILS_FILE
from photofind.core.catalog.telling import Telling
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.errors import PhotofindError
from photofind.core.photos.images import open_thumbnail
from photofind.core.records.photos import Photo, Tile

_log = logging.getLogger(__name__)
# Which file has the name, to notice that another one has taken its place: it was mended, or made again.
_Identity = list[tuple[int, int]]


class Tiles:
    """Rows and thumbnails of one library, by read-only connections of its own; used by one thread."""

    def __init__(self, library_dir: Path) -> None:
        self._directory = library_dir
        self._telling = Telling(library_dir / CATALOG_FILE)
        self._files: tuple[Catalog, Thumbnails] | None = None
        self._identity: _Identity = []

    def open(self) -> bool:
        """Open the files that lie there now, where they are not yet; tell whether they can be read."""
        there = self._there()
        if self._files is not None and there != self._identity:
            self.close()
        if self._files is None:
            self._identity, self._files = there, self._open()
        return self._files is not None

    def read(self, photo_ids: Sequence[int]) -> list[Tile]:
        """Return the tiles of those photos that there are; PhotofindError where the files cannot be read any more."""
        try:
            with self._telling.reading():
                return self._read(photo_ids)
        except PhotofindError:
            self.close()
            raise

    def photos(self, photo_ids: Sequence[int]) -> list[Photo]:
        """Return those of the photos that there are; PhotofindError where the files cannot be read any more."""
        try:
            with self._telling.reading():
                return [] if self._files is None else self._files[0].photos.get(photo_ids)
        except PhotofindError:
            self.close()
            raise

    def close(self) -> None:
        """Close the files."""
        files, self._files = self._files, None
        for file in files or ():
            file.close()

    def _open(self) -> tuple[Catalog, Thumbnails] | None:
        with ExitStack() as opened:
            try:
                catalog = Catalog(self._directory / CATALOG_FILE, read_only=True)
                opened.callback(catalog.close)
                thumbnails = Thumbnails(self._directory / THUMBNAILS_FILE, read_only=True)
            except PhotofindError as error:
                _log.debug("not yet readable: %s", error)
                return None
            opened.pop_all()
            return catalog, thumbnails

    def _there(self) -> _Identity:
        try:
            found = [(self._directory / name).stat() for name in (CATALOG_FILE, THUMBNAILS_FILE)]
        except OSError:
            return []  # on the way to being replaced, or not made yet
        return [(stat.st_dev, stat.st_ino) for stat in found]

    def _read(self, photo_ids: Sequence[int]) -> list[Tile]:
        if self._files is None:
            return []
        catalog, thumbnails = self._files
        photos = catalog.photos.get(photo_ids)
        jpegs = thumbnails.get([photo.id for photo in photos])
        return [_tile(photo, jpegs.get(photo.id)) for photo in photos]


def _tile(photo: Photo, jpeg: bytes | None) -> Tile:
    try:
        return Tile(photo, None if jpeg is None else open_thumbnail(jpeg))
    except OSError as error:
        _log.warning("thumbnail of photo %d: %s", photo.id, error)
        return Tile(photo, None)
