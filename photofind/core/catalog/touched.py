"""What was written of photos and words since somebody looked: so that what is known of all need not be read anew.

SQLite notes it by triggers, which last as long as the connection and see what this connection writes; what is taken
back, it takes back here too. What others write is noticed, not noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlite_utils import Database

from photofind.core.catalog.states import IS_SHOWN

# Of more than that it is faster to read all; it is as much as is kept.
MOST_NOTED: Final = 100_000
_NOTE = "BEGIN INSERT INTO touched (photo, folder_before, state_before, folder_now, state_now) VALUES ({}); END"
_NOTE_WORDS = "BEGIN INSERT INTO touched (word_block) VALUES ({}); END"
_BEFORE, _NOW = (
    f"{row}.folder_id, CASE WHEN {IS_SHOWN.replace('p.', f'{row}.')} THEN {row}.state END" for row in ("old", "new")
)
_COLUMNS: Final = ("folder_id", "state", "gone_since", "sort_time", "width")
_HAS_CHANGED = " OR ".join(f"old.{column} IS NOT new.{column}" for column in _COLUMNS)
# KiB, for all that is kept: otherwise it goes to a file of the system's, and where that has no room nothing is written.
_MOST_MEMORY: Final = 32_000
_BEGIN: Final = f"""
    PRAGMA temp.cache_size = -{_MOST_MEMORY:d};
    CREATE TEMP TABLE IF NOT EXISTS touched (
        seq INTEGER PRIMARY KEY, photo INTEGER, folder_before INTEGER, state_before INTEGER, folder_now INTEGER,
        state_now INTEGER, word_block INTEGER
    );
    CREATE TEMP TRIGGER IF NOT EXISTS photo_came AFTER INSERT ON main.photo
        {_NOTE.format(f"new.id, NULL, NULL, {_NOW}")};
    CREATE TEMP TRIGGER IF NOT EXISTS photo_changed AFTER UPDATE OF {", ".join(_COLUMNS)} ON main.photo
        WHEN {_HAS_CHANGED} {_NOTE.format(f"new.id, {_BEFORE}, {_NOW}")};
    CREATE TEMP TRIGGER IF NOT EXISTS photo_went AFTER DELETE ON main.photo
        {_NOTE.format(f"old.id, {_BEFORE}, NULL, NULL")};
    CREATE TEMP TRIGGER IF NOT EXISTS words_came AFTER INSERT ON main.word_block {_NOTE_WORDS.format("new.number")};
    CREATE TEMP TRIGGER IF NOT EXISTS words_changed AFTER UPDATE ON main.word_block {_NOTE_WORDS.format("new.number")};
    CREATE TEMP TRIGGER IF NOT EXISTS words_went AFTER DELETE ON main.word_block {_NOTE_WORDS.format("old.number")};
"""


class Mark(NamedTuple):
    """A moment: how often others had written, and how much was noted."""

    others: int
    seq: int


class Touched:
    """The notes of one connection; asked outside of transactions only."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._has_begun = False

    def mark(self) -> Mark:
        """Return this moment; from the first one on it is noted what is written."""
        if not self._has_begun:
            self._db.executescript(_BEGIN)
            self._has_begun = True
        others = int(self._db.execute("PRAGMA data_version").fetchone()[0])
        first, last = self._db.execute("SELECT min(seq), max(seq) FROM temp.touched").fetchone()
        if last and last - first > 2 * MOST_NOTED:
            with self._db.atomic():
                self._db.execute("DELETE FROM temp.touched WHERE seq <= ?", [last - MOST_NOTED])
        return Mark(others, last or 0)

    def tells(self, since: Mark, until: Mark) -> bool:
        """Tell whether all that was written between two moments was noted, and is worth looking at."""
        return since.others == until.others and until.seq - since.seq <= MOST_NOTED

    def photo_ids(self, since: Mark, until: Mark) -> list[int]:
        """Return the photos that were written between two moments, each once."""
        return self._noted("photo", since, until)

    def word_blocks(self, since: Mark, until: Mark) -> list[int]:
        """Return the blocks of words that were written between two moments, each once."""
        return self._noted("word_block", since, until)

    def _noted(self, column: str, since: Mark, until: Mark) -> list[int]:
        query = f"SELECT DISTINCT {column} FROM temp.touched WHERE seq > ? AND seq <= ? AND {column} NOT NULL"
        return [int(row[0]) for row in self._db.execute(query, [since.seq, until.seq])]

    def moved_states(self, since: Mark, until: Mark) -> Iterator[tuple[int, int, int]]:
        """Yield folder, state, and how many more of its photos are in it, or fewer, than at an earlier moment."""
        query = (
            "SELECT folder, state, sum(more) FROM ("
            "SELECT seq, folder_before AS folder, state_before AS state, -1 AS more FROM temp.touched UNION ALL "
            "SELECT seq, folder_now, state_now, 1 FROM temp.touched"
            ") WHERE seq > ? AND seq <= ? AND state NOT NULL GROUP BY folder, state"
        )
        yield from self._db.execute(query, [since.seq, until.seq])
