"""Which photos are in watched folders: those of one that was let go of are there until tidying comes to them."""

from __future__ import annotations

from sqlite_utils import Database

from photofind.core.catalog.states import IS_WATCHED

_LET_GO = f"SELECT f.id FROM folder f WHERE NOT {IS_WATCHED}"


def let_go(db: Database) -> list[int]:
    """Return the ids of the folders that were let go of."""
    return [int(row[0]) for row in db.execute(_LET_GO)]


def in_watched(db: Database) -> str:
    """Return the condition that a photo `p` is in a watched folder; asked only where one is not: it costs time."""
    return f"p.folder_id NOT IN ({_LET_GO})" if let_go(db) else "TRUE"
