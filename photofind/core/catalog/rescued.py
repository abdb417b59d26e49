"""Fill the tables of a new catalog with rows that were read of a damaged one, or of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlite_utils import Database

from photofind.core.catalog.database import marks

# In this order, so that what others refer to comes first. Words and removals are made anew.
TABLES: Final = (
    "setting",
    "folder",
    "model",
    "photo",
    "said",
    "facts",
    "tag",
    "tagged",
    "unreadable_directory",
    "embedding",
)


class Rescued:
    """The tables of a new catalog; works on its connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def columns(self, table: str) -> list[str]:
        """Return the columns of a table."""
        return [str(name) for _, name, *_ in self._db.execute(f"PRAGMA table_info({table})")]

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add rows to a table where it has no such row yet, in one transaction."""
        names = ", ".join(columns)
        with self._db.atomic():
            self._db.conn.executemany(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks(columns)})", rows)

    def has_rows(self, table: str) -> bool:
        """Tell whether a table has any row."""
        return bool(self._db.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0])

    def contents(self) -> set[tuple[int, bytes]]:
        """Return id and content of every photo that has been opened."""
        return set(self._db.execute("SELECT id, content_hash FROM photo WHERE content_hash NOT NULL"))
