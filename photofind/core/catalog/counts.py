"""How many photos stand where; each count is a walk over an index."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from sqlite_utils import Database

from photofind.core.records.progress import Counts


class PhotoState(IntEnum):
    """Where a photo stands for the model that is being embedded for."""

    PENDING = 0
    DONE = 1
    FAILED = 2


def count_photos(db: Database) -> Counts:
    """Count the photos that are there, by state."""
    states = [0, 0, 0]
    offline_folders = {row[0] for row in db.execute("SELECT id FROM folder WHERE NOT online")}
    offline = sum(count for i, count in count_missing(db).items() if i not in offline_folders)
    waiting = 0
    for folder_id, state, count in count_states(db):
        states[state] += count
        if folder_id in offline_folders:
            offline += count
            waiting += count if state == PhotoState.PENDING else 0
    if waiting:
        waiting -= sum(count for i, count in _count_by_thumbnail(db).items() if i in offline_folders)
    return Counts(states[1], states[0], states[2], offline, waiting)


def count_states(db: Database) -> Iterator[tuple[int, int, int]]:
    """Yield folder, state, and how many of its photos are in it."""
    yield from db.execute(
        "SELECT folder_id, state, count(*) FROM photo INDEXED BY photo_counts "
        "WHERE gone_since IS NULL GROUP BY folder_id, state"
    )


def count_missing(db: Database) -> dict[int, int]:
    """Return by folder how many photos were not there at the last look, but are not taken for deleted."""
    return dict(
        db.execute(
            "SELECT folder_id, count(*) FROM photo INDEXED BY photo_missing "
            "WHERE missing = 1 AND missing AND gone_since IS NULL GROUP BY folder_id"
        ).fetchall()
    )


def _count_by_thumbnail(db: Database) -> dict[int, int]:
    return dict(
        db.execute(
            "SELECT folder_id, count(*) FROM photo INDEXED BY photo_by_thumbnail "
            "WHERE state = 0 AND gone_since IS NULL AND again = 2 AND NOT changed GROUP BY folder_id"
        ).fetchall()
    )
