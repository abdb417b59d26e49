"""How many photos stand where; each count is a walk over an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlite_utils import Database

from photofind.core.catalog.states import IS_HELD_BACK, IS_SHOWN, WAITS_BY_THUMBNAIL, PhotoState
from photofind.core.catalog.watched import let_go
from photofind.core.records.progress import Counts


def count_photos(db: Database) -> Counts:
    """Count the photos that are there, by state."""
    states: Counter[int] = Counter()
    offline_folders = {row[0] for row in db.execute("SELECT id FROM folder WHERE NOT online")}
    offline = sum(count for i, count in count_missing(db).items() if i not in offline_folders)
    waiting = 0
    unwatched = frozenset(let_go(db))
    for folder_id, state, count in count_states(db):
        if folder_id in unwatched:
            continue
        states[state] += count
        if folder_id in offline_folders:
            offline += count
            waiting += count if state == PhotoState.PENDING else 0
    if waiting:
        by_thumbnail = _count_by_folder(db, "photo_by_thumbnail", WAITS_BY_THUMBNAIL)
        waiting -= sum(count for i, count in by_thumbnail.items() if i in offline_folders)
    return Counts(states[PhotoState.DONE], states[PhotoState.PENDING], states[PhotoState.FAILED], offline, waiting)


def count_states(db: Database) -> Iterator[tuple[int, int, int]]:
    """Yield folder, state, and how many of its photos are in it."""
    yield from db.execute(
        "SELECT p.folder_id, p.state, count(*) FROM photo p INDEXED BY photo_counts "
        f"WHERE {IS_SHOWN} GROUP BY p.folder_id, p.state"
    )


def count_missing(db: Database) -> dict[int, int]:
    """Return by folder how many photos were not there at the last look, but are not taken for deleted."""
    return _count_by_folder(db, "photo_missing", IS_HELD_BACK)


def _count_by_folder(db: Database, index: str, condition: str) -> dict[int, int]:
    query = f"SELECT p.folder_id, count(*) FROM photo p INDEXED BY {index} WHERE {condition} GROUP BY p.folder_id"
    return dict(db.execute(query).fetchall())
