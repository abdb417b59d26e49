"""Dates are read as people write them, in the library's language and in English, whatever the process's locale."""

from __future__ import annotations

import locale
import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest
from babel.localedata import locale_identifiers
from hypothesis import given, settings
from hypothesis import strategies as st

from photofind.core import library as library_module
from photofind.core.errors import PhotofindError
from photofind.core.language import parse_language, system_language
from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.records.words import Taken
from photofind.core.search import date_words as date_words_module
from photofind.core.search.dates import find_dates, split_tokens
from photofind.core.search.small_words import small_words
from tests.core.search.named_library import Named, add_named, named
from tests.inside import catalog_of, sql

MARCH = Taken(2018, 3)
FIFTH = Taken(2018, 3, 5)
# Language, what is typed, and the only date in it.
WRITTEN: list[tuple[str, str, Taken]] = [
    *(("en_US", text, FIFTH) for text in ("5 March 2018", "March 5, 2018", "march 5th 2018", "5th of March, 2018")),
    *(("en_US", text, FIFTH) for text in ("2018-03-05", "2018/3/5", "2018.03.05", "3/5/2018", "3-5-2018", "03/05/18")),
    *(
        ("en_US", text, FIFTH)
        for text in ("2018 March 5", "Mar 5 2018", "5-Mar-2018", "MARCH 5 2018.", "５ March ２０１８")
    ),
    *(("en_GB", text, FIFTH) for text in ("5/3/2018", "05/03/18", "5.3.2018", "5 Mar 2018", "March 5 2018")),
    ("en_US", "25/12/2018", Taken(2018, 12, 25)),  # there is no 25th month
    ("en_GB", "12/25/2018", Taken(2018, 12, 25)),
    ("en_CA", "3/5/2018", FIFTH),
    ("en_ZA", "5/3/2018", FIFTH),
    ("sv_SE", "5/3/2018", FIFTH),
    *(("en", text, MARCH) for text in ("March 2018", "2018-03", "03/2018", "Mar. 2018", "2018 march", "march of 2018")),
    *(("en", text, Taken(2018)) for text in ("2018", "in 2018,", "２０１８", "(2018)")),
    *(("en", text, Taken(None, 3)) for text in ("March", "march", "photos from March")),
    *(("en", text, Taken(None, 3, 5)) for text in ("March 5", "5 March", "5th of March")),
    ("en", "Sept 2018", Taken(2018, 9)),
    *(("de_DE", text, FIFTH) for text in ("5. März 2018", "5.3.2018", "05.03.18", "5. 3. 2018", "5 Maerz 2018")),
    *(("de_DE", text, MARCH) for text in ("März 2018", "March 2018", "MÄRZ 2018", "marz 2018", "Ma\u0308rz 2018")),
    ("de_DE", "Juni 2026", Taken(2026, 6)),
    ("de_DE", "5.3.", Taken(None, 3, 5)),
    ("de_AT", "Jänner 2018", Taken(2018, 1)),
    ("de_XX", "März 2018", MARCH),
    ("fr_FR", "1er mars 2018", Taken(2018, 3, 1)),
    ("fr_FR", "août", Taken(None, 8)),
    ("es_ES", "5 de marzo de 2018", FIFTH),
    ("ca_ES", "5 de març de 2018", FIFTH),
    ("pl_PL", "5 marca 2018", FIFTH),
    ("pl_PL", "marzec 2018", MARCH),
    ("ru_RU", "5 марта 2018 г.", FIFTH),
    ("ru_RU", "март 2018", MARCH),
    ("cs_CZ", "5. března 2018", FIFTH),
    ("fi_FI", "5. maaliskuuta 2018", FIFTH),
    ("fi_FI", "maaliskuu 2018", MARCH),
    ("hu_HU", "2018. március 5.", FIFTH),
    ("lt_LT", "2018 m. kovo 5 d.", FIFTH),
    ("el_GR", "5 Μαρτίου 2018", FIFTH),
    ("ja_JP", "2018年3月5日", FIFTH),
    ("ja_JP", "3月", Taken(None, 3)),
    ("zh_CN", "2018年三月", MARCH),
    ("ko_KR", "2018년 3월 5일", FIFTH),
    ("vi_VN", "tháng 3 năm 2018", MARCH),
    ("th_TH", "5 มีนาคม 2561", FIFTH),
    ("ar_EG", "٥ مارس ٢٠١٨", FIFTH),
    # Written together, with other signs between, with years of two digits
    *(("en", text, FIFTH) for text in ("5mar2018", "2018:03:05", "2018_03_05", "5-Mar-18", "March 5, '18", "mar 5 18")),
    *(("en", text, MARCH) for text in ("march2018", "Mar2018", "2018_03", "March '18", "Mar ’18", "March/2018")),
    *(("en", text, Taken(1969)) for text in ("'69", "summer of ’69")),
    ("en", "2018-03-05T18:45:17.25+01:00", FIFTH),
    ("de_DE", "24. 12.", Taken(None, 12, 24)),
    ("it_IT", "1° marzo 2018", Taken(2018, 3, 1)),
    ("pt_BR", "1º de março de 2018", Taken(2018, 3, 1)),
    ("ru_RU", "5 марта 2018г.", FIFTH),
    ("ja_JP", "2018 年 3 月 5 日", FIFTH),
    ("ar_EG", "٥\u200f/٣\u200f/٢٠١٨", FIFTH),
    # Days of the week beside a date
    *(("en", text, FIFTH) for text in ("Monday, March 5, 2018", "Mon Mar 5 2018")),
    ("de_DE", "Montag, 5. März 2018", FIFTH),
    ("pt_BR", "segunda-feira, 5 de março de 2018", FIFTH),
    ("ja_JP", "2018年3月5日 月曜日", FIFTH),
    # After “in”, and as neighbours say
    *(("de_DE", text, Taken(2018, 1)) for text in ("Jänner 2018", "im Januar 2018", "Jan. 2018")),
    *(("de_DE", text, Taken(2018, 2)) for text in ("Feber 2018", "Feb 2018")),
    ("de_DE", "Mrz 2018", MARCH),
    ("es_ES", "setiembre 2018", Taken(2018, 9)),
    ("ar_EG", "آذار ٢٠١٨", MARCH),
    ("sr_RS", "mart 2018", MARCH),
    ("fr_FR", "fév 2018", Taken(2018, 2)),
    *(("ru_RU", text, MARCH) for text in ("в марте 2018", "в марте 2018 года")),
    ("ru_RU", "в 2018 году", Taken(2018)),
    ("pl_PL", "w marcu 2018", MARCH),
    ("cs_CZ", "v březnu 2018", MARCH),
    ("fi_FI", "maaliskuussa 2018", MARCH),
    ("he_IL", "5 במרץ 2018", FIFTH),
    ("vi_VN", "tháng Ba 2018", MARCH),
    # Thai years, of two digits too
    *(("th_TH", text, FIFTH) for text in ("5 มีนาคม พ.ศ. 2561", "5/3/61", "๕ มี.ค. ๖๑", "5/3/2561", "5 มีนาคม 2018")),
    # … and the first and the last year that can be meant, by both calendars
    *(("th_TH", text, Taken(1800, 3, 5)) for text in ("5 มีนาคม 1800", "5/3/2343")),
    *(("th_TH", text, Taken(2199, 3, 5)) for text in ("5 มีนาคม 2199", "5/3/2742")),
]


