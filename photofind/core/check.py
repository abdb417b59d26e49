"""Look through a library for damage; everything but the photos' own rows can be made again."""

from __future__ import annotations

from dataclasses import dataclass

from photofind.core.catalog import Catalog
from photofind.core.model_in_use import ModelInUse
from photofind.core.thumbnails import Thumbnails


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of damage, how often it was found, and whether it was repaired."""

    what: str
    count: int
    repaired: bool


def check_library(
    catalog: Catalog, thumbnails: Thumbnails, answering: ModelInUse, indexing: ModelInUse, *, repair: bool
) -> list[Finding]:
    """Check database, thumbnails and vector index; with `repair`, mend what can be mended."""
    found = [
        Finding("the catalog file is damaged", _damaged_pages(catalog), False),
        Finding("photos without an embedding", _embed_again(catalog, indexing, repair), repair),
        Finding("photos without a thumbnail", _decode_again(catalog, thumbnails, repair), repair),
        Finding("thumbnails without a photo", _drop_thumbnails(catalog, thumbnails, repair), repair),
        Finding("vectors missing from the vector index", _fill_index(answering, repair), repair),
    ]
    return [finding for finding in found if finding.count]


def _damaged_pages(catalog: Catalog) -> int:
    rows = catalog.db.execute("PRAGMA quick_check").fetchall()
    return 0 if rows == [("ok",)] else len(rows)


def _embed_again(catalog: Catalog, model: ModelInUse, repair: bool) -> int:
    where = "state = 1 AND id NOT IN (SELECT photo_id FROM embedding WHERE model = ?)"
    key = model.embeddings.model
    count = int(catalog.db.execute(f"SELECT count(*) FROM photo WHERE {where}", [key]).fetchone()[0])
    if count and repair:
        with catalog.transaction():
            catalog.db.execute(f"UPDATE photo SET state = 0 WHERE {where}", [key])
    return count


def _decode_again(catalog: Catalog, thumbnails: Thumbnails, repair: bool) -> int:
    done = {row[0] for row in catalog.db.execute("SELECT id FROM photo WHERE state = 1")}
    missing = done - thumbnails.ids()
    if missing and repair:
        with catalog.transaction():
            catalog.db.conn.executemany("UPDATE photo SET state = 0 WHERE id = ?", ((i,) for i in missing))
    return len(missing)


def _drop_thumbnails(catalog: Catalog, thumbnails: Thumbnails, repair: bool) -> int:
    left_over = thumbnails.ids() - {row[0] for row in catalog.db.execute("SELECT id FROM photo")}
    if left_over and repair:
        thumbnails.remove(left_over)
    return len(left_over)


def _fill_index(model: ModelInUse, repair: bool) -> int:
    missing = abs(model.embeddings.count() - len(model.index))
    if missing and repair:
        model.index.rebuild()
    return missing
