from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from photofind.core.catalog.database import open_database
from photofind.core.catalog.migrations import catalog_migrations
from photofind.core.errors import PhotofindError
from photofind.core.library import Library

TABLES = {
    "setting",
    "folder",
    "photo",
    "word_block",
    "unreadable_directory",
    "model",
    "embedding",
    "removed_vector",
}


def test_a_blank_database_gets_the_whole_schema(tmp_path: Path) -> None:
    database = open_database(tmp_path / "catalog.sqlite", catalog_migrations)
    assert set(database.table_names()) >= TABLES
    assert database.journal_mode == "wal"
    assert database.execute("PRAGMA foreign_keys").fetchone() == (1,)
    database.close()


def test_opening_again_writes_nothing(tmp_path: Path) -> None:
    """So that a library on a full disk can be opened, and searched."""
    path = tmp_path / "thumbnails.sqlite"
    open_database(path, catalog_migrations, gives_room_back=True).close()
    with closing(open_database(path, catalog_migrations, gives_room_back=True)) as again:
        assert again.execute("PRAGMA auto_vacuum").fetchone() == (2,)
        assert path.with_name("thumbnails.sqlite-wal").stat().st_size == 0


def test_an_old_database_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    steps = Migrations("notes")

    @steps()
    def m001_note(db: Database) -> None:
        db.execute("CREATE TABLE note (text TEXT)")

    old = open_database(path, steps)
    with old.atomic():
        old.execute("INSERT INTO note VALUES ('keep me')")
    old.close()

    @steps()
    def m002_stars(db: Database) -> None:
        db.execute("ALTER TABLE note ADD COLUMN stars INTEGER DEFAULT 0")

    new = open_database(path, steps)
    assert new.execute("SELECT * FROM note").fetchall() == [("keep me", 0)]
    new.close()
    backup = sqlite3.connect(tmp_path / "snapshots" / "notes-before-m002_stars.sqlite")
    assert backup.execute("SELECT * FROM note").fetchall() == [("keep me",)]
    backup.close()


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    steps = Migrations("notes")

    @steps()
    def m001_note(db: Database) -> None:
        db.execute("CREATE TABLE note (text TEXT)")

    open_database(path, steps).close()

    @steps()
    def m002_wrong(db: Database) -> None:
        db.execute("ALTER TABLE note ADD COLUMN stars INTEGER")
        db.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(PhotofindError):
        open_database(path, steps)
    plain = sqlite3.connect(path)
    assert [row[1] for row in plain.execute("PRAGMA table_info(note)")] == ["text"]
    plain.close()


def test_a_newer_library_is_refused_and_left_alone(tmp_path: Path) -> None:
    Library(tmp_path).close()
    plain = sqlite3.connect(tmp_path / "catalog.sqlite")
    plain.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('catalog', 'm999_future', '2030')"
    )
    plain.commit()
    plain.close()
    (tmp_path / "catalog.seal").unlink()  # as the newer photofind did when it opened the library
    before = (tmp_path / "catalog.sqlite").read_bytes()
    for read_only in (False, True):
        with pytest.raises(PhotofindError, match="newer photofind; please update"):
            Library(tmp_path, read_only=read_only)
    assert (tmp_path / "catalog.sqlite").read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"this is a letter, not a database " * 100)
    with pytest.raises(PhotofindError, match="damaged"):
        Library(tmp_path)


def test_a_file_that_is_refused_is_not_kept_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unsound, newer, older = (tmp_path / name for name in ("unsound.sqlite", "newer.sqlite", "older.sqlite"))
    unsound.write_bytes(b"this is a letter, not a database " * 100)
    steps, wrong = Migrations("notes"), Migrations("notes")
    for migrations in (steps, wrong):
        migrations(name="m001_note")(lambda db: db.execute("CREATE TABLE note (text TEXT)"))
    wrong(name="m002_wrong")(lambda db: db.execute("INSERT INTO nowhere VALUES (1)"))
    open_database(older, steps).close()
    with closing(sqlite3.connect(newer)) as plain:
        plain.executescript(
            "CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT);"
            "INSERT INTO _sqlite_migrations VALUES ('notes', 'm999', '2030')"
        )
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def note(*arguments: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", note)
    for path, migrations in [(unsound, steps), (newer, steps), (older, wrong)]:
        with pytest.raises(PhotofindError):
            open_database(path, migrations)
    assert len(opened) >= 3
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_the_second_writer_is_refused_and_may_read(tmp_path: Path) -> None:
    first = Library(tmp_path)
    with pytest.raises(PhotofindError, match="open in another photofind"):
        Library(tmp_path)
    reader = Library(tmp_path, read_only=True)
    assert reader.folders.all() == []
    reader.close()
    first.close()
    Library(tmp_path).close()


def test_a_library_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PhotofindError, match="cannot be written"):
        Library(tmp_path / "file" / "library")


def test_reading_a_library_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(PhotofindError, match="cannot be opened"):
        Library(tmp_path / "nowhere", read_only=True)
