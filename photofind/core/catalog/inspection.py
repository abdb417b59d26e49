"""Look into a closed catalog before it is opened for writing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from photofind.core.catalog.database import require_soundness
from photofind.core.settings import ENDED


@dataclass(frozen=True, slots=True)
class Inside:
    """What a sound file holds: nothing at all if `is_blank`; `ended` is the word of its last clean end, "" for none."""

    is_blank: bool
    ended: str


def look_inside(path: Path) -> Inside:
    """Let SQLite look through the whole file, without writing.

    Raises sqlite3.Error where it is not sound, UnicodeDecodeError where SQLite names what is damaged and that is no
    text.
    """
    # Without a write-ahead log to take into account, not even an index of one is made beside the file.
    logs = {log for log in ("wal", "journal") if path.with_name(f"{path.name}-{log}").exists()}
    # A journal is left by a crash in the very first moments; only who may write can undo what it holds.
    way = "mode=rw" if "journal" in logs else "mode=ro" if logs else "immutable=1"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{way}", uri=True)) as connection:
        is_blank = connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        require_soundness(connection)
        has_settings = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'setting'").fetchone()[0]
        if not has_settings:  # the first start was cut off before the catalog was made
            return Inside(is_blank, "")
        row = connection.execute("SELECT value FROM setting WHERE key = ?", [ENDED.key]).fetchone()
        return Inside(is_blank, str(row[0]) if row else "")
