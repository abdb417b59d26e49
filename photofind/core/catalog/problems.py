"""What could not be read, or in part only, and why."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from sqlite_utils import Database

from photofind.core.catalog.old_reasons import store_keys
from photofind.core.catalog.states import (
    IS_DONE,
    IS_FAILED,
    IS_OUTGROWN,
    IS_SHOWN,
    IS_THERE,
    IS_WATCHED,
    Again,
    PhotoState,
)
from photofind.core.catalog.watched import in_watched
from photofind.core.records.decoded import OPENER_VERSION
from photofind.core.records.photos import Problem, ProblemPage, ProblemPlace
from photofind.core.sentences.sentence import Sentence, from_text

_FIRST: ProblemPlace = (0, 0, 0)
# The kinds of problems in the order in which they are listed, each in the order of an index: what is beyond a folder,
# the same folder's row, and a limit.
_KINDS = (
    "SELECT f.path, d.path, d.reason, d.since, d.folder_id, d.rowid FROM unreadable_directory d "
    "JOIN folder f ON f.id = d.folder_id WHERE d.folder_id > ? OR (d.folder_id = ? AND d.rowid > ?) "
    "ORDER BY d.folder_id, d.rowid LIMIT ?",
    "SELECT f.path, p.path, p.reason, p.failed_since, p.folder_id, p.id FROM photo p INDEXED BY photo_counts "
    f"JOIN folder f ON f.id = p.folder_id WHERE {IS_FAILED} AND {IS_SHOWN} AND {IS_WATCHED} "
    "AND (p.folder_id > ? OR (p.folder_id = ? AND p.id > ?)) ORDER BY p.folder_id, p.state, p.id LIMIT ?",
    "SELECT f.path, p.path, p.flaw, p.failed_since, p.folder_id, p.id FROM photo p INDEXED BY photo_flawed "
    f"JOIN folder f ON f.id = p.folder_id WHERE p.flaw IS NOT NULL AND {IS_DONE} AND {IS_SHOWN} AND {IS_WATCHED} "
    "AND ? >= 0 AND ? >= 0 AND p.id > ? ORDER BY p.id LIMIT ?",
)
_FAILED = f"SELECT count(*) FROM photo p INDEXED BY photo_counts WHERE {IS_FAILED} AND {IS_SHOWN}"
_FLAWED = f"SELECT count(*) FROM photo p INDEXED BY photo_flawed WHERE p.flaw IS NOT NULL AND {IS_DONE} AND {IS_SHOWN}"


class Problems:
    """Photos and directories with a reason; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> list[Problem]:
        """Return every file and directory that could not be read, or in part only, with the reason, newest first."""
        rows = self._db.execute(
            "SELECT f.path, p.path, p.reason, p.failed_since FROM photo p "
            f"JOIN folder f ON f.id = p.folder_id WHERE {IS_FAILED} AND {IS_SHOWN} AND {IS_WATCHED} "
            "UNION ALL SELECT f.path, p.path, p.flaw, p.failed_since FROM photo p INDEXED BY photo_flawed "
            "JOIN folder f ON f.id = p.folder_id "
            f"WHERE p.flaw IS NOT NULL AND {IS_DONE} AND {IS_SHOWN} AND {IS_WATCHED} "
            "UNION ALL SELECT f.path, d.path, d.reason, d.since FROM unreadable_directory d "
            "JOIN folder f ON f.id = d.folder_id ORDER BY 4 DESC, 2"
        )
        return [
            Problem(os.path.join(folder, path) if path else folder, from_text(reason or ""), since)
            for folder, path, reason, since in rows
        ]

    def page(self, after: ProblemPlace | None, limit: int) -> ProblemPage:
        """Return up to `limit` problems, by folder and in the order in which their photos were found.

        However many there are, no more rows are read than are returned: 100,000 of them take seconds.
        """
        kind, folder_id, row_id = after or _FIRST
        found: list[tuple[ProblemPlace, Problem]] = []
        for query in _KINDS[kind:]:
            rows = self._db.execute(query, [folder_id, folder_id, row_id, limit - len(found)]).fetchall()
            for folder, path, reason, since, its_folder, its_id in rows:
                problem = Problem(os.path.join(folder, path) if path else folder, from_text(reason or ""), since)
                found.append(((kind, its_folder, its_id), problem))
            if len(found) >= limit:
                break
            kind, folder_id, row_id = kind + 1, 0, 0
        is_more = len(found) >= limit
        problems = [problem for _, problem in found]
        is_watched = f" AND {in_watched(self._db)}"
        partial = self._count(_FLAWED + is_watched) + self._count("SELECT count(*) FROM unreadable_directory")
        return ProblemPage(problems, found[-1][0] if is_more else None, self._count(_FAILED + is_watched), partial)

    def _count(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])

    def fail(self, failures: Iterable[tuple[int, Sentence]]) -> None:
        """Mark photos as failed with a reason; they are tried again when their file, or what opens them, changes."""
        now = time.time()
        with self._db.atomic():
            self._db.conn.executemany(
                f"UPDATE photo SET state = {PhotoState.FAILED:d}, tried_by = {OPENER_VERSION:d}, "
                "failed_since = CASE WHEN reason = ?1 AND failed_since NOT NULL THEN failed_since ELSE ?2 END, "
                "reason = ?1 WHERE id = ?3",
                ((reason.to_text(), now, i) for i, reason in failures),
            )

    def failed(self) -> list[int]:
        """Return the photos that could not be read."""
        return [int(row[0]) for row in self._db.execute(f"SELECT p.id FROM photo p WHERE {IS_FAILED} AND {IS_SHOWN}")]

    def retry(self, photo_ids: Iterable[int]) -> None:
        """Mark as pending what could not be read, of these."""
        query = f"UPDATE photo AS p SET state = {PhotoState.PENDING:d} WHERE p.id = ? AND {IS_FAILED} AND {IS_SHOWN}"
        with self._db.atomic():
            self._db.conn.executemany(query, ((i,) for i in photo_ids))

    def outgrow(self, reasons: Iterable[str]) -> None:
        """Take what failed for one of these reasons, given by key, for something that an older opener tried."""
        query = (
            f"UPDATE photo AS p SET tried_by = 0 WHERE {IS_FAILED} AND (p.reason = ?1 OR p.reason GLOB ?1 || ' *') "
            f"AND p.tried_by = {OPENER_VERSION:d}"
        )
        with self._db.atomic():
            self._db.conn.executemany(query, ((reason,) for reason in reasons))

    def retry_outgrown(self, limit: int) -> int:
        """Mark as pending up to `limit` photos that can be reached and that an older opener could not open whole.

        Each is tried once by this one. What the file or its drive was the reason of stays as it is. Returns how many
        were looked at; none where nothing is left.
        """
        query = (
            f"UPDATE photo SET tried_by = {OPENER_VERSION:d}, "
            f"state = CASE WHEN state = {PhotoState.FAILED:d} AND reason GLOB 'file_*' THEN state "
            f"ELSE {PhotoState.PENDING:d} END, again = CASE WHEN state = {PhotoState.DONE:d} THEN {Again.NO:d} "
            "ELSE again END WHERE id IN (SELECT p.id FROM folder f CROSS JOIN photo p INDEXED BY photo_outgrown "
            f"ON p.folder_id = f.id WHERE {IS_OUTGROWN} AND {IS_SHOWN} AND {IS_THERE} LIMIT ?)"
        )
        with self._db.atomic():
            return int(self._db.execute(query, [limit]).rowcount)

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
