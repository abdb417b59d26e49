"""The photos of a folder whose files a walk has not seen yet.

Of all of them only their ids are held, a byte each: the rows of a million would take half a gigabyte. The rows of a
directory are read when the walk is there.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.scanned import ID, PATH, ROWS_A_STEP, Known


class Unseen:
    """What one walk of one folder has not seen yet, of the photos that were there when it began."""

    def __init__(self, catalog: Catalog, folder_id: int) -> None:
        self._scanned = catalog.scanned
        self._folder_id = folder_id
        self._is_unseen = bytearray(catalog.photos.highest_id() + 1)
        self._came_back = len(catalog.scanned.came_back)
        self._directory: bytes | None = None
        self._rows: dict[bytes, Known] = {}

    def begin(self) -> Iterator[None]:
        """Note which photos there are, in steps."""
        is_unseen = np.frombuffer(self._is_unseen, np.bool_)
        for ids in self._scanned.ids(self._folder_id, ROWS_A_STEP):
            are_there = np.array(ids)
            is_unseen[are_there[are_there < len(is_unseen)]] = True  # others came since
            yield

    def in_directory(self, path: bytes) -> dict[bytes, Known]:
        """Return the rows of the photos right in a directory, by path."""
        if path != self._directory:
            self._rows = {row[PATH]: row for row in self._scanned.known_in(self._folder_id, path)}
            self._directory = path
        return self._rows

    def see(self, row: Known) -> None:
        """Note that a photo's file was seen."""
        if row[ID] < len(self._is_unseen):
            self._is_unseen[row[ID]] = False

    def load(self, known: dict[bytes, Known]) -> Iterator[None]:
        """Read the rows of those that were not seen, by path, in steps.

        But for those that came back meanwhile: they may lie where the walk had been already.
        """
        back = set(self._scanned.came_back[self._came_back :])
        ids = [i for i in np.flatnonzero(np.frombuffer(self._is_unseen, np.bool_)).tolist() if i not in back]
        for start in range(0, len(ids), ROWS_A_STEP):
            rows = self._scanned.known_by_id(self._folder_id, ids[start : start + ROWS_A_STEP])
            known.update((row[PATH], row) for row in rows)
            yield
