"""Whatever the person made survives a rescue, also in tables and columns that come with later versions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from photofind.core.care.recovery import recover
from photofind.core.catalog.database import marks
from photofind.core.catalog.migrations import catalog_migrations
from photofind.core.catalog.snapshots import drop_snapshots
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from tests.core.care.damaged_catalog import PAGE, destroy, edit, leaf_pages, take_snapshot
from tests.core.care.damaged_catalog import directory as directory
from tests.core.care.damaged_catalog import template as template
from tests.inside import catalog_of, sql

Made = dict[str, list[tuple[Any, ...]]]
MADE: Made = {
    "favourite": [(1, "the best one"), (2, "x" * 900), (7, "x" * 900), (9, "also good"), (24, "x" * 900)],
    "named": [("dog", 1), ("dog", 4), ("tabby cat", 3)],
    "seen_together": [(1, 2, "twice"), (1, 2, "twice"), (5, 2, "")],
    "saved_search": [(5, "red", None), (6, "sunset at sea", 5)],
}


def m900_what_a_later_version_keeps(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE named (
            name TEXT, photo_id INTEGER REFERENCES photo(id), PRIMARY KEY (name, photo_id)
        ) WITHOUT ROWID;
        CREATE TABLE favourite (photo_id INTEGER PRIMARY KEY REFERENCES photo, note TEXT NOT NULL);
        CREATE TABLE seen_together (
            one INTEGER NOT NULL REFERENCES photo(id), other INTEGER NOT NULL REFERENCES photo(id), note TEXT
        );
        CREATE TABLE saved_search (
            id INTEGER PRIMARY KEY AUTOINCREMENT, words TEXT, inside INTEGER REFERENCES saved_search(id)
        );
        ALTER TABLE photo ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;
        """
    )


@pytest.fixture
def later(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A closed library of a later version, in which a person made something."""
    steps = [*catalog_migrations._migrations, catalog_migrations._Migration("m900", m900_what_a_later_version_keeps)]
    monkeypatch.setattr(catalog_migrations, "_migrations", steps)
    with Library(directory) as library, sql(library).atomic():
        for table, rows in MADE.items():
            for row in rows:
                sql(library).execute(f"INSERT INTO {table} VALUES ({marks(row)})", row)
        sql(library).execute("UPDATE photo SET stars = 5 WHERE id = 8")
        sql(library).execute("INSERT INTO said VALUES (8, 'a keyword')")
    drop_snapshots(directory / "catalog.sqlite")  # of the time before
    return directory


def made(library: Library) -> Made:
    return {table: sql(library).execute(f"SELECT * FROM {table}").fetchall() for table in MADE}


def stars(library: Library) -> dict[int, int]:
    return dict(sql(library).execute("SELECT id, stars FROM photo WHERE stars"))


def page_with(directory: Path, words: bytes) -> int:
    """Return the last page of rows, of a table or in a key's order, that some words are written in."""
    content = (directory / "catalog.sqlite").read_bytes()
    pages = [place.start() // PAGE for place in re.finditer(re.escape(words), content)]
    return max(page for page in pages if content[page * PAGE] in (0x0D, 0x0A))


def test_tables_and_columns_that_no_list_names_are_rescued(later: Path) -> None:
    destroy(later, leaf_pages(later, "embedding")[0])
    recover(later, "rescue")
    with Library(later) as library:
        assert made(library) == MADE
        assert stars(library) == {8: 5}
        assert sql(library).execute("SELECT * FROM said").fetchall() == [(8, "a keyword")]
        cursor = sql(library).execute("INSERT INTO saved_search (words) VALUES ('new')")
        assert cursor.lastrowid == 7, "no number is given twice"


@pytest.mark.parametrize("words", [b"also good", b"tabby cat", b"sunset at sea"])
def test_what_is_lost_of_them_comes_from_the_snapshot(later: Path, words: bytes) -> None:
    take_snapshot(later)
    destroy(later, page_with(later, words))
    recover(later, "rescue")
    with Library(later) as library:
        assert made(library) == MADE


def test_rows_without_a_key_do_not_come_twice(later: Path) -> None:
    edit(later, *(f"INSERT INTO seen_together VALUES (3, 4, 'pair {n:03}{'x' * 50}')" for n in range(500)))
    with Library(later) as library:
        before = made(library)["seen_together"]
    take_snapshot(later)
    destroy(later, page_with(later, b"pair 300"))
    recover(later, "rescue")
    with Library(later) as library:
        assert sorted(made(library)["seen_together"]) == sorted(before)


def test_they_are_in_the_snapshot_that_one_goes_back_to(later: Path) -> None:
    take_snapshot(later)
    destroy(later, 0)
    recover(later, "snapshot")
    with Library(later) as library:
        assert made(library) == MADE
        assert stars(library) == {8: 5}


def test_without_a_snapshot_a_damaged_table_without_row_numbers_is_read_up_to_the_damage(later: Path) -> None:
    edit(later, *(f"INSERT INTO named VALUES ('{n:04}{'x' * 300}', 1)" for n in range(60)))
    destroy(later, page_with(later, b"0030xxx"))
    recover(later, "rescue")
    with Library(later) as library:
        assert 20 < sql(library)["named"].count < 63


def test_what_belonged_to_a_lost_photo_goes_with_it_and_nothing_else(later: Path) -> None:
    edit(later, "UPDATE photo SET camera = printf('%.300c', 'x')")  # so that they take several pages
    destroy(later, leaf_pages(later, "photo")[0])
    recover(later, "rescue")
    with Library(later) as library:
        left = {row[0] for row in sql(library).execute("SELECT id FROM photo")}
        assert 0 < len(left) < 24
        assert made(library)["favourite"] == [row for row in MADE["favourite"] if row[0] in left]
        assert made(library)["saved_search"] == MADE["saved_search"]
        assert sql(library).execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_senseless_photo_is_mended_away_with_what_belongs_to_it(later: Path) -> None:
    edit(later, "UPDATE photo SET size = 'many' WHERE id IN (8, 9)")
    with Library(later) as library:
        library.care.check(repair=True)
        assert library.care.check(repair=False) == []
        assert [row[0] for row in made(library)["favourite"]] == [1, 2, 7, 24]
        assert sql(library)["said"].count == 0


def test_deleting_photos_takes_along_what_belongs_to_them(later: Path) -> None:
    with Library(later) as library:
        catalog_of(library).photos.delete([1, 2, 3, 4, 8])
        assert made(library) == {**MADE, "favourite": MADE["favourite"][2:], "named": [], "seen_together": []}


def test_an_older_photofind_does_not_rescue_what_it_does_not_know(later: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would leave out what the newer one keeps."""
    destroy(later, leaf_pages(later, "embedding")[0])
    damaged = (later / "catalog.sqlite").read_bytes()
    monkeypatch.setattr(catalog_migrations, "_migrations", catalog_migrations._migrations[:-1])
    with pytest.raises(PhotofindError, match="newer"):
        recover(later, "rescue")
    assert (later / "catalog.sqlite").read_bytes() == damaged
