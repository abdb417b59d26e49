"""Where watched folders lead elsewhere, by a link or to a drive that is mounted inside, as the last look found them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, islice
from operator import itemgetter

from sqlite_utils import Database

from photofind.core.catalog.states import IS_HELD_BACK
from photofind.core.disk.crossings import Crossing
from photofind.core.records.photos import NotFollowed
from photofind.core.sentences.sentence import from_text

# Of more that are not followed in a folder only the number is told.
_MOST_TOLD = 200


class KeptCrossings:
    """The rows of crossings; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def followed(self, folder_id: int) -> list[Crossing]:
        """Return those of a folder that were followed, with the file system that each led to."""
        query = "SELECT path, is_link, volume FROM crossing WHERE folder_id = ? AND volume NOT NULL"
        return [Crossing(path, bool(is_link), volume) for path, is_link, volume in self._db.execute(query, [folder_id])]

    def links(self) -> dict[int, tuple[bytes, ...]]:
        """Return by folder the links that were followed."""
        query = "SELECT folder_id, path FROM crossing WHERE is_link AND volume NOT NULL ORDER BY folder_id, path"
        by_folder = groupby(self._db.execute(query), key=itemgetter(0))
        return {folder_id: tuple(path for _, path in rows) for folder_id, rows in by_folder}

    def not_followed(self) -> dict[int, tuple[tuple[NotFollowed, ...], int]]:
        """Return by folder what was not followed, and why; of each so many at most, and how many more there are."""
        query = "SELECT folder_id, path, reason FROM crossing WHERE reason NOT NULL ORDER BY folder_id, path"
        found = {}
        for folder_id, rows in groupby(self._db.execute(query), key=itemgetter(0)):
            told = tuple(NotFollowed(path, from_text(reason)) for _, path, reason in islice(rows, _MOST_TOLD))
            found[folder_id] = told, sum(1 for _ in rows)
        return found

    def count_away(self) -> dict[int, int]:
        """Return by folder how many photos are away with what is not followed."""
        # By path, for each its own photos alone: many links times many missing photos take seconds.
        query = (
            "SELECT c.folder_id, count(DISTINCT p.id) FROM crossing c CROSS JOIN photo p INDEXED BY "
            f"sqlite_autoindex_photo_1 ON p.folder_id = c.folder_id AND {IS_HELD_BACK} AND p.path >= c.path "
            "AND p.path < CAST(c.path || '0' AS BLOB) AND (p.path = c.path OR p.path > CAST(c.path || '/' AS BLOB)) "
            "WHERE c.reason NOT NULL GROUP BY c.folder_id"
        )
        return dict(self._db.execute(query).fetchall())

    def keep(self, folder_id: int, crossings: Iterable[Crossing]) -> None:
        """Replace what is kept of a folder."""
        with self._db.atomic():
            self._db.execute("DELETE FROM crossing WHERE folder_id = ?", [folder_id])
            self._db.conn.executemany(
                "INSERT OR IGNORE INTO crossing VALUES (?, ?, ?, ?, ?)",
                (
                    (folder_id, one.path, one.is_link, one.volume, one.why.to_text() if one.why else None)
                    for one in crossings
                ),
            )
