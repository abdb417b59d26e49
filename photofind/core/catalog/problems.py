"""What could not be read, or in part only, and why."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from sqlite_utils import Database

from photofind.core.catalog.old_reasons import store_keys
from photofind.core.catalog.states import IS_DONE, IS_FAILED, IS_SHOWN, PhotoState
from photofind.core.records.photos import Problem
from photofind.core.sentences.sentence import Sentence, from_text


class Problems:
    """Photos and directories with a reason; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> list[Problem]:
        """Return every file and directory that could not be read, or in part only, with the reason, newest first."""
        rows = self._db.execute(
            "SELECT f.path, p.path, p.reason, p.failed_since FROM photo p "
            f"JOIN folder f ON f.id = p.folder_id WHERE {IS_FAILED} AND {IS_SHOWN} "
            "UNION ALL SELECT f.path, p.path, p.flaw, p.failed_since FROM photo p "
            f"JOIN folder f ON f.id = p.folder_id WHERE p.flaw IS NOT NULL AND {IS_DONE} AND {IS_SHOWN} "
            "UNION ALL SELECT f.path, d.path, d.reason, d.since FROM unreadable_directory d "
            "JOIN folder f ON f.id = d.folder_id ORDER BY 4 DESC, 2"
        )
        return [
            Problem(os.path.join(folder, path) if path else folder, from_text(reason or ""), since)
            for folder, path, reason, since in rows
        ]

    def fail(self, failures: Iterable[tuple[int, Sentence]]) -> None:
        """Mark photos as failed with a reason; they are tried again only when their file changes."""
        now = time.time()
        with self._db.atomic():
            self._db.conn.executemany(
                f"UPDATE photo SET state = {PhotoState.FAILED:d}, reason = ?, failed_since = ? WHERE id = ?",
                ((reason.to_text(), now, i) for i, reason in failures),
            )

    def retry_failed(self) -> int:
        """Mark as pending what could not be read; return how many photos that are."""
        query = f"UPDATE photo AS p SET state = {PhotoState.PENDING:d} WHERE {IS_FAILED} AND {IS_SHOWN}"
        with self._db.atomic():
            return int(self._db.execute(query).rowcount)

    def set_unreadable(self, folder_id: int, directories: Iterable[tuple[bytes, Sentence]]) -> None:
        """Keep which directories of a folder cannot be opened, by relative path, and why; those kept before go."""
        now = time.time()
        with self._db.atomic():
            self._db.execute("DELETE FROM unreadable_directory WHERE folder_id = ?", [folder_id])
            self._db.conn.executemany(
                "INSERT INTO unreadable_directory VALUES (?, ?, ?, ?)",
                ((folder_id, path, reason.to_text(), now) for path, reason in directories),
            )

    def store_keys(self) -> None:
        """Turn the English reasons and flaws of an older photofind into keys."""
        store_keys(self._db)
