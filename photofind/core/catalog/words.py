"""The words a photo is found by beside its looks: name, folders, camera, and what its file says of itself."""

from __future__ import annotations

import os
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from sqlite_utils import Database

from photofind.core.catalog.database import crc32_of, marks
from photofind.core.catalog.kept_settings import KeptSettings
from photofind.core.catalog.old_words import OldWordLines, OldWords
from photofind.core.catalog.states import HAS_OLD_WORDS, IS_DONE
from photofind.core.catalog.touched import Mark, Touched
from photofind.core.catalog.word_lines import (
    LINES_A_BLOCK,
    Fits,
    WordLines,
    empty_lines,
    join_lines,
    photo_line,
    split_lines,
)
from photofind.core.records.arrays import Ids
from photofind.core.records.names import name_text
from photofind.core.records.words import Forms
from photofind.core.settings import WORDS_TO

_SOURCE = (
    "SELECT p.id, f.path, p.path, p.camera, s.words FROM photo p {} JOIN folder f ON f.id = p.folder_id "
    "LEFT JOIN said s ON s.photo_id = p.id"
)
# Id, folder, path in it, camera, what the file says.
_Row = tuple[int, bytes, bytes, str | None, str | None]
_IS_BLOCK = "typeof(lines) = 'blob'"  # else it is damaged
# As many as are a megabyte, which the processor has at hand: of four times as many, a query takes half as long again.
_BLOCKS_A_READ = 256
_BLOCKS_A_QUERY = 500
_PHOTOS_A_STEP = 1_024
_ROWS_A_STEP = 4_096


class Lines(Protocol):
    """Photos whose words can be asked for: `photo_ids` [n], and how well words fit each of them."""

    photo_ids: Ids

    def fit(self, word: Forms) -> Fits:
        """Return how well a word, in the best of its forms, fits each photo [n]."""
        ...

    def narrow(self, fits: Fits) -> tuple[Lines, Fits]:
        """Return those that fit, some others among them, and how well."""
        ...


