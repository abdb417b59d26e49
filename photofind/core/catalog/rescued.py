"""Fill the tables of a new catalog with rows that were read of a damaged one, or of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from sqlite_utils import Database

from photofind.core.catalog.migrations import catalog_migrations
from photofind.core.catalog.schema import has_key, kept_tables, key_without_numbers, references


class Rescued:
    """The tables of a new catalog; works on its connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def tables(self) -> list[str]:
        """Return the tables to fill, those first that others refer to."""
        return kept_tables(self._db)

    def is_newer(self, steps: Set[str]) -> bool:
        """Tell whether steps of the schema are all of this photofind's and more; a damaged name of one is no more."""
        return steps > {step.name for step in catalog_migrations.applied(self._db)}

    def key_without_numbers(self, table: str) -> list[str]:
        """Return the columns that order a table whose rows have no numbers; none where they have."""
        return key_without_numbers(self._db, table)

    def columns(self, table: str) -> list[str]:
        """Return the columns of a table."""
        return [str(name) for _, name, *_ in self._db.execute(f"PRAGMA table_info({table})")]

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add rows to a table where it has no such row yet, in one transaction."""
        names, numbered = ", ".join(columns), ", ".join(f"?{number}" for number in range(1, len(columns) + 1))
        is_known = f"EXISTS (SELECT 1 FROM {table} WHERE ({names}) IS ({numbered}))"
        which = "TRUE" if has_key(self._db, table) or not self.has_rows(table) else f"NOT {is_known}"
        with self._db.atomic():
            self._db.conn.executemany(f"INSERT OR IGNORE INTO {table} ({names}) SELECT {numbered} WHERE {which}", rows)

    def drop_dangling(self) -> None:
        """Drop rows that refer to what could not be rescued, so that nothing that comes is taken for it."""
        with self._db.atomic():
            for table in self.tables():
                for _, column, of, key in references(self._db, table):
                    self._db.execute(
                        f"DELETE FROM {table} WHERE {column} NOT NULL AND {column} NOT IN (SELECT {key} FROM {of})"
                    )

    def has_rows(self, table: str) -> bool:
        """Tell whether a table has any row."""
        return bool(self._db.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0])

    def contents(self) -> set[tuple[int, bytes]]:
        """Return id and content of every photo that has been opened."""
        return set(self._db.execute("SELECT id, content_hash FROM photo WHERE content_hash NOT NULL"))
