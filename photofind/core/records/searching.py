"""How searches are answered, and what a graph was found to be worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from photofind.core.sentences.sentence import Sentence

SearchKind = Literal["exact", "hnsw"]

# A graph that finds less of the nearest hundred than this never answers.
LEAST_RECALL: Final = 0.99


@dataclass(frozen=True, slots=True)
class Trial:
    """A graph over `rows` vectors against exact search, for what the window asks: the nearest 1,001.

    `recall` is the share that it finds of the nearest 100, `recall_all` of all that were asked for, each the lower one
    of pictures and words; `ef` how many candidates it keeps for that; the milliseconds are those of quiet moments.
    """

    rows: int
    ef: int
    recall: float
    recall_all: float
    graph_ms: float
    exact_ms: float

    @property
    def is_passed(self) -> bool:
        """Whether the graph is as good as exact search, and faster."""
        return self.recall >= LEAST_RECALL and self.graph_ms < self.exact_ms


@dataclass(frozen=True, slots=True)
class Searching:
    """How the window answers an unfiltered search, why so, and the trial of the graph, where there was one."""

    kind: SearchKind
    why: Sentence
    trial: Trial | None = None
