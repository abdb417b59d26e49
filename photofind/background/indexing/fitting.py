"""When the model that photos are embedded for is fitted to this computer, and what waits for that."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from photofind.background.indexing.engine_builder import EngineBuilder
from photofind.core.library import Library
from photofind.core.sentences.sentence import Sentence

# Waited for what is being fitted at once, so that whoever asks meanwhile is answered.
FITTING_SECONDS = 0.05


class Fitting:
    """Has one model fitted; embedding waits for it, but a graphics card need not wait for the processor's engine.

    Beside such a card a model is fitted at once where somebody is there, who may ask by words; else afterwards.
    """

    def __init__(self, library: Library, on_notice: Callable[[Sentence], None], *, is_attended: bool) -> None:
        self._library = library
        self._on_notice = on_notice
        self._is_attended = is_attended
        self._builder = EngineBuilder()
        self._has_photos = False

    def before_embedding(self) -> bool:
        """Fit the model where it is time for that; tell whether embedding is to wait, after a moment of waiting."""
        if self._is_attended:
            return self._work(at_rest=False) and self._library.models.indexing.on_processor and self._wait()
        return not self._embeds_by_card and self._fit()

    def after_embedding(self) -> bool:
        """Fit the model where that was put off; tell whether the rest is to wait, after a moment of waiting."""
        return not self._is_attended and self._fit()

    def at_rest(self) -> None:
        """Fit the model by the person's own photos, once there are enough; nobody waits for that."""
        self._work(at_rest=True)

    @property
    def is_working(self) -> bool:
        """Whether a model is being fitted."""
        return self._builder.is_working

    def stop(self) -> None:
        """Break off; what was fitted so far does not count."""
        self._builder.stop()

    @cached_property
    def _embeds_by_card(self) -> bool:
        return self._library.embedding.counts.pending > 0 and self._library.models.indexing.opens_card()

    def _fit(self) -> bool:
        # Once there are any it is not asked again: in a large library counting takes a while after each slice.
        self._has_photos = self._has_photos or self._library.embedding.counts.photos > 0
        return self._has_photos and self._work(at_rest=False) and self._wait()

    def _work(self, *, at_rest: bool) -> bool:
        is_worth_waiting = self._builder.work(self._library, at_rest=at_rest)
        notice = self._builder.take_notice()
        if notice:
            self._on_notice(notice)
        return is_worth_waiting

    def _wait(self) -> bool:
        # Not at rest: whoever asks one thing after the other would keep the thread from ever looking again.
        self._builder.wait(FITTING_SECONDS)
        return True