def dates(text: str, language: str = "en_US") -> list[Taken]:
    return [found.taken for found in find_dates(split_tokens(text), language)]


@pytest.mark.parametrize(("language", "text", "taken"), WRITTEN)
def test_a_date_is_read_as_it_is_written(language: str, text: str, taken: Taken) -> None:
    assert dates(text, language) == [taken]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "IMG_2018",
            "2018-2019",
            "1/2",
            "12 monkeys",
            "mar",
            "sep",
            "0/0/2018",
            "2018-13",
            "99999",
            "1234567",
            "31.2.18",
        ),
        *("31 February 2018", "30 February", "February 30", "Feb 30 2018", "30 feb 18", "31.4.2018", "2018-02-30"),
        *("29 February 2019", "Sat, 31 April 2018", "31 of June", "2018年2月31日", "30feb2018"),
        *("sun", "Mon 5", "Sat 2.8", "5d", "canon 5d", "img5", "18", "e5", "12:30", "3 日本"),
        *("20.20.2018", "0012", "1700", "2500", "5", "5.3.", "v2.0.1.7", "of", "the 5", "März"),
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates(text) == []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("31 February 3 March 2018", Taken(2018, 3, 3)),
        ("40 March 2018", Taken(2018, 3)),
        ("29 February 2020", Taken(2020, 2, 29)),
    ],
)
def test_beside_a_day_that_does_not_exist_dates_are_read(text: str, read: Taken) -> None:
    assert dates(text) == [read]


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    st.text(max_size=60) | st.text("0123456789./-年月日 marchof", max_size=40),
    st.sampled_from(["en", "de", "ja", "th"]),
)
def test_whatever_is_typed_is_read_without_a_mistake(text: str, language: str) -> None:
    for taken in dates(text, language):
        assert taken.year is None or 1800 <= taken.year <= 2199
        assert taken.month in (None, *range(1, 13))


