"""All photos that have been opened, the newest first: read once, a slice at a time, and then kept up to date.

Reading a million of them takes most of a second, so from then on only those that were written are looked up.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from photofind.core.catalog.database import marks
from photofind.core.catalog.states import WAS_OPENED
from photofind.core.catalog.touched import Mark, Touched
from photofind.core.catalog.watched import in_watched, let_go
from photofind.core.records.arrays import Ids

_ROWS_A_STEP: Final = 20_000
_IDS_A_QUERY: Final = 500
# Of more photos than that it is faster to see in which order all are.
_MOST_LOOKED_UP: Final = 5_000
# A query waits for no more of the first reading than that.
_FIRST_SECONDS: Final = 0.01
_HIGHEST_ID: Final = 2**63 - 1
_Times = npt.NDArray[np.float64]


class Newest:
    """The order of photos by time, then by id; works on the catalog's connection.

    Its arrays are never changed in place: answers hold them.
    """

    def __init__(self, db: Database, touched: Touched) -> None:
        self._db = db
        self._touched = touched
        self._read_at: tuple[Mark, list[int]] | None = None
        self._are_there: npt.NDArray[np.bool_] | None = None
        self.is_whole = False
        self._ids: Ids = np.empty(0, np.int64)  # newest first while they are read, then oldest first
        self._times: _Times = np.empty(0, np.float64)

    def at_once(self) -> Ids:
        """Return the ids [n], newest first: all of them, or while they are first read, those read so far."""
        if self._db.conn.in_transaction or self.is_whole or self._read_on(_FIRST_SECONDS):
            return self.all()
        return _for_good(self._ids)

    def all(self) -> Ids:
        """Return the ids [n] of all, newest first, however long that takes."""
        if self._db.conn.in_transaction:  # what is taken back leaves no trace
            return _for_good(_arrays(self._after(np.inf, _HIGHEST_ID, -1))[0])
        self._read_on(np.inf)
        self._take_in()
        return _for_good(self._ids[::-1])

    @property
    def is_asked(self) -> bool:
        """Whether anybody has asked for them."""
        return self._read_at is not None

    def has(self, photo_ids: Ids) -> npt.NDArray[np.bool_]:
        """Tell which of some photos have been opened and are shown."""
        newest = self.all()
        if self._are_there is None:
            self._are_there = _are_in(newest, newest)
        beyond = len(self._are_there)
        return np.asarray((photo_ids < beyond) & self._are_there[np.where(photo_ids < beyond, photo_ids, 0)])

    def among(self, photo_ids: Ids) -> Ids:
        """Return those of some photos that have been opened, newest first."""
        if len(photo_ids) <= _MOST_LOOKED_UP:
            return _arrays(self._look_up(photo_ids.tolist()))[0][::-1]
        newest = self.all()
        is_wanted = _are_in(photo_ids, newest)
        return newest[is_wanted[newest]]

    def catch_up(self, seconds: float) -> bool:
        """Go on with a first reading that somebody waits for, for about so long; tell whether there was none."""
        if self.is_whole or self._read_at is None:
            return True
        self._read_on(seconds)
        return False

    # Reading all

    def _begin(self) -> None:
        self._read_at, self.is_whole = (self._touched.mark(), let_go(self._db)), False
        self._ids, self._times, self._are_there = np.empty(0, np.int64), np.empty(0, np.float64), None

    def _read_on(self, seconds: float) -> bool:
        """Read for about so long; tell whether all is read. What is written meanwhile is taken in after that."""
        deadline = time.monotonic() + seconds
        if self._read_at is None:
            self._begin()
        while not self.is_whole:
            last_time, last_id = (self._times[-1], self._ids[-1]) if len(self._ids) else (np.inf, _HIGHEST_ID)
            ids, times = _arrays(self._after(float(last_time), int(last_id), _ROWS_A_STEP))
            self._ids, self._times = np.concatenate([self._ids, ids]), np.concatenate([self._times, times])
            if len(ids) < _ROWS_A_STEP:
                self._ids, self._times, self.is_whole = self._ids[::-1], self._times[::-1], True
            elif time.monotonic() > deadline:
                return False
        return True

    def _after(self, sort_time: float, photo_id: int, limit: int) -> list[tuple[int, float]]:
        """Return ids and times of up to `limit` photos that come after one; all of them for -1.

        Two statements: of one for both, SQLite would read all that are of the same time.
        """
        select = "SELECT p.id, p.sort_time FROM photo p INDEXED BY photo_newest"
        there = f"{WAS_OPENED} AND {in_watched(self._db)}"
        alike = f"{select} WHERE {there} AND p.sort_time = ? AND p.id < ? ORDER BY p.id DESC LIMIT ?"
        found = self._db.execute(alike, [sort_time, photo_id, limit]).fetchall()
        if len(found) != limit:
            older = f"{select} WHERE {there} AND p.sort_time < ? ORDER BY p.sort_time DESC, p.id DESC LIMIT ?"
            found += self._db.execute(older, [sort_time, max(-1, limit - len(found))]).fetchall()
        return found

    # Keeping up

    def _take_in(self) -> None:
        """Look up the photos that were written, and put them where they belong; where nobody can tell, read all."""
        now, away = self._touched.mark(), let_go(self._db)
        if self._read_at is None or not self._touched.tells(self._read_at[0], now):
            self._begin()
            self._read_on(np.inf)
            return
        before, let_go_before = self._read_at
        written, left = self._touched.photo_ids(before, now), self._in_folders(set(away).difference(let_go_before))
        if written or left:
            is_kept = ~_are_in(np.array(written + left, np.int64), self._ids)[self._ids]
            self._put(self._ids[is_kept], self._times[is_kept], *_arrays(self._look_up(written)))
        self._read_at = now, away

    def _in_folders(self, folder_ids: Collection[int]) -> list[int]:
        query = f"SELECT id FROM photo WHERE folder_id IN ({marks(folder_ids)})"
        return [int(row[0]) for row in self._db.execute(query, [*folder_ids])] if folder_ids else []

    def _look_up(self, photo_ids: Sequence[int]) -> list[tuple[int, float]]:
        """Return ids and times of those photos that have been opened, oldest first."""
        found: list[tuple[int, float]] = []
        for start in range(0, len(photo_ids), _IDS_A_QUERY):
            part = photo_ids[start : start + _IDS_A_QUERY]
            found += self._db.execute(
                f"SELECT p.id, p.sort_time FROM photo p WHERE {WAS_OPENED} AND {in_watched(self._db)} "
                f"AND p.id IN ({marks(part)})",
                part,
            )
        return sorted(found, key=lambda row: row[::-1])

    def _put(self, ids: Ids, times: _Times, new_ids: Ids, new_times: _Times) -> None:
        """Put photos among others, both oldest first."""
        places = np.searchsorted(times, new_times)
        ids, times = np.insert(ids, places, new_ids), np.insert(times, places, new_times)
        alike = np.unique(new_times)
        starts, ends = np.searchsorted(times, alike), np.searchsorted(times, alike, "right")
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            ids[start:end].sort()
        self._ids, self._times, self._are_there = ids, times, None


def _are_in(some: Ids, others: Ids) -> npt.NDArray[np.bool_]:
    """Return by id, up to the highest of all, whether it is one of `some`."""
    are_in = np.zeros(max(some.max(initial=0), others.max(initial=0)) + 1, np.bool_)
    are_in[some] = True
    return are_in


def _arrays(rows: Sequence[tuple[int, float]]) -> tuple[Ids, _Times]:
    ids = np.fromiter((photo_id for photo_id, _ in rows), np.int64, len(rows))
    return ids, np.fromiter((sort_time for _, sort_time in rows), np.float64, len(rows))


def _for_good(ids: Ids) -> Ids:
    """Return a view of ids that nobody can write to."""
    view = ids.view()
    view.flags.writeable = False
    return view
