"""The thumbnails: small JPEGs by photo id, in an SQLite file of their own.

Apart from the catalog because they are most of a library's bytes and can be made again:
the catalog stays small enough to be copied before each migration. A photo's thumbnail is on the
disk before its row says done, so no finished photo is ever without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from photofind.core.database import open_database

_migrations = Migrations("thumbnails")
_IDS_A_QUERY = 500


@_migrations()
def m001_thumbnails(db: Database) -> None:
    """Create the one table."""
    db.execute("CREATE TABLE thumbnail (photo_id INTEGER PRIMARY KEY, jpeg BLOB NOT NULL)")


class Thumbnails:
    """Thumbnails by photo id; one object a thread."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._db = open_database(path, _migrations, read_only=read_only)
        if not read_only:
            # Synced before the catalog's commit, so that the order holds through a power cut too.
            self._db.execute("PRAGMA synchronous = FULL")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def put(self, thumbnails: Iterable[tuple[int, bytes]]) -> None:
        """Write (photo id, JPEG) pairs in one transaction, replacing older ones."""
        with self._db.atomic():
            self._db.conn.executemany("INSERT OR REPLACE INTO thumbnail VALUES (?, ?)", thumbnails)

    def get(self, photo_ids: Sequence[int]) -> dict[int, bytes]:
        """Return the JPEGs of those photos that have one."""
        found: dict[int, bytes] = {}
        for start in range(0, len(photo_ids), _IDS_A_QUERY):
            part = [int(i) for i in photo_ids[start : start + _IDS_A_QUERY]]
            marks = ",".join("?" * len(part))
            found.update(self._db.execute(f"SELECT photo_id, jpeg FROM thumbnail WHERE photo_id IN ({marks})", part))
        return found

    def remove(self, photo_ids: Iterable[int]) -> None:
        """Delete the thumbnails of photos that are no longer in the library."""
        with self._db.atomic():
            self._db.conn.executemany("DELETE FROM thumbnail WHERE photo_id = ?", ((i,) for i in photo_ids))

    def ids(self) -> set[int]:
        """Return the ids that have a thumbnail (for `check`)."""
        return {row[0] for row in self._db.execute("SELECT photo_id FROM thumbnail")}
