"""Dates as people write them, in a language and in English: “5 March 2018”, “5.3.2018”, “Juni 2026”, “2018”.

What the language and its region know is Babel's; the process's own locale has no say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from photofind.core.catalog.plain import forms
from photofind.core.records.words import Taken
from photofind.core.search.date_words import BETWEEN, YEARS, DateWords, date_words

_MOST_TOKENS = 9
# Of those, as many tell something: day of the week, day, month and year, the month in two words.
_MOST_TOLD = 5
_FIRST_YEAR, _LAST_YEAR = 1800, 2199
_LEAP_YEAR = 2000
# A year of two digits is one of the last century from here on, as in C.
_LAST_CENTURY_FROM = 69
_BUDDHA = 543
_BUDDHIST_CENTURY = 2500

_THREE = re.compile(r"(\d{1,4})([./_:-])(\d{1,2})\2(\d{1,4})\.?")
_TWO = re.compile(r"(\d{4})[./_-](\d{1,2})|(\d{1,2})[./_-](\d{4})")
_DAY_MONTH = re.compile(r"(\d{1,2})\.(\d{1,2})\.")
_NUMBER = re.compile(r"(\d{1,2}|\d{4})(st|nd|rd|th|er|re|e|o|a|°)?")
_SHORT_YEAR = re.compile(r"['‘’](\d\d)[.?!]?")
_RUNS = re.compile(r"\d+(?:st|nd|rd|th)?|\D+")
_EAST_ASIAN = re.compile(r"(\d{1,4})(?:([年년])|([月월])|([日号일]))")
_WEEKDAY = "W"
_NO_DAY = Taken(None)
_MOST_DAYS = 31
_ORDERS = frozenset(("DMY", "MDY", "YMD", "YDM", "DM", "MD", "MY", "YM", "M", "Y"))


class FoundDate(NamedTuple):
    """The tokens from `start` to before `end` say when a photo was taken."""

    start: int
    end: int
    taken: Taken


def split_tokens(text: str) -> list[str]:
    """Return a text's words with what stands at them; parts of a date that belong together become one."""
    text = re.sub(r"\b(\d{1,4})\. (\d{1,2})\. (\d{1,4})\b", r"\1.\2.\3", text)
    text = re.sub(r"\b(\d{1,2})\. (\d{1,2})\.(?!\S)", r"\1.\2.", text)
    text = re.sub(r"(?<=\d)\s+(?=[年月日号년월일](?:[\s\d]|$))", "", text)
    text = re.sub(r"(?<=\d[年月년월])(?=\S)", " ", text)
    return [token for token in re.split(r"[\s,;，、；]+", text) if token]


def find_dates(tokens: Sequence[str], language: str) -> Iterator[FoundDate]:
    """Yield the dates in tokens, the longest first where some overlap, in their order.

    Nothing of a day that its month does not have is a date: of “31 February 2018”, February 2018 was not meant.
    """
    words = date_words(language)
    read = [_token(token, words) for token in tokens]
    start = 0
    while start < len(read):
        for end in range(_longest(read, start, words), start, -1):
            taken = _read(read[start:end], words)
            if taken is not None:
                if taken != _NO_DAY:
                    yield FoundDate(start, end, taken)
                start = end - 1
                break
        start += 1


def _longest(tokens: Sequence[_Token], start: int, words: DateWords) -> int:
    """Return the end of the longest stretch of tokens that may be one date."""
    end, told = start, 0
    while end < min(len(tokens), start + _MOST_TOKENS) and _may_belong(tokens[end], words) and told < _MOST_TOLD:
        told += not set(tokens[end].parts) <= BETWEEN | YEARS
        end += 1
    return end


def _may_belong(token: _Token, words: DateWords) -> bool:
    return any(part in words.known or part[0].isdigit() for part in token.parts)


class _Token(NamedTuple):
    """A word as it was typed, but for signs that nobody sees, and what it consists of in plain form."""

    typed: str
    parts: list[str]


# Reading


def _read(tokens: Sequence[_Token], words: DateWords) -> Taken | None:
    if len(tokens) == 1:
        taken = _read_figures(tokens[0].typed, words)
        if taken is not None:
            return taken
    parts = [part for token in tokens for part in token.parts]
    if not parts or parts[0] in BETWEEN | YEARS or parts[-1] in BETWEEN:
        return None
    kinds = _kinds(parts, words)
    if kinds is None or "".join(kinds).replace(_WEEKDAY, "") not in _ORDERS:
        return None
    if _WEEKDAY in kinds and not {"D", "M"} <= kinds.keys():
        return None  # so may “Sun” and “Mon”
    if list(kinds) == ["M"] and tuple(parts) not in words.whole and not _EAST_ASIAN.fullmatch(parts[0]):
        return None  # “Mar” may be anything
    taken = _taken(kinds.get("Y"), kinds.get("M"), kinds.get("D"))
    return _NO_DAY if taken is None and _lacks_day(kinds) else taken


