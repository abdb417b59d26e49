"""What a model has not seen yet: the one place that knows which photos lack its vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlite_utils import Database

from photofind.core.catalog.database import marks
from photofind.core.catalog.states import (
    HAS_CHANGED,
    HAS_THUMBNAIL,
    IS_DONE,
    IS_READABLE,
    IS_SHOWN,
    LACKS_EVEN_STAND_IN,
    LACKS_VECTOR,
    PhotoState,
)


class KnownContent(NamedTuple):
    """A photo that has a thumbnail: what tells its content, and its upright width and height in pixels."""

    id: int
    content_hash: bytes
    size: tuple[int, int]


class Lacking:
    """Photos without a model's vector, by the model's key; works on the catalog's connection and transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def count(self, model: int) -> int:
        """Return how many photos would have to be embedded to use a model, 0 for one that never embedded any."""
        query = f"SELECT count(*) FROM photo p WHERE {IS_SHOWN} AND {IS_READABLE} AND ({HAS_CHANGED} OR {LACKS_VECTOR})"
        return int(self._db.execute(query, [model]).fetchone()[0])

    # By thumbnail

    def look(self, model: int, after: int, to: int, limit: int) -> list[KnownContent]:
        """Return up to `limit` photos, of those with ids above `after` up to `to`, that a thumbnail can be seen of."""
        rows = self._db.execute(
            "SELECT p.id, p.content_hash, p.width, p.height FROM photo p NOT INDEXED "
            f"WHERE p.id > ? AND p.id <= ? AND {HAS_THUMBNAIL} AND {LACKS_VECTOR} ORDER BY p.id LIMIT ?",
            [after, to, model, limit],
        )
        return [KnownContent(photo_id, content, (width, height)) for photo_id, content, width, height in rows]

    def contents(self, model: int, photo_ids: Sequence[int]) -> dict[int, bytes]:
        """Return by id the content of those photos that still lack a vector: they may have changed meanwhile."""
        rows = self._db.execute(
            f"SELECT p.id, p.content_hash FROM photo p WHERE {HAS_THUMBNAIL} AND {LACKS_VECTOR} "
            f"AND p.id IN ({marks(photo_ids)})",
            [model, *photo_ids],
        )
        return dict(rows.fetchall())

    # Damage

    def count_done(self, model: int) -> int:
        """Return how many photos wait for nothing although the model they are embedded for has no vector of them."""
        query = f"SELECT count(*) FROM photo p WHERE {IS_DONE} AND {LACKS_EVEN_STAND_IN}"
        return int(self._db.execute(query, [model]).fetchone()[0])

    def embed_done(self, model: int) -> None:
        """Have these embedded again."""
        query = f"UPDATE photo AS p SET state = {PhotoState.PENDING:d} WHERE {IS_DONE} AND {LACKS_EVEN_STAND_IN}"
        with self._db.atomic():
            self._db.execute(query, [model])
