"""Rows of the catalog that cannot be right, and how they are mended; scan and embedding bring back what is dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.words import photo_words


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A kind of wrong rows: those of `table` for which `where` holds; `repairs` are run in this order."""

    what: str
    table: str
    where: str
    repairs: tuple[str, ...]

    def count(self, catalog: Catalog) -> int:
        """Return how many such rows there are."""
        return int(catalog.db.execute(f"SELECT count(*) FROM {self.table} WHERE {self.where}").fetchone()[0])

    def repair(self, catalog: Catalog) -> None:
        """Mend them, in one transaction."""
        with catalog.transaction():
            for statement in self.repairs:
                catalog.db.execute(f"{statement} {self.table} WHERE {self.where})")


_WITH_PHOTOS = (
    "DELETE FROM embedding WHERE photo_id IN (SELECT id FROM",
    "DELETE FROM photo_words WHERE rowid IN (SELECT id FROM",
    "DELETE FROM photo WHERE id IN (SELECT id FROM",
)
_NUMBERS = ("size", "mtime_ns", "ctime_ns", "inode", "device", "changed", "missing", "again")

ROW_CHECKS = (
    RowCheck(
        "photos that make no sense",
        "photo",
        " OR ".join(["typeof(path) != 'blob'", *(f"typeof({name}) != 'integer'" for name in _NUMBERS)]),
        _WITH_PHOTOS,  # a scan finds the file again
    ),
    RowCheck("photos without a folder", "photo", "folder_id NOT IN (SELECT id FROM folder)", _WITH_PHOTOS),
    RowCheck(
        "embeddings without a photo or model",
        "embedding",
        "photo_id NOT IN (SELECT id FROM photo) OR model NOT IN (SELECT id FROM model)",
        ("DELETE FROM embedding WHERE label IN (SELECT label FROM",),
    ),
    RowCheck(
        "damaged embeddings",
        "embedding",
        "crc32(vector) IS NOT crc",
        (
            # Not where only the vector for Find similar is lost: no photo waits for that one.
            "UPDATE photo SET state = 0 WHERE state = 1 AND id IN (SELECT photo_id FROM (SELECT * FROM embedding WHERE "
            "model IS NOT (SELECT CAST(value AS INTEGER) FROM setting WHERE key = 'similar_key')) AS",
            "DELETE FROM embedding WHERE label IN (SELECT label FROM",
        ),
    ),
    RowCheck(
        "photos in no known state",
        "photo",
        "state NOT IN (0, 1, 2)",
        ("UPDATE photo SET state = 0 WHERE id IN (SELECT id FROM",),
    ),
    RowCheck(
        "words without a photo",
        "photo_words",
        "rowid NOT IN (SELECT id FROM photo)",
        ("DELETE FROM photo_words WHERE rowid IN (SELECT rowid FROM",),
    ),
)


def rebuild_words(catalog: Catalog) -> None:
    """Make the searchable words of all photos anew from their rows."""
    with catalog.transaction():
        schema = catalog.db.execute("SELECT sql FROM sqlite_master WHERE name = 'photo_words'").fetchone()[0]
        catalog.db.execute("DROP TABLE photo_words")
        catalog.db.execute(schema)
        rows = catalog.db.execute(
            "SELECT p.id, f.path, p.path, p.camera, p.taken FROM photo p JOIN folder f ON f.id = p.folder_id"
        )
        catalog.set_words((row[0], photo_words(*row[1:])) for row in rows.fetchall())


def forget_senseless_details(catalog: Catalog) -> None:
    """Drop dates and cameras that are none; photos that lose one are read again."""
    rows = catalog.db.execute("SELECT id, taken, camera FROM photo WHERE taken NOT NULL OR camera NOT NULL").fetchall()
    senseless = [(row[0],) for row in rows if not (_is_date(row[1]) and isinstance(row[2], str | None))]
    with catalog.transaction():
        catalog.db.conn.executemany("UPDATE photo SET taken = NULL, camera = NULL, state = 0 WHERE id = ?", senseless)


def _is_date(taken: object) -> bool:
    try:
        return taken is None or bool(datetime.fromisoformat(str(taken)))
    except ValueError:
        return False