def _token(typed: str, words: DateWords) -> _Token:
    figure = "".join(sign for sign in unicodedata.normalize("NFKC", typed) if unicodedata.category(sign) != "Cf")
    if _EAST_ASIAN.fullmatch(figure):
        return _Token(figure, [figure])
    if match := _SHORT_YEAR.fullmatch(figure):
        return _Token(figure, [str(_whole_year(int(match[1]), words))])
    parts = forms(typed)[0].decode().replace("/", " ").split()
    return _Token(figure, [piece for part in parts for piece in _pieces(part, words)])


def _pieces(part: str, words: DateWords) -> list[str]:
    """Return what a part consists of where a month or the sign of a year is written to a number, as in 5mar2018."""
    if _NUMBER.fullmatch(part):
        return [part]
    pieces = _RUNS.findall(part)
    letters = [piece for piece in pieces if not piece[0].isdigit()]
    is_year = len(pieces) == 2 and len(pieces[0]) == 4 and pieces[1] in YEARS
    return pieces if is_year or all((piece,) in words.months for piece in letters) else [part]


def _kinds(parts: Sequence[str], words: DateWords) -> dict[str, int] | None:
    """Return what the parts of a date are in their order, Y, M and D; None where one is none of them or comes twice."""
    kinds: list[tuple[str, int]] = []
    place = 0
    while place < len(parts):
        length, found = _name(parts, place, words)
        found = found or _kind(parts[place], words)
        if found is not None:
            kinds.append(found)
        elif parts[place] not in BETWEEN | YEARS:
            return None
        place += length
    order = "".join(kind for kind, _ in kinds)
    if order.replace(_WEEKDAY, "") in ("DMD", "MDD") and kinds[-1][0] == "D" and len(parts[-1]) == 2:
        kinds[-1] = ("Y", _whole_year(kinds[-1][1], words))  # 5 Mar 18
    return dict(kinds) if len(dict(kinds)) == len(kinds) else None


def _name(parts: Sequence[str], place: int, words: DateWords) -> tuple[int, tuple[str, int] | None]:
    """Return how many parts from one on are the name of a month or a day of the week, else one, and what it is."""
    for length in (3, 2, 1):
        name = tuple(parts[place : place + length])
        if name in words.months:
            return len(name), ("M", words.months[name])
        if name in words.weekdays:
            return len(name), (_WEEKDAY, 0)
    return 1, None


def _kind(part: str, words: DateWords) -> tuple[str, int] | None:
    if match := _EAST_ASIAN.fullmatch(part):
        return next(kind for kind, sign in zip("YMD", match.groups()[1:], strict=True) if sign), int(match[1])
    if match := _NUMBER.fullmatch(part):
        number = int(match[1])
        return ("Y", _year(number, words)) if len(match[1]) == 4 else ("D", number)
    return None


def _read_figures(token: str, words: DateWords) -> Taken | None:
    token = re.sub(r"(?<=\d)T\d.*|[^\d.]+$", "", token)
    if match := _THREE.fullmatch(token):
        first, middle, last = match[1], int(match[3]), match[4]
        if len(first) == 4:
            return _taken(_year(int(first), words), middle, int(last))
        if len(first) <= 2 and len(last) in (2, 4):
            year = _year(int(last), words) if len(last) == 4 else _whole_year(int(last), words)
            return _either_way(year, int(first), middle, words)
    elif match := _TWO.fullmatch(token.removesuffix(".")):
        figures = (match[1], match[2]) if match[1] else (match[4], match[3])
        return _taken(_year(int(figures[0]), words), int(figures[1]), None)
    elif (match := _DAY_MONTH.fullmatch(token)) and words.is_day_first:
        return _taken(None, int(match[2]), int(match[1]))
    return None


def _either_way(year: int, first: int, second: int, words: DateWords) -> Taken | None:
    """Return a date whose day and month may be in either order; where only one order makes a date, that one."""
    ways = [(second, first), (first, second)]
    for month, day in ways if words.is_day_first else reversed(ways):
        taken = _taken(year, month, day)
        if taken is not None:
            return taken
    return None


def _whole_year(year: int, words: DateWords) -> int:
    """Return the year that is meant by its last two digits."""
    if words.is_thai:
        return year + _BUDDHIST_CENTURY - _BUDDHA
    return year + (1900 if year >= _LAST_CENTURY_FROM else 2000)


def _year(year: int, words: DateWords) -> int:
    return year - _BUDDHA if words.is_thai and year > _LAST_YEAR else year


def _lacks_day(kinds: Mapping[str, int]) -> bool:
    """Tell whether a day is written that other months have, and this one does not; others may be any number."""
    if "M" not in kinds or not 1 <= kinds.get("D", 0) <= _MOST_DAYS:
        return False
    return _taken(kinds.get("Y"), kinds["M"], None) is not None


def _taken(year: int | None, month: int | None, day: int | None) -> Taken | None:
    """Return when that is, None where there is no such day, or no photo can be from that year."""
    try:
        date(year or _LEAP_YEAR, month or 1, day or 1)
    except ValueError:
        return None
    if year is not None and not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    return None if 0 in (month, day) else Taken(year, month, day)
