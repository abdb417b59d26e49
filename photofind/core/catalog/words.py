"""The words a photo is found by beside its looks: name, folders, date and camera."""

from __future__ import annotations

import os
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Sequence

from sqlite_utils import Database

from photofind.core.catalog.database import is_damage, marks
from photofind.core.catalog.states import HAS_OLD_WORDS, IS_DONE, IS_READABLE, IS_SHOWN
from photofind.core.records.facts import begin_of
from photofind.core.records.names import display_name

_WORD = re.compile(r"[^\W_]+")
_SOURCE = "SELECT p.id, f.path, p.path, p.camera, p.taken FROM photo p {} JOIN folder f ON f.id = p.folder_id"


def photo_words(folder: bytes, path: bytes, camera: str | None, taken: str | None) -> str:
    """Join all words of a photo; `path` is relative to `folder`, `taken` is ISO 8601."""
    stem = os.path.splitext(path)[0]
    parts = [display_name(os.path.basename(folder)), display_name(stem), camera or ""]
    if taken:
        date = begin_of(taken)
        parts.append(date.strftime("%Y %Y-%m-%d %B"))
    return unicodedata.normalize("NFC", " ".join(parts))


def match_expression(text: str) -> str:
    """Return the FTS5 expression that asks for every word of a text, the beginnings of words too; "" for none."""
    return " ".join(f'"{word}"*' for word in _WORD.findall(unicodedata.normalize("NFC", text))[:20])


class Words:
    """The index of words; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, expression: str, limit: int) -> list[int]:
        """Return ids of photos whose name, folder, date or camera fit an FTS5 expression."""
        rows = self._db.execute(
            "SELECT p.id FROM photo_words w JOIN photo p ON p.id = w.rowid "
            f"WHERE photo_words MATCH ? AND {IS_SHOWN} AND {IS_READABLE} LIMIT ?",
            [expression, limit],
        )
        return [int(row[0]) for row in rows]

    # Writing

    def write(self, photo_ids: Sequence[int]) -> None:
        """Write the words of photos anew, as their rows have them; at most a slice of them."""
        query = f"{_SOURCE.format('')} WHERE p.id IN ({marks(photo_ids)})"
        rows = self._db.execute(query, photo_ids).fetchall()
        with self._db.atomic():
            self._set(rows)

    def refresh(self, limit: int) -> bool:
        """Write anew the words of up to `limit` photos that were moved; tell whether there were any."""
        query = f"{_SOURCE.format('INDEXED BY photo_words_due')} WHERE {HAS_OLD_WORDS} LIMIT ?"
        rows = self._db.execute(query, [limit]).fetchall()
        with self._db.atomic():
            self._set(rows)
            self._db.conn.executemany("UPDATE photo SET words_due = FALSE WHERE id = ?", ((i,) for i, *_ in rows))
        return bool(rows)

    def _set(self, rows: Sequence[tuple[int, bytes, bytes, str | None, str | None]]) -> None:
        self._put((i, photo_words(folder, path, camera, taken)) for i, folder, path, camera, taken in rows)

    def put(self, words: Iterable[tuple[int, str]]) -> None:
        """Replace the words of photos."""
        with self._db.atomic():
            self._put(words)

    def _put(self, words: Iterable[tuple[int, str]]) -> None:
        pairs = list(words)
        self._db.conn.executemany("DELETE FROM photo_words WHERE rowid = ?", ((i,) for i, _ in pairs))
        self._db.conn.executemany("INSERT INTO photo_words (rowid, words) VALUES (?, ?)", pairs)

    # Damage

    def is_damaged(self) -> bool:
        """Look through the index; False too where it cannot be: SQLite is asked by a statement that writes.

        SQLite's own `integrity_check` looks into it only since version 3.44. Takes 0.16 s for 100,000 photos.
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

    def count_lacking(self) -> int:
        """Return how many photos wait for nothing and have no words."""
        query = f"SELECT count(*) FROM photo p WHERE {IS_DONE} AND p.id NOT IN (SELECT rowid FROM photo_words)"
        return int(self._db.execute(query).fetchone()[0])

    def rebuild(self) -> None:
        """Make the searchable words of all photos anew from their rows."""
        with self._db.atomic():
            schema = self._db.execute("SELECT sql FROM sqlite_master WHERE name = 'photo_words'").fetchone()[0]
            self._db.execute("DROP TABLE photo_words")
            self._db.execute(schema)
            self._set(self._db.execute(_SOURCE.format("")).fetchall())
