"""The photos that wait to be opened and embedded, what makes them wait, and what ends it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlite_utils import Database

from photofind.core.catalog.database import marks
from photofind.core.catalog.states import (
    HAS_VECTOR,
    IS_DONE,
    IS_KNOWN,
    IS_PENDING,
    IS_THERE,
    TO_BE_OPENED,
    WAITS_TO_BE_OPENED,
    Again,
    PhotoState,
)
from photofind.core.catalog.storable import storable
from photofind.core.records.decoded import OPENER_VERSION
from photofind.core.records.work import PendingPhoto


class OpenedPhoto(NamedTuple):
    """What was found in a photo's file; in the order of the statement that writes it.

    `flaw` is what is damaged in it, None where nothing is; `sort_time`, in seconds since 1970, takes the place of the
    file's own time where the photo says when it was taken.
    """

    flaw: str | None
    flawed_since: float | None
    content_hash: bytes
    ends: bytes
    width: int
    height: int
    taken: str | None
    camera: str | None
    latitude: float | None
    longitude: float | None
    sort_time: float | None
    id: int


class Waiting:
    """The photos that are pending; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # Reading

    def next(self, limit: int, skip: Sequence[int] = (), sample: Sequence[int] = ()) -> list[PendingPhoto]:
        """Return photos of online folders that are to be opened and embedded, the newest first.

        `skip` names photos that are already on their way. What can be embedded from its thumbnail is left out;
        while a `sample` is to tell whether it can, its photos come first, and others only if they must be opened.
        """
        if not sample:
            return self._next("p.id NOT IN", skip, limit)
        wanted = [i for i in sample if i not in skip]
        photos = self._next("p.id IN", wanted, limit) if wanted else []
        return photos + self._next(f"NOT ({IS_KNOWN}) AND p.id NOT IN", skip, limit - len(photos))

    def _next(self, which: str, photo_ids: Sequence[int], limit: int) -> list[PendingPhoto]:
        rows = self._db.execute(
            "SELECT p.id, f.path, p.path, p.folder_id, p.size, p.mtime_ns, p.ctime_ns, p.inode "
            "FROM photo p INDEXED BY photo_pending JOIN folder f ON f.id = p.folder_id "
            f"WHERE {WAITS_TO_BE_OPENED} AND {IS_THERE} AND {which} ({marks(photo_ids)}) "
            "ORDER BY p.sort_time DESC LIMIT ?",
            [*photo_ids, limit],
        )
        return [
            PendingPhoto(photo_id, os.path.join(folder, path), folder_id, (size, mtime_ns, ctime_ns, inode))
            for photo_id, folder, path, folder_id, size, mtime_ns, ctime_ns, inode in rows
        ]

    def is_empty(self) -> bool:
        """Tell whether no photo can be opened now that is to be."""
        return not self.next(1)

    def known_contents(self, photo_ids: Sequence[int]) -> set[tuple[int, bytes]]:
        """Return id and content of those photos that are known already and wait for another model only."""
        query = f"SELECT p.id, p.content_hash FROM photo p WHERE {IS_KNOWN} AND p.id IN ({marks(photo_ids)})"
        return set(self._db.execute(query, photo_ids))

    def still_due(self, photos: Sequence[PendingPhoto]) -> set[int]:
        """Return those of some photos that are there, and the files that they were when they were taken from here."""
        rows = self._db.execute(
            f"SELECT id, size, mtime_ns, ctime_ns, inode FROM photo WHERE id IN ({marks(photos)})",
            [photo.id for photo in photos],
        )
        now = {photo_id: tuple(fingerprint) for photo_id, *fingerprint in rows}
        return {photo.id for photo in photos if now.get(photo.id) == photo.fingerprint}

    # Writing

    def end(self, photos: Iterable[OpenedPhoto]) -> None:
        """Keep what was found in photos that were opened and embedded; they wait no more."""
        self._db.conn.executemany(
            f"UPDATE photo SET state = {PhotoState.DONE:d}, changed = FALSE, again = {Again.NO:d}, words_due = FALSE, "
            f"tried_by = {OPENER_VERSION:d}, "
            "reason = NULL, flaw = ?, failed_since = ?, content_hash = ?, ends = ?, width = ?, height = ?, taken = ?, "
            "camera = ?, latitude = ?, longitude = ?, sort_time = coalesce(?, sort_time) WHERE id = ?",
            (tuple(map(storable, photo)) for photo in photos),
        )

    def restart(self, model: int) -> None:
        """Mark as pending the finished photos that a model has no embedding of, and as finished those it has.

        What is pending for another reason stays so: it is new, has changed, or lost its thumbnail.
        """
        with self._db.atomic():
            self._db.execute(
                f"UPDATE photo AS p SET state = {HAS_VECTOR}, again = NOT {HAS_VECTOR} "
                f"WHERE {IS_DONE} OR ({IS_PENDING} AND {IS_KNOWN})",
                [model, model],
            )

    def add(self, photo_ids: Iterable[int]) -> None:
        """Have photos opened, whatever the model."""
        with self._db.atomic():
            self._db.conn.executemany(f"UPDATE photo SET {TO_BE_OPENED} WHERE id = ?", ((i,) for i in photo_ids))

    def add_all(self) -> None:
        """Have every photo opened; its embedding is used again when its content is the same."""
        with self._db.atomic():
            self._db.execute(f"UPDATE photo AS p SET {TO_BE_OPENED} WHERE {IS_DONE} OR p.again")
