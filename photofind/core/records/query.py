"""What a person asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

# Of more words than that only the first ones count.
MAX_CHARACTERS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Query:
    """What the person asks: words, a picture from outside, or one of the library's photos.

    At most one of the three is set; none at all asks for the newest photos.
    `picture` is a file's path or the bytes of an image file (a pasted image).
    """

    text: str = ""
    picture: Path | bytes | None = None
    photo_id: int | None = None
    limit: int = 1000

    def asks_the_same(self, other: Query) -> bool:
        """Tell whether both ask the same question, whatever their limits."""
        return replace(self, limit=other.limit) == other
