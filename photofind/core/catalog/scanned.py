"""What a look at the disk compares with the photos' rows, and what it changes in them, in bulk.

A row keeps its id, vectors and words' place through all of it; what became of which file is decided in `sync`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlite_utils import Database

from photofind.core.catalog.database import marks
from photofind.core.catalog.facts import Facts
from photofind.core.catalog.photos import Photos
from photofind.core.catalog.states import (
    IS_BACK,
    IS_GONE,
    IS_GONE_SINCE,
    IS_HELD_BACK,
    IS_SHOWN,
    Missing,
    PhotoState,
)
from photofind.core.disk.scan import Found

# A photo's row: path, id, size, mtime, ctime, inode, whether it is gone, and its `Missing`. Kept as SQLite gives it,
# because a sync compares one of every photo there is: made into anything with names, they take as long as the walk.
Known = tuple[bytes, int, int, int, int, int, int, int]
_KNOWN: Final = f"SELECT p.path, p.id, p.size, p.mtime_ns, p.ctime_ns, p.inode, {IS_GONE}, p.missing FROM photo p"
PATH: Final = 0
ID: Final = 1
GONE: Final = 6
MISSING: Final = 7
# So many rows are read or inserted without a search between them.
ROWS_A_STEP: Final = 5_000
_IDS_A_QUERY: Final = 500
# A slow disk is walked for minutes; meanwhile another folder's sync may have found a photo there, or in its place.
_STILL_AS_KNOWN = "id = ? AND folder_id = ? AND path = ?"
# Inode, size, mtime, device now, id, whether it is hidden, folder, path in it.
KnownElsewhere = tuple[int, int, int, int, int, int, bytes, bytes]


class Scanned:
    """The rows of photos as the disk has them; works on the catalog's connection and in its transactions.

    `came_back`: photos that were put back, or took another's place, while no look at a folder said so; in their order.
    """

    def __init__(self, db: Database, photos: Photos, facts: Facts) -> None:
        self.came_back: list[int] = []
        self._db = db
        self._photos = photos
        self._facts = facts

    # Reading

    def known(self, folder_id: int, rows_a_step: int) -> Iterator[list[Known]]:
        """Yield the rows of a folder's photos, gone ones too, some at a time."""
        cursor = self._db.execute(f"{_KNOWN} WHERE p.folder_id = ?", [folder_id])
        while rows := cursor.fetchmany(rows_a_step):
            yield rows

    def known_in(self, folder_id: int, directory: bytes) -> list[Known]:
        """Return the rows of the photos that are right in a directory of a folder, gone ones too."""
        if not directory:
            return self._db.execute(
                f"{_KNOWN} WHERE p.folder_id = ? AND instr(p.path, x'2f') = 0", [folder_id]
            ).fetchall()
        below, beyond = directory + b"/", directory + b"0"  # 0 comes after /
        query = f"{_KNOWN} WHERE p.folder_id = ? AND p.path > ? AND p.path < ? AND instr(substr(p.path, ?), x'2f') = 0"
        return self._db.execute(query, [folder_id, below, beyond, len(below) + 1]).fetchall()

    def known_by_id(self, folder_id: int, photo_ids: Sequence[int]) -> list[Known]:
        """Return the rows of those of some photos that are in a folder, gone ones too."""
        found: list[Known] = []
        for start in range(0, len(photo_ids), _IDS_A_QUERY):
            part = photo_ids[start : start + _IDS_A_QUERY]
            query = f"{_KNOWN} WHERE p.id IN ({marks(part)}) AND p.folder_id = ?"
            found += self._db.execute(query, [*part, folder_id])
        return found

    def ids(self, folder_id: int, rows_a_step: int) -> Iterator[list[int]]:
        """Yield the ids of a folder's photos, gone ones too, some at a time."""
        cursor = self._db.execute("SELECT p.id FROM photo p WHERE p.folder_id = ?", [folder_id])
        while rows := cursor.fetchmany(rows_a_step):
            yield [photo_id for (photo_id,) in rows]

    def count_expected(self, folder_id: int) -> int:
        """Return how many photos of a folder should be there: not gone, nor held back."""
        query = "SELECT count(*) FROM photo p INDEXED BY {} WHERE p.folder_id = ? AND {}"
        held_back = query.format("photo_missing", IS_HELD_BACK)
        query = f"SELECT ({query.format('photo_counts', IS_SHOWN)}) - ({held_back})"
        return int(self._db.execute(query, [folder_id, folder_id]).fetchone()[0])

    def elsewhere(
        self, folder_id: int, path: bytes, device_now: int | None, inodes: Sequence[int]
    ) -> Iterator[KnownElsewhere]:
        """Yield the photos of another folder, at `path`, with one of these inodes.

        `device_now`: the number that its file system has by now; None where it is still what the rows say.
        """
        yield from self._db.execute(
            f"SELECT p.inode, p.size, p.mtime_ns, coalesce(?, p.device), p.id, {IS_GONE} OR p.missing, ?, p.path "
            f"FROM photo p INDEXED BY photo_by_inode WHERE p.folder_id = ? AND p.inode IN ({marks(inodes)})",
            [device_now, path, folder_id, *inodes],
        )

    def ends(self, photo_ids: Sequence[int]) -> dict[int, bytes]:
        """Return by id what photos' files begin and end with, of those that were looked at; at most a slice of them."""
        query = f"SELECT id, ends FROM photo WHERE id IN ({marks(photo_ids)}) AND ends NOT NULL"
        return dict(self._db.execute(query, photo_ids).fetchall())

    def hidden_since(self, folder_id: int, seconds: float) -> set[int]:
        """Return the photos of a folder that were hidden since a time."""
        query = f"SELECT p.id FROM photo p WHERE {IS_GONE} AND p.gone_since >= ? AND p.folder_id = ?"
        return {int(row[0]) for row in self._db.execute(query, [seconds, folder_id])}

    # Writing

    def insert(self, folder_id: int, files: Iterable[Found]) -> None:
        """Insert files as photos that wait to be opened."""
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT INTO photo (folder_id, path, size, mtime_ns, ctime_ns, inode, device, sort_time) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (folder_id, path, size, mtime_ns, ctime_ns, inode, device, mtime_ns / 1e9)
                    for path, (size, mtime_ns, ctime_ns, inode), device in files
                ),
            )

    def change(self, folder_id: int, files: Iterable[tuple[int, Found]]) -> None:
        """Note that other content lies at photos' paths; they wait to be opened."""
        self._db.conn.executemany(
            f"UPDATE photo SET state = {PhotoState.PENDING:d}, changed = TRUE, {IS_BACK}, "
            "size = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, device = ?, ends = NULL WHERE id = ? AND folder_id = ?",
            ((*fingerprint, device, photo_id, folder_id) for photo_id, (_, fingerprint, device) in files),
        )

    def rename(self, folder_id: int, files: Iterable[tuple[int, Found]]) -> None:
        """Give photos the paths of other files in the same folder; a rename changes nothing else of them.

        No more columns are named than can differ: each one has its indexes written again.
        """
        files = list(files)
        self._db.conn.executemany(
            "UPDATE photo SET path = ?, ctime_ns = ?, device = ?, words_due = TRUE WHERE id = ? AND folder_id = ?",
            ((path, ctime_ns, device, i, folder_id) for i, (path, (_, _, ctime_ns, _), device) in files),
        )
        self._facts.note_moved(i for i, _ in files)

    def bring(self, folder_id: int, files: Iterable[tuple[int, Found]]) -> None:
        """Give photos of other folders the paths of files in this one."""
        files = list(files)
        self._db.conn.executemany(
            "UPDATE photo SET folder_id = ?, path = ?, ctime_ns = ?, device = ?, words_due = TRUE WHERE id = ?",
            ((folder_id, path, ctime_ns, device, i) for i, (path, (_, _, ctime_ns, _), device) in files),
        )
        self._facts.note_moved(i for i, _ in files)

    def put_aside(self, folder_id: int, known: Iterable[Known]) -> None:
        """Hide photos whose path is another photo's now, below it: no file can lie below a file."""
        now = time.time()
        self._db.conn.executemany(
            f"UPDATE photo SET path = ?, {IS_GONE_SINCE} WHERE {_STILL_AS_KNOWN}",
            ((b"%s/%d" % (row[PATH], row[ID]), now, row[ID], folder_id, row[PATH]) for row in known),
        )

    def hide(self, photo_ids: Iterable[int]) -> None:
        """Note that photos' files were deleted."""
        now = time.time()
        self._db.conn.executemany(f"UPDATE photo SET {IS_GONE_SINCE} WHERE id = ?", ((now, i) for i in photo_ids))

    def hide_known(self, folder_id: int, known: Iterable[Known]) -> None:
        """Note that a look found no file where photos were."""
        now = time.time()
        self._db.conn.executemany(
            f"UPDATE photo SET {IS_GONE_SINCE} WHERE {_STILL_AS_KNOWN}",
            ((now, row[ID], folder_id, row[PATH]) for row in known),
        )

    def hold_back(self, folder_id: int, known: Iterable[Known]) -> None:
        """Note that photos' files are not there, but too many at once to be taken for deleted."""
        self._db.conn.executemany(
            f"UPDATE photo SET missing = {Missing.HELD_BACK:d} WHERE {_STILL_AS_KNOWN}",
            ((row[ID], folder_id, row[PATH]) for row in known),
        )

    def show(self, photo_ids: Iterable[int]) -> None:
        """Note that photos' files are there."""
        self._db.conn.executemany(f"UPDATE photo SET {IS_BACK} WHERE id = ?", ((i,) for i in photo_ids))

    def note_ends(self, looked_at: Iterable[tuple[int, bytes, int]]) -> None:
        """Note of photos, by id, what their files begin and end with, and the ctime with which they were looked at."""
        self._db.conn.executemany(
            "UPDATE photo SET ends = ?, ctime_ns = ? WHERE id = ?",
            ((ends, ctime_ns, photo_id) for photo_id, ends, ctime_ns in looked_at),
        )

    def note_missing(self, photo_ids: Sequence[int]) -> frozenset[int]:
        """Note that photos' files were not there when they were to be opened; return the folders whose sync decides."""
        with self._db.atomic():
            self._db.execute(
                f"UPDATE photo SET missing = {Missing.UNDECIDED:d} WHERE id IN ({marks(photo_ids)})", photo_ids
            )
        query = f"SELECT DISTINCT folder_id FROM photo WHERE id IN ({marks(photo_ids)})"
        return frozenset(int(row[0]) for row in self._db.execute(query, photo_ids))

    def bring_back(self, photo_ids: Sequence[int]) -> None:
        """Show photos whose files the person put back."""
        self.show(photo_ids)
        self.came_back += photo_ids

    def take_place(self, photo_id: int, place_of: int) -> None:
        """Make a photo that vanished the one at the place of another row, which is deleted."""
        self.came_back.append(photo_id)
        with self._db.atomic():
            query = "SELECT folder_id, path, size, mtime_ns, ctime_ns, inode, device FROM photo WHERE id = ?"
            place = self._db.execute(query, [place_of]).fetchone()
            self._photos.delete([place_of])
            self._db.execute(
                "UPDATE photo SET folder_id = ?, path = ?, size = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, "
                f"device = ?, {IS_BACK}, words_due = TRUE WHERE id = ?",
                [*place, photo_id],
            )
            self._facts.note_moved([photo_id])
