"""What photos' files say of them: date, camera and place in their rows, all else beside them."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable, Sequence

from sqlite_utils import Database

from photofind.core.catalog.database import marks
from photofind.core.catalog.states import HAS_NOT_CHANGED, HAS_OLD_FACTS, IS_THERE, IS_WATCHED, WAS_OPENED
from photofind.core.catalog.storable import storable_metadata
from photofind.core.records.decoded import Metadata
from photofind.core.records.facts import READER_VERSION, TagKind, TakenFrom, begin_of
from photofind.core.records.work import PendingPhoto

# What a photo's name, or what lies beside it, has a say in.
_BY_PLACE = (TakenFrom.NAME, TakenFrom.SIDECAR, TakenFrom.WRITTEN, TakenFrom.FILE)
Read = tuple[int, Metadata]
# Characters; a photo that says more is a book.
_MOST_SAID = 20_000


class Facts:
    """What files say of photos; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # Reading

    def due(self, limit: int, skip: Sequence[int] = ()) -> list[PendingPhoto]:
        """Return up to `limit` photos of online folders, those in `skip` left out, whose facts are to be read again."""
        rows = self._db.execute(
            "SELECT p.id, f.path, p.path, p.folder_id, p.size, p.mtime_ns, p.ctime_ns, p.inode "
            "FROM folder f CROSS JOIN photo p INDEXED BY photo_facts_due ON p.folder_id = f.id "
            f"WHERE {HAS_OLD_FACTS} AND {WAS_OPENED} AND {IS_THERE} AND {HAS_NOT_CHANGED} "
            f"AND p.id NOT IN ({marks(skip)}) LIMIT ?",
            [*skip, limit],
        )
        return [
            PendingPhoto(photo_id, os.path.join(folder, path), folder_id, (size, mtime_ns, ctime_ns, inode))
            for photo_id, folder, path, folder_id, size, mtime_ns, ctime_ns, inode in rows
        ]

    def count_due(self) -> int:
        """Return how many photos' facts are to be read again, those of away folders too."""
        query = (
            "SELECT count(*) FROM folder f CROSS JOIN photo p INDEXED BY photo_facts_due ON p.folder_id = f.id "
            f"WHERE {HAS_OLD_FACTS} AND {WAS_OPENED} AND {IS_WATCHED}"
        )
        return int(self._db.execute(query).fetchone()[0])

    # Writing

    def learn(self, read: Sequence[Read]) -> None:
        """Keep what was read again of photos that are embedded already; words that are other now are due."""
        read = _storable(read)
        with self._db.atomic():
            before = self._words_of([photo_id for photo_id, _ in read])
            self._db.conn.executemany(
                "UPDATE photo SET taken = ?, camera = ?, latitude = ?, longitude = ?, "
                "sort_time = coalesce(?, mtime_ns / 1e9) WHERE id = ?",
                (
                    (data.taken, data.camera, data.latitude, data.longitude, sort_time(data.taken), photo_id)
                    for photo_id, data in read
                ),
            )
            self.write(read)
            after = self._words_of([photo_id for photo_id, _ in read])
            changed = [photo_id for photo_id, words in after.items() if words != before.get(photo_id)]
            self._db.conn.executemany("UPDATE photo SET words_due = TRUE WHERE id = ?", ((i,) for i in changed))

    def write(self, read: Sequence[Read]) -> None:
        """Keep what files say beside date, camera and place, which are in the photos' rows."""
        read = _storable(read)
        ids = [(photo_id,) for photo_id, _ in read]
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        photo_id,
                        data.taken_from,
                        data.zone,
                        data.lens,
                        data.aperture,
                        data.shutter,
                        data.iso,
                        data.focal_length,
                        data.kind,
                        data.title,
                        data.caption,
                        data.rating,
                    )
                    for photo_id, data in read
                ),
            )
            self._db.conn.executemany("DELETE FROM said WHERE photo_id = ?", ids)
            said = ((photo_id, said_by(data)) for photo_id, data in read)
            self._db.conn.executemany("INSERT INTO said VALUES (?, ?)", (pair for pair in said if pair[1]))
            self._db.conn.executemany("DELETE FROM tagged WHERE photo_id = ?", ids)
            for photo_id, data in read:
                self._tag(photo_id, data)
            self.note_read(photo_id for photo_id, _ in read)

    def note_read(self, photo_ids: Iterable[int]) -> None:
        """Note that this reader has seen photos, whatever came of it."""
        query = f"UPDATE photo SET facts_version = {READER_VERSION:d} WHERE id = ?"
        with self._db.atomic():
            self._db.conn.executemany(query, ((i,) for i in photo_ids))

    def _tag(self, photo_id: int, data: Metadata) -> None:
        for kind, names in (
            (TagKind.KEYWORD, data.keywords),
            (TagKind.PERSON, data.people),
            (TagKind.PLACE, data.places),
            (TagKind.IS, data.traits),
        ):
            for name in names:
                self._db.execute(
                    "INSERT OR IGNORE INTO tag (kind, name, folded) VALUES (?, ?, ?)", [kind, name, fold(name)]
                )
                self._db.execute(
                    "INSERT INTO tagged SELECT ?, id FROM tag WHERE kind = ? AND name = ?", [photo_id, kind, name]
                )

    def _words_of(self, photo_ids: Sequence[int]) -> dict[int, tuple[object, ...]]:
        """Return by id what of photos is searched for words, name and folders left out."""
        rows = self._db.execute(
            "SELECT p.id, p.camera, s.words FROM photo p LEFT JOIN said s ON s.photo_id = p.id "
            f"WHERE p.id IN ({marks(photo_ids)})",
            photo_ids,
        )
        return {row[0]: row[1:] for row in rows}

    # What makes them due

    def note_moved(self, photo_ids: Iterable[int]) -> None:
        """Have photos read again whose date may follow from their names, or from what lay beside them."""
        self._db.execute(
            "UPDATE photo SET facts_version = 0 WHERE id IN (SELECT photo_id FROM facts "
            f"WHERE photo_id IN (SELECT value FROM json_each(?)) AND taken_from IN ({marks(_BY_PLACE)}))",
            [json.dumps(list(photo_ids)), *_BY_PLACE],
        )


def _storable(read: Sequence[Read]) -> list[Read]:
    return [(photo_id, storable_metadata(data)) for photo_id, data in read]


def said_by(data: Metadata) -> str:
    """Return all words that a file says of its photo, one saying a line; "" for none."""
    sayings = (data.title, data.caption, *data.keywords, *data.people, *data.places, *data.also)
    lines = (line for line in dict.fromkeys(" ".join((saying or "").split()) for saying in sayings) if line)
    return "\n".join(lines)[:_MOST_SAID]


def fold(name: str) -> str:
    """Return how a tag's name is compared: letters of either case, and however they are put together, are the same."""
    return unicodedata.normalize("NFC", name).casefold()


def sort_time(taken: str | None) -> float | None:
    """Return a date as seconds since 1970 in local time, like the file times it is sorted among; None for none."""
    if not taken:
        return None
    try:
        return begin_of(taken).timestamp()
    except (OverflowError, OSError, ValueError):
        return None
