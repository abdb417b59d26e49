"""The watched folders: where they are, on which drive, whether it is there, and how their photos stand."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlite_utils import Database

from photofind.core.catalog.counts import Counting
from photofind.core.catalog.kept_crossings import KeptCrossings
from photofind.core.catalog.schema import references_to
from photofind.core.catalog.states import (
    HAS_CHANGED,
    IS_DONE,
    IS_FAILED,
    IS_MISSING,
    IS_SHOWN,
    IS_WATCHED,
    WAS_SEEN,
    PhotoState,
)
from photofind.core.catalog.watched import let_go
from photofind.core.disk.volumes import Volume
from photofind.core.records.photos import Folder, KnownPhoto
from photofind.core.sentences.sentence import Sentence, from_text

# A drive that is pulled out fails some reads so many seconds before it is gone.
_FAILING_SECONDS = 60


class Folders:
    """The rows of watched folders; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database, counting: Counting) -> None:
        self._db = db
        self._counting = counting
        self._crossings = KeptCrossings(db)

    # Reading

    def all(self) -> list[Folder]:
        """Return all watched folders with their counts, in the order they were added."""
        counts: dict[int, dict[int, int]] = {}
        for (folder_id, state), count in self._counting.states().items():
            counts.setdefault(folder_id, {})[state] = count
        missing = self._counting.missing()
        links, not_followed = self._crossings.links(), self._crossings.not_followed()
        away_inside = self._crossings.count_away()
        rows = self._db.execute(
            "SELECT f.id, f.path, f.online, f.drive, f.in_cloud, coalesce(d.reason, f.instead) FROM folder f "
            f"LEFT JOIN unreadable_directory d ON d.folder_id = f.id AND d.path = x'' WHERE {IS_WATCHED} ORDER BY f.id"
        )
        return [
            Folder(
                folder_id,
                path,
                bool(online),
                photos=sum(counts.get(folder_id, {}).values()),
                pending=counts.get(folder_id, {}).get(PhotoState.PENDING, 0),
                failed=counts.get(folder_id, {}).get(PhotoState.FAILED, 0),
                drive=drive,
                missing=missing.get(folder_id, 0),
                in_cloud=in_cloud,
                why_away=from_text(reason) if reason and not online else None,
                links=links.get(folder_id, ()),
                not_followed=not_followed.get(folder_id, ((), 0))[0],
                more_not_followed=not_followed.get(folder_id, ((), 0))[1],
                away_inside=away_inside.get(folder_id, 0),
            )
            for folder_id, path, online, drive, in_cloud, reason in rows
        ]

    def paths(self) -> list[bytes]:
        """Return where the watched folders are."""
        return [row[0] for row in self._db.execute(f"SELECT f.path FROM folder f WHERE {IS_WATCHED}")]

    def has_others(self, folder_id: int) -> bool:
        """Tell whether any folder but this one is watched."""
        query = f"SELECT 1 FROM folder f WHERE f.id != ? AND {IS_WATCHED}"
        return self._db.execute(query, [folder_id]).fetchone() is not None

    def let_go(self) -> list[int]:
        """Return the folders that are not watched any more, and still have photos."""
        return let_go(self._db)

    def photo_ids(self, folder_id: int) -> list[int]:
        """Return the ids of all photos of a folder, gone ones too."""
        return [int(row[0]) for row in self._db.execute("SELECT id FROM photo WHERE folder_id = ?", [folder_id])]

    def has_photos(self, folder_id: int) -> bool:
        """Tell whether any photo of a folder is shown."""
        query = f"SELECT 1 FROM photo p WHERE p.folder_id = ? AND {IS_SHOWN} LIMIT 1"
        return self._db.execute(query, [folder_id]).fetchone() is not None

    def places_of_others(self, folder_id: int, volume: str) -> list[tuple[int, bytes, str | None]]:
        """Return id, path and file system of the other folders that are there, or lie on this file system."""
        rows = self._db.execute(
            "SELECT id, path, volume FROM folder WHERE id != ? AND (online OR volume = ?)", [folder_id, volume]
        )
        return rows.fetchall()

    def volume(self, folder_id: int) -> str | None:
        """Return the id of the file system a folder was last seen on."""
        row = self._db.execute("SELECT volume FROM folder WHERE id = ?", [folder_id]).fetchone()
        return None if row is None else row[0]

    def looked_to(self, folder_id: int) -> int:
        """Return the photo up to which the contents of a folder's files were looked at last."""
        return int(self._db.execute("SELECT looked_to FROM folder WHERE id = ?", [folder_id]).fetchone()[0])

    def photos(self, folder_id: int) -> Iterator[tuple[int, bytes]]:
        """Yield id and relative path of a folder's photos, gone ones left out."""
        yield from self._db.execute(
            f"SELECT p.id, p.path FROM photo p WHERE p.folder_id = ? AND {IS_SHOWN}", [folder_id]
        )

    def volumes_at(self, path: bytes) -> dict[int, str | None]:
        """Return by id the file systems of all folders at a path: of drives that are connected there in turn."""
        return dict(self._db.execute("SELECT id, volume FROM folder WHERE path = ?", [path]))

    def some_photos(self, folder_id: int, count: int, below: bytes = b"") -> list[KnownPhoto]:
        """Return a folder's first and last known photos, `count` of each; only those below a relative path.

        Photos last seen missing are left out, unless all are: then they tell whether they are back.
        """
        content = f"iif({HAS_CHANGED}, NULL, p.ends), iif({HAS_CHANGED}, NULL, p.content_hash)"
        # Those of one state are in the order of an index: no more rows are looked at than are returned.
        parts = ["p.path > :first AND p.path < :last"] if below else [f"p.state = {state:d}" for state in PhotoState]
        values = {"folder": folder_id, "count": count, "first": below + b"/", "last": below + b"0"}
        for is_seen in (WAS_SEEN, IS_MISSING):
            ids = " UNION ALL ".join(
                f"SELECT id FROM (SELECT p.id FROM photo p WHERE p.folder_id = :folder AND {IS_SHOWN} AND {part} "
                f"AND {is_seen} ORDER BY p.id {order} LIMIT :count)"
                for part in parts
                for order in ("ASC", "DESC")
            )
            query = f"SELECT p.path, p.size, p.mtime_ns, {content} FROM photo p WHERE p.id IN ({ids}) ORDER BY p.id"
            if rows := self._db.execute(query, values).fetchall():
                return [KnownPhoto(*row) for row in dict.fromkeys((*rows[:count], *rows[-count:]))]
        return []

    # Writing

    def add(self, path: bytes, volume: Volume) -> int:
        """Insert a watched folder (absolute path) and return its id."""
        with self._db.atomic():
            cursor = self._db.execute("INSERT INTO folder (path) VALUES (?)", [path])
            folder_id = int(cursor.lastrowid or 0)
            self.set_present(folder_id, volume)
        return folder_id

    def set_present(self, folder_id: int, volume: Volume, in_cloud: int | None = None) -> None:
        """Note that a folder is there, on which drive, and how many placeholders are in it, where that is known.

        What could not be read since shortly before it went away is tried again.
        """
        row = self._db.execute("SELECT away_since FROM folder WHERE id = ? AND NOT online", [folder_id]).fetchone()
        with self._db.atomic():
            if row is not None and row[0] is not None:
                self._db.execute(
                    f"UPDATE photo AS p SET state = {PhotoState.PENDING:d} "
                    f"WHERE p.folder_id = ? AND {IS_FAILED} AND p.failed_since > ?",
                    [folder_id, row[0] - _FAILING_SECONDS],
                )
            self._db.execute(
                "UPDATE folder SET online = 1, away_since = NULL, instead = NULL, device = ?, volume = ?, drive = ?, "
                "in_cloud = coalesce(?, in_cloud) WHERE id = ?",
                [volume.device, volume.id, volume.drive, in_cloud, folder_id],
            )

    def set_away(self, folder_id: int, why: Sentence | None = None, instead: Sentence | None = None) -> None:
        """Note that a folder cannot be reached, and why where that is known; all that is known of it stays.

        `why` is a problem, `instead` what is said of a place that shows something else.
        """
        now = time.time()
        with self._db.atomic():
            self._db.execute(
                "UPDATE folder SET online = 0, away_since = coalesce(away_since, ?), instead = ? WHERE id = ?",
                [now, instead.to_text() if instead else None, folder_id],
            )
            self._db.execute("DELETE FROM unreadable_directory WHERE folder_id = ? AND path = x''", [folder_id])
            if why is not None:
                self._db.execute(
                    "INSERT INTO unreadable_directory VALUES (?, x'', ?, ?)", [folder_id, why.to_text(), now]
                )

    def set_looked_to(self, folder_id: int, photo_id: int) -> None:
        """Note up to which photo the contents of a folder's files were looked at."""
        self._db.execute("UPDATE folder SET looked_to = ? WHERE id = ?", [photo_id, folder_id])

    def relocate(self, folder_id: int, path: bytes) -> None:
        """Give a folder and all its photos a new place; the words of those that have any follow."""
        with self._db.atomic():
            self._db.execute("UPDATE folder SET path = ? WHERE id = ?", [path, folder_id])
            self._db.execute(f"UPDATE photo AS p SET words_due = TRUE WHERE p.folder_id = ? AND {IS_DONE}", [folder_id])

    def let_go_of(self, folder_id: int) -> None:
        """Watch a folder no more; its place may be watched anew at once, and `delete` ends it."""
        with self._db.atomic():
            self._db.execute(
                "UPDATE folder SET path = ?, online = 0, volume = NULL WHERE id = ?", [b"\0%d" % folder_id, folder_id]
            )
            self._db.execute("DELETE FROM unreadable_directory WHERE folder_id = ?", [folder_id])

    def delete(self, folder_id: int) -> None:
        """Delete a folder that has no photos any more."""
        with self._db.atomic():
            for one in references_to(self._db, "folder"):
                self._db.execute(f"DELETE FROM {one.table} WHERE {one.column} = ?", [folder_id])
            self._db.execute("DELETE FROM folder WHERE id = ?", [folder_id])
