"""What the schema says of itself: which tables there are, which can be made anew, and which rows refer to which."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Final, NamedTuple

from sqlite_utils import Database

# Made anew from the others, or said to caches that a rescue drops; so are virtual tables and what lies behind them.
# All others hold what was found out or what the person made, and survive a rescue without being named anywhere.
DERIVED: Final = frozenset({"removed_photo", "removed_vector", "word_block"})
_BEHIND_WORDS = ("data", "idx", "content", "docsize", "config")  # of FTS5


class Reference(NamedTuple):
    """A column whose values are rows of another table."""

    table: str
    column: str
    of: str
    key: str


def kept_tables(db: Database) -> list[str]:
    """Return the tables that nothing can be made anew from, those first that others refer to."""
    virtual = [str(row[0]) for row in db.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")]
    left_out = DERIVED | {*virtual, *(f"{name}_{part}" for name in virtual for part in _BEHIND_WORDS)}
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite\\_%' ESCAPE '\\'"
    tables = [str(row[0]) for row in db.execute(f"{names} ORDER BY rowid") if row[0] not in left_out]
    needs = {table: {one.of for one in references(db, table)} & set(tables) - {table} for table in tables}
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError:
        return tables


def references(db: Database, table: str) -> list[Reference]:
    """Return the columns of a table that refer to others."""
    rows = db.execute('SELECT "from", "table", coalesce("to", \'rowid\') FROM pragma_foreign_key_list(?)', [table])
    return [Reference(table, column, of, key) for column, of, key in rows]


def references_to(db: Database, table: str) -> list[Reference]:
    """Return the columns of all tables that refer to one."""
    return [one for other in kept_tables(db) for one in references(db, other) if one.of == table]


def has_key(db: Database, table: str) -> bool:
    """Tell whether anything keeps a table from having the same row twice."""
    keys = 'SELECT 1 FROM pragma_table_info(?1) WHERE pk UNION ALL SELECT 1 FROM pragma_index_list(?1) WHERE "unique"'
    return db.execute(keys, [table]).fetchone() is not None


def key_without_numbers(db: Database, table: str) -> list[str]:
    """Return the columns that order a table whose rows have no numbers; none where they have."""
    sql = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
    if "WITHOUT ROWID" not in str(sql).upper():
        return []
    return [str(row[0]) for row in db.execute("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", [table])]
