"""Weekly copies of the catalog: how many are kept, and when none is made."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from photofind.background.snapshot_maker import SnapshotMaker
from photofind.core.catalog.snapshots import WeeklySnapshot, newest_sound, weekly_is_due
from photofind.core.library import Library
from tests.core.care.damaged_catalog import directory as directory
from tests.core.care.damaged_catalog import found, take_snapshot
from tests.core.care.damaged_catalog import template as template


def test_three_weekly_snapshots_are_kept(directory: Path) -> None:
    folder = directory / "snapshots"
    folder.mkdir()
    for week in range(1, 6):
        path = folder / f"catalog-2026-01-0{week}.sqlite"
        shutil.copyfile(directory / "catalog.sqlite", path)
        os.utime(path, (1_000_000.0 * week, 1_000_000.0 * week))
    assert weekly_is_due(directory / "catalog.sqlite")
    newest = take_snapshot(directory)
    assert not weekly_is_due(directory / "catalog.sqlite")
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == ["catalog-2026-01-04.sqlite", "catalog-2026-01-05.sqlite", newest.name]


def test_no_snapshot_is_made_where_the_disk_has_too_little_room(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("photofind.core.catalog.snapshots._ROOM", 1e15)
    WeeklySnapshot(directory / "catalog.sqlite").make()
    assert "too little room" in caplog.text
    assert newest_sound(directory / "catalog.sqlite") is None


def test_the_weekly_snapshot_is_made_beside_an_open_library(directory: Path) -> None:
    library = Library(directory)
    maker = SnapshotMaker()
    maker.work(library)
    deadline = time.monotonic() + 30
    while newest_sound(directory / "catalog.sqlite") is None and time.monotonic() < deadline:
        assert len(found(library)) == 24
    maker.stop()
    library.close()
    made = newest_sound(directory / "catalog.sqlite")
    assert made is not None
    plain = sqlite3.connect(made)
    assert plain.execute("SELECT count(*) FROM embedding").fetchone() == (24,)
    plain.close()


def test_a_snapshot_that_is_broken_off_before_it_begins_is_not_made(directory: Path) -> None:
    snapshot = WeeklySnapshot(directory / "catalog.sqlite")
    snapshot.break_off()
    snapshot.make()
    snapshots = directory / "snapshots"
    assert not snapshots.exists() or not list(snapshots.iterdir())


def test_a_snapshot_that_is_broken_off_midway_ends_at_once_and_leaves_nothing_behind(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(directory / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("CREATE TABLE large (content BLOB)")
        catalog.execute("INSERT INTO large VALUES (zeroblob(200000000))")
    snapshot = WeeklySnapshot(directory / "catalog.sqlite")
    making = threading.Thread(target=snapshot.make)
    making.start()
    has_begun = False
    while making.is_alive():  # until it is heard
        # Not while SQLite still opens the file: what is interrupted then says only that it could not.
        has_begun = has_begun or any(new.stat().st_size for new in directory.glob("snapshots/*.new"))
        if has_begun:
            snapshot.break_off()
        making.join(0.001)
    assert has_begun
    assert "interrupted" in caplog.text
    assert list((directory / "snapshots").iterdir()) == []
