"""Find out by a sample whether a model sees the same in the library's thumbnails as in the originals."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import numpy as np

from photofind.core.catalog.by_thumbnail import LargeEnough
from photofind.core.catalog.catalog import Catalog
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.photos.sizing import THUMBNAIL_EDGE
from photofind.core.records.arrays import Vectors
from photofind.core.settings import EMBED_FROM

_log = logging.getLogger(__name__)

_PHOTOS = 40
# Fewer than so many tell nothing.
_LEAST = 10
# Of 73 real photos larger than their thumbnail, all reach 0.9997 with quick look; with the tests' tiny CLIP 71 reach
# 0.99, where the next photo is at 0.92, and the ten nearest stay the same to 98 %. So 0.99 is as near as makes no
# difference, and a stray picture says nothing about a model (one AVIF is at 0.944): of forty, two may stray. A mistake
# towards originals costs time; one towards thumbnails would cost answers.
_EQUAL_COSINE = 0.99
_EQUAL_SHARE = 0.95


class ThumbnailSample:
    """Forty photos whose originals go first and are compared with their thumbnails; the verdict is in the catalog.

    `large_enough` says which thumbnails can be as good at all.
    """

    def __init__(self, catalog: Catalog, model: ModelInUse) -> None:
        self._catalog = catalog
        self._model = model
        self._setting = EMBED_FROM.of(model.embeddings.model)
        self._cosines: list[float] = []
        spec = model.spec
        self.large_enough = LargeEnough(THUMBNAIL_EDGE, spec.size, shorter=spec.resize != "longest")
        self.photo_ids = set() if catalog.settings.get(self._setting) else self._draw()

    @property
    def is_equal(self) -> bool:
        """Whether thumbnails were found to be as good as originals; False until that is known."""
        return self._catalog.settings.get(self._setting) == "thumbnails"

    def _draw(self) -> set[int]:
        """Choose photos, spread evenly; none where there is nothing to gain, or too little to tell anything from."""
        candidates = self._catalog.by_thumbnail.candidates(self.large_enough)
        there = sorted(photo_id for photo_id, is_there in candidates if is_there)
        if len(candidates) <= _PHOTOS or len(there) < _LEAST:
            return set()
        places = np.linspace(0, len(there) - 1, min(_PHOTOS, len(there))).astype(np.int64)
        return {there[place] for place in places}

    def embedded(self) -> list[int]:
        """Return the photos whose original has been embedded; those that no longer can be leave the sample."""
        found = self._catalog.by_thumbnail.embedded([*self.photo_ids])
        self.drop(self.photo_ids - found.keys())
        return [photo_id for photo_id, is_embedded in found.items() if is_embedded]

    def compare(self, vectors: Iterable[tuple[int, Vectors]]) -> None:
        """Compare the vectors float32 [dim] of thumbnails with those of their photos' originals."""
        for photo_id, vector in vectors:
            original = self._model.embeddings.vector_of(photo_id)
            if original is not None:
                self._cosines.append(float(original @ vector))
            self.drop([photo_id])

    def drop(self, photo_ids: Iterable[int]) -> None:
        """Do without photos, or with those compared; the last one decides."""
        if not self.photo_ids:
            return
        self.photo_ids = self.photo_ids.difference(photo_ids)
        if self.photo_ids or len(self._cosines) < _LEAST:
            return
        share = float(np.mean(np.array(self._cosines) >= _EQUAL_COSINE))
        _log.info("the thumbnails of %.0f %% of %d photos are as good", 100 * share, len(self._cosines))
        self._catalog.settings.set(self._setting, "thumbnails" if share >= _EQUAL_SHARE else "originals")
