"""Where the graph of a large library stands: whether it is to be built, may answer, and why it does or does not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from photofind.core.memory import available_memory
from photofind.core.records.searching import LEAST_RECALL, Searching, Trial
from photofind.core.sentences.sentence import Sentence
from photofind.core.vectors.hnsw import SavedGraph, graph_bytes

# A graph serves until this share of the rows is not in it, or was removed since.
STALE_SHARE: Final = 0.2
# One that did not pass is tried again once there are so many times the rows: exact search takes longer then.
_TRIED_AGAIN: Final = 2
# Of the memory that is free; the person's other programs have the rest.
_MEMORY_SHARE: Final = 0.5
_MB: Final = 1e6


@dataclass(frozen=True, slots=True)
class GraphState:
    """A graph over `rows` vectors: what is saved of one, and how many rows the one that answers covers.

    `share` is how much of one is built by now, None while none is; `has_failed`: it could not be built or read.
    """

    rows: int
    dim: int
    saved: SavedGraph | None
    answering: int | None
    share: float | None
    has_failed: bool

    @property
    def is_due(self) -> bool:
        """Whether one is to be built, grown or tried now."""
        return self._needs_work and not self.has_failed and not self._lacks_memory

    @property
    def may_answer(self) -> bool:
        """Whether a saved one has passed its trial, and there is the memory for it."""
        return self._has_passed and not self.has_failed and not self._lacks_memory

    @property
    def is_refused(self) -> bool:
        """Whether one was tried and did not pass."""
        return self._trial is not None and not self._has_passed

    def explain(self) -> Searching:
        """Say what answers an unfiltered search in the window, and why."""
        is_covered = self._covered >= (1 - STALE_SHARE) * self.rows
        if self._trial is not None and is_covered and (self.answering is not None or self.may_answer):
            return Searching("hnsw", _praise(self._trial), self._trial)
        return Searching("exact", self._why_exact(), self._trial)

    @property
    def _trial(self) -> Trial | None:
        return None if self.saved is None else self.saved.trial

    @property
    def _has_passed(self) -> bool:
        return self._trial is not None and self._trial.is_passed

    @property
    def _covered(self) -> int:
        if self.answering is not None:
            return self.answering
        return 0 if self.saved is None else self.saved.count

    @property
    def _needs_work(self) -> bool:
        if self._trial is not None and not self._trial.is_passed:
            return self.rows >= _TRIED_AGAIN * self._trial.rows
        return self._trial is None or self._covered < (1 - STALE_SHARE / 2) * self.rows

    @property
    def _lacks_memory(self) -> bool:
        return graph_bytes(self.rows, self.dim) > _MEMORY_SHARE * available_memory()

    def _why_exact(self) -> Sentence:
        if self.share is not None:
            return Sentence("graph_is_built", percent=100 * self.share)
        if self.has_failed:
            return Sentence("graph_failed")
        if self._trial is not None and self.is_refused and not self._needs_work:
            return _refusal(self._trial)
        if self._lacks_memory:
            needed, free = graph_bytes(self.rows, self.dim), available_memory()
            return Sentence("graph_lacks_memory", needed_mb=needed / _MB, free_mb=free / _MB)
        return Sentence("graph_to_come")


def _praise(trial: Trial) -> Sentence:
    return Sentence("graph_answers", recall=_percent(trial.recall), graph_ms=trial.graph_ms, exact_ms=trial.exact_ms)


def _refusal(trial: Trial) -> Sentence:
    if trial.recall < LEAST_RECALL:
        return Sentence("graph_finds_too_little", recall=_percent(trial.recall))
    return Sentence("graph_not_faster", graph_ms=trial.graph_ms, exact_ms=trial.exact_ms)


def _percent(share: float) -> float:
    """Return a share in percent, never more than it is: what is just below the least does not look like it."""
    return math.floor(1_000 * share) / 10
