"""What a photo's EXIF says."""

from __future__ import annotations

import math
import re
from typing import Final

from photofind.core.photos.facts.dates import When, exact, read_date
from photofind.core.photos.facts.said import Said, as_camera, as_percentage, as_position, as_rating
from photofind.core.photos.facts.tiff import Tags
from photofind.core.records.facts import TakenFrom

_MAKE, _MODEL, _SOFTWARE, _PROGRAM = 0x010F, 0x0110, 0x0131, 0x000B
_DESCRIPTION, _COMMENT = 0x010E, 0x9286
_RATING, _PERCENTAGE = 0x4746, 0x4749
_TITLE, _CAPTION, _KEYWORDS, _SUBJECT = 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F
_LENS_MAKE, _LENS = 0xA433, 0xA434
_SHUTTER, _SHUTTER_APEX, _APERTURE, _APERTURE_APEX, _ISO, _ISO_WIDE, _FOCAL_LENGTH = (
    0x829A,
    0x9201,
    0x829D,
    0x9202,
    0x8827,
    (0x8831, 0x8832, 0x8833),
    0x920A,
)
# Each date with what is written apart from it: its fraction of a second, and its distance from UTC.
_DATES: Final = (
    (TakenFrom.EXIF, 0x9003, 0x9291, 0x9011),
    (TakenFrom.CREATED, 0x9004, 0x9292, 0x9012),
    (TakenFrom.WRITTEN, 0x0132, 0x9290, 0x9010),
)
_GPS_DAY, _GPS_TIME = 29, 7
_LATITUDE, _LATITUDE_REF, _LONGITUDE, _LONGITUDE_REF = 2, 1, 4, 3
_ISO_IS_ELSEWHERE: Final = 65_535
_CHARSETS: Final = {b"ASCII\0\0\0": "utf-8", b"JIS\0\0\0\0\0": "iso2022_jp", b"\0\0\0\0\0\0\0\0": "utf-8"}
_UNICODE: Final = b"UNICODE\0"
# What cameras write where a person's words belong.
_NO_CAPTIONS: Final = re.compile(
    r"(?:[\w-]+ ){0,2}digital (?:still ?)?camera|jpeg(?: image)?|exif[ _-]?jpeg\w*"
    r"|(?:sony|kodak|dsc|samsung|casio|fuji\w*|nikon|canon|pentax|vivitar|jenoptik|dcf)"
    r"(?: (?:dsc|camera|image|picture|exif|jpeg))?"
    r"|default|untitled|(?:image ?)?description|my beautiful picture|binary comment|user ?comments?|charset=.*"
    r"|hdr\w*|cof|tof|mde|edf|ptr|bty|fptr|sdr|oznor\w*|<(?:digimax|ktm|xpu).*"
    r"|\S+\.(?:jpe?g|png|heic|tiff?|dng|webp)|[\W_\d]*",
    re.IGNORECASE,
)


def read_exif(tags: Tags) -> Said:
    """Return what EXIF says, its pictures' own numbers bounded to what they can mean."""
    said = Said()
    for source, date, fraction, zone in _DATES:
        when = read_date(_text(tags, date))
        said.date(source, exact(when, _text(tags, fraction), _text(tags, zone)) if when else None)
    said.date(TakenFrom.GPS, _gps_date(tags))
    said.camera = as_camera(_text(tags, _MAKE), _text(tags, _MODEL))
    said.lens = _lens(tags)
    said.position = as_position(
        _degrees(tags, _LATITUDE, _LATITUDE_REF, "S"), _degrees(tags, _LONGITUDE, _LONGITUDE_REF, "W")
    )
    said.rating = as_rating(_number(tags, _RATING)) or as_percentage(_number(tags, _PERCENTAGE))
    _add_exposure(tags, said)
    _add_words(tags, said)
    return said


def _lens(tags: Tags) -> str | None:
    lens = _text(tags, _LENS)
    return None if not lens.strip("-0. ") else as_camera(_text(tags, _LENS_MAKE), lens)


