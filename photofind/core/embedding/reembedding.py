"""Embed known photos for another model from their thumbnails, where those are as good as the originals.

A photo that waits for nothing but another model has `again` 1; those that may be embedded from their
thumbnail get 2, and so leave `Catalog.pending`. What is made here is embeddings and nothing else: words,
dates and thumbnails stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.embedding.thumbnail_sample import ThumbnailSample
from photofind.core.records.arrays import Vectors
from photofind.core.records.work import DecodedThumbnail, DueThumbnail, StoreResult

_WAITS = "p.state = 0 AND p.gone_since IS NULL AND NOT p.changed"


class Reembedding:
    """The photos that wait for one model and are known already; works on the catalog's connection."""

    def __init__(self, catalog: Catalog, thumbnails: Thumbnails, model: ModelInUse) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._model = model
        self._sample: ThumbnailSample | None = None
        self._sought_stand_ins = False

    @property
    def sample(self) -> ThumbnailSample:
        """The photos that go first, so that they can be compared; drawn on first use."""
        if self._sample is None:
            self._sample = ThumbnailSample(self._catalog, self._model)
            self._use_thumbnails()
        return self._sample

    # What is due

    def due(self, limit: int, skip: Sequence[int]) -> list[DueThumbnail]:
        """Return up to `limit` thumbnails to decode for `store`, those of photos in `skip` left out.

        While there is a sample to compare, these are its own; none where nothing can be done now.
        """
        if self.sample.photo_ids:
            ready = [i for i in self.sample.embedded() if i not in skip]
            if self.sample.photo_ids:
                return self._read(ready[:limit])
            self._use_thumbnails()
        if not skip and not self._has_due():
            self._seek_stand_ins()
        rows = self._catalog.db.execute(
            f"SELECT p.id FROM photo p INDEXED BY photo_by_thumbnail WHERE {_WAITS} AND p.again = 2 "
            f"AND p.id NOT IN ({_marks(skip)}) LIMIT ?",
            [*skip, limit],
        )
        return self._read([int(row[0]) for row in rows])

    def is_done(self) -> bool:
        """Tell whether no photo can be embedded from its thumbnail, other than in place of its original."""
        if not self._has_due() and not self.sample.photo_ids:
            self._seek_stand_ins()
        return not self._has_due() and not self.sample.photo_ids

    def _has_due(self) -> bool:
        query = f"SELECT 1 FROM photo p INDEXED BY photo_by_thumbnail WHERE {_WAITS} AND p.again = 2 LIMIT 1"
        return self._catalog.db.execute(query).fetchone() is not None

    def _read(self, photo_ids: Sequence[int]) -> list[DueThumbnail]:
        jpegs = self._thumbnails.get(photo_ids)
        self._need_originals([i for i in photo_ids if i not in jpegs])
        rows = self._catalog.db.execute(
            f"SELECT id, content_hash, width, height FROM photo WHERE id IN ({_marks(photo_ids)})", photo_ids
        )
        return [DueThumbnail(i, content, (w, h), jpegs[i]) for i, content, w, h in rows if i in jpegs]

    def _need_originals(self, photo_ids: Sequence[int]) -> None:
        """Have photos without a sound thumbnail opened, whatever the model: that makes a new one."""
        with self._catalog.transaction():
            self._catalog.db.conn.executemany(
                "UPDATE photo SET state = 0, again = 0 WHERE id = ?", ((i,) for i in photo_ids)
            )
        self.sample.drop(photo_ids)

    def _set_again(self, photo_ids: Iterable[int], again: int) -> None:
        with self._catalog.transaction():
            self._catalog.db.conn.executemany(
                "UPDATE photo SET again = ? WHERE id = ?", ((again, i) for i in photo_ids)
            )

    def _use_thumbnails(self) -> None:
        """Leave the originals alone where the thumbnails are as good, whether their drive is there or away."""
        if self._sample is not None and self._sample.is_equal:
            with self._catalog.transaction():
                self._catalog.db.execute(
                    f"UPDATE photo AS p SET again = 2 WHERE {_WAITS} AND p.again = 1 AND {self._sample.fits()}"
                )

    def _seek_stand_ins(self) -> None:
        """Once all originals at hand are done, let the thumbnails of those that are not stand in for them.

        A vector that is a little off finds its photo; none does not. It is replaced when the drive is back.
        """
        if self._sought_stand_ins or self._catalog.pending(1):
            return
        self._sought_stand_ins = True
        with self._catalog.transaction():
            self._catalog.db.execute(
                f"UPDATE photo AS p SET again = 2 WHERE {_WAITS} AND p.again = 1 AND p.content_hash NOT NULL "
                "AND (p.missing OR p.folder_id IN (SELECT id FROM folder WHERE NOT online)) "
                "AND NOT EXISTS (SELECT 1 FROM embedding e WHERE e.photo_id = p.id AND e.model = ?)",
                [self._model.embeddings.model],
            )

    # What is done with it

    def store(self, decoded: Sequence[DecodedThumbnail]) -> StoreResult:
        """Embed decoded thumbnails, or compare them where they are the sample's; None is one that cannot be decoded."""
        if self.sample.photo_ids:
            self._compare(decoded)
            return StoreResult()
        return self._embed(decoded)

    def _compare(self, decoded: Sequence[DecodedThumbnail]) -> None:
        vectors = self._model.encode_usable({due.photo_id: pixels for due, pixels in decoded if pixels is not None})
        self.sample.compare(vectors.items())
        self._need_originals([due.photo_id for due, _ in decoded if due.photo_id not in vectors])
        self._use_thumbnails()

    def _embed(self, decoded: Sequence[DecodedThumbnail]) -> StoreResult:
        """Write embeddings, except of photos that have changed since their thumbnail was read."""
        rows = self._still_due([due.photo_id for due, _ in decoded])
        decoded = [(due, pixels) for due, pixels in decoded if rows.get(due.photo_id, (b"",))[0] == due.content_hash]
        known = {due.photo_id: self._model.embeddings.known_vector(due.content_hash) for due, _ in decoded}
        final = {photo_id: vector for photo_id, vector in known.items() if vector is not None}
        fresh = [(due, pixels) for due, pixels in decoded if due.photo_id not in final]
        openable = [due.photo_id for due, _ in fresh if rows[due.photo_id][1:] == (False, True)]
        fresh = [(due, pixels) for due, pixels in fresh if due.photo_id not in openable]
        made = self._model.encode_usable({due.content_hash: pixels for due, pixels in fresh if pixels is not None})
        stand_ins: dict[int, Vectors] = {}
        for due, _ in fresh:
            if due.content_hash in made:
                (final if rows[due.photo_id][1] else stand_ins)[due.photo_id] = made[due.content_hash]
        self._need_originals([due.photo_id for due, _ in fresh if due.content_hash not in made])
        self._set_again(openable, 1)
        self._write(final, stand_ins)
        return StoreResult(len(made), len(final) + len(stand_ins) - len(made))

    def _still_due(self, photo_ids: Sequence[int]) -> dict[int, tuple[bytes, bool, bool]]:
        """Return content, whether the thumbnail is as good as the original, and whether that is there, by photo."""
        rows = self._catalog.db.execute(
            f"SELECT p.id, p.content_hash, ? AND {self.sample.fits()}, f.online AND NOT p.missing "
            "FROM photo p JOIN folder f ON f.id = p.folder_id "
            f"WHERE {_WAITS} AND p.again = 2 AND p.id IN ({_marks(photo_ids)})",
            [self.sample.is_equal, *photo_ids],
        )
        return {i: (content, bool(is_as_good), bool(is_there)) for i, content, is_as_good, is_there in rows}

    def _write(self, final: Mapping[int, Vectors], stand_ins: Mapping[int, Vectors]) -> None:
        with self._catalog.transaction():
            for vectors, is_stand_in in ((final, False), (stand_ins, True)):
                if vectors:
                    self._model.embeddings.put([*vectors], np.stack([*vectors.values()]), stand_in=is_stand_in)
            self._catalog.db.conn.executemany(
                "UPDATE photo SET state = 1, again = 0 WHERE id = ?", ((i,) for i in final)
            )
            self._set_again(stand_ins, 1)


def _marks(values: Sequence[int]) -> str:
    return ",".join("?" * len(values))
