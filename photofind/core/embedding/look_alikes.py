"""A second model, for Find similar alone: what it still has to see, and when it is the one that answers.

It knows no words and stands beside the models that answer and that photos are embedded for; no photo waits for it.
It sees thumbnails only, of the library's photos as of pictures from outside, so that both sides are alike. What it
lacks is looked for from the first photo to the last; one look that finds nothing says that nothing is due.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.errors import PhotofindError
from photofind.core.records.arrays import Vectors
from photofind.core.records.query import Query
from photofind.core.records.work import DecodedThumbnail, DueThumbnail, StoreResult
from photofind.core.sentences.sentence import Sentence
from photofind.core.settings import SIMILAR, SIMILAR_KEY, SIMILAR_READY

# So many photos are looked at in one step, which takes 28 ms at most in a library of 500,000.
_PHOTOS_A_LOOK: Final = 20_000


class LookAlikes:
    """The model for Find similar; `model` is None where none is used, or its folder is away, which `notice` says."""

    def __init__(self, catalog: Catalog, thumbnails: Thumbnails, open_model: Callable[[str], ModelInUse]) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._open_model = open_model
        self.notice: Sentence | None = None
        self.model: ModelInUse | None = None
        if self.reference:
            try:
                self.model = open_model(self.reference)
            except PhotofindError as error:
                self.notice = Sentence("no_similar_model", why=error.sentence)
        self._begin()

    def _begin(self) -> None:
        self._passed = 0  # photos up to this id were looked at
        self._began_at: tuple[int, int] | None = None
        self._finished_at: tuple[int, int] | None = None
        self._is_clean = True
        self._impossible: set[int] = set()

    @property
    def reference(self) -> str:
        """The chosen model's offered name or its folder; empty where none is used."""
        return self._catalog.settings.get(SIMILAR)

    # Choosing

    def use(self, reference: str, *, is_ready: bool) -> ModelInUse:
        """Use a model from now on, and return it; `is_ready` where it has seen every photo already."""
        model = self._open_model(reference)
        model.embeddings.enrol()
        key, settings = model.embeddings.model, self._catalog.settings
        with self._catalog.transaction():
            settings.set(SIMILAR, reference)
            settings.set(SIMILAR_KEY, key)
            settings.set(SIMILAR_READY, key if is_ready else None)
        self._leave()
        self.model = model
        self._begin()
        return model

    def stop(self) -> None:
        """Use no model for Find similar; its vectors are kept."""
        with self._catalog.transaction():
            self._catalog.settings.forget(SIMILAR)
            self._catalog.settings.forget(SIMILAR_KEY)
            self._catalog.settings.forget(SIMILAR_READY)
        self._leave()

    def _leave(self) -> None:
        if self.model is not None:
            self.model.flush()
        self.model = None

    # Answering

    @property
    def is_ready(self) -> bool:
        """Whether it has seen every photo once: from then on it answers."""
        return self.model is not None and self._catalog.settings.get(SIMILAR_READY) == self.model.embeddings.model

    def model_for(self, query: Query) -> ModelInUse | None:
        """Return the model where it is to answer a query; None for words, and for what it has not seen yet."""
        if self.model is None or not self.is_ready or (query.photo_id is None and query.picture is None):
            return None
        return self.model if self.model.has_seen(query.photo_id, self._catalog.counts().embedded) else None

    # What is due

    @property
    def is_finished(self) -> bool:
        """Whether nothing is due, and nothing was written since that was found out."""
        return self.model is None or self._finished_at == _written(self.model)

    def look_again(self) -> None:
        """Look through all photos again: some may be back that were gone."""
        self._begin()

    def due(self, limit: int, skip: Sequence[int]) -> list[DueThumbnail]:
        """Look at some more photos; return up to `limit` thumbnails to embed, those of photos in `skip` left out.

        None of them does not mean that nothing is due: `is_finished` tells. A photo whose thumbnail is lost or
        damaged is passed over; mending that is done elsewhere.
        """
        if self.model is None:
            return []
        if self._passed == 0:
            self._begin_look(self.model)
        end = self._passed + _PHOTOS_A_LOOK
        photos = self._catalog.lacking.look(self.model.embeddings.model, self._passed, end, limit)
        self._passed = photos[-1].id if len(photos) == limit else end
        found = {photo.id: photo for photo in photos if photo.id not in self._impossible and photo.id not in skip}
        jpegs = self._thumbnails.get([*found])
        self._impossible.update(found.keys() - jpegs.keys())
        self._is_clean = self._is_clean and not jpegs and not skip
        self._end_look(self.model)
        return [DueThumbnail(*photo, jpegs[photo.id]) for photo in found.values() if photo.id in jpegs]

    def _begin_look(self, model: ModelInUse) -> None:
        now = _written(model)
        if now != self._began_at:  # what could not be done before may have been mended
            self._impossible.clear()
        self._began_at, self._is_clean = now, True

    def _end_look(self, model: ModelInUse) -> None:
        if self._passed < self._catalog.photos.highest_id():
            return
        self._passed = 0
        if self._is_clean:
            self._finished_at = self._began_at
            if not self.is_ready:
                self._catalog.settings.set(SIMILAR_READY, model.embeddings.model)

    # What is done with it

    def store(self, decoded: Sequence[DecodedThumbnail]) -> StoreResult:
        """Embed decoded thumbnails and write the vectors; None in the place of pixels: it could not be decoded."""
        if self.model is None or not decoded:
            return StoreResult()
        lacking = self._catalog.lacking.contents(self.model.embeddings.model, [due.photo_id for due, _ in decoded])
        decoded = [(due, pixels) for due, pixels in decoded if lacking.get(due.photo_id) == due.content_hash]
        known = {due.content_hash: self.model.embeddings.known_vector(due.content_hash) for due, _ in decoded}
        vectors: dict[bytes, Vectors] = {content: vector for content, vector in known.items() if vector is not None}
        fresh = [(due.content_hash, pixels) for due, pixels in decoded if due.content_hash not in vectors]
        made = self.model.encode_usable({content: pixels for content, pixels in fresh if pixels is not None})
        vectors |= made
        done = {due.photo_id: vectors[due.content_hash] for due, _ in decoded if due.content_hash in vectors}
        self._impossible.update(due.photo_id for due, _ in decoded if due.photo_id not in done)
        if done:
            self.model.embeddings.put([*done], np.stack([*done.values()]))
            self.model.index.catch_up(0)
        return StoreResult(len(made), len(done) - len(made))


def _written(model: ModelInUse) -> tuple[int, int]:
    """Return what changes whenever any embedding is written or removed: with a new photo, a changed one, damage."""
    return model.embeddings.newest_label(), model.embeddings.removal_log().newest
