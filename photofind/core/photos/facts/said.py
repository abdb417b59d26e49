"""What one source says of a photo: its EXIF, an XMP packet, a file beside it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from photofind.core.photos.facts.dates import When
from photofind.core.records.facts import TakenFrom

# Below the level of this name, a tree of keywords has names of people, whichever program made it.
_PEOPLE: Final = frozenset(("people", "persons", "personen", "personnes", "personas", "persone", "pessoas"))
_MOST_STARS: Final = 5


@dataclass
class Said:
    """What a source says, in its own order; `tools` are the programs that had it in hand."""

    dates: dict[TakenFrom, When] = field(default_factory=dict)
    camera: str | None = None
    lens: str | None = None
    position: tuple[float, float] | None = None
    rating: int | None = None
    aperture: float | None = None
    shutter: float | None = None
    iso: int | None = None
    focal_length: float | None = None
    titles: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    tools: list[str] = field(default_factory=list)

    def date(self, source: TakenFrom, when: When | None) -> None:
        """Add a date, unless the source has said a better one of that kind before."""
        if when is not None:
            self.dates.setdefault(source, when)

    def list_keywords(self, texts: list[str]) -> None:
        """Add keywords; one alone may be all of them, with a comma or a semicolon between."""
        self.keywords += re.split(r"\s*[;,]\s*", texts[0]) if len(texts) == 1 else texts

    def branch(self, levels: Iterable[str]) -> None:
        """Add a keyword with those that it lies below: each is one, and what lies below People are people."""
        names = [name for name in (level.strip() for level in levels) if name]
        self.keywords += names
        if len(names) > 1 and names[0].lower() in _PEOPLE:
            self.people.append(names[-1])


def as_camera(make: str, model: str) -> str | None:
    """Return a camera by its maker and model, the maker said once."""
    if make and not model.lower().startswith(make.split()[0].lower()):
        model = f"{make} {model}"
    return model.strip() or None


def as_rating(value: object) -> int | None:
    """Return stars, 1 to 5, or -1 for rejected; None for what is none, as nought is in most programs."""
    number = as_number(value)
    stars = round(number) if number is not None and abs(number) < 100 else 0
    return stars if stars and -1 <= stars <= _MOST_STARS else None


def as_percentage(value: object) -> int | None:
    """Return the stars that a number up to 100 stands for, as Windows has it: 1, 25, 50, 75 and 99."""
    number = as_number(value)
    return None if number is None or not 0 < number <= 100 else 1 + round((_MOST_STARS - 1) * min(number, 99) / 99)


def as_number(value: object) -> float | None:
    """Return a number that was written as one, as a text or as a fraction; None for none that is finite."""
    if isinstance(value, int | float):
        return float(value) if abs(value) <= sys.float_info.max else None  # a whole number may be larger than any
    found = (
        re.match(r"\s*([+-]?\d{1,12}(?:\.\d{1,12})?)(?:/(\d{1,12}))?\s*$", value) if isinstance(value, str) else None
    )
    if found is None or (found[2] and not int(found[2])):
        return None
    return float(found[1]) / float(found[2] or 1)


def as_position(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    """Return a place on Earth; None where there is none, and for the point that stands for that."""
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return None if latitude == longitude == 0 else (latitude, longitude)
