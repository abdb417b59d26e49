"""The photos' rows: what is shown of them, which others have the same content, and deleting them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from sqlite_utils import Database

from photofind.core.catalog.database import marks
from photofind.core.catalog.schema import references_to
from photofind.core.catalog.states import (
    IS_DONE,
    IS_ELSEWHERE,
    IS_GONE,
    IS_READABLE,
    IS_SHOWN,
    IS_THERE,
    IS_WATCHED,
)
from photofind.core.catalog.words import Words
from photofind.core.records.arrays import Ids
from photofind.core.records.photos import Photo
from photofind.core.records.words import Taken
from photofind.core.sentences.sentence import from_text

_IDS_A_QUERY = 500
_ALL_YEARS = range(1, 3_000)


class Copy(NamedTuple):
    """A photo with some content: its folder, its path in that, and whether a sync found that it is gone."""

    id: int
    folder: bytes
    path: bytes
    is_gone: bool


class Photos:
    """The rows of photos; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database, words: Words) -> None:
        self._db = db
        self._words = words

    @cached_property
    def _referring(self) -> list[tuple[str, str]]:
        return [(one.table, one.column) for one in references_to(self._db, "photo")]

    # Reading

    def get(self, photo_ids: Sequence[int]) -> list[Photo]:
        """Return the photos with these ids, in this order; ids that are gone are left out."""
        found: dict[int, Photo] = {}
        for start in range(0, len(photo_ids), _IDS_A_QUERY):
            part = [int(i) for i in photo_ids[start : start + _IDS_A_QUERY]]
            rows = self._db.execute(
                f"SELECT p.id, f.path, p.path, p.width, p.height, p.taken, p.camera, {IS_THERE}, "
                "f.drive, p.flaw, s.taken_from, s.zone FROM photo p JOIN folder f ON f.id = p.folder_id "
                "LEFT JOIN facts s ON s.photo_id = p.id "
                f"WHERE {IS_SHOWN} AND {IS_WATCHED} AND p.id IN ({marks(part)})",
                part,
            )
            for i, folder, path, width, height, taken, camera, online, drive, flaw, *source in rows:
                whole = os.path.join(folder, path)
                said = from_text(flaw) if flaw else None
                found[i] = Photo(i, whole, folder, width, height, taken, camera, bool(online), drive, said, *source)
        return [found[i] for i in photo_ids if i in found]

    def existing(self, photo_ids: Sequence[int]) -> set[int]:
        """Return those of the ids that are in the catalog, gone ones too; at most a slice of them."""
        rows = self._db.execute(f"SELECT id FROM photo WHERE id IN ({marks(photo_ids)})", photo_ids)
        return {int(row[0]) for row in rows}

    def taken(self, when: Taken) -> Ids:
        """Return the ids of photos that were taken in a year or month or on a day."""
        years = self._years() if when.year is None else [when.year]
        found = [self._taken_in(when._replace(year=year)) for year in years]
        return np.concatenate([np.empty(0, np.int64), *found])

    def _taken_in(self, when: Taken) -> Ids:
        parts = zip(when, (4, 2, 2), strict=True)
        begin = "-".join(f"{part:0{digits}}" for part, digits in parts if part is not None)
        query = (
            "SELECT group_concat(p.id) FROM photo p INDEXED BY photo_taken "
            "WHERE p.taken NOT NULL AND p.taken >= ? AND p.taken < ?"
        )
        return _ids(self._db.execute(query, [begin, f"{begin}~"]).fetchone()[0])  # ~ comes after all that a date has

    def _years(self) -> range:
        """Return the years from which there may be photos."""
        query = "SELECT {}(p.taken) FROM photo p INDEXED BY photo_taken WHERE p.taken NOT NULL"
        first, last = (str(self._db.execute(query.format(which)).fetchone()[0])[:4] for which in ("min", "max"))
        return range(int(first), int(last) + 1) if first.isdecimal() and last.isdecimal() else _ALL_YEARS

    def highest_id(self) -> int:
        """Return the highest id there is, 0 where there is no photo."""
        return int(self._db.execute("SELECT max(id) FROM photo").fetchone()[0] or 0)

    def ids(self) -> set[int]:
        """Return all ids, gone photos' too (for `check`)."""
        return {row[0] for row in self._db.execute("SELECT id FROM photo")}

    def done_ids(self) -> set[int]:
        """Return the ids of photos that wait for nothing (for `check`)."""
        return {row[0] for row in self._db.execute(f"SELECT p.id FROM photo p WHERE {IS_DONE}")}

    def sizes(self, photo_ids: Sequence[int]) -> list[tuple[int, tuple[int, int]]]:
        """Return id, and upright width and height in pixels, of those photos that have been opened."""
        rows = self._db.execute(
            f"SELECT id, width, height FROM photo WHERE id IN ({marks(photo_ids)}) AND width NOT NULL", photo_ids
        )
        return [(photo_id, (width, height)) for photo_id, width, height in rows]

    def contents(self, photo_ids: Sequence[int]) -> dict[int, bytes | None]:
        """Return by id what tells the content of photos, None of those that have not been opened yet."""
        query = f"SELECT id, content_hash FROM photo WHERE id IN ({marks(photo_ids)})"
        return dict(self._db.execute(query, photo_ids).fetchall())

    def copies(self, content_hash: bytes, without: int, limit: int) -> list[Copy]:
        """Return up to `limit` photos of a content, but for one of them and those whose file nobody can look for."""
        rows = self._db.execute(
            f"SELECT p.id, f.path, p.path, {IS_GONE} FROM photo p JOIN folder f ON f.id = p.folder_id "
            f"WHERE p.content_hash = ? AND p.id != ? AND {IS_READABLE} AND {IS_WATCHED} "
            f"AND ({IS_GONE} OR ({IS_THERE} AND NOT {IS_ELSEWHERE})) LIMIT ?",
            [content_hash, without, limit],
        )
        return [Copy(photo_id, folder, path, bool(is_gone)) for photo_id, folder, path, is_gone in rows]

    def gone_before(self, seconds: float, folder_id: int | None = None) -> list[tuple[int, bytes]]:
        """Return id and relative path of photos, or of a folder's, whose files have been gone since before a time."""
        rows = self._db.execute(
            "SELECT p.id, p.path FROM photo p WHERE p.gone_since < ? AND (? IS NULL OR p.folder_id = ?)",
            [seconds, folder_id, folder_id],
        )
        return rows.fetchall()

    # Deleting

    def delete(self, photo_ids: Iterable[int]) -> None:
        """Delete photos with their words, embeddings and all else that refers to them."""
        ids = [(i,) for i in photo_ids]
        with self._db.atomic():
            self._words.forget([i for (i,) in ids])
            for table, column in (*self._referring, ("photo", "id")):
                self._db.conn.executemany(f"DELETE FROM {table} WHERE {column} = ?", ids)

    def removed(self) -> list[int]:
        """Return the ids of deleted photos whose thumbnails may still be there."""
        return [int(row[0]) for row in self._db.execute("SELECT id FROM removed_photo")]

    def forget_removed(self, photo_ids: Iterable[int]) -> None:
        """Note that the thumbnails of deleted photos are deleted too."""
        with self._db.atomic():
            self._db.conn.executemany("DELETE FROM removed_photo WHERE id = ?", ((i,) for i in photo_ids))

    def begin_ids_above(self, photo_id: int) -> None:
        """Give photos to come higher ids than this one."""
        with self._db.atomic():
            self._db.execute(
                "INSERT INTO sqlite_sequence (name, seq) SELECT 'photo', 0 WHERE NOT EXISTS "
                "(SELECT 1 FROM sqlite_sequence WHERE name = 'photo')"
            )
            self._db.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'photo'", [photo_id])


def _ids(text: str | None) -> Ids:
    """Return ids that SQLite joined."""
    ids = np.fromstring(text or "", np.int64, sep=",")
    ids.flags.writeable = False
    return ids
