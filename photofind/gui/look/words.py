"""Numbers, times and sizes in words, in the person's language."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from photofind.core.records.facts import TakenFrom
from photofind.core.records.photos import Photo

_SHORT = QLocale.FormatType.ShortFormat
_PARTS_OF_A_DATE = {len(form): form for form in ("yyyy", "yyyy-MM", "yyyy-MM-dd")}
# Where the system is set to no language, Qt writes “30 11 2026”: this is read the same by everybody.
_DAY_OF_NO_LANGUAGE = "yyyy-MM-dd"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def number(count: int) -> str:
    """Return 8000 as 8,000 or 8.000: as the person's locale writes it."""
    return QLocale().toString(count)


def photos(count: int) -> str:
    """Return a count as in: 8,000 photos."""
    return QCoreApplication.translate("words", "%Ln photo(s)", "", count)


def time_left(seconds: float) -> str:
    """Return a duration as in: about 3 minutes left."""
    if seconds < _MINUTE:
        return QCoreApplication.translate("words", "less than a minute left")
    if seconds < _HOUR:
        minutes = math.ceil(seconds / _MINUTE)
        return QCoreApplication.translate("words", "about %Ln minute(s) left", "", minutes)
    if seconds < _DAY:
        return QCoreApplication.translate("words", "about %Ln hour(s) left", "", round(seconds / _HOUR))
    return QCoreApplication.translate("words", "about %Ln day(s) left", "", round(seconds / _DAY))


def duration(seconds: float) -> str:
    """Return a duration as in: about 3 minutes."""
    if seconds < _MINUTE:
        return QCoreApplication.translate("words", "less than a minute")
    if seconds < _HOUR:
        return QCoreApplication.translate("words", "about %Ln minute(s)", "", math.ceil(seconds / _MINUTE))
    if seconds < _DAY:
        return QCoreApplication.translate("words", "about %Ln hour(s)", "", round(seconds / _HOUR))
    return QCoreApplication.translate("words", "about %Ln day(s)", "", round(seconds / _DAY))


def decimal(value: float) -> str:
    """Return a number with one digit after the point while that says more: 4.2, but 42."""
    return QLocale().toString(value, "f", 1 if value < 10 else 0)


def rate(images_per_second: float) -> str:
    """Return a rate as in: 42 photos/s."""
    return QCoreApplication.translate("words", "{rate} photos/s").format(rate=decimal(images_per_second))


def size(count: int) -> str:
    """Return a number of bytes as in: 605 MB."""
    digits = 1 if count >= 1_000_000_000 else 0
    return QLocale().formattedDataSize(count, digits, QLocale.DataSizeFormat.DataSizeSIFormat)


def score(value: float) -> str:
    """Return a score as in: 0.27; nothing where the order is not by score."""
    return "" if math.isnan(value) else QLocale().toString(float(value), "f", 2)


def day(date: QDate) -> str:
    """Return a day as the person's locale writes it in short."""
    locale = QLocale()
    return locale.toString(date, _DAY_OF_NO_LANGUAGE if _is_of_no_language(locale) else locale.dateFormat(_SHORT))


def moment(time: QDateTime) -> str:
    """Return a day and its time as the person's locale writes them in short."""
    locale = QLocale()
    form = f"{_DAY_OF_NO_LANGUAGE} HH:mm" if _is_of_no_language(locale) else locale.dateTimeFormat(_SHORT)
    return locale.toString(time, form)


def date_taken(photo: Photo) -> str:
    """Return when a photo was taken, as exactly as it is known; nothing if it does not say.

    The file's own day is called that.
    """
    taken = photo.taken or ""
    if photo.taken_from != TakenFrom.FILE:
        return _date(taken)
    date = _date(taken[: len("yyyy-MM-dd")])
    return QCoreApplication.translate("words", "{date} (file’s date)").format(date=date) if date else ""


def _date(taken: str) -> str:
    if "T" in taken:
        time = QLocale.c().toDateTime(taken[:19], "yyyy-MM-ddTHH:mm:ss")
        return moment(time) if time.isValid() else ""
    form = _PARTS_OF_A_DATE.get(len(taken), "")
    date = QLocale.c().toDate(taken, form)
    if not date.isValid():
        return ""
    if form == "yyyy-MM-dd":
        return day(date)
    return QLocale().toString(date, "MMMM yyyy" if form == "yyyy-MM" else form)


def _is_of_no_language(locale: QLocale) -> bool:
    return locale.language() == QLocale.Language.C
