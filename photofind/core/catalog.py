"""The catalog: folders, photos, words and settings in SQLite; the only truth beside the photos themselves.

Embeddings have a file of their own (`embeddings`), comparing with the disk too (`sync`); both
work on this connection.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from photofind.core.database import open_database
from photofind.core.migrations import catalog_migrations
from photofind.core.records import Folder, Ids, Photo, Problem

_IDS_A_QUERY = 500


class PhotoState(IntEnum):
    """Where a photo stands for the model that is being embedded for."""

    PENDING = 0
    DONE = 1
    FAILED = 2


@dataclass(frozen=True, slots=True)
class PendingPhoto:
    """A photo that waits for its embedding; `path` is absolute."""

    id: int
    path: bytes


@dataclass(frozen=True, slots=True)
class Counts:
    """How many photos stand where, gone ones left out; `offline` counts photos of offline folders."""

    embedded: int = 0
    pending: int = 0
    failed: int = 0
    offline: int = 0

    @property
    def photos(self) -> int:
        """All photos."""
        return self.embedded + self.pending + self.failed


class Catalog:
    """Folders, photos, words and settings; usable from the thread that opened it only."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.db: Database = open_database(path, catalog_migrations, read_only=read_only)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def transaction(self) -> AbstractContextManager[Database]:
        """Return a context in which all writes become one."""
        return self.db.atomic()

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

    def add_folder(self, path: bytes, device: int) -> int:
        """Insert a watched folder (absolute path) and return its id."""
        with self.transaction():
            cursor = self.db.execute("INSERT INTO folder (path, device) VALUES (?, ?)", [path, device])
            return int(cursor.lastrowid or 0)

    def set_online(self, folder_id: int, online: bool, device: int | None = None) -> None:
        """Note whether a folder can be reached, and on which device it lies now."""
        with self.transaction():
            self.db.execute(
                "UPDATE folder SET online = ?, device = coalesce(?, device) WHERE id = ?",
                [online, device, folder_id],
            )

    def folders(self) -> list[Folder]:
        """Return all watched folders with their counts, in the order they were added."""
        counts: dict[int, dict[int, int]] = {}
        for folder_id, state, count in self._count_states():
            counts.setdefault(folder_id, {})[state] = count
        rows = self.db.execute("SELECT id, path, online FROM folder ORDER BY id")
        return [self._folder(row, counts.get(row[0], {})) for row in rows]

    @staticmethod
    def _folder(row: tuple[int, bytes, int], states: dict[int, int]) -> Folder:
        return Folder(
            id=row[0],
            path=row[1],
            online=bool(row[2]),
            photos=sum(states.values()),
            pending=states.get(PhotoState.PENDING, 0),
            failed=states.get(PhotoState.FAILED, 0),
        )

    def _count_states(self) -> Iterator[tuple[int, int, int]]:
        yield from self.db.execute(
            "SELECT folder_id, state, count(*) FROM photo INDEXED BY photo_counts "
            "WHERE gone_since IS NULL GROUP BY folder_id, state"
        )

    def folder_device(self, folder_id: int) -> int | None:
        """Return the device a folder was last seen on."""
        row = self.db.execute("SELECT device FROM folder WHERE id = ?", [folder_id]).fetchone()
        return None if row is None or row[0] is None else int(row[0])

    def remove_folder(self, folder_id: int) -> list[int]:
        """Forget a folder and all its photos; returns the ids of those photos."""
        with self.transaction():
            ids = [int(row[0]) for row in self.db.execute("SELECT id FROM photo WHERE folder_id = ?", [folder_id])]
            self.delete_photos(ids)
            self.db.execute("DELETE FROM unreadable_directory WHERE folder_id = ?", [folder_id])
            self.db.execute("DELETE FROM folder WHERE id = ?", [folder_id])
        return ids

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

    def counts(self) -> Counts:
        """Count the photos that are there, by state."""
        states = [0, 0, 0]
        offline_folders = {row[0] for row in self.db.execute("SELECT id FROM folder WHERE NOT online")}
        offline = 0
        for folder_id, state, count in self._count_states():
            states[state] += count
            if folder_id in offline_folders:
                offline += count
        return Counts(states[1], states[0], states[2], offline)

    def pending(self, limit: int, skip: Sequence[int] = ()) -> list[PendingPhoto]:
        """Return photos of online folders that wait for their embedding, the newest first.

        `skip` names photos that are already on their way.
        """
        marks = ",".join("?" * len(skip))
        rows = self.db.execute(
            "SELECT p.id, f.path, p.path FROM photo p INDEXED BY photo_pending "
            "JOIN folder f ON f.id = p.folder_id WHERE p.state = 0 AND p.gone_since IS NULL "
            f"AND f.online AND p.id NOT IN ({marks}) ORDER BY p.sort_time DESC LIMIT ?",
            [*skip, limit],
        )
        return [PendingPhoto(row[0], os.path.join(row[1], row[2])) for row in rows]

    def photos(self, photo_ids: Sequence[int]) -> list[Photo]:
        """Return the photos with these ids, in this order; ids that are gone are left out."""
        found: dict[int, Photo] = {}
        for start in range(0, len(photo_ids), _IDS_A_QUERY):
            part = [int(i) for i in photo_ids[start : start + _IDS_A_QUERY]]
            rows = self.db.execute(
                "SELECT p.id, f.path, p.path, p.width, p.height, p.taken, p.camera, f.online "
                "FROM photo p JOIN folder f ON f.id = p.folder_id "
                f"WHERE p.gone_since IS NULL AND p.id IN ({','.join('?' * len(part))})",
                part,
            )
            for i, folder, path, width, height, taken, camera, online in rows:
                whole = os.path.join(folder, path)
                found[i] = Photo(i, whole, folder, width, height, taken, camera, bool(online))
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
            "WHERE photo_words MATCH ? AND p.gone_since IS NULL AND p.state = 1 LIMIT ?",
            [expression, limit],
        )
        return [int(row[0]) for row in rows]

    def set_words(self, words: Iterable[tuple[int, str]]) -> None:
        """Store the searchable words of photos."""
        pairs = list(words)
        self.db.conn.executemany("DELETE FROM photo_words WHERE rowid = ?", ((i,) for i, _ in pairs))
        self.db.conn.executemany("INSERT INTO photo_words (rowid, words) VALUES (?, ?)", pairs)

    def restart_embedding(self, model: int) -> None:
        """Mark as pending every photo that a model has no embedding of; failed ones stay failed."""
        with self.transaction():
            self.db.execute(
                "UPDATE photo SET state = EXISTS "
                "(SELECT 1 FROM embedding e WHERE e.photo_id = photo.id AND e.model = ?) AND NOT changed "
                "WHERE state != 2",
                [model],
            )

    # Problems

    def problems(self) -> list[Problem]:
        """Return every file and directory that could not be read, with the reason, newest first."""
        rows = self.db.execute(
            "SELECT f.path, p.path, p.reason, p.failed_since FROM photo p "
            "JOIN folder f ON f.id = p.folder_id WHERE p.state = 2 AND p.gone_since IS NULL "
            "UNION ALL SELECT f.path, d.path, d.reason, d.since FROM unreadable_directory d "
            "JOIN folder f ON f.id = d.folder_id ORDER BY 4 DESC, 2"
        )
        return [Problem(os.path.join(row[0], row[1]) if row[1] else row[0], row[2], row[3]) for row in rows]

    def fail(self, failures: Iterable[tuple[int, str]]) -> None:
        """Mark photos as failed with a reason; they are tried again only when their file changes."""
        now = time.time()
        with self.transaction():
            self.db.conn.executemany(
                "UPDATE photo SET state = 2, reason = ?, failed_since = ? WHERE id = ?",
                ((reason, now, i) for i, reason in failures),
            )
