"""Dates as people write them, in a language and in English: “5 March 2018”, “5.3.2018”, “Juni 2026”, “2018”.

What the language and its region know is Babel's; the process's own locale has no say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from babel.core import Locale, UnknownLocaleError

from photofind.core.catalog.plain import forms
from photofind.core.records.words import Taken

ENGLISH: Final = "en"
_BRITISH: Final = "en_GB"  # has “Sept”
_MOST_TOKENS = 8
# Of those, as many tell something: day, month and year, the month in two words.
_MOST_TOLD = 4
_FIRST_YEAR, _LAST_YEAR = 1800, 2199
_LEAP_YEAR = 2000
# A year of two digits is one of the last century from here on, as in C.
_LAST_CENTURY_FROM = 69
_BUDDHA = 543
_FROM_BUDDHA = 2400

_THREE = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?")
_TWO = re.compile(r"(\d{4})[./-](\d{1,2})|(\d{1,2})[./-](\d{4})")
_DAY_MONTH = re.compile(r"(\d{1,2})\.(\d{1,2})\.")
_NUMBER = re.compile(r"(\d{1,2}|\d{4})(st|nd|rd|th|er|re|e|o|a)?")
_EAST_ASIAN = re.compile(r"(\d{1,4})(?:([年년])|([月월])|([日号일]))")
# What stands between the parts of a date, and what may end one: “5 de marzo de 2018”, “5 марта 2018 г.”
_BETWEEN = frozenset(("of", "the", "de", "del", "di", "do", "da", "m", "nam"))
_YEARS = frozenset(("г", "года", "р", "року", "d", "r", "roku", "gada"))
_ORDERS = frozenset(("DMY", "MDY", "YMD", "YDM", "DM", "MD", "MY", "YM", "M", "Y"))


class FoundDate(NamedTuple):
    """The tokens from `start` to before `end` say when a photo was taken."""

    start: int
    end: int
    taken: Taken


def split_tokens(text: str) -> list[str]:
    """Return a text's words with what stands at them; parts of a date that belong together become one."""
    text = re.sub(r"\b(\d{1,4})\. (\d{1,2})\. (\d{1,4})\b", r"\1.\2.\3", text)
    text = re.sub(r"(?<=\d[年月년월])(?=\S)", " ", text)
    return [token for token in re.split(r"[\s,;，、；]+", text) if token]


def find_dates(tokens: Sequence[str], language: str) -> Iterator[FoundDate]:
    """Yield the dates in tokens, the longest first where some overlap, in their order."""
    words = _date_words(language)
    read = [_Token(token, _parts(token)) for token in tokens]
    start = 0
    while start < len(read):
        for end in range(_longest(read, start, words), start, -1):
            taken = _read(read[start:end], words)
            if taken is not None:
                yield FoundDate(start, end, taken)
                start = end - 1
                break
        start += 1


def _longest(tokens: Sequence[_Token], start: int, words: _DateWords) -> int:
    """Return the end of the longest stretch of tokens that may be one date."""
    end, told = start, 0
    while end < min(len(tokens), start + _MOST_TOKENS) and words.knows(tokens[end]) and told < _MOST_TOLD:
        told += not set(tokens[end].parts) <= _BETWEEN | _YEARS
        end += 1
    return end


def is_language(language: str) -> bool:
    """Tell whether it is known how dates are written in a language, given as de_AT."""
    return _locale(language) is not None


class _Token(NamedTuple):
    """A word as it was typed, and what it consists of in plain form."""

    typed: str
    parts: list[str]


# What a language knows


@dataclass(frozen=True, slots=True)
class _DateWords:
    """Names of months, each as its plain words; those of `whole` mean a month by themselves."""

    months: dict[tuple[str, ...], int]
    whole: frozenset[tuple[str, ...]]
    known: frozenset[str]
    is_day_first: bool
    is_thai: bool

    def knows(self, token: _Token) -> bool:
        """Tell whether a token may belong to a date."""
        return any(part in self.known or part[0].isdigit() for part in token.parts)


@lru_cache(maxsize=8)
def _date_words(language: str) -> _DateWords:
    own = _locale(language) or Locale.parse(ENGLISH)
    months: dict[tuple[str, ...], int] = {}
    whole: set[tuple[str, ...]] = set()
    for locale in (Locale.parse(_BRITISH), Locale.parse(ENGLISH), own):
        for context in ("format", "stand-alone"):
            for width in ("abbreviated", "wide"):
                for month, name in locale.months[context][width].items():
                    names = {key for key in _keys(name) if key}
                    months.update(dict.fromkeys(names, month))
                    whole.update(names if width == "wide" else ())
    known = _BETWEEN | _YEARS | {word for name in months for word in name}
    return _DateWords(months, frozenset(whole), known, _is_day_first(own), own.language == "th")


