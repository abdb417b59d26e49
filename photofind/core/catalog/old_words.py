"""The index of words that libraries had before `words`: it answers until the new one is whole, and is dropped then."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import Final

import numpy as np
from sqlite_utils import Database

from photofind.core.catalog.database import is_damage
from photofind.core.catalog.word_lines import WHOLE, Fits
from photofind.core.records.arrays import Ids
from photofind.core.records.words import Forms

_WORD = re.compile(r"[^\W_]+")
# The large tables that it is made of, and up to which row they hold no words: without those FTS5 does not know the
# table any more, and cannot drop it.
_PARTS: Final = (("data", 10), ("content", 0), ("docsize", 0))


class OldWords:
    """An FTS5 table of words; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def exists(self) -> bool:
        """Whether this library still has it."""
        query = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'photo_words')"
        return bool(self._db.execute(query).fetchone()[0])

    def find(self, word: Forms) -> list[int]:
        """Return ids of photos that have all that a word consists of, whole or as beginnings."""
        asked = [" ".join(f'"{part}"*' for part in _WORD.findall(form.decode())) for form in word]
        expression = " OR ".join(f"({part})" for part in asked if part)
        if not expression:
            return []
        query = "SELECT rowid FROM photo_words WHERE photo_words MATCH ?"
        return [int(row[0]) for row in self._db.execute(query, [expression])]

    def put(self, words: Iterable[tuple[int, str]]) -> None:
        """Replace the words of photos."""
        pairs = list(words)
        self.forget(photo_id for photo_id, _ in pairs)
        self._db.conn.executemany("INSERT INTO photo_words (rowid, words) VALUES (?, ?)", pairs)

    def forget(self, photo_ids: Iterable[int]) -> None:
        """Drop the words of photos."""
        self._db.conn.executemany("DELETE FROM photo_words WHERE rowid = ?", ((i,) for i in photo_ids))

    def is_damaged(self) -> bool:
        """Look through it; False too where it cannot be: SQLite is asked by a statement that writes.

        SQLite's own `integrity_check` looks into it only since version 3.44.
        """
        try:
            with self._db.atomic():
                self._db.execute("INSERT INTO photo_words (photo_words) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY:
                return False
            if not is_damage(error):
                raise
            return True
        return False

    def drop(self) -> None:
        """Drop it at once."""
        with self._db.atomic():
            self._db.execute("DROP TABLE IF EXISTS photo_words")

    def drop_some(self, rows: int) -> None:
        """Drop up to so many rows of it, and the table itself once there are none: dropped whole, it takes seconds."""
        with self._db.atomic():
            for part, first in _PARTS:
                table = f"photo_words_{part}"
                query = f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE id > {first:d} LIMIT ?)"
                dropped = self._db.execute(query, [rows]).rowcount
                if dropped >= rows:
                    return
            self._db.execute("DROP TABLE photo_words")


class OldWordLines:
    """What it says of all photos, asked as `WordLines` are."""

    def __init__(self, old: OldWords, highest_id: int) -> None:
        self._old = old
        self.photo_ids: Ids = np.arange(highest_id + 1)

    def fit(self, word: Forms) -> Fits:
        """Return how well a word fits each photo [n]."""
        found = np.zeros(len(self.photo_ids), np.uint8)
        ids = np.array(self._old.find(word), np.int64)
        found[ids[ids < len(found)]] = WHOLE
        return found

    def narrow(self, fits: Fits) -> tuple[OldWordLines, Fits]:
        """Return all of them, and how well they fit: asking takes no longer for more."""
        return self, fits
