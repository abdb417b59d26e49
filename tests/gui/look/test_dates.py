"""A date is shown as exactly as it is known, and a file's own is called that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QDateTime, QLocale

from photofind.core.records.facts import TakenFrom
from photofind.core.records.photos import Photo
from photofind.gui.look import words


def taken(date: str | None, source: TakenFrom | None = TakenFrom.EXIF) -> Photo:
    return Photo(1, b"/a.jpg", b"/", 4, 3, date, None, True, taken_from=source)


@contextmanager
def locale(wanted: QLocale) -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(wanted)
    try:
        yield
    finally:
        QLocale.setDefault(before)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(
    ("date", "shown"),
    [
        ("2007-06-30T18:45:17", "6/30/07 6:45 PM"),
        ("2007-06-30T18:45:17.25", "6/30/07 6:45 PM"),
        ("2007-06-30", "6/30/07"),
        ("2007-06", "June 2007"),
        ("2007", "2007"),
        (None, ""),
        ("nonsense", ""),
    ],
)
def test_a_date_is_shown_as_exactly_as_it_is_known(date: str | None, shown: str) -> None:
    with locale(QLocale("en_US")):
        assert words.date_taken(taken(date)).replace("\u202f", " ") == shown
        by_file = words.date_taken(taken(date, TakenFrom.FILE))
        assert by_file == (f"{shown.removesuffix(' 6:45 PM')} (file’s date)" if shown else "")


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(
    ("date", "shown"),
    [("2026-11-30T14:05:17", "2026-11-30 14:05"), ("2026-11-30", "2026-11-30"), ("2026-11", "November 2026")],
)
def test_a_date_is_readable_where_the_system_is_set_to_no_language(date: str, shown: str) -> None:
    with locale(QLocale.c()):
        assert words.date_taken(taken(date)) == shown


@pytest.mark.parametrize(
    ("name", "shown"), [("C", "2026-11-30 14:05"), ("de_DE", "30.11.26 14:05"), ("en_US", "11/30/26 2:05 PM")]
)
def test_a_moment_is_written_as_the_person_writes_it(name: str, shown: str) -> None:
    with locale(QLocale(name)):
        written = words.moment(QDateTime.fromString("2026-11-30T14:05:17", "yyyy-MM-ddTHH:mm:ss"))
        assert written.replace("\u202f", " ") == shown