def test_every_language_is_read() -> None:
    """Of each that Babel knows, beside English."""
    for language in locale_identifiers():
        assert dates("5 March 2018", language)[-1:] == [FIFTH], language
        assert b"photos" in small_words(language)


def test_the_names_of_all_months_are_read_after_in() -> None:
    """Those that Babel does not have."""
    for language, names in date_words_module._MONTHS.items():
        for month, name in enumerate(names.split(", "), 1):
            assert dates(f"{name} 2018", language) == [Taken(2018, month)], (language, name)


# In a library


@pytest.fixture
def dated(library: Library) -> Library:
    add_named(
        library,
        [
            Named("norway/a.jpg", "2019-07-04T10:00:00"),
            Named("norway/b.jpg", "2018-03-05T18:45:17.25"),
            Named("red/c.jpg", "2019-07-31T23:59:59"),
            Named("d.jpg", "2007-06-30"),
            Named("e.jpg", "2007-06"),
            Named("f.jpg", "2007"),
            Named("IMG_2018.jpg", "2001-03-05T00:00:00"),
            Named("March 2018/g.jpg"),
        ],
    )
    library.search.set_language("en_US")
    return library


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("norway 2019", ["norway/a.jpg"]),
        ("red july 2019", ["red/c.jpg"]),
        ("July 2019", ["red/c.jpg", "norway/a.jpg"]),
        ("2019-07-31", ["red/c.jpg"]),
        ("2007", ["f.jpg", "e.jpg", "d.jpg"]),
        ("June 2007", ["e.jpg", "d.jpg"]),
        ("30 June 2007", ["d.jpg"]),
        ("March 5", ["IMG_2018.jpg", "norway/b.jpg"]),
        ("3/5/2018", ["norway/b.jpg"]),
        ("march", ["March 2018/g.jpg", "IMG_2018.jpg", "norway/b.jpg"]),
        ("March 2018", ["March 2018/g.jpg", "norway/b.jpg"]),
        ("2018", ["March 2018/g.jpg", "IMG_2018.jpg", "norway/b.jpg"]),
        ("norway July", ["norway/a.jpg"]),
        ("norway 2007", []),
        ("5 May 2018", []),
        ("Thursday, 4 July 2019", ["norway/a.jpg"]),
        ("norway jul '19", ["norway/a.jpg"]),
        ("31 February 2018", []),
        ("2018-02-30", []),
    ],
)
def test_dates_find_photos_beside_names(dated: Library, typed: str, found: list[str]) -> None:
    assert named(dated, typed) == found


def test_the_order_of_day_and_month_is_that_of_the_region(dated: Library) -> None:
    assert named(dated, "5/3/2018") == []
    dated.search.set_language("en-gb")
    assert dated.search.language == "en_GB"
    assert named(dated, "5/3/2018") == ["norway/b.jpg"]


def test_months_have_their_names_in_the_librarys_language_and_in_english(dated: Library) -> None:
    assert named(dated, "März 2018") == []
    dated.search.set_language("de")
    for typed in ("März 2018", "March 2018"):
        assert "norway/b.jpg" in named(dated, typed)


def test_no_text_of_a_language_is_kept(dated: Library) -> None:
    """Dates are asked of the rows: what was indexed under one locale is found under any."""
    lines = sql(dated).execute("SELECT lines FROM word_block").fetchall()
    assert not any(b"july" in text or b"2019" in text for (text,) in lines)


# The language


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de_DE"),
        ({"LANG": "en_GB", "LC_TIME": "fr_FR.UTF-8"}, "fr_FR"),
        ({"LANG": "en_GB", "LC_ALL": "C.UTF-8"}, None),
        ({"LANG": "sr_RS@latin"}, "sr_RS"),
        ({"LC_ALL": "", "LANG": "pt_BR.UTF-8"}, "pt_BR"),
        ({"LANG": "POSIX"}, None),
        ({"LANG": "../../etc"}, None),
        ({}, None),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, the desktop's own settings count too")
