"""Embed known photos for another model from their thumbnails, where those are as good as the originals.

Photos that wait for nothing but another model wait for their originals at first; those that may be embedded from
their thumbnail go over from the catalog's `waiting` to its `by_thumbnail`. What is made here is embeddings and
nothing else: words, dates and thumbnails stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.embedding.thumbnail_sample import ThumbnailSample
from photofind.core.records.arrays import Vectors
from photofind.core.records.work import DecodedThumbnail, DueThumbnail, StoreResult


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
        if not skip and self._catalog.by_thumbnail.is_empty():
            self._seek_stand_ins()
        return self._read(self._catalog.by_thumbnail.next(limit, skip))

    def is_done(self) -> bool:
        """Tell whether no photo can be embedded from its thumbnail, other than in place of its original."""
        by_thumbnail = self._catalog.by_thumbnail
        if by_thumbnail.is_empty() and not self.sample.photo_ids:
            self._seek_stand_ins()
        return by_thumbnail.is_empty() and not self.sample.photo_ids

    def _read(self, photo_ids: Sequence[int]) -> list[DueThumbnail]:
        jpegs = self._thumbnails.get(photo_ids)
        self._need_originals([i for i in photo_ids if i not in jpegs])
        photos = self._catalog.by_thumbnail.contents([i for i in photo_ids if i in jpegs])
        return [DueThumbnail(*photo, jpegs[photo.id]) for photo in photos]

    def _need_originals(self, photo_ids: Sequence[int]) -> None:
        """Have photos without a sound thumbnail opened, whatever the model: that makes a new one."""
        self._catalog.waiting.add(photo_ids)
        self.sample.drop(photo_ids)

    def _use_thumbnails(self) -> None:
        """Leave the originals alone where the thumbnails are as good, whether their drive is there or away."""
        if self._sample is not None and self._sample.is_equal:
            self._catalog.by_thumbnail.use_large_enough(self._sample.large_enough)

    def _seek_stand_ins(self) -> None:
        """Once all originals at hand are done, let the thumbnails of those that are not stand in for them.

        A vector that is a little off finds its photo; none does not. It is replaced when the drive is back.
        """
        if not self._sought_stand_ins and self._catalog.waiting.is_empty():
            self._sought_stand_ins = True
            self._catalog.by_thumbnail.use_stand_ins(self._model.embeddings.model)

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
        photos = self._catalog.by_thumbnail.still_due([due.photo_id for due, _ in decoded], self.sample.large_enough)
        decoded = [
            (due, pixels)
            for due, pixels in decoded
            if due.photo_id in photos and photos[due.photo_id].content_hash == due.content_hash
        ]
        as_good = {i for i, photo in photos.items() if self.sample.is_equal and photo.is_large_enough}
        known = {due.photo_id: self._model.embeddings.known_vector(due.content_hash) for due, _ in decoded}
        final = {photo_id: vector for photo_id, vector in known.items() if vector is not None}
        fresh = [(due, pixels) for due, pixels in decoded if due.photo_id not in final]
        openable = [due.photo_id for due, _ in fresh if due.photo_id not in as_good and photos[due.photo_id].is_there]
        fresh = [(due, pixels) for due, pixels in fresh if due.photo_id not in openable]
        made = self._model.encode_usable({due.content_hash: pixels for due, pixels in fresh if pixels is not None})
        stand_ins: dict[int, Vectors] = {}
        for due, _ in fresh:
            if due.content_hash in made:
                (final if due.photo_id in as_good else stand_ins)[due.photo_id] = made[due.content_hash]
        self._need_originals([due.photo_id for due, _ in fresh if due.content_hash not in made])
        self._catalog.by_thumbnail.use_originals(openable)
        self._write(final, stand_ins)
        return StoreResult(len(made), len(final) + len(stand_ins) - len(made))

    def _write(self, final: Mapping[int, Vectors], stand_ins: Mapping[int, Vectors]) -> None:
        with self._catalog.transaction():
            for vectors, is_stand_in in ((final, False), (stand_ins, True)):
                if vectors:
                    self._model.embeddings.put([*vectors], np.stack([*vectors.values()]), stand_in=is_stand_in)
            self._catalog.by_thumbnail.end(final)
            self._catalog.by_thumbnail.use_originals(stand_ins)
