"""Snapshots: whole copies of the catalog, made weekly and before each change of its schema, a few of them kept.

They lie in the library's folder `snapshots` and are what `recovery` goes back to. Thumbnails and the
vector index are not in them: both can be made again.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import time
from datetime import date
from pathlib import Path

from photofind.core.atomic_file import put_in_place

_log = logging.getLogger(__name__)
_FOLDER = "snapshots"
_WEEK_SECONDS = 7 * 86_400.0
_WEEKLY_KEPT = 3
_BEFORE_KEPT = 1
_DATED = "[0-9]*"
# A copy must leave at least as much room again.
_ROOM = 2.0


def snapshot_before(step: str, connection: sqlite3.Connection, path: Path) -> Path:
    """Copy a database before a step of its migrations and return the copy; OSError or sqlite3.Error where it cannot."""
    target = path.parent / _FOLDER / f"{path.stem}-before-{step}.sqlite"
    _copy(connection, target)
    _prune(path, "before-*", _BEFORE_KEPT)
    return target


def weekly_is_due(catalog: Path) -> bool:
    """Tell whether the last weekly snapshot of a catalog is a week old."""
    made = _newest_first(catalog, _DATED)
    return not made or abs(time.time() - _made(made[0])) >= _WEEK_SECONDS


def snapshot_weekly(connection: sqlite3.Connection, catalog: Path) -> None:
    """Copy the catalog that `connection` reads; nothing, but a line in the log, where the disk has too little room.

    Takes about half a second for 100,000 photos, without Python's lock; `connection.interrupt()` ends it
    with sqlite3.OperationalError.
    """
    target = catalog.parent / _FOLDER / f"{catalog.stem}-{date.today().isoformat()}.sqlite"
    if shutil.disk_usage(catalog.parent).free < _ROOM * catalog.stat().st_size:
        _log.warning("no snapshot of the library is made: the disk has too little room")
        return
    _copy(connection, target)
    _prune(catalog, _DATED, _WEEKLY_KEPT)


def newest_sound(catalog: Path) -> Path | None:
    """Return the newest snapshot that is in order itself, or None."""
    return next((path for path in _newest_first(catalog, "*") if is_sound(path)), None)


def has_snapshots(catalog: Path) -> bool:
    """Tell whether there is any snapshot of a catalog."""
    return bool(_newest_first(catalog, "*"))


def drop_snapshots(database: Path) -> None:
    """Delete all snapshots of a database."""
    _prune(database, "*", 0)


def is_sound(path: Path) -> bool:
    """Tell whether a database that nobody has open is in order."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return bool(connection.execute("PRAGMA quick_check").fetchall() == [("ok",)])
        finally:
            connection.close()
    except sqlite3.Error as error:
        _log.warning("%s: %s", path.name, error)
        return False


def _newest_first(database: Path, kind: str) -> list[Path]:
    return sorted((database.parent / _FOLDER).glob(f"{database.stem}-{kind}.sqlite"), key=_made, reverse=True)


def _made(path: Path) -> float:
    return path.stat().st_mtime


def _copy(connection: sqlite3.Connection, target: Path) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    temporary = target.with_name(target.name + ".new")
    for left_over in target.parent.glob("*.new"):  # by a crash or a power cut
        left_over.unlink()
    try:
        connection.execute("VACUUM INTO ?", [str(temporary)])
        if not is_sound(temporary):
            raise OSError(f"the snapshot {target.name} came out damaged")
        put_in_place(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _prune(database: Path, kind: str, kept: int) -> None:
    for old in _newest_first(database, kind)[kept:]:
        old.unlink()
