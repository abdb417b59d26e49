"""Read what can be read of a damaged catalog into a new one, row by row where it must be.

The one place outside `catalog` with SQL: what it reads is no catalog any more, and is asked nothing but rows.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from photofind.core.catalog.catalog import Catalog
from photofind.core.errors import PhotofindError
from photofind.core.log.nameless import Plain

_log = logging.getLogger(__name__)
# What every catalog's file has at these places (the SQLite file format, section 1.3).
_HEADER = {
    0: b"SQLite format 3\0" + bytes([0x10, 0, 2, 2, 0, 64, 32, 32]),
    44: bytes([0, 0, 0, 4]),
    52: bytes(4) + bytes([0, 0, 0, 1]),
    64: bytes(4),
}
_PAGE = 4096
_ROWS_A_READ = 4_096
# Where the table that knows the highest row cannot be read.
_HIGHEST_GUESS = 1 << 20
# A row number that no library reaches; a damaged one may be anything.
_MOST_ROWS = 1 << 30
# A range of rows that cannot be read is halved down to single ones, but not without end: 20 s or so.
_MOST_HALVINGS = 1_000_000
# After so many reads in a row that failed, as where a table's first page is unreadable, rows are looked for no more
# closely than by so many: each by itself would take minutes.
_MANY_FAILURES = 5_000
_FEW_ROWS = 64


@dataclass(frozen=True, slots=True)
class Salvaged:
    """Whether nothing that is of use could be read of the damaged file, or all of it."""

    is_nothing: bool
    is_whole: bool


def salvage(damaged: Path, catalog: Catalog, snapshot: Path | None) -> Salvaged:
    """Copy the rows of a damaged catalog into a new one; tables with gaps are filled up from a snapshot.

    Raises OSError or sqlite3.Error where the new one cannot be written, PhotofindError where the damaged one is of a
    newer photofind, which may keep what this one knows nothing of.
    """
    with catalog.unchecked():
        gaps = _copy_damaged(damaged, catalog)
        was_read = catalog.rescued.has_rows("folder") or catalog.rescued.has_rows("photo")
        if gaps and snapshot is not None:
            _fill_gaps(gaps, snapshot, catalog)
    return Salvaged(is_nothing=not (was_read and catalog.rescued.has_rows("folder")), is_whole=not gaps)


def _copy_damaged(damaged: Path, catalog: Catalog) -> list[str]:
    """Add what can be read of a damaged catalog; return the tables that may have more."""
    copy = damaged.with_name("catalog-salvage.sqlite")
    try:
        _copy_readable(damaged, copy)
        with _opened(copy) as source:
            if catalog.rescued.is_newer(_steps(source)):
                raise PhotofindError("library_newer", library=damaged.parent)
            return [table for table in catalog.rescued.tables() if not _Table(source, table).copy_to(catalog)]
    finally:
        for suffix in ("", "-wal", "-shm"):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def _steps(source: sqlite3.Connection) -> set[str]:
    """Return the steps of the schema that were applied, as far as they can be read."""
    try:
        return {str(row[0]) for row in source.execute("SELECT name FROM _sqlite_migrations")}
    except sqlite3.DatabaseError as error:
        _log.warning("the steps of the schema: %s", error)
        return set()


def _fill_gaps(gaps: Sequence[str], snapshot: Path, catalog: Catalog) -> None:
    with _opened(snapshot) as source:
        for table in gaps:
            same = _same_photos(catalog, source) if table == "embedding" else None
            _Table(source, table).copy_to(catalog, same)


def _same_photos(catalog: Catalog, snapshot: sqlite3.Connection) -> set[int]:
    """Return the photos that still show what they showed: of others the snapshot's embedding is not taken."""
    theirs = set(snapshot.execute("SELECT id, content_hash FROM photo WHERE content_hash NOT NULL"))
    return {photo_id for photo_id, _ in catalog.rescued.contents() & theirs}


