"""Open the library's SQLite files: write-ahead log, migrations with a snapshot first, clear refusals."""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from collections.abc import Sized
from contextlib import ExitStack, closing
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from photofind.core.catalog.snapshots import snapshot_before
from photofind.core.errors import LibraryDamagedError, PhotofindError

CATALOG_FILE = "catalog.sqlite"
THUMBNAILS_FILE = "thumbnails.sqlite"
_BUSY_SECONDS = 5.0
# SQLite's files that come and go, taken together; a disk with less is full, whatever SQLite calls it.
_LEAST_ROOM = 100_000
Version = tuple[int, int]
# What SQLite says when a file is not what was written: it holds nonsense, is no database, cannot be read at all.
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def open_database(
    path: Path,
    migrations: Migrations,
    *,
    read_only: bool = False,
    is_synced: bool = False,
    gives_room_back: bool = False,
) -> Database:
    """Open a database and bring its schema up to date; usable from the opening thread only.

    A read-only database is never migrated. Where it `is_synced`, a commit outlives a power cut; where a new one
    `gives_room_back`, free pages can be given back to the disk some at a time. In SQL, `crc32(blob)`
    is the checksum of a blob, NULL of anything else. Raises PhotofindError when the file cannot be used: a newer
    photofind's schema, a disk that cannot be written; LibraryDamagedError when it is no sound database.
    """
    try:
        with ExitStack() as opened:
            connection = opened.enter_context(closing(_connect(path, read_only)))
            _prepare(connection, is_synced)
            database = Database(connection)
            _check_known(database, migrations, path, read_only)
            if not read_only:
                if gives_room_back and not _has_pages(database):
                    database.execute(
                        "PRAGMA auto_vacuum = INCREMENTAL"
                    )  # writes each time, also where it changes nothing
                database.enable_wal()
                _migrate(database, migrations, path)
            opened.pop_all()
            return database
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error


def _connect(path: Path, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS)


def _prepare(connection: sqlite3.Connection, is_synced: bool) -> None:
    _add_crc32(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    # Some builds write zeros over all that is deleted, by way of the log: a gigabyte of it for 50,000 thumbnails.
    connection.execute("PRAGMA secure_delete = FAST")
    connection.execute(f"PRAGMA synchronous = {'FULL' if is_synced else 'NORMAL'}")
    connection.execute("PRAGMA cache_size = -16000")  # KiB; with the usual 2,000, 100,000 rows are moved 10 % slower


def _has_pages(database: Database) -> bool:
    return bool(database.execute("PRAGMA page_count").fetchone()[0])


def _add_crc32(connection: sqlite3.Connection) -> None:
    connection.create_function("crc32", 1, _crc32, deterministic=True)


def _crc32(value: object) -> int | None:
    return zlib.crc32(value) if isinstance(value, bytes) else None


def _check_known(database: Database, migrations: Migrations, path: Path, read_only: bool) -> None:
    applied = {step.name for step in migrations.applied(database)}
    known = applied | {step.name for step in migrations.pending(database)}
    ours = _all_steps(migrations)
    if known - ours:
        raise PhotofindError("library_newer", library=path.parent)
    if read_only and ours - applied:
        raise PhotofindError("library_older", library=path.parent)


def _all_steps(migrations: Migrations) -> set[str]:
    """Return the names of all steps: those that a new database is waiting for."""
    with closing(Database(memory=True)) as blank:
        return {step.name for step in migrations.pending(blank)}


def _migrate(database: Database, migrations: Migrations, path: Path) -> None:
    """Apply what is pending; of an existing database a snapshot is kept first."""
    pending = migrations.pending(database)
    if pending and migrations.applied(database):
        snapshot_before(pending[0].name, database.conn, path)
    if pending:
        migrations.apply(database)


def version_of(database: Database) -> Version | None:
    """Return what changes with every write, by whomever; None in a transaction: what is taken back leaves no trace."""
    if database.conn.in_transaction:
        return None
    return database.conn.total_changes, database.execute("PRAGMA data_version").fetchone()[0]


def crc32_of(column: str) -> str:
    """Return SQL for the CRC-32 of a column, NULL for what is no bytes; functions cannot be given damaged text."""
    return f"CASE typeof({column}) WHEN 'blob' THEN crc32({column}) END"


def marks(values: Sized) -> str:
    """Return a statement's parameter marks for some values, as what goes between the brackets of IN (…)."""
    return ",".join("?" * len(values))


def require_columns(database: Database, migrations: Migrations) -> None:
    """Compare the columns with those of a new database: a name with a changed letter is sound for SQLite.

    Raises an error for which `is_damage` holds.
    """
    with closing(Database(memory=True)) as blank:
        _add_crc32(blank.conn)
        migrations.apply(blank)
        missing = _columns(blank) - _columns(database)
    if missing:
        raise _damage(f"there is no {min(missing).decode()}")


def _columns(database: Database) -> set[bytes]:
    """Return all columns as table.column; bytes, because a damaged name may be no text."""
    names = "SELECT CAST(t.name || '.' || c.name AS BLOB) FROM sqlite_master t JOIN pragma_table_info(t.name) c"
    return {row[0] for row in database.execute(f"{names} WHERE t.type = 'table'")}


def _damage(message: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(message)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def require_soundness(connection: sqlite3.Connection) -> None:
    """Let SQLite look through a whole file, its indexes too; raises an error for which `is_damage` holds."""
    found = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if found != [("ok",)]:
        raise _damage(str(found[0][0]))


def is_damage(error: BaseException) -> bool:
    """Tell whether an error means that the file is not what was written, or cannot be read from its disk."""
    code = getattr(error, "sqlite_errorcode", 0) if isinstance(error, sqlite3.Error) else 0
    return code & 0xFF in _DAMAGE or code == sqlite3.SQLITE_IOERR_READ


def explain(error: sqlite3.Error, path: Path, *, is_open: bool = False) -> PhotofindError:
    """Return what an SQLite error means for the person; `is_open` where the library was in use already."""
    if is_damage(error):
        return LibraryDamagedError(path.parent, is_open=is_open)
    return explain_failure(error, path)


def explain_failure(error: sqlite3.Error, path: Path) -> PhotofindError:
    """Return what an SQLite error that is no damage means for the person."""
    text, library = str(error).lower(), path.parent
    if "full" in text or ("disk i/o" in text and not _has_room(library)):
        return PhotofindError("library_disk_full", library=library)
    if "readonly" in text or "read-only" in text:
        return PhotofindError("library_read_only", library=library)
    if "locked" in text or "busy" in text:
        return PhotofindError("library_busy", library=library)
    if "unable to open" in text:
        return PhotofindError("library_not_there", library=library)
    if "disk i/o" in text:
        return PhotofindError("library_disk_fails", library=library)
    return PhotofindError("library_unusable", library=library, said=str(error))


def _has_room(library: Path) -> bool:
    """Tell whether a disk takes anything more: SQLite calls it a failure where its own small files find no room."""
    try:
        return shutil.disk_usage(library).free >= _LEAST_ROOM
    except OSError:
        return True
