"""Open the library's SQLite files: write-ahead log, migrations with a backup first, clear refusals."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from photofind.core.errors import PhotofindError

_BUSY_SECONDS = 5.0


def open_database(path: Path, migrations: Migrations, *, read_only: bool = False) -> Database:
    """Open a database and bring its schema up to date; usable from the opening thread only.

    A read-only database is never migrated. Raises PhotofindError when the file cannot be used:
    a newer photofind's schema, no database at all, a disk that cannot be written.
    """
    database: Database | None = None
    try:
        database = Database(_connect(path, read_only))
        _check_known(database, migrations, path, read_only)
        if not read_only:
            database.enable_wal()
            _migrate(database, migrations, path)
    except BaseException as error:
        if database is not None:
            database.close()
        if isinstance(error, sqlite3.DatabaseError):
            raise PhotofindError(describe_failure(error, path)) from error
        raise
    return database


def _connect(path: Path, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _check_known(database: Database, migrations: Migrations, path: Path, read_only: bool) -> None:
    applied = {step.name for step in migrations.applied(database)}
    known = applied | {step.name for step in migrations.pending(database)}
    ours = {step.name for step in migrations._migrations}
    if known - ours:
        raise PhotofindError(f"The library “{path.parent}” was written by a newer photofind; please update photofind.")
    if read_only and ours - applied:
        raise PhotofindError(f"The library “{path.parent}” is of an older photofind; open it once in the window.")


def _migrate(database: Database, migrations: Migrations, path: Path) -> None:
    """Apply what is pending; an existing database is copied beside itself first."""
    pending = migrations.pending(database)
    if pending and migrations.applied(database):
        backup = path.with_name(f"{path.stem}-before-{pending[0].name}{path.suffix}")
        backup.unlink(missing_ok=True)
        database.execute("VACUUM INTO ?", [str(backup)])
    if pending:
        migrations.apply(database)


def describe_failure(error: sqlite3.Error, path: Path) -> str:
    """Say what an SQLite error means for the person, in one sentence."""
    text = str(error).lower()
    if "full" in text:
        return f"The disk with the library “{path.parent}” is full; free some space and photofind goes on."
    if "readonly" in text or "read-only" in text:
        return f"The library “{path.parent}” cannot be written; check the folder's permissions."
    if "locked" in text or "busy" in text:
        return f"The library “{path.parent}” is busy in another program; try again in a moment."
    if "unable to open" in text:
        return f"The library “{path.parent}” cannot be opened; check that the folder exists and may be written."
    if "malformed" in text or "not a database" in text:
        return f"The library file “{path}” is damaged; run “photofind check --repair”."
    return f"The library “{path.parent}” cannot be used: {error}."
