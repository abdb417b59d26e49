"""Find out by a sample whether a model sees the same in the library's thumbnails as in the originals."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Literal

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.photos.sizing import THUMBNAIL_EDGE
from photofind.core.records.arrays import Vectors

_log = logging.getLogger(__name__)
Verdict = Literal["thumbnails", "originals"]

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
    """Forty photos whose originals go first and are compared with their thumbnails; the verdict is in the catalog."""

    def __init__(self, catalog: Catalog, model: ModelInUse) -> None:
        self._catalog = catalog
        self._model = model
        self._setting = f"embed_from:{model.embeddings.model}"
        self._cosines: list[float] = []
        self.photo_ids = set() if catalog.setting(self._setting) else self._draw()

    @property
    def is_equal(self) -> bool:
        """Whether thumbnails were found to be as good as originals; False until that is known."""
        return self._catalog.setting(self._setting) == "thumbnails"

    def fits(self) -> str:
        """Return SQL that tells whether the thumbnail of photo `p` can be as good, and spares anything.

        It is no smaller than what the model takes. A photo no larger than its thumbnail is opened as fast, and
        compressing it once more changes it most (0.97 for one of 100 pixels).
        """
        spec = self._model.spec
        edge = "max" if spec.resize == "longest" else "min"
        return (
            f"(p.content_hash NOT NULL AND max(p.width, p.height) > {THUMBNAIL_EDGE} "
            f"AND {edge}(p.width, p.height) * {THUMBNAIL_EDGE} >= {spec.size} * max(p.width, p.height))"
        )

    def _draw(self) -> set[int]:
        """Choose photos, spread evenly; none where there is nothing to gain, or too little to tell anything from."""
        rows = self._catalog.db.execute(
            "SELECT p.id, f.online AND NOT p.missing FROM photo p INDEXED BY photo_pending "
            "JOIN folder f ON f.id = p.folder_id WHERE p.state = 0 AND p.gone_since IS NULL "
            f"AND (p.again != 2 OR p.changed) AND p.again AND NOT p.changed AND {self.fits()}"
        ).fetchall()
        there = sorted(int(row[0]) for row in rows if row[1])
        if len(rows) <= _PHOTOS or len(there) < _LEAST:
            return set()
        places = np.linspace(0, len(there) - 1, min(_PHOTOS, len(there))).astype(np.int64)
        return {there[place] for place in places}

    def embedded(self) -> list[int]:
        """Return the photos whose original has been embedded; those that no longer can be leave the sample."""
        rows = self._catalog.db.execute(
            "SELECT p.id, p.state = 1 FROM photo p JOIN folder f ON f.id = p.folder_id "
            f"WHERE p.id IN ({','.join('?' * len(self.photo_ids))}) AND p.gone_since IS NULL "
            "AND (p.state = 1 OR (p.state = 0 AND f.online AND NOT p.missing))",
            list(self.photo_ids),
        ).fetchall()
        self.drop(self.photo_ids - {int(row[0]) for row in rows})
        return [int(row[0]) for row in rows if row[1]]

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
        self._catalog.set_setting(self._setting, "thumbnails" if share >= _EQUAL_SHARE else "originals")


def forget_verdict(catalog: Catalog, model: int, verdict: Verdict | None = None) -> None:
    """Forget what a sample said of a model, or only one verdict."""
    catalog.db.execute(
        "DELETE FROM setting WHERE key = ? AND value = ifnull(?, value)", [f"embed_from:{model}", verdict]
    )