class Words:
    """The index of words; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database, settings: KeptSettings, touched: Touched) -> None:
        self._db = db
        self._settings = settings
        self._touched = touched
        self._old = OldWords(db)
        self._read: dict[int, WordLines] = {}  # by number of the first block, divided by `_BLOCKS_A_READ`
        self._read_at: Mark | None = None

    # Looking

    def read(self) -> Sequence[Lines]:
        """Return the words of all photos, some photos at a time; of those, what was written is read anew.

        What is kept for that is 9 MB of 100,000 photos.
        """
        if not self._is_whole:
            highest = self._db.execute("SELECT max(id) FROM photo").fetchone()[0]
            return [OldWordLines(self._old, highest or 0)]
        if self._db.conn.in_transaction:  # what is taken back leaves no trace
            self._read_at = None
            return [lines for _, lines in self._read_parts()]
        now = self._touched.mark()
        if self._read_at is None or not self._touched.tells(self._read_at, now):
            self._read = {}  # not both at once
            self._read = dict(self._read_parts())
        else:
            for part in {number // _BLOCKS_A_READ for number in self._touched.word_blocks(self._read_at, now)}:
                self._read[part] = self._read_part(part)
        self._read_at = now
        return list(self._read.values())

    def _read_parts(self) -> Iterator[tuple[int, WordLines]]:
        query, start = "SELECT min(number) FROM word_block WHERE number >= ?", 0
        while (number := self._db.execute(query, [start]).fetchone()[0]) is not None:
            part = number // _BLOCKS_A_READ
            yield part, self._read_part(part)
            start = (part + 1) * _BLOCKS_A_READ

    def _read_part(self, part: int) -> WordLines:
        query = f"SELECT number, lines FROM word_block WHERE number >= ? AND number < ? AND {_IS_BLOCK} ORDER BY number"
        first = part * _BLOCKS_A_READ
        return WordLines(self._db.execute(query, [first, first + _BLOCKS_A_READ]).fetchall())

    @property
    def _is_whole(self) -> bool:
        return self._settings.get(WORDS_TO) is None

    # Writing

    def write(self, photo_ids: Sequence[int]) -> None:
        """Write the words of photos anew, as their rows have them; at most a slice of them."""
        query = f"{_SOURCE.format('')} WHERE p.id IN ({marks(photo_ids)})"
        with self._db.atomic():
            self._write(self._db.execute(query, photo_ids).fetchall())

    def refresh(self, limit: int) -> bool:
        """Write anew the words of up to `limit` photos that were moved or read again; tell whether there were any."""
        query = f"{_SOURCE.format('INDEXED BY photo_words_due')} WHERE {HAS_OLD_WORDS} LIMIT ?"
        rows = self._db.execute(query, [limit]).fetchall()
        if rows:
            with self._db.atomic():
                self._write(rows)
                self._db.conn.executemany("UPDATE photo SET words_due = FALSE WHERE id = ?", ((i,) for i, *_ in rows))
        return bool(rows)

    def forget(self, photo_ids: Iterable[int]) -> None:
        """Drop the words of photos."""
        ids = list(photo_ids)
        with self._db.atomic():
            self._put(dict.fromkeys(ids, b""))
            if self._old.exists:
                self._old.forget(ids)

    def catch_up(self, seconds: float) -> bool:
        """Write what is due and fill in what a library of before has, for about so long; tell whether all is done."""
        deadline = time.monotonic() + seconds
        while self.refresh(_PHOTOS_A_STEP) or self._fill() or self._drop_old():
            if time.monotonic() > deadline:
                return False
        return True

    def _fill(self) -> bool:
        """Fill in the words of some more photos; tell whether there were any."""
        to = self._settings.get(WORDS_TO)
        if to is None:
            return False
        query = f"{_SOURCE.format('')} WHERE p.id > ? ORDER BY p.id LIMIT {_PHOTOS_A_STEP:d}"
        with self._db.atomic():
            rows = self._db.execute(query, [to]).fetchall()
            self._put({row[0]: photo_line(*row[1:]) for row in rows})
            if rows:
                self._settings.set(WORDS_TO, rows[-1][0])
            else:
                self._settings.forget(WORDS_TO)
        return True

    def _drop_old(self) -> bool:
        """Drop some of the index of before, which is not asked any more; tell whether there was any."""
        if not self._old.exists:
            return False
        self._old.drop_some(_ROWS_A_STEP)
        return True

    def _write(self, rows: Sequence[_Row]) -> None:
        self._put({row[0]: photo_line(*row[1:]) for row in rows})
        if not self._is_whole:
            self._old.put((row[0], _old_words(*row[1:])) for row in rows)

    def _put(self, lines: Mapping[int, bytes]) -> None:
        """Put photos' lines in the place of those they had."""
        by_block: defaultdict[int, dict[int, bytes]] = defaultdict(dict)
        for photo_id, line in lines.items():
            by_block[photo_id // LINES_A_BLOCK][photo_id % LINES_A_BLOCK] = line
        numbers = sorted(by_block)
        for start in range(0, len(numbers), _BLOCKS_A_QUERY):
            self._put_blocks({number: by_block[number] for number in numbers[start : start + _BLOCKS_A_QUERY]})

    def _put_blocks(self, changes: Mapping[int, Mapping[int, bytes]]) -> None:
        numbers = list(changes)
        query = (
            "SELECT number, CAST(lines AS BLOB), CAST(crc AS INTEGER) FROM word_block "
            f"WHERE number IN ({marks(numbers)})"
        )
        known = {number: self._lines(number, lines, crc) for number, lines, crc in self._db.execute(query, numbers)}
        blocks = []
        for number, changed in changes.items():
            lines = known.get(number) or empty_lines()
            for place, line in changed.items():
                lines[place] = line
            if any(lines):
                block = join_lines(lines)
                blocks.append((number, block, zlib.crc32(block)))
        self._db.conn.executemany("DELETE FROM word_block WHERE number = ?", ((number,) for number in numbers))
        self._db.conn.executemany("INSERT INTO word_block VALUES (?, ?, ?)", blocks)

    def _lines(self, number: int, block: object, crc: int) -> list[bytes]:
        """Return the lines of a block; made anew where it is not what was written."""
        if isinstance(block, bytes) and zlib.crc32(block) == crc:
            return split_lines(block)
        lines, first = empty_lines(), number * LINES_A_BLOCK
        query = f"{_SOURCE.format('')} WHERE p.id BETWEEN ? AND ?"
        for row in self._db.execute(query, [first, first + LINES_A_BLOCK - 1]).fetchall():
            lines[row[0] - first] = photo_line(*row[1:])
        return lines

    # Damage

    def is_damaged(self) -> bool:
        """Look through the index; takes 8 ms for 100,000 photos."""
        query = f"SELECT EXISTS (SELECT 1 FROM word_block WHERE {crc32_of('lines')} IS NOT crc)"
        return bool(self._db.execute(query).fetchone()[0]) or (self._old.exists and self._old.is_damaged())

    def count_lacking(self) -> int:
        """Return how many photos wait for nothing and have no words; those to be filled in do not count."""
        if not self._is_whole:
            return 0
        done = self._db.execute(f"SELECT p.id FROM photo p WHERE {IS_DONE}")
        return len({photo_id for (photo_id,) in done} - self._with_words())

    def count_left(self) -> int:
        """Return of how many photos there are words that are not there themselves."""
        return len(self._left())

    def forget_left(self) -> None:
        """Drop these words."""
        self.forget(self._left())

    def rebuild(self) -> None:
        """Make the words of all photos anew from their rows."""
        with self._db.atomic():
            self._db.execute("DELETE FROM word_block")
            self._old.drop()
            self._settings.set(WORDS_TO, 0)
            while self._fill():
                pass

    def _with_words(self) -> set[int]:
        blocks = self._db.execute(f"SELECT number, lines FROM word_block WHERE {_IS_BLOCK}")
        return {
            number * LINES_A_BLOCK + place
            for number, lines in blocks
            for place, line in enumerate(split_lines(lines))
            if line
        }

    def _left(self) -> set[int]:
        return self._with_words() - {photo_id for (photo_id,) in self._db.execute("SELECT id FROM photo")}


def _old_words(folder: bytes, path: bytes, camera: str | None, said: str | None) -> str:
    """Return words as the index of before keeps them."""
    names = name_text(os.path.basename(folder)), name_text(os.path.splitext(path)[0])
    return " ".join(part for part in (*names, camera, said) if part)
