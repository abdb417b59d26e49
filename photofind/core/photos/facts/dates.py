"""Dates as cameras, scanners and programs write them.

A date is as exact as what was written: a day without a time stays a day. What cannot have been meant is no date:
a month or an hour that there is not, a year before photography or after the next one.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Final, NamedTuple


class When(NamedTuple):
    """A date in ISO 8601, from the year alone to a fraction of a second, and its distance from UTC, where known."""

    taken: str
    zone: str | None = None


_FIRST_YEAR: Final = 1826  # of the oldest photo that is left
_WRITTEN_IN: Final = 2026  # the least that a computer's clock must say to be believed
# What clocks say that were never set: the beginnings of the calendars of Unix and of the Macintosh.
_NEVER_SET: Final = ("1970-01-01T00:00:00", "1904-01-01T00:00:00")
_MONTHS: Final = {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name}

_DATES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>\d{4}) ?[:/.\-_年] *(?P<m>\d{1,2}) ?[:/.\-_月] *(?P<d>\d{1,2})日?(?!\d)",
        r"(?P<y>\d{4}) (?P<m>\d{1,2}) (?P<d>\d{1,2})(?!\d)",
        r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?=\D|$|\d{4}(?:\d\d)?(?:\D|$))",
        r"(?P<d>\d{1,2}) ?(?P<between>[./\-:]) ?(?P<m>\d{1,2}) ?(?P=between) ?(?P<y>\d{4})(?!\d)",
        r"(?:[a-z]{3,9}\.?,? +)?(?P<d>\d{1,2})\.?[ \-]+(?P<name>[a-z]{3})[a-z]*\.?,?[ \-]+(?P<y>\d{4})(?!\d)",
        r"(?:[a-z]{3,9}\.?,? +)?(?P<name>[a-z]{3})[a-z]*\.? +(?P<d>\d{1,2})(?:st|nd|rd|th)?,? +(?P<y>\d{4})(?![\d:])",
        r"(?:[a-z]{3} )?(?P<name>[a-z]{3}) +(?P<d>\d\d?) +(?P<time>\d\d?:\d\d(?::\d\d)?) +(?:[a-z]{3,4} )?(?P<y>\d{4})",
        r"(?P<y>\d{4}) ?[:/.\-_年] *(?P<m>\d{1,2})(?!\d)",
        r"(?P<y>\d{4})(?!\d)",
    )
)
_APART: Final = r"[ ,;.t_:\-]*"
_SECONDS: Final = r"(?P<S>\d\d?)秒?(?:[.,:](?P<f>\d+))?"
_TIMES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_APART}(?P<H>\d\d?) ?[:.h\-_時时] ?(?P<M>\d\d?)(?: ?[:.m'\-_分] ?{_SECONDS}|)",
        rf"{_APART}(?P<H>\d\d)(?P<M>\d\d)(?:{_SECONDS})?(?!\d)",
        rf"{_APART}(?P<H>\d\d) (?P<M>\d\d) {_SECONDS}(?!\d)",
    )
)
_HALF: Final = re.compile(r"(?<![a-z])(?:(?P<pm>p\.? ?m\b\.?|下午|午後|오후)|a\.? ?m\b\.?|上午|午前|오전)")
_ZONE: Final = re.compile(r" *(?:z|utc|gmt)? *(?P<sign>[+\-−])(?P<h>\d{1,2})(?::?(?P<m>\d\d))?(?!\d)")
_UTC: Final = re.compile(r" *(?:z|utc|gmt)\b")


def read_date(value: object) -> When | None:
    """Return the date that a text or its bytes begin with, in any form that is known to be written; None for none."""
    text = _plain(value)
    for pattern in _DATES:
        found = pattern.match(text)
        if found:
            day = _day(found)
            return _with_time(day, found, text[found.end() :]) if day else None
    return None


def read_zone(value: object) -> str | None:
    """Return a distance from UTC as +02:00; None where there is none that can be."""
    text = _plain(value)
    found = _ZONE.match(text)
    if found is None:
        return "+00:00" if _UTC.match(text) else None
    hours, minutes = int(found["h"]), int(found["m"] or 0)
    if hours > 14 or minutes > 59:
        return None
    return f"{'+' if found['sign'] == '+' else '-'}{hours:02}:{minutes:02}"


def from_seconds(seconds: float) -> When | None:
    """Return a moment given in seconds since 1970, in UTC."""
    try:
        return believed(datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S"), "+00:00")
    except (OverflowError, OSError, ValueError):
        return None


def exact(when: When, fraction: object, zone: object) -> When:
    """Return a moment with the fraction of a second and the zone that were written apart from it."""
    if "T" not in when.taken:
        return when
    digits = re.match(r"\d+", _plain(fraction))
    taken = when.taken
    if digits and "." not in taken:
        taken += _fraction(digits[0])
    return When(taken, when.zone or read_zone(zone))


def believed(taken: str, zone: str | None = None) -> When | None:
    """Return a date in ISO 8601 where it can be meant."""
    if not is_year(int(taken[:4])) or taken in _NEVER_SET:
        return None
    return When(taken, zone)


def is_year(year: int) -> bool:
    """Tell whether photos may be of this year."""
    return _FIRST_YEAR <= year <= max(date.today().year, _WRITTEN_IN) + 1


def clock(hour: int, minute: int, second: int) -> str | None:
    """Return a time of day as 18:45:17, None for one that there is not; a leap second is the one before."""
    return f"{hour:02}:{minute:02}:{min(second, 59):02}" if hour < 24 and minute < 60 and second <= 60 else None


def _plain(value: object) -> str:
    """Return a text in lower case with plain digits, and blanks for all that is blank: some write NUL for that."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    text = text[:100].replace("\0", " ").lower().strip(" \t\r\n\"'").removeprefix("d:")
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else " " if c.isspace() else c for c in text)


def _day(found: re.Match[str]) -> str | None:
    parts = found.groupdict()
    year, day = int(parts["y"]), int(parts.get("d") or 0)
    month = _MONTHS.get(parts["name"], 13) if parts.get("name") else int(parts.get("m") or 0)
    if parts.get("between") and parts["between"] != ".":
        if month <= 12 and day <= 12 and month != day:
            return None  # nobody knows which of the two is the month
        if month > 12:
            day, month = month, day
    if not is_year(year) or month > 12:
        return None
    if not month:
        return f"{year:04}"
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return f"{year:04}-{month:02}"
    return f"{year:04}-{month:02}-{day:02}"


def _with_time(day: str, found: re.Match[str], rest: str) -> When | None:
    if len(day) < len("2007-06-30"):
        return When(day)
    rest = found.groupdict().get("time") or rest
    if half := _HALF.search(rest):
        rest = f"{rest[: half.start()]} {rest[half.end() :]}"
    for pattern in _TIMES:
        time = pattern.match(rest)
        if time:
            rest = rest[time.end() :]
            said = clock(_hour(int(time["H"]), half), int(time["M"]), int(time["S"] or 0))
            return believed(f"{day}T{said}{_fraction(time['f'])}", read_zone(rest)) if said else When(day)
    return When(day)


def _hour(hour: int, half: re.Match[str] | None) -> int:
    if half is None or not 1 <= hour <= 12:
        return hour
    return hour % 12 + (12 if half["pm"] else 0)


def _fraction(digits: str | None) -> str:
    return f".{digits[:6]}" if digits and digits.strip("0") else ""
