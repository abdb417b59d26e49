"""Dates in file names, as cameras, telephones, messengers and screenshots write them.

A number is a date only where it stands apart, or a time of day follows: the counter in DSC20190101 is none.
"""

from __future__ import annotations

import calendar
import re
from typing import Final

from photofind.core.photos.facts.dates import When, believed, clock, is_year

_FIRST_YEAR: Final = 1900  # before that, it is a number
_APART: Final = r"(?:^|(?<=[\s_.\-~(\[,+#@]))"
_COMPACT_TIME: Final = r"(?P<H>\d\d?)(?P<M>\d\d)(?P<S>\d\d)(?P<f>\d{3})?(?!\d)"
_TIME: Final = r"(?P<H>\d\d?)(?P<by>[.:_\-hʼ꞉])(?P<M>\d\d)(?P=by)(?P<S>\d\d)(?:[.\-_](?P<f>\d{3})(?!\d))?(?!\d)"
# What may stand between date and time: “at”, “um”, “à”, “T”, or nothing but a mark.
_BETWEEN: Final = r"(?:[\s_.\-T]+|[\s_]*(?:at|um|om|à|a las|alle|kl\.?|klo|às|в)[\s_]+)"
_FOLLOWS_COMPACT: Final = _COMPACT_TIME.replace("?P<", "?P<next_")
_FOLLOWS: Final = _TIME.replace("?P<", "?P<next_").replace("?P=", "?P=next_")
_DATES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_APART}(?P<y>\d{{4}})(?P<sep>[\-_. ])(?P<m>\d\d)(?P=sep)(?P<d>\d\d)(?!\d)(?P<time>.*)",
        rf"(?<!\d)(?P<y>\d{{4}})(?P<m>\d\d)(?P<d>\d\d)(?=[\s_.\-T]?{_FOLLOWS_COMPACT})(?P<time>.*)",
        rf"(?<!\d)(?P<y>\d{{4}})(?P<m>\d\d)(?P<d>\d\d)(?=[\s_T\-]{_FOLLOWS})(?P<time>.*)",
        rf"{_APART}(?P<y>\d{{4}})(?P<m>\d\d)(?P<d>\d\d)(?=$|[\s_.\-~()\[\],+#@])(?P<time>.*)",
        rf"{_APART}(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{{4}})(?!\d)(?P<time>.*)",
    )
)
_TIMES: Final = tuple(
    re.compile(rf"(?:{_BETWEEN})?{time}\s?(?P<half>[ap]\.?\s?m\b)?", re.IGNORECASE) for time in (_COMPACT_TIME, _TIME)
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
            day = _day(int(found["y"]), int(found["m"]), int(found["d"]))
            if day:
                return _with_time(day, found["time"], "+00:00" if _IN_UTC.match(stem) else None)
    return None


def _day(year: int, month: int, day: int) -> str | None:
    if not (year >= _FIRST_YEAR and is_year(year) and 1 <= month <= 12):
        return None
    return f"{year:04}-{month:02}-{day:02}" if 1 <= day <= calendar.monthrange(year, month)[1] else None


def _with_time(day: str, rest: str, zone: str | None) -> When:
    for pattern in _TIMES:
        found = pattern.match(rest)
        if found is None:
            continue
        hour = int(found["H"])
        if found["half"] and 1 <= hour <= 12:
            hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
        time = clock(hour, int(found["M"]), int(found["S"]))
        fraction = f".{found['f']}" if (found["f"] or "").strip("0") else ""
        when = believed(f"{day}T{time}{fraction}", zone) if time else None
        if when:
            return when
    return When(day)
