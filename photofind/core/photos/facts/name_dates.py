"""Dates in file names, as cameras, telephones, messengers and screenshots write them.

A number is a date only where it stands apart, or a time of day follows: the counter in DSC20190101 is none.
"""

from __future__ import annotations

import calendar
import re
from typing import Final

from photofind.core.photos.facts.dates import When, believed, clock, is_year

_FIRST_YEAR: Final = 1900  # before that, it is a number
_APART: Final = r"(?:^|(?<=[\s_.\-~(\[,+#@\u3040-\ud7a3]))"
_COMPACT_TIME: Final = r"(?P<H>\d\d?)(?P<M>\d\d)(?P<S>\d\d)(?P<f>\d{3})?(?!\d)"
_TIME: Final = r"(?P<H>\d\d?)(?P<by>[.:_\-hʼ꞉ ])(?P<M>\d\d)(?P=by)(?P<S>\d\d)(?:[.\-_](?P<f>\d{3})(?!\d))?(?!\d)"
# Without seconds, it is a time only where its hours and minutes are kept apart as nothing else is.
_SHORT_TIME: Final = r"(?P<H>\d\d?)(?P<by>[.:hʼ꞉])(?P<M>\d\d)(?![\d.:])"
# What may stand between date and time: a mark, “T”, and before what is surely a time “at”, “um”, “a la(s)”.
_BETWEEN: Final = r"[\s_.\-T]+"
_WORDS_BETWEEN: Final = r"(?:[\s_.\-T,]+|[\s_,]*(?:[^\W\d_]{1,9}\.?(?:\(s\))?[\s_]+){1,3})"
_HALF_BEFORE: Final = r"(?:(?P<before>上午|下午|午前|午後|오전|오후)\s?)?"
_HALF_AFTER: Final = r"\s?(?P<half>[ap]\.?\s?m\b)?"
_SECOND_HALVES: Final = ("下午", "午後", "오후")
_MONTHS: Final = [name.lower() for name in calendar.month_abbr]
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTHS[1:])})[a-z]*\.?"
_FOLLOWS_COMPACT: Final = _COMPACT_TIME.replace("?P<", "?P<next_")
_FOLLOWS: Final = _TIME.replace("?P<", "?P<next_").replace("?P=", "?P=next_")
_DATES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_APART}(?P<y>\d{{4}})(?P<sep>[\-_. ])(?P<m>\d\d)(?P=sep)(?P<d>\d\d)(?!\d)(?P<time>.*)",
        rf"(?<!\d)(?P<y>\d{{4}})(?P<m>\d\d)(?P<d>\d\d)(?=[\s_.\-T]?{_FOLLOWS_COMPACT})(?P<time>.*)",
        rf"(?<!\d)(?P<y>\d{{4}})(?P<m>\d\d)(?P<d>\d\d)(?=[\s_T\-]{_FOLLOWS})(?P<time>.*)",
        rf"{_APART}(?P<y>\d{{4}})(?P<m>\d\d)(?P<d>\d\d)(?=$|[\s_.\-~()\[\],+#@])(?P<time>.*)",
        rf"{_APART}(?P<y>\d{{4}})-(?P<m>\d\d?)-(?P<d>\d\d?)(?=$|{_WORDS_BETWEEN}{_FOLLOWS})(?P<time>.*)",
        rf"{_APART}(?P<y>\d{{4}})_(?P<m>\d\d)(?P<d>\d\d)(?=_{_FOLLOWS_COMPACT})(?P<time>.*)",
        r"(?P<y>\d{4})年 ?(?P<m>\d\d?)月 ?(?P<d>\d\d?)日(?P<time>.*)",
        rf"{_APART}(?<!\d\.)(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{{4}})(?!\d)(?P<time>.*)",
        r"(?<=@)(?P<d>\d\d)-(?P<m>\d\d)-(?P<y>\d{4})(?!\d)(?P<time>.*)",  # Telegram
        rf"{_APART}(?P<first>\d\d)-(?P<second>\d\d)-(?P<y>\d{{4}})(?!\d)(?P<time>.*)",
        rf"{_APART}(?P<d>\d\d?)[ _\-]{_MONTH}[ _\-](?P<y>\d{{4}})(?!\d)(?P<time>.*)",
        rf"{_APART}{_MONTH}[ _\-](?P<d>\d\d?),?[ _\-](?P<y>\d{{4}})(?!\d)(?P<time>.*)",
    )
)
_TIMES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:{_BETWEEN})?{_COMPACT_TIME}{_HALF_AFTER}",
        rf"(?:{_WORDS_BETWEEN})?{_HALF_BEFORE}{_TIME}{_HALF_AFTER}",
        rf"{_WORDS_BETWEEN}{_HALF_BEFORE}{_SHORT_TIME}{_HALF_AFTER}",
    )
)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Google's telephones name photos by the time in Greenwich.
_IN_UTC: Final = re.compile(r"PXL_\d{8}_\d{9}")


def read_name(stem: str) -> When | None:
    """Return the date in a file's name, its ending left out; None for none."""
    if _UUID.search(stem):
        return None
    for pattern in _DATES:
        for found in pattern.finditer(stem):
            day = _read_day(found.groupdict())
            if day:
                return _with_time(day, found["time"], "+00:00" if _IN_UTC.match(stem) else None)
    return None


def _read_day(parts: dict[str, str | None]) -> str | None:
    year = int(parts["y"] or 0)
    if parts.get("first"):
        day, month = int(parts["first"] or 0), int(parts["second"] or 0)
        if day <= 12 and month <= 12 and day != month:
            return None  # nobody knows which of the two is the month
        return _day(year, min(day, month), max(day, month))
    name = parts.get("month")
    month = _MONTHS.index(name.lower()) if name else int(parts.get("m") or 0)
    return _day(year, month, int(parts["d"] or 0))


def _day(year: int, month: int, day: int) -> str | None:
    if not (year >= _FIRST_YEAR and is_year(year) and 1 <= month <= 12):
        return None
    return f"{year:04}-{month:02}-{day:02}" if 1 <= day <= calendar.monthrange(year, month)[1] else None


def _with_time(day: str, rest: str, zone: str | None) -> When:
    for pattern in _TIMES:
        found = pattern.match(rest)
        if found is None:
            continue
        parts = found.groupdict()
        time = clock(_hour(parts), int(found["M"]), int(parts.get("S") or 0))
        digits = parts.get("f") or ""
        fraction = f".{digits}" if digits.strip("0") else ""
        when = believed(f"{day}T{time}{fraction}", zone) if time else None
        if when:
            return when
    return When(day)


def _hour(parts: dict[str, str | None]) -> int:
    hour, before, after = int(parts["H"] or 0), parts.get("before"), parts.get("half")
    if not (before or after) or not 1 <= hour <= 12:
        return hour
    return hour % 12 + (12 if before in _SECOND_HALVES or (after or "")[:1] in ("p", "P") else 0)
