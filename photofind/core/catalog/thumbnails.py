"""The thumbnails: small JPEGs by photo id, in an SQLite file of their own.

Apart from the catalog because they are most of a library's bytes and can be made again:
the catalog stays small enough to be copied before each migration. A photo's thumbnail is on the
disk before its row says done, so no finished photo is ever without one.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from photofind.core.catalog.database import is_damage, marks, open_database
from photofind.core.errors import PhotofindError

_log = logging.getLogger(__name__)
_migrations = Migrations("thumbnails")
_IDS_A_QUERY = 500


@_migrations()
def m001_thumbnails(db: Database) -> None:
    """Create the one table."""
    db.execute("CREATE TABLE thumbnail (photo_id INTEGER PRIMARY KEY, jpeg BLOB NOT NULL)")


class ThumbnailsDamagedError(PhotofindError):
    """The file of thumbnails is damaged, which says nothing about the catalog: `Library` makes it anew."""


class Thumbnails:
    """Thumbnails by photo id; one object a thread."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._open(read_only)

    def _open(self, read_only: bool) -> None:
        # Synced before the catalog's commit, so that the order holds through a power cut too.
        self._db = open_database(self._path, _migrations, read_only=read_only, is_synced=True)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def put(self, thumbnails: Iterable[tuple[int, bytes]]) -> None:
        """Write (photo id, JPEG) pairs in one transaction, replacing older ones."""
        with self._noticing_damage(), self._db.atomic():
            self._db.conn.executemany("INSERT OR REPLACE INTO thumbnail VALUES (?, ?)", thumbnails)

    def put_missing(self, thumbnails: Iterable[tuple[int, bytes]]) -> None:
        """Write those (photo id, JPEG) pairs, in one transaction, whose photo has none."""
        with self._noticing_damage(), self._db.atomic():
            self._db.conn.executemany("INSERT OR IGNORE INTO thumbnail VALUES (?, ?)", thumbnails)

    def spread(self, count: int) -> list[int]:
        """Return the ids of up to `count` photos that have a thumbnail, spread evenly over all ids."""
        newest = self._highest_id()
        query = "SELECT photo_id FROM thumbnail WHERE photo_id >= ? ORDER BY photo_id LIMIT 1"
        places = [1 + newest * number // count for number in range(count)] if newest else []
        return sorted({row[0] for place in places for row in self._db.execute(query, [place])})

    def get(self, photo_ids: Sequence[int]) -> dict[int, bytes]:
        """Return the JPEGs of those photos that have one."""
        found: dict[int, bytes] = {}
        for start in range(0, len(photo_ids), _IDS_A_QUERY):
            part = [int(i) for i in photo_ids[start : start + _IDS_A_QUERY]]
            try:
                found.update(self._read(part))
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                _log.warning("thumbnails are damaged; “photofind check --repair” has them made again: %s", error)
                for photo_id in part:
                    found.update(self._read_if_whole(photo_id))
        return found

    def _read(self, photo_ids: Sequence[int]) -> list[tuple[int, bytes]]:
        query = f"SELECT photo_id, jpeg FROM thumbnail WHERE photo_id IN ({marks(photo_ids)})"
        return self._db.execute(query, photo_ids).fetchall()

    def _read_if_whole(self, photo_id: int) -> list[tuple[int, bytes]]:
        try:
            return self._read([photo_id])
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            return []

    def remove(self, photo_ids: Iterable[int]) -> None:
        """Delete the thumbnails of photos that are no longer in the library."""
        with self._noticing_damage(), self._db.atomic():
            self._db.conn.executemany("DELETE FROM thumbnail WHERE photo_id = ?", ((i,) for i in photo_ids))

    def highest_id(self) -> int:
        """Return the highest id that has a thumbnail, 0 where none has."""
        with self._noticing_damage():
            return self._highest_id()

    def _highest_id(self) -> int:
        return int(self._db.execute("SELECT max(photo_id) FROM thumbnail").fetchone()[0] or 0)

    def ids(self) -> set[int]:
        """Return the ids that have a thumbnail (for `check`)."""
        with self._noticing_damage():
            return {row[0] for row in self._db.execute("SELECT photo_id FROM thumbnail")}

    @contextmanager
    def _noticing_damage(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            raise ThumbnailsDamagedError("thumbnails_damaged", file=self._path) from error

    def is_sound(self) -> bool:
        """Look through the whole file; tell whether it is in order."""
        try:
            return bool(self._db.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)])
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            return False

    def renew(self) -> None:
        """Throw the file away and begin an empty one; the photos must be made pending before.

        PhotofindError where it cannot be deleted: on Windows, while another program or thread reads it.
        """
        self._db.close()
        try:
            drop_thumbnails(self._path)
        except OSError as error:
            raise PhotofindError("thumbnails_damaged_in_use", file=self._path) from error
        finally:
            self._open(read_only=False)


def drop_thumbnails(path: Path) -> None:
    """Delete a file of thumbnails that nobody has open."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
