"""Embed photos for Find similar, a slice at a time, once nothing is left to do for the model that answers words.

A stage of the pipeline; runs on the thread that owns the library.
"""

from __future__ import annotations

from typing import Literal

from photofind.background.indexing.engine_builder import EngineBuilder
from photofind.background.indexing.fitting import FITTING_SECONDS
from photofind.background.indexing.pace import Rate
from photofind.background.indexing.thumbnails import ThumbnailIndexing
from photofind.core.embedding.running_model import RunningModel
from photofind.core.library import Library
from photofind.core.records.models import Spec


class SimilarIndexing:
    """Work through the photos that the model for Find similar has not seen, one `step` at a time."""

    def __init__(self, library: Library, slice_seconds: float) -> None:
        self._library = library
        self._model: RunningModel | None = None
        self._rate = Rate()
        self._is_to_be_fitted = False
        self._engine_builder = EngineBuilder(lambda library: library.models.similar)
        look_alikes = library.embedding.look_alikes
        self._thumbnails = ThumbnailIndexing(look_alikes.due, look_alikes.store, self._spec, slice_seconds)

    def _spec(self) -> Spec:
        model = self._library.models.similar
        assert model is not None, "without a model, nothing is due"
        return model.spec

    def step(self) -> Literal["fitting", "similar"] | None:
        """Do one slice; tell what it was, None where there is nothing to do.

        A look for photos that have arrived counts as nothing: there may be none.
        """
        look_alikes, model = self._library.embedding.look_alikes, self._library.models.similar
        if model is not self._model:
            self._model, self._rate, self._is_to_be_fitted = model, Rate(), False
            self._thumbnails.restart()
        if model is None or look_alikes.is_finished:
            return None
        if not self._thumbnails.look():
            return None if look_alikes.is_ready else "similar"
        # Without words, a graphics card needs nothing of what a model is fitted with to the processor.
        self._is_to_be_fitted = model.on_processor
        if self._is_to_be_fitted and self._engine_builder.work(self._library, at_rest=False):
            self._engine_builder.wait(FITTING_SECONDS)
            return "fitting"
        result = self._thumbnails.step()
        if result is not None:
            self._rate.add(result.embedded + result.reused)
        return "similar"

    @property
    def is_done(self) -> bool:
        """Whether nothing is due, as of the last step."""
        return self._library.embedding.look_alikes.is_finished

    def rest(self) -> None:
        """Do what is worth it when there is nothing else to do."""
        if self._is_to_be_fitted:
            self._engine_builder.work(self._library, at_rest=True)

    def stop(self) -> None:
        """End the threads and the child beside this one."""
        self._thumbnails.stop()
        self._engine_builder.stop()

    @property
    def images_per_second(self) -> float | None:
        """The rate over the last seconds, None before anything was stored."""
        return self._rate.per_second

    def count(self) -> int:
        """Return how many photos it has seen, those that were deleted lately too; counts nothing."""
        return self._library.embedding.look_alikes.count()