def _add_exposure(tags: Tags, said: Said) -> None:
    said.shutter = _within(_number(tags, _SHUTTER), 1e-7, 1e6) or _within(_power(tags, _SHUTTER_APEX, -1), 1e-7, 1e6)
    said.aperture = _within(_number(tags, _APERTURE), 0.1, 1e3) or _within(_power(tags, _APERTURE_APEX, 0.5), 0.1, 1e3)
    said.focal_length = _within(_number(tags, _FOCAL_LENGTH), 0.1, 1e5)
    iso = _within(_number(tags, _ISO), 1, 1e8)
    if iso is None or iso == _ISO_IS_ELSEWHERE:
        iso = next((wide for tag in _ISO_WIDE if (wide := _within(_number(tags, tag), 1, 1e8))), iso)
    said.iso = round(iso) if iso else None


def _add_words(tags: Tags, said: Said) -> None:
    said.titles += _words(_wide(tags, _TITLE))
    said.captions += [*_words(_text(tags, _DESCRIPTION)), *_words(_wide(tags, _CAPTION)), *_words(_comment(tags))]
    said.keywords += [word.strip() for word in _wide(tags, _KEYWORDS).split(";") if word.strip()]
    said.also += _words(_wide(tags, _SUBJECT))
    said.tools += [text for text in (_text(tags, _SOFTWARE), _text(tags, _PROGRAM)) if text]


def _words(text: str) -> list[str]:
    return [] if is_no_caption(text) else [text]


def is_no_caption(text: str) -> bool:
    """Tell whether nobody has written a caption: there is none, or the camera did."""
    return not text or _NO_CAPTIONS.fullmatch(text) is not None


def decode_text(data: bytes) -> str:
    """Return a text whose encoding nobody has said: UTF-8 where it can be, else that of Western Windows."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _text(tags: Tags, tag: int) -> str:
    value = tags.get(tag, b"")
    return decode_text(value).partition("\0")[0].strip() if isinstance(value, bytes) else ""


def _wide(tags: Tags, tag: int) -> str:
    """Return a text as Windows writes it."""
    value = tags.get(tag, b"")
    return value.decode("utf-16-le", "replace").partition("\0")[0].strip() if isinstance(value, bytes) else ""


def _comment(tags: Tags) -> str:
    value = tags.get(_COMMENT, b"")
    if not isinstance(value, bytes):
        return ""
    charset, text = value[:8], value[8:]
    if charset == _UNICODE:
        # In the order of the file, or in that of whoever wrote it: most letters have an empty half.
        is_big = text[0::2].count(0) > text[1::2].count(0)
        return text.decode("utf-16-be" if is_big else "utf-16-le", "replace").strip("\0 \ufeff").strip()
    if charset in _CHARSETS:
        encoding = _CHARSETS[charset]
        plain = text.decode(encoding, "replace") if encoding != "utf-8" else decode_text(text)
        return plain.partition("\0")[0].strip()
    return _text({_COMMENT: value}, _COMMENT) if value.isascii() else ""


def _number(tags: Tags, tag: int) -> float | None:
    value = tags.get(tag)
    return float(value[0]) if isinstance(value, tuple) and value else None


def _power(tags: Tags, tag: int, factor: float) -> float | None:
    """Return what a number on the scale of APEX stands for."""
    value = _number(tags, tag)
    return 2 ** (factor * value) if value is not None and abs(value) < 100 else None


def _within(value: float | None, least: float, most: float) -> float | None:
    return value if value is not None and math.isfinite(value) and least <= value <= most else None


def _degrees(tags: Tags, tag: int, reference: int, negative: str) -> float | None:
    value = tags.get(tag)
    if not isinstance(value, tuple) or not 1 <= len(value) <= 3:
        return None
    parts = [*value, 0.0, 0.0][:3]
    if math.isnan(parts[2]) and len(value) == 3:
        parts[2] = 0.0  # 0/0 seconds, where the minutes have a fraction
    total = abs(parts[0]) + parts[1] / 60 + parts[2] / 3600
    if not math.isfinite(total):
        return None
    is_negative = _text(tags, reference)[:1].upper() == negative or parts[0] < 0
    return -total if is_negative else total


def _gps_date(tags: Tags) -> When | None:
    """Return the satellites' date, which is in UTC; the day alone where there is no time."""
    when, time = read_date(_text(tags, _GPS_DAY)), tags.get(_GPS_TIME)
    if when is None or "T" in when.taken or len(when.taken) < len("2007-06-30"):
        return when
    if not isinstance(time, tuple) or len(time) != 3 or not all(math.isfinite(part) for part in time):
        return when
    hour, minute, second = time
    return read_date(f"{when.taken}T{int(hour):02}:{int(minute):02}:{int(second):02}Z") or when
