"""What the library says while its window is open, read beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.progress import Counts
from photofind.core.records.query import Query
from tests.end2end.desktop import wait_until
from tests.end2end.shown_photos import Answer
from tests.inside import thumbnails_of


class LibraryBeside:
    """A library that another process has open; never written."""

    def __init__(self, library: Path) -> None:
        self.library = library

    @contextmanager
    def reading(self) -> Iterator[Library]:
        library = Library(self.library, read_only=True)
        try:
            library.search.catch_up(float("inf"))
            yield library
        finally:
            library.close()

    def answer(self, query: Query) -> Answer:
        with self.reading() as library:
            result = library.search.answer(query)
            ids = result.photo_ids.tolist()
            return Answer(ids, result.likely, thumbnails_of(library).get(ids))

    def photo_id(self, path: Path) -> int:
        """Return the id of the photo in this file."""
        newest = self.answer(Query()).photo_ids
        with self.reading() as library:
            return next(photo.id for photo in library.search.photos(newest) if photo.path == os.fsencode(path))

    def counts(self) -> Counts:
        with self.reading() as library:
            return library.embedding.counts

    def _is_made(self) -> bool:
        """Tell whether it can be read; a half-made one is refused with a sentence."""
        try:
            self.counts()
        except PhotofindError:
            return False
        return True

    def wait_embedded(self, at_least: int = 1) -> int:
        """Wait until nothing is pending; return how many photos are embedded."""
        wait_until(self._is_made, "the library")

        def embedded() -> int:
            counts = self.counts()
            return counts.embedded if counts.pending == 0 and counts.embedded >= at_least else 0

        return wait_until(embedded, f"all photos, at least {at_least}, to be embedded")
