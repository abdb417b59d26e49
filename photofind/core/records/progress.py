"""Where the library stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from photofind.core.sentences.sentence import Sentence

State = Literal[
    "opening",
    "tidying",
    "scanning",
    "fitting",
    "loading",
    "embedding",
    "reading",
    "similar",
    "idle",
    "paused",
    "halted",
    "damaged",
]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many photos stand where, gone ones left out; `offline` counts those of away folders and missing ones.

    `waiting` counts those of the pending that cannot be embedded before their folder is back.
    """

    embedded: int = 0
    pending: int = 0
    failed: int = 0
    offline: int = 0
    waiting: int = 0

    @property
    def photos(self) -> int:
        """All photos."""
        return self.embedded + self.pending + self.failed


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the library stands; posted at most about ten times a second.

    `photos` = embedded + pending + failed. Rate and time left are None until they are known.
    `model` answers queries; `next_model` is the one being embedded for while a change of model
    runs, else None. The state is "similar" while photos are embedded for Find similar, as `similar` of
    them are; rate and time left are of that then. It is "reading" while files are read again for what they say of
    their photos: `facts_pending` still are to be. `note` is a sentence for the person while `state` is "halted" or
    "damaged".
    `share` says how much is done while it is "tidying": what is left of removed photos goes. `graph_share`, of which
    search gets faster, is done beside all else; None while it is not.
    """

    state: State
    photos: int
    embedded: int
    pending: int
    failed: int
    offline: int
    images_per_second: float | None
    seconds_left: float | None
    device: str
    engine: str
    model: str
    next_model: str | None
    note: Sentence | None = None
    similar: int = 0
    facts_pending: int = 0
    share: float | None = None
    graph_share: float | None = None
