"""What in the catalog cannot be right, and how it is mended; scan and embedding bring back what is dropped."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from photofind.core.catalog.database import crc32_of, require_columns, require_soundness
from photofind.core.catalog.migrations import catalog_migrations
from photofind.core.catalog.schema import references_to
from photofind.core.catalog.states import IS_DONE, PhotoState
from photofind.core.records.facts import begin_of
from photofind.core.sentences.sentence import Sentence
from photofind.core.settings import SIMILAR_KEY


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A kind of wrong rows: those of `table` for which `where` holds; `repairs` are run in this order."""

    what: Sentence
    table: str
    where: str
    repairs: tuple[str, ...]


_PENDING = f"state = {PhotoState.PENDING:d}"
# Before these, what refers to the photos goes.
_WITH_PHOTOS = ("DELETE FROM photo WHERE id IN (SELECT id FROM",)
_NUMBERS = ("size", "mtime_ns", "ctime_ns", "inode", "device", "changed", "missing", "again")

ROW_CHECKS = (
    RowCheck(
        Sentence("found_senseless_photos"),
        "photo",
        " OR ".join(["typeof(path) != 'blob'", *(f"typeof({name}) != 'integer'" for name in _NUMBERS)]),
        _WITH_PHOTOS,  # a scan finds the file again
    ),
    RowCheck(
        Sentence("found_photos_without_folder"), "photo", "folder_id NOT IN (SELECT id FROM folder)", _WITH_PHOTOS
    ),
    RowCheck(
        Sentence("found_left_embeddings"),
        "embedding",
        "photo_id NOT IN (SELECT id FROM photo) OR model NOT IN (SELECT id FROM model)",
        ("DELETE FROM embedding WHERE label IN (SELECT label FROM",),
    ),
    RowCheck(
        Sentence("found_damaged_embeddings"),
        "embedding",
        f"{crc32_of('vector')} IS NOT crc",
        (
            # Not where only the vector for Find similar is lost: no photo waits for that one.
            f"UPDATE photo AS p SET {_PENDING} WHERE {IS_DONE} AND p.id IN (SELECT photo_id FROM (SELECT * FROM "
            "embedding WHERE model IS NOT "
            f"(SELECT CAST(value AS INTEGER) FROM setting WHERE key = '{SIMILAR_KEY.key}')) AS",
            "DELETE FROM embedding WHERE label IN (SELECT label FROM",
        ),
    ),
    RowCheck(
        Sentence("found_unknown_states"),
        "photo",
        f"state NOT IN ({', '.join(f'{state:d}' for state in PhotoState)})",
        (f"UPDATE photo SET {_PENDING} WHERE id IN (SELECT id FROM",),
    ),
)


class Checks:
    """Look for damage and mend it; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def require_columns(self) -> None:
        """Compare the columns with those of a new catalog; raises an error for which `is_damage` holds."""
        require_columns(self._db, catalog_migrations)

    def require_soundness(self) -> None:
        """Let SQLite look through the whole file; raises an error for which `is_damage` holds."""
        require_soundness(self._db.conn)

    def count(self, check: RowCheck) -> int:
        """Return how many such rows there are."""
        return int(self._db.execute(f"SELECT count(*) FROM {check.table} WHERE {check.where}").fetchone()[0])

    def repair(self, check: RowCheck) -> None:
        """Mend them, in one transaction."""
        with self._db.atomic():
            referring = references_to(self._db, "photo") if check.repairs == _WITH_PHOTOS else []
            for table, column, _, _ in referring:
                self._db.execute(
                    f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM {check.table} WHERE {check.where})"
                )
            for statement in check.repairs:
                self._db.execute(f"{statement} {check.table} WHERE {check.where})")

    def forget_senseless_details(self) -> None:
        """Drop dates and cameras that are none; photos that lose one are read again."""
        rows = self._db.execute(
            "SELECT id, taken, camera FROM photo WHERE taken NOT NULL OR camera NOT NULL"
        ).fetchall()
        senseless = [
            (photo_id,) for photo_id, taken, camera in rows if not (_is_date(taken) and isinstance(camera, str | None))
        ]
        with self._db.atomic():
            self._db.conn.executemany(
                f"UPDATE photo SET taken = NULL, camera = NULL, {_PENDING} WHERE id = ?", senseless
            )


def _is_date(taken: object) -> bool:
    try:
        return taken is None or bool(begin_of(str(taken)))
    except ValueError:
        return False
