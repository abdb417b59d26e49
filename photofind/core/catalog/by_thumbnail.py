"""The photos that wait for another model only, and may be embedded from their thumbnails for it.

Each has `again` set: from the original, or, once that is known to be as good or nothing else is there, from the
thumbnail, which takes it out of `waiting`. Only embeddings are made of these; words, dates and thumbnails stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlite_utils import Database

from photofind.core.catalog.database import marks
from photofind.core.catalog.lacking import KnownContent
from photofind.core.catalog.states import (
    IS_DONE,
    IS_KNOWN,
    IS_PENDING,
    IS_SHOWN,
    IS_THERE,
    LACKS_EVEN_STAND_IN,
    WAITS_BY_THUMBNAIL,
    WAITS_FOR_MODEL,
    WAITS_TO_BE_OPENED,
    Again,
    PhotoState,
)


@dataclass(frozen=True, slots=True)
class LargeEnough:
    """Which thumbnails, `edge` pixels long, can be as good as the original, and spare anything, to a model of `size`.

    They are no smaller than what the model takes of a photo's `shorter` edge or its longer one. A photo no larger than
    its thumbnail is opened as fast, and compressing it once more changes it most (0.97 for one of 100 pixels).
    """

    edge: int
    size: int
    shorter: bool

    @property
    def condition(self) -> str:
        """In SQL, of photo `p`."""
        least = "min" if self.shorter else "max"
        return (
            f"(p.content_hash NOT NULL AND max(p.width, p.height) > {self.edge:d} "
            f"AND {least}(p.width, p.height) * {self.edge:d} >= {self.size:d} * max(p.width, p.height))"
        )


class StillDue(NamedTuple):
    """A photo whose thumbnail is still to be embedded, whether that `is_large_enough`, and the original `is_there`."""

    content_hash: bytes
    is_large_enough: bool
    is_there: bool


class ByThumbnail:
    """The rows of such photos; works on the catalog's connection and in its transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # What a sample is drawn from

    def candidates(self, enough: LargeEnough) -> list[tuple[int, bool]]:
        """Return the photos whose thumbnails can be as good, each with whether its original is there."""
        rows = self._db.execute(
            f"SELECT p.id, {IS_THERE} FROM photo p INDEXED BY photo_pending "
            f"JOIN folder f ON f.id = p.folder_id WHERE {WAITS_TO_BE_OPENED} AND {IS_KNOWN} AND {enough.condition}"
        )
        return [(int(photo_id), bool(is_there)) for photo_id, is_there in rows]

    def embedded(self, photo_ids: Sequence[int]) -> dict[int, bool]:
        """Return of photos, by id, whether they have been embedded; those that no longer can be are left out."""
        rows = self._db.execute(
            f"SELECT p.id, {IS_DONE} FROM photo p JOIN folder f ON f.id = p.folder_id "
            f"WHERE p.id IN ({marks(photo_ids)}) AND {IS_SHOWN} AND ({IS_DONE} OR ({IS_PENDING} AND {IS_THERE}))",
            photo_ids,
        )
        return {int(photo_id): bool(is_done) for photo_id, is_done in rows}

    # What is due

    def is_empty(self) -> bool:
        """Tell whether no photo is to be embedded from its thumbnail."""
        query = f"SELECT 1 FROM photo p INDEXED BY photo_by_thumbnail WHERE {WAITS_BY_THUMBNAIL} LIMIT 1"
        return self._db.execute(query).fetchone() is None

    def next(self, limit: int, skip: Sequence[int]) -> list[int]:
        """Return up to `limit` photos to embed from their thumbnails, those in `skip` left out."""
        rows = self._db.execute(
            f"SELECT p.id FROM photo p INDEXED BY photo_by_thumbnail WHERE {WAITS_BY_THUMBNAIL} "
            f"AND p.id NOT IN ({marks(skip)}) LIMIT ?",
            [*skip, limit],
        )
        return [int(row[0]) for row in rows]

    def contents(self, photo_ids: Sequence[int]) -> list[KnownContent]:
        """Return content and size of photos."""
        query = f"SELECT id, content_hash, width, height FROM photo WHERE id IN ({marks(photo_ids)})"
        rows = self._db.execute(query, photo_ids)
        return [KnownContent(photo_id, content, (width, height)) for photo_id, content, width, height in rows]

    def still_due(self, photo_ids: Sequence[int], enough: LargeEnough) -> dict[int, StillDue]:
        """Return of those photos that still wait for it, by id, how they stand now."""
        rows = self._db.execute(
            f"SELECT p.id, p.content_hash, {enough.condition}, {IS_THERE} FROM photo p "
            f"JOIN folder f ON f.id = p.folder_id WHERE {WAITS_BY_THUMBNAIL} AND p.id IN ({marks(photo_ids)})",
            photo_ids,
        )
        return {
            photo_id: StillDue(content, bool(is_large_enough), bool(is_there))
            for photo_id, content, is_large_enough, is_there in rows
        }

    # Which way

    def use_large_enough(self, enough: LargeEnough) -> None:
        """Have the thumbnails that can be as good embedded, whether their originals are there or away."""
        with self._db.atomic():
            self._db.execute(
                f"UPDATE photo AS p SET again = {Again.FROM_THUMBNAIL:d} WHERE {WAITS_FOR_MODEL} AND {enough.condition}"
            )

    def use_stand_ins(self, model: int) -> None:
        """Have thumbnails embedded in place of originals that are not there; those that stand in already are not."""
        with self._db.atomic():
            self._db.execute(
                f"UPDATE photo AS p SET again = {Again.FROM_THUMBNAIL:d} "
                f"WHERE {WAITS_FOR_MODEL} AND p.content_hash NOT NULL "
                "AND (p.missing OR p.folder_id IN (SELECT id FROM folder WHERE NOT online)) "
                f"AND {LACKS_EVEN_STAND_IN}",
                [model],
            )

    def use_originals(self, photo_ids: Iterable[int]) -> None:
        """Have photos wait for their originals again."""
        with self._db.atomic():
            self._db.conn.executemany(
                f"UPDATE photo SET again = {Again.FROM_ORIGINAL:d} WHERE id = ?", ((i,) for i in photo_ids)
            )

    def end(self, photo_ids: Iterable[int]) -> None:
        """Note that photos have been embedded; they wait no more."""
        with self._db.atomic():
            self._db.conn.executemany(
                f"UPDATE photo SET state = {PhotoState.DONE:d}, again = {Again.NO:d} WHERE id = ?",
                ((i,) for i in photo_ids),
            )