def _copy_readable(damaged: Path, copy: Path) -> None:
    """Copy a catalog's files, with what every one has in its header put right: without that, nothing is read."""
    for suffix in ("", "-wal"):
        if (file := damaged.with_name(damaged.name + suffix)).exists():
            shutil.copyfile(file, copy.with_name(copy.name + suffix))
    with open(copy, "r+b" if copy.exists() else "w+b") as opened:
        size = opened.seek(0, 2)
        for place, content in (_HEADER | {28: (size // _PAGE).to_bytes(4, "big")}).items():
            opened.seek(place)
            opened.write(content)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        connection.execute("PRAGMA writable_schema = ON")  # damage in one table's definition is no reason to read none
        yield connection


class _Table:
    """One table of a damaged database."""

    def __init__(self, source: sqlite3.Connection, name: str) -> None:
        self._source = source
        self._name = name
        self._halvings = 0
        self._failed_in_a_row = 0
        self._is_whole = True

    def copy_to(self, catalog: Catalog, photos: set[int] | None = None) -> bool:
        """Add what can be read to the new catalog's table, where that has no such row; tell whether that was all.

        `photos`: of embeddings, only those of these photos.
        """
        theirs = self._columns()
        columns = [column for column in catalog.rescued.columns(self._name) if column in theirs]
        if not columns:
            return False
        names = ", ".join(columns)
        query = f"SELECT {names} FROM {self._name}"
        if key := catalog.rescued.key_without_numbers(self._name):
            rows = self._from_both_ends(query, key)
        else:
            rows = self._by_number(f"{query} NOT INDEXED WHERE rowid >= ? AND rowid < ?")
        if photos is not None:
            photo = columns.index("photo_id")
            rows = (row for row in rows if row[photo] in photos)
        catalog.rescued.add(self._name, columns, rows)
        return self._is_whole

    def _columns(self) -> set[str]:
        try:
            return {str(row[1]) for row in self._source.execute(f"PRAGMA table_info({self._name})")}
        except sqlite3.DatabaseError as error:
            _log.warning("table %s: %s", Plain(self._name), error)
            return set()

    def _from_both_ends(self, query: str, key: Sequence[str]) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a table without row numbers, as far as they can be read from each end."""
        for way in ("ASC", "DESC"):
            order = ", ".join(f"{column} {way}" for column in key)
            try:
                yield from self._source.execute(f"{query} ORDER BY {order}")
                return
            except sqlite3.DatabaseError as error:
                _log.warning("table %s: %s", Plain(self._name), error)
                self._is_whole = False

    def _by_number(self, query: str) -> Iterator[tuple[object, ...]]:
        highest = self._highest()
        ranges = [(low, low + _ROWS_A_READ) for low in range(0, highest + 1, _ROWS_A_READ)][::-1]
        while ranges:
            low, high = ranges.pop()
            try:
                yield from self._source.execute(query, (low, high)).fetchall()
                self._failed_in_a_row = 0
            except sqlite3.DatabaseError as error:
                if self._is_whole:
                    _log.warning("table %s: %s", Plain(self._name), error)
                self._is_whole = False
                self._failed_in_a_row += 1
                least = 1 if self._failed_in_a_row < _MANY_FAILURES else _FEW_ROWS
                if high - low > least and self._halvings < _MOST_HALVINGS:
                    self._halvings += 1
                    middle = (low + high) // 2
                    ranges += [(middle, high), (low, middle)]

    def _highest(self) -> int:
        """Return the highest row number there may be."""
        found = []
        for query in (
            f"SELECT max(rowid) FROM {self._name} NOT INDEXED",
            f"SELECT seq FROM sqlite_sequence WHERE name = '{self._name}'",
        ):
            try:
                row = self._source.execute(query).fetchone()
                found += [int(row[0])] if row and row[0] else []
            except (sqlite3.DatabaseError, ValueError, TypeError) as error:
                _log.warning("the highest row of table %s: %s", Plain(self._name), error)
                self._is_whole = False
        sane = [number for number in found if 0 < number <= _MOST_ROWS]
        return max(sane, default=_HIGHEST_GUESS if not self._is_whole else 0)