def _keys(name: str) -> Iterator[tuple[str, ...]]:
    for form in forms(name):
        words = form.decode().split()
        while words and words[0] in _BETWEEN:
            del words[0]
        if not all(word.isdigit() for word in words):
            yield tuple(words)


def _locale(language: str) -> Locale | None:
    for name in (language, language.partition("_")[0]):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return None


def _is_day_first(locale: Locale) -> bool:
    """Tell by how dates are written in figures; where the year comes first, by how they are written in words."""
    for width in ("short", "long"):
        pattern = re.sub(r"'[^']*'", "", str(locale.date_formats[width].pattern)).lower()
        day, month, year = (pattern.find(part) for part in "dmy")
        if year > min(day, month):
            break
    return day < month


# Reading


def _read(tokens: Sequence[_Token], words: _DateWords) -> Taken | None:
    if len(tokens) == 1:
        taken = _read_figures(unicodedata.normalize("NFKC", tokens[0].typed), words)
        if taken is not None:
            return taken
    parts = [part for token in tokens for part in token.parts]
    if not parts or parts[0] in _BETWEEN | _YEARS or parts[-1] in _BETWEEN:
        return None
    kinds = _kinds(parts, words)
    if kinds is None or "".join(kinds) not in _ORDERS or len(set(kinds)) < len(kinds):
        return None
    if list(kinds) == ["M"] and tuple(parts) not in words.whole and not _EAST_ASIAN.fullmatch(parts[0]):
        return None  # “Mar” may be anything
    return _taken(kinds.get("Y"), kinds.get("M"), kinds.get("D"))


def _parts(token: str) -> list[str]:
    figure = unicodedata.normalize("NFKC", token)
    if _EAST_ASIAN.fullmatch(figure):
        return [figure]
    return forms(token)[0].decode().replace("/", " ").split()


def _kinds(parts: Sequence[str], words: _DateWords) -> dict[str, int] | None:
    """Return what the parts of a date are in their order, Y, M and D; None where one is none of them or comes twice."""
    kinds: list[tuple[str, int]] = []
    place = 0
    while place < len(parts):
        month = next((length for length in (3, 2, 1) if tuple(parts[place : place + length]) in words.months), 0)
        if month:
            kinds.append(("M", words.months[tuple(parts[place : place + month])]))
        elif (found := _kind(parts[place], words)) is not None:
            kinds.append(found)
        elif parts[place] not in _BETWEEN | _YEARS:
            return None
        place += month or 1
    return dict(kinds) if len(dict(kinds)) == len(kinds) else None


def _kind(part: str, words: _DateWords) -> tuple[str, int] | None:
    if match := _EAST_ASIAN.fullmatch(part):
        return next(kind for kind, sign in zip("YMD", match.groups()[1:], strict=True) if sign), int(match[1])
    if match := _NUMBER.fullmatch(part):
        number = int(match[1])
        return ("Y", _year(number, words)) if len(match[1]) == 4 else ("D", number)
    return None


def _read_figures(token: str, words: _DateWords) -> Taken | None:
    token = re.sub(r"[^\d.]+$", "", token)
    if match := _THREE.fullmatch(token):
        first, middle, last = match[1], int(match[3]), match[4]
        if len(first) == 4:
            return _taken(_year(int(first), words), middle, int(last))
        if len(first) <= 2 and len(last) in (2, 4):
            year = int(last) if len(last) == 4 else int(last) + (1900 if int(last) >= _LAST_CENTURY_FROM else 2000)
            return _either_way(_year(year, words), int(first), middle, words)
    elif match := _TWO.fullmatch(token.removesuffix(".")):
        figures = (match[1], match[2]) if match[1] else (match[4], match[3])
        return _taken(_year(int(figures[0]), words), int(figures[1]), None)
    elif (match := _DAY_MONTH.fullmatch(token)) and words.is_day_first:
        return _taken(None, int(match[2]), int(match[1]))
    return None


def _either_way(year: int, first: int, second: int, words: _DateWords) -> Taken | None:
    """Return a date whose day and month may be in either order; where only one order makes a date, that one."""
    ways = [(second, first), (first, second)]
    for month, day in ways if words.is_day_first else reversed(ways):
        taken = _taken(year, month, day)
        if taken is not None:
            return taken
    return None


def _year(year: int, words: _DateWords) -> int:
    return year - _BUDDHA if words.is_thai and year > _FROM_BUDDHA else year


def _taken(year: int | None, month: int | None, day: int | None) -> Taken | None:
    """Return when that is, None where there is no such day, or no photo can be from that year."""
    try:
        date(year or _LEAP_YEAR, month or 1, day or 1)
    except ValueError:
        return None
    if year is not None and not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    return None if 0 in (month, day) else Taken(year, month, day)
