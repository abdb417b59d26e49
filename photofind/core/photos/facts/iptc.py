"""What a photo's IPTC says, as it was before XMP: records of a number, a length and a text."""

from __future__ import annotations

from typing import Final

from photofind.core.photos.facts.dates import When, read_date
from photofind.core.photos.facts.exif import decode_text
from photofind.core.photos.facts.said import Said
from photofind.core.records.facts import TakenFrom

_CHARSET: Final = (1, 90)
_UTF8: Final = b"\x1b%G"
_TITLE, _KEYWORD, _HEADLINE, _CAPTION = (2, 5), (2, 25), (2, 105), (2, 120)
_CATEGORY: Final = (2, 20)
_PLACES: Final = ((2, 92), (2, 90), (2, 95), (2, 101), (2, 27))
_DAY, _TIME, _DAY_CREATED, _TIME_CREATED = (2, 55), (2, 60), (2, 62), (2, 63)
_MOST_RECORDS: Final = 10_000
_LONG: Final = 0x8000


def read_iptc(data: bytes) -> Said:
    """Return what IPTC says."""
    records = _records(data)
    is_utf8 = _UTF8 in records.get(_CHARSET, [])
    texts = {
        key: [text for value in values if (text := _decode(value, is_utf8))]
        for key, values in records.items()
        if key != _CHARSET
    }
    said = Said(
        titles=[*texts.get(_TITLE, []), *texts.get(_HEADLINE, [])],
        captions=texts.get(_CAPTION, []),
        places=[place for key in _PLACES for place in texts.get(key, [])],
    )
    said.list_keywords(texts.get(_KEYWORD, []))
    said.keywords += texts.get(_CATEGORY, [])
    said.date(TakenFrom.IPTC, _date(texts, _DAY, _TIME))
    said.date(TakenFrom.CREATED, _date(texts, _DAY_CREATED, _TIME_CREATED))
    return said


def _records(data: bytes) -> dict[tuple[int, int], list[bytes]]:
    found: dict[tuple[int, int], list[bytes]] = {}
    at = 0
    for _ in range(_MOST_RECORDS):
        head = data[at : at + 5]
        if len(head) < 5 or head[0] != 0x1C:
            break
        size, at = int.from_bytes(head[3:], "big"), at + 5
        if size & _LONG:  # the length of the length
            width = size & ~_LONG
            size, at = int.from_bytes(data[at : at + width], "big"), at + width
        found.setdefault((head[1], head[2]), []).append(data[at : at + size])
        at += size
    return found


def _decode(value: bytes, is_utf8: bool) -> str:
    text = value.decode("utf-8", "replace") if is_utf8 else decode_text(value)
    return text.strip("\0 \r\n\t")


def _date(texts: dict[tuple[int, int], list[str]], day: tuple[int, int], time: tuple[int, int]) -> When | None:
    days, times = texts.get(day), texts.get(time)
    if not days:
        return None
    return (read_date(f"{days[0]}T{times[0]}") if times else None) or read_date(days[0])