def test_the_systems_language_is_that_of_its_variables(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str | None
) -> None:
    for name in ("LC_ALL", "LC_TIME", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert system_language() == language


@pytest.mark.parametrize(
    ("settings", "language"),
    [
        (plistlib.dumps({"AppleLocale": "de_AT@currency=EUR"}), "de_AT"),
        (plistlib.dumps({"AppleLocale": "fr-CH"}, fmt=plistlib.FMT_BINARY), "fr_CH"),
        (plistlib.dumps({}), None),
        (plistlib.dumps(["de"]), None),
        (b"bplist00 and no more", None),
        (b"<?xml version='1.0'?><plist><dict>", None),
        (b"", None),
        (None, None),
    ],
)
def test_on_a_mac_its_own_settings_say_the_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: bytes | None, language: str | None
) -> None:
    pretend_to_be_a_mac(monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    if settings is not None:
        (tmp_path / "Library" / "Preferences").mkdir(parents=True)
        (tmp_path / "Library" / "Preferences" / ".GlobalPreferences.plist").write_bytes(settings)
    assert system_language() == language


@pytest.mark.skipif(sys.platform == "win32", reason="a home is found in another way there")
def test_a_mac_on_which_no_home_is_known_says_no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_user: int) -> object:
        raise KeyError

    pretend_to_be_a_mac(monkeypatch)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    assert system_language() is None


def pretend_to_be_a_mac(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_TIME", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")


def test_languages_are_written_in_one_way() -> None:
    assert [parse_language(text) for text in ("DE-at", "zh_hant_tw", "es-419", "en", "", "e", "english")] == [
        *("de_AT", "zh_Hant_TW", "es_419", "en", None, None, None)
    ]


def test_the_first_opening_takes_the_systems_language_and_no_later_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for said, kept in ((None, "en"), ("de_DE", "de_DE"), ("fr_FR", "de_DE"), (None, "de_DE")):
        monkeypatch.setattr(library_module, "system_language", lambda said=said: said)
        monkeypatch.setattr("photofind.core.search.ranking.system_language", lambda said=said: said)
        with Library(tmp_path / "library") as library:
            assert library.search.language == kept
    with Library(tmp_path / "library", read_only=True) as library:
        assert library.search.language == "de_DE"


@pytest.mark.parametrize("language", ["", "klingon", "xx", "../de", "x" * 1000])
def test_a_language_that_nobody_knows_is_refused(library: Library, language: str) -> None:
    before = library.search.language
    with pytest.raises(PhotofindError, match="knows no language"):
        library.search.set_language(language)
    assert library.search.language == before


def test_window_and_command_line_find_the_same_whatever_their_locale(tmp_path: Path) -> None:
    """One photo's words are written by each of two processes of other locales; either finds both."""
    with Library(tmp_path / "library") as library:
        library.search.set_language("de_DE")
        add_named(library, [Named("one.jpg", "2018-03-05T10:00:00"), Named("two.jpg", "2018-03-31T10:00:00")])
    available = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    for name in ("C", *[name for name in ("de_DE.utf8", "fr_FR.utf8", "en_US.utf8") if name in available]):
        for typed in ("März 2018", "March 2018"):
            done = subprocess.run(
                [sys.executable, "-m", "photofind", "--library", tmp_path / "library", "search", typed],
                env=os.environ | {"LC_ALL": name, "PYTHONUTF8": "1"},
                capture_output=True,
                timeout=120,
                check=True,
            )
            assert [line.rsplit(b"/")[-1] for line in done.stdout.splitlines()] == [b"two.jpg", b"one.jpg"]


def test_the_processs_locale_has_no_say(dated: Library) -> None:
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, "C")
        assert named(dated, "July 2019") == ["red/c.jpg", "norway/a.jpg"]
    finally:
        locale.setlocale(locale.LC_TIME, before)


def test_a_date_alone_is_found_while_quick_look_knows_no_such_words(dated: Library) -> None:
    result = dated.search.answer(Query(text="July 2019"))
    assert (result.named, result.likely) == (2, 2)
    assert catalog_of(dated).photos.taken(Taken(2019, 7)).tolist() == [1, 3]
