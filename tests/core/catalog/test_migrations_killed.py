"""A migration that is killed between any two statements is begun anew by the next start, and nothing is lost by it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from photofind.core.catalog import database
from photofind.core.catalog.catalog import Catalog
from tests.core.catalog.old_libraries import SCHEMAS, put_down


def _kept(home: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as db:
        rows = db.execute(
            "SELECT p.id, p.path, p.size, f.id, f.path, f.online, f.drive, e.label, e.vector FROM photo p "
            "JOIN folder f ON f.id = p.folder_id LEFT JOIN embedding e ON e.photo_id = p.id ORDER BY p.id, e.label"
        ).fetchall()
        (highest,) = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'folder'").fetchone()
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        return [*rows, (highest,)]


def _schema(home: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as db:
        return db.execute("SELECT type, name FROM sqlite_schema ORDER BY type, name").fetchall()


def _copies_at_each_statement(home: Path, copies: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Migrate a library; return what a kill before each of the statements would have left of it."""
    left: list[Path] = []

    def keep(_statement: str) -> None:
        left.append(copies / str(len(left)))
        left[-1].mkdir(parents=True)
        for file in home.glob("catalog.sqlite*"):
            shutil.copy(file, left[-1])

    def migrate(db: Database, migrations: Migrations, path: Path) -> None:
        db.conn.execute("PRAGMA cache_size = 1")  # so that much is in the file before it is committed
        db.conn.set_trace_callback(keep)
        original(db, migrations, path)
        db.conn.set_trace_callback(None)

    original = database._migrate
    with monkeypatch.context() as patch:
        patch.setattr(database, "_migrate", migrate)
        Catalog(home / "catalog.sqlite").close()
    return left


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_a_kill_between_any_two_statements_loses_nothing(
    schema: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "library"
    put_down(schema, home).close()
    before = _kept(home)
    killed = _copies_at_each_statement(home, tmp_path / "killed", monkeypatch)
    assert _kept(home) == before
    assert len(killed) > 60
    for left in killed:
        with closing(Catalog(left / "catalog.sqlite")) as catalog:
            catalog.checks.require_columns()
            catalog.checks.require_soundness()
        assert (_kept(left), _schema(left)) == (before, _schema(home))
