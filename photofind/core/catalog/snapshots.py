"""Snapshots: whole copies of the catalog, made weekly and before each change of its schema, a few of them kept.

They lie in the library's folder `snapshots` and are what `recovery` goes back to. Thumbnails and the
vector index are not in them: both can be made again.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import time
from contextlib import closing, suppress
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
    target = _folder(path) / f"{path.stem}-before-{step}.sqlite"
    _copy(connection, target)
    _prune(path, "before-*", _BEFORE_KEPT)
    return target


def weekly_is_due(catalog: Path) -> bool:
    """Tell whether the last weekly snapshot of a catalog is a week old."""
    made = _newest_first(catalog, _DATED)
    return not made or abs(time.time() - _made(made[0])) >= _WEEK_SECONDS


class WeeklySnapshot:
    """A copy of the catalog on its way: made on a thread of its own, broken off from any other."""

    def __init__(self, catalog: Path) -> None:
        self._catalog = catalog
        self._connection: sqlite3.Connection | None = None
        self._is_broken_off = False

    def make(self) -> None:
        """Make it, but not of an empty catalog; only a line in the log where it cannot be made or was broken off.

        Takes about half a second for 100,000 photos, without Python's lock.
        """
        try:
            self._make()
        except (sqlite3.Error, OSError) as error:
            _log.warning("no snapshot of the library was made: %s", error)

    def _make(self) -> None:
        uri = f"{self._catalog.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=5.0)) as connection:
            self._connection = connection
            try:
                has_photos = connection.execute("SELECT EXISTS (SELECT 1 FROM photo)").fetchone()[0]
                if has_photos and not self._is_broken_off and self._has_room():
                    name = f"{self._catalog.stem}-{date.today().isoformat()}.sqlite"
                    _copy(connection, _folder(self._catalog) / name)
                    _prune(self._catalog, _DATED, _WEEKLY_KEPT)
            finally:
                self._connection = None

    def break_off(self) -> None:
        """End it; to be said until `make` has ended, as it is heard only while a statement runs."""
        self._is_broken_off = True
        connection = self._connection
        if connection is not None:
            with suppress(sqlite3.ProgrammingError):  # closed just now
                connection.interrupt()

    def _has_room(self) -> bool:
        has_room = shutil.disk_usage(self._catalog.parent).free >= _ROOM * self._catalog.stat().st_size
        if not has_room:
            _log.warning("no snapshot of the library is made: the disk has too little room")
        return has_room


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
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check").fetchall() == [("ok",)])
    except sqlite3.Error as error:
        _log.warning("%s: %s", path.name, error)
        return False


def _folder(database: Path) -> Path:
    return database.parent / _FOLDER


def _newest_first(database: Path, kind: str) -> list[Path]:
    return sorted(_folder(database).glob(f"{database.stem}-{kind}.sqlite"), key=_made, reverse=True)


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
