"""The catalog: folders, photos, words and settings in SQLite; the only truth beside the photos themselves.

Embeddings have a file of their own (`embeddings`), comparing with the disk too (`sync`); both
work on this connection.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from photofind.core.catalog.counts import PhotoState, count_missing, count_photos, count_states
from photofind.core.catalog.database import open_database
from photofind.core.catalog.migrations import catalog_migrations
from photofind.core.catalog.words import photo_words
from photofind.core.disk.volumes import Volume
from photofind.core.records.arrays import Ids
from photofind.core.records.photos import Folder, Photo, Problem
from photofind.core.records.progress import Counts
from photofind.core.records.work import PendingPhoto

_IDS_A_QUERY = 500


class Catalog:
    """Folders, photos, words and settings; usable from the thread that opened it only."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.db: Database = open_database(path, catalog_migrations, read_only=read_only)
        self._counted: tuple[tuple[int, int], Counts] | None = None

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def transaction(self) -> AbstractContextManager[Database]:
        """Return a context in which all writes become one."""
        return self.db.atomic()

    @contextmanager
    def bulk_transaction(self) -> Iterator[None]:
        """Make all writes one, without foreign-key checks: they take as long again as moving 100,000 rows."""
        self.db.execute("PRAGMA foreign_keys = OFF")
        try:
            with self.transaction():
                yield
        finally:
            self.db.execute("PRAGMA foreign_keys = ON")

    # Settings

    def setting(self, key: str) -> str | None:
        """Return a stored setting, or None."""
        row = self.db.execute("SELECT value FROM setting WHERE key = ?", [key]).fetchone()
        return None if row is None else str(row[0])

    def set_setting(self, key: str, value: str) -> None:
        """Store a setting."""
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [key, value])

    # Folders

    def add_folder(self, path: bytes, volume: Volume) -> int:
        """Insert a watched folder (absolute path) and return its id."""
        with self.transaction():
            cursor = self.db.execute("INSERT INTO folder (path) VALUES (?)", [path])
            folder_id = int(cursor.lastrowid or 0)
            self.set_present(folder_id, volume)
        return folder_id

    def set_present(self, folder_id: int, volume: Volume, in_cloud: int | None = None) -> None:
        """Note that a folder is there, on which drive, and how many placeholders are in it, where that is known.

        What could not be read since shortly before it went away is tried again: a drive that is
        pulled out fails some reads before it is gone.
        """
        row = self.db.execute("SELECT away_since FROM folder WHERE id = ? AND NOT online", [folder_id]).fetchone()
        with self.transaction():
            if row is not None and row[0] is not None:
                self.db.execute(
                    "UPDATE photo SET state = 0 WHERE folder_id = ? AND state = 2 AND failed_since > ?",
                    [folder_id, row[0] - 60],
                )
            self.db.execute(
                "UPDATE folder SET online = 1, away_since = NULL, device = ?, volume = ?, drive = ?, "
                "in_cloud = coalesce(?, in_cloud) WHERE id = ?",
                [volume.device, volume.id, volume.drive, in_cloud, folder_id],
            )

    def set_away(self, folder_id: int) -> None:
        """Note that a folder cannot be reached; all that is known of it stays."""
        with self.transaction():
            self.db.execute(
                "UPDATE folder SET online = 0, away_since = coalesce(away_since, ?) WHERE id = ?",
                [time.time(), folder_id],
            )

    def relocate_folder(self, folder_id: int, path: bytes) -> None:
        """Give a folder and all its photos a new place."""
        with self.transaction():
            self.db.execute("UPDATE folder SET path = ? WHERE id = ?", [path, folder_id])
            self.db.execute("UPDATE photo SET words_due = 1 WHERE folder_id = ? AND state = 1", [folder_id])

    def folders(self) -> list[Folder]:
        """Return all watched folders with their counts, in the order they were added."""
        counts: dict[int, dict[int, int]] = {}
        for folder_id, state, count in count_states(self.db):
            counts.setdefault(folder_id, {})[state] = count
        missing = count_missing(self.db)
        rows = self.db.execute("SELECT id, path, online, drive, in_cloud FROM folder ORDER BY id")
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
            )
            for folder_id, path, online, drive, in_cloud in rows
        ]

    def has_other_folders(self, folder_id: int) -> bool:
        """Tell whether any folder but this one is watched."""
        return self.db.execute("SELECT 1 FROM folder WHERE id != ?", [folder_id]).fetchone() is not None

    def has_photos(self, folder_id: int) -> bool:
        """Tell whether any photo of a folder is shown."""
        query = "SELECT 1 FROM photo WHERE folder_id = ? AND gone_since IS NULL LIMIT 1"
        return self.db.execute(query, [folder_id]).fetchone() is not None

    def places_of_others(self, folder_id: int, volume: str) -> list[tuple[int, bytes, str | None]]:
        """Return id, path and file system of the other folders that are there, or lie on this file system."""
        rows = self.db.execute(
            "SELECT id, path, volume FROM folder WHERE id != ? AND (online OR volume = ?)", [folder_id, volume]
        )
        return rows.fetchall()

    def folder_volume(self, folder_id: int) -> str | None:
        """Return the id of the file system a folder was last seen on."""
        row = self.db.execute("SELECT volume FROM folder WHERE id = ?", [folder_id]).fetchone()
        return None if row is None else row[0]

    def paths(self, folder_id: int) -> Iterator[bytes]:
        """Yield the relative paths of a folder's photos, gone ones left out."""
        for row in self.db.execute("SELECT path FROM photo WHERE folder_id = ? AND gone_since IS NULL", [folder_id]):
            yield row[0]

    def sample(self, folder_id: int, count: int) -> list[tuple[bytes, int]]:
        """Return relative path and size of a folder's first and last known photos, `count` of each.

        Photos last seen missing come after all others: where all are, one of them tells that they are back.
        """
        query = (
            "SELECT path, size FROM photo WHERE folder_id = ? AND gone_since IS NULL ORDER BY missing, id {} LIMIT ?"
        )
        return [row for order in ("ASC", "DESC") for row in self.db.execute(query.format(order), [folder_id, count])]

    def remove_folder(self, folder_id: int) -> None:
        """Forget a folder and all its photos."""
        with self.transaction():
            ids = [int(row[0]) for row in self.db.execute("SELECT id FROM photo WHERE folder_id = ?", [folder_id])]
            self.delete_photos(ids)
            self.db.execute("DELETE FROM unreadable_directory WHERE folder_id = ?", [folder_id])
            self.db.execute("DELETE FROM folder WHERE id = ?", [folder_id])

    # Photos

    def delete_photos(self, photo_ids: Iterable[int]) -> None:
        """Delete photos with their words and embeddings."""
        ids = [(i,) for i in photo_ids]
        with self.transaction():
            for statement in (
                "DELETE FROM embedding WHERE photo_id = ?",
                "DELETE FROM photo_words WHERE rowid = ?",
                "DELETE FROM photo WHERE id = ?",
            ):
                self.db.conn.executemany(statement, ids)

    def removed_photos(self) -> list[int]:
        """Return the ids of deleted photos whose thumbnails may still be there."""
        return [int(row[0]) for row in self.db.execute("SELECT id FROM removed_photo")]

    def forget_removed(self) -> None:
        """Note that the thumbnails of deleted photos are deleted too."""
        with self.transaction():
            self.db.execute("DELETE FROM removed_photo")

    def counts(self) -> Counts:
        """Return how many photos stand where; counted anew only after something was written, by whomever."""
        if self.db.conn.in_transaction:  # what is taken back leaves no trace in the version
            return count_photos(self.db)
        version = self.db.conn.total_changes, self.db.execute("PRAGMA data_version").fetchone()[0]
        if self._counted is None or self._counted[0] != version:
            self._counted = version, count_photos(self.db)
        return self._counted[1]

    def pending(self, limit: int, skip: Sequence[int] = (), sample: Sequence[int] = ()) -> list[PendingPhoto]:
        """Return photos of online folders that are to be opened and embedded, the newest first.

        `skip` names photos that are already on their way. What can be embedded from its thumbnail is left out;
        while a `sample` is to tell whether it can, its photos come first, and others only if they must be opened.
        """
        if not sample:
            return self._pending("p.id NOT IN", skip, limit)
        wanted = [i for i in sample if i not in skip]
        photos = self._pending("p.id IN", wanted, limit) if wanted else []
        return photos + self._pending("(NOT p.again OR p.changed) AND p.id NOT IN", skip, limit - len(photos))

    def _pending(self, which: str, photo_ids: Sequence[int], limit: int) -> list[PendingPhoto]:
        marks = ",".join("?" * len(photo_ids))
        rows = self.db.execute(
            "SELECT p.id, f.path, p.path, p.folder_id, p.size, p.mtime_ns, p.ctime_ns, p.inode "
            "FROM photo p INDEXED BY photo_pending JOIN folder f ON f.id = p.folder_id "
            "WHERE p.state = 0 AND p.gone_since IS NULL AND (p.again != 2 OR p.changed) AND NOT p.missing "
            f"AND f.online AND {which} ({marks}) ORDER BY p.sort_time DESC LIMIT ?",
            [*photo_ids, limit],
        )
        return [PendingPhoto(row[0], os.path.join(row[1], row[2]), row[3], row[4:]) for row in rows]

    def photos(self, photo_ids: Sequence[int]) -> list[Photo]:
        """Return the photos with these ids, in this order; ids that are gone are left out."""
        found: dict[int, Photo] = {}
        for start in range(0, len(photo_ids), _IDS_A_QUERY):
            part = [int(i) for i in photo_ids[start : start + _IDS_A_QUERY]]
            rows = self.db.execute(
                "SELECT p.id, f.path, p.path, p.width, p.height, p.taken, p.camera, f.online AND NOT p.missing, "
                "f.drive, coalesce(p.flaw, '') "
                "FROM photo p JOIN folder f ON f.id = p.folder_id "
                f"WHERE p.gone_since IS NULL AND p.id IN ({','.join('?' * len(part))})",
                part,
            )
            for i, folder, path, width, height, taken, camera, online, drive, flaw in rows:
                whole = os.path.join(folder, path)
                found[i] = Photo(i, whole, folder, width, height, taken, camera, bool(online), drive, flaw)
        return [found[i] for i in photo_ids if i in found]

    def existing(self, photo_ids: Sequence[int]) -> set[int]:
        """Return those of the ids that are in the catalog, gone ones too; at most a slice of them."""
        marks = ",".join("?" * len(photo_ids))
        return {int(row[0]) for row in self.db.execute(f"SELECT id FROM photo WHERE id IN ({marks})", photo_ids)}

    def newest(self, limit: int) -> Ids:
        """Return the ids of the newest photos that have been opened, newest first."""
        rows = self.db.execute(
            "SELECT id FROM photo INDEXED BY photo_newest WHERE width IS NOT NULL AND state != 2 "
            "AND gone_since IS NULL ORDER BY sort_time DESC LIMIT ?",
            [limit],
        )
        return np.fromiter((row[0] for row in rows), np.int64)

    def find_words(self, expression: str, limit: int) -> list[int]:
        """Return ids of photos whose name, folder, date or camera fit an FTS5 expression."""
        rows = self.db.execute(
            "SELECT p.id FROM photo_words w JOIN photo p ON p.id = w.rowid "
            "WHERE photo_words MATCH ? AND p.gone_since IS NULL AND p.state != 2 LIMIT ?",
            [expression, limit],
        )
        return [int(row[0]) for row in rows]

    def set_words(self, words: Iterable[tuple[int, str]]) -> None:
        """Store the searchable words of photos."""
        pairs = list(words)
        self.db.conn.executemany("DELETE FROM photo_words WHERE rowid = ?", ((i,) for i, _ in pairs))
        self.db.conn.executemany("INSERT INTO photo_words (rowid, words) VALUES (?, ?)", pairs)

    def refresh_words(self, limit: int) -> bool:
        """Write anew the words of up to `limit` photos that were moved; tell whether there were any."""
        rows = self.db.execute(
            "SELECT p.id, f.path, p.path, p.camera, p.taken FROM photo p INDEXED BY photo_words_due "
            "JOIN folder f ON f.id = p.folder_id WHERE p.words_due LIMIT ?",
            [limit],
        ).fetchall()
        with self.transaction():
            self.set_words((row[0], photo_words(*row[1:])) for row in rows)
            self.db.conn.executemany("UPDATE photo SET words_due = 0 WHERE id = ?", ((row[0],) for row in rows))
        return bool(rows)

    def restart_embedding(self, model: int) -> None:
        """Mark as pending the finished photos that a model has no embedding of, and as finished those it has.

        What is pending for another reason stays so: it is new, has changed, or lost its thumbnail.
        """
        has = "EXISTS (SELECT 1 FROM embedding e WHERE e.photo_id = photo.id AND e.model = ? AND NOT e.stand_in)"
        with self.transaction():
            self.db.execute(
                f"UPDATE photo SET state = {has}, again = NOT {has} "
                "WHERE state = 1 OR (state = 0 AND again AND NOT changed)",
                [model, model],
            )

    # Problems

    def problems(self) -> list[Problem]:
        """Return every file and directory that could not be read, or in part only, with the reason, newest first."""
        rows = self.db.execute(
            "SELECT f.path, p.path, p.reason, p.failed_since FROM photo p "
            "JOIN folder f ON f.id = p.folder_id WHERE p.state = 2 AND p.gone_since IS NULL "
            "UNION ALL SELECT f.path, p.path, p.flaw, p.failed_since FROM photo p "
            "JOIN folder f ON f.id = p.folder_id WHERE p.flaw IS NOT NULL AND p.state = 1 AND p.gone_since IS NULL "
            "UNION ALL SELECT f.path, d.path, d.reason, d.since FROM unreadable_directory d "
            "JOIN folder f ON f.id = d.folder_id ORDER BY 4 DESC, 2"
        )
        return [Problem(os.path.join(row[0], row[1]) if row[1] else row[0], row[2], row[3]) for row in rows]

    def retry_failed(self) -> int:
        """Mark as pending what could not be read; return how many photos that are."""
        with self.transaction():
            return int(self.db.execute("UPDATE photo SET state = 0 WHERE state = 2 AND gone_since IS NULL").rowcount)

    def fail(self, failures: Iterable[tuple[int, str]]) -> None:
        """Mark photos as failed with a reason; they are tried again only when their file changes."""
        now = time.time()
        with self.transaction():
            self.db.conn.executemany(
                "UPDATE photo SET state = 2, reason = ?, failed_since = ? WHERE id = ?",
                ((reason, now, i) for i, reason in failures),
            )
