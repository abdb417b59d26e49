"""The thumbnails: small JPEGs by photo id, in an SQLite file of their own.

Apart from the catalog because they are most of a library's bytes and can be made again:
the catalog stays small enough to be copied before each migration. A photo's thumbnail is on the
disk before its row says done, so no finished photo is ever without one.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from photofind.core.catalog.database import is_damage, marks, open_database
from photofind.core.errors import PhotofindError
from photofind.core.steps import Steps

_log = logging.getLogger(__name__)
_migrations = Migrations("thumbnails")
_IDS_A_QUERY = 500
# What `PRAGMA auto_vacuum` calls a file whose free pages can be given back some at a time.
_IN_SLICES = 2
_MANY_FREE_PAGES = 1_000  # 4 MB; fewer are soon used again
_PAGES_A_SLICE = 1_000


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
        self._db = open_database(self._path, _migrations, read_only=read_only, is_synced=True, gives_room_back=True)

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

    def give_room_back(self) -> Steps[None]:
        """Make the file shorter by what is free in it, where that is worth it.

        A file of an older photofind cannot; `Compaction` makes it one that can.
        """
        if self._pragma("auto_vacuum") != _IN_SLICES:
            return
        free = first = self._pragma("freelist_count")
        if free < _MANY_FREE_PAGES:
            return
        with self._noticing_damage():
            while free:
                # A script, because of a statement Python takes one step, which is one page.
                self._db.conn.executescript(f"PRAGMA incremental_vacuum({_PAGES_A_SLICE})")
                before, free = free, self._pragma("freelist_count")
                if free >= before:
                    break
                yield 1 - free / first
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()  # shortens the file; waits for no reader

    def wants_compaction(self) -> bool:
        """Tell whether most of the file is free, and cannot be given back in slices."""
        free = self._pragma("freelist_count")
        is_worth_it = free >= _MANY_FREE_PAGES and 2 * free >= self._pragma("page_count")
        return is_worth_it and self._pragma("auto_vacuum") != _IN_SLICES

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

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


class Compaction:
    """Writes a file of thumbnails anew without what is free in it, as one that can give room back in slices.

    `make` may run on a thread of its own. Others read meanwhile; whoever wants to write has to break it off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._is_broken_off = False

    def make(self) -> None:
        """Do it, however long it takes; where it cannot be done now, the file stays as it is."""
        with closing(sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)) as connection:
            self._connection = connection
            try:
                if not self._is_broken_off:
                    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                    connection.execute("VACUUM")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.Error as error:
                _log.info("the thumbnails stay as long as they are: %s", error)
            finally:
                self._connection = None

    def break_off(self) -> None:
        """End it soon; to be said until `make` has ended, as it is heard only while a statement runs."""
        self._is_broken_off = True
        if (connection := self._connection) is not None:
            with suppress(sqlite3.ProgrammingError):  # closed just now
                connection.interrupt()


def drop_thumbnails(path: Path) -> None:
    """Delete a file of thumbnails that nobody has open."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
