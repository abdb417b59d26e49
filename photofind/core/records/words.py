"""What of a query can be in photos' names and dates: words in their forms, and when a photo was taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

# The ways in which a word may be written, plain and as UTF-8: “Müller” is muller and mueller.
Forms = tuple[bytes, ...]


class Taken(NamedTuple):
    """A year, a month or a day; None stands for any, as in March of any year."""

    year: int | None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a query that a photo has to fit: by all of its `words`, or by when it was `taken`."""

    words: tuple[Forms, ...]
    taken: Taken | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as names and dates have it: its terms, all of which a photo has to fit, or all of it as one `phrase`."""

    terms: tuple[Term, ...]
    phrase: Forms
