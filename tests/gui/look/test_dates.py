"""A date is shown as exactly as it is known, and a file's own is called that."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale

from photofind.core.records.facts import TakenFrom
from photofind.core.records.photos import Photo
from photofind.gui.look import words


def taken(date: str | None, source: TakenFrom | None = TakenFrom.EXIF) -> Photo:
    return Photo(1, b"/a.jpg", b"/", 4, 3, date, None, True, taken_from=source)


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
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    try:
        assert words.date_taken(taken(date)).replace("\u202f", " ") == shown
        by_file = words.date_taken(taken(date, TakenFrom.FILE))
        assert by_file == (f"{shown.removesuffix(' 6:45 PM')} (file’s date)" if shown else "")
    finally:
        QLocale.setDefault(before)
