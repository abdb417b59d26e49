"""What is left of removed folders and photos goes in slices, survives a kill, and gives its room back."""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from photofind.core.catalog.thumbnails import Compaction, Thumbnails
from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.steps import finish, in_slices
from tests.bench.libraries import fill_library
from tests.inside import answering_of, catalog_of, sql, thumbnails_of

PHOTOS = 3_000
THUMBNAIL = 8_000
FOLDER = b"/photos"


@pytest.fixture
def full(library: Library) -> Library:
    """A library whose one folder has three thousand photos with thumbnails."""
    random = np.random.default_rng(0)
    vectors = random.standard_normal((PHOTOS, answering_of(library).spec.dim)).astype(np.float32)
    fill_library(library, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    thumbnails_of(library).put((i, os.urandom(THUMBNAIL)) for i in range(1, PHOTOS + 1))
    return library


def size_of(library: Library, ending: str = "") -> int:
    return (library.directory / f"thumbnails.sqlite{ending}").stat().st_size


def test_a_removed_folder_is_gone_at_once_and_its_photos_go_in_slices(full: Library) -> None:
    full.folders.let_go(FOLDER)
    assert full.folders.all() == []
    assert full.embedding.counts.photos == 0
    assert full.search.photos([1, 2, 3]) == []
    seconds: list[float] = []
    before = time.monotonic()
    for share in full.care.tidying():
        now = time.monotonic()
        seconds.append(now - before)
        before = now
        assert share is None or 0 <= share <= 1
    assert len(seconds) > 10
    assert statistics.median(seconds) < 0.15
    assert len(full.search.answer(Query()).photo_ids) == 0
    assert thumbnails_of(full).ids() == set()
    assert full.care.check(repair=False) == []


def test_nothing_of_a_removed_folder_is_told_while_its_photos_go(full: Library) -> None:
    database = sql(full)
    database.execute("UPDATE photo SET state = 2, reason = 'picture_unknown', failed_since = 1 WHERE id = 1")
    database.execute("UPDATE photo SET flaw = 'part_missing', failed_since = 1 WHERE id = 2")
    database.execute("UPDATE photo SET facts_version = 0")
    database.conn.commit()
    page = full.care.problems_page(None, 10)
    assert (len(page.problems), page.unread, page.partial, full.facts.pending) == (2, 1, 1, PHOTOS - 1)
    assert len(full.search.answer(Query(text="red")).photo_ids) > 0
    full.folders.let_go(FOLDER)
    assert len(full.search.answer(Query(text="red")).photo_ids) == 0
    page = full.care.problems_page(None, 10)
    assert (page.problems, page.unread, page.partial, full.care.problems(), full.facts.pending) == ([], 0, 0, [], 0)


def test_the_room_of_its_thumbnails_is_given_back_and_the_log_stays_small(full: Library) -> None:
    assert size_of(full) > PHOTOS * THUMBNAIL
    log = max(size_of(full, "-wal"), 1)
    full.folders.remove(FOLDER)
    assert size_of(full) < PHOTOS * THUMBNAIL / 20
    assert size_of(full, "-wal") <= log + (4 << 20), "the log is used again, not filled with what is deleted"


def test_a_removal_that_was_killed_goes_on_and_the_folder_never_reappears(full: Library) -> None:
    full.folders.let_go(FOLDER)
    steps = full.care.tidying()
    for _ in range(3):
        next(steps)
    left = sql(full).execute("SELECT count(*) FROM photo").fetchone()[0]
    assert 0 < left < PHOTOS
    assert full.care.check(repair=False) == [], "what is still to be deleted is no damage"
    steps.close()
    full.close()
    with Library(full.directory) as again:
        assert again.folders.all() == []
        assert again.embedding.counts.photos == 0
        finish(again.care.tidying())
        assert sql(again).execute("SELECT count(*) FROM photo").fetchone()[0] == 0
        assert sql(again).execute("SELECT count(*) FROM folder").fetchone()[0] == 0
        assert thumbnails_of(again).ids() == set()
        assert again.care.check(repair=False) == []


def test_a_folder_is_watched_again_while_what_was_known_of_it_still_goes(full: Library, tmp_path: Path) -> None:
    place = tmp_path / "photos"
    place.mkdir()
    added = full.folders.add(place)
    full.folders.let_go(os.fsencode(place))
    again = full.folders.add(place)
    assert again.path == added.path
    finish(full.care.tidying())
    assert [folder.id for folder in full.folders.all()] == [catalog_of(full).folders.all()[0].id, again.id]


def test_thumbnails_of_an_older_photofind_are_made_short_beside_the_library_thread(full: Library) -> None:
    old = full.directory / "old.sqlite"
    with closing(sqlite3.connect(old)) as made:
        made.execute("CREATE TABLE thumbnail (photo_id INTEGER PRIMARY KEY, jpeg BLOB NOT NULL)")
        rows = ((i, os.urandom(THUMBNAIL)) for i in range(1, PHOTOS + 1))
        made.executemany("INSERT INTO thumbnail VALUES (?, ?)", rows)
        made.execute("CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT)")
        made.commit()
    full.close()
    (full.directory / "thumbnails.sqlite").unlink()
    with closing(Thumbnails(full.directory / "thumbnails.sqlite")) as new:
        steps = new._db.execute("SELECT * FROM _sqlite_migrations").fetchall()
        columns = [row[1] for row in new._db.execute("PRAGMA table_info(_sqlite_migrations)")]
    with closing(sqlite3.connect(old)) as made:
        made.execute("DROP TABLE _sqlite_migrations")
        made.execute(f"CREATE TABLE _sqlite_migrations ({', '.join(columns)})")
        made.executemany(f"INSERT INTO _sqlite_migrations VALUES ({','.join('?' * len(columns))})", steps)
        made.commit()
    for suffix in ("", "-wal", "-shm"):
        (full.directory / f"thumbnails.sqlite{suffix}").unlink(missing_ok=True)
    old.rename(full.directory / "thumbnails.sqlite")
    with Library(full.directory) as again:
        assert again.care.due_compaction() is None, "nothing is free yet"
        again.folders.remove(FOLDER)
        assert size_of(again) > PHOTOS * THUMBNAIL
        compaction = again.care.due_compaction()
        assert compaction is not None
        compaction.make()
        assert size_of(again) < PHOTOS * THUMBNAIL / 20
        assert again.care.due_compaction() is None
        thumbnails_of(again).put([(1, b"new")])
        assert thumbnails_of(again).get([1]) == {1: b"new"}


def test_a_compaction_that_is_broken_off_changes_nothing(full: Library) -> None:
    thumbnails_of(full).remove(range(1, PHOTOS))
    before = size_of(full)
    compaction = Compaction(full.directory / "thumbnails.sqlite")
    compaction.break_off()
    compaction.make()
    assert (size_of(full), thumbnails_of(full).ids()) == (before, {PHOTOS})


def test_slices_grow_until_they_take_their_time() -> None:
    parts: list[int] = []
    for _ in in_slices(list(range(20_000)), lambda part: parts.append(len(part))):
        pass
    assert sum(parts) == 20_000
    assert parts[0] < parts[3] <= 5_000
