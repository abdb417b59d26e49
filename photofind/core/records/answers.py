"""What the library answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from photofind.core.records.arrays import Ids, Pixels, Vectors
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence


class Why(IntEnum):
    """Why a photo is among the hits."""

    LOOKS = 0  # the picture itself fits the query
    NAME = 1  # its name, folders, date or camera fits the words, or what its file says
    NEWEST = 2  # there was no query


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An answer: hits in order, best first; the first `likely` are likely matches, the first `named` found by words.

    Both are counted whatever the limit, so they may be more than the hits; of thousands of likely ones to a few.

    Arrays have equal length n: photo_ids int64, scores float32 (cosine, higher is better; NaN
    where the order is by date), whys uint8 (`Why`). `searched` of `total` readable photos were
    embedded when the answer was made; `seconds` is the time it took. `note` is a sentence for the person
    where the answer needs one. `picture` is a thumbnail of the query's picture, uint8
    [h, w, 3], where one was given.
    """

    query: Query
    photo_ids: Ids
    scores: Vectors
    whys: Pixels
    likely: int
    searched: int
    total: int
    model: str
    seconds: float
    note: Sentence | None = None
    named: int = 0
    picture: Pixels | None = None
