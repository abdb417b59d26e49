"""Dates as cameras, scanners and programs write them; what nobody can have meant is no date."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from photofind.core.catalog.facts import sort_time
from photofind.core.photos.facts.dates import When, exact, from_seconds, read_date, read_zone

MEANT = "2007-06-30T18:45:17"


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("2007:06:30 18:45:17", MEANT),
        ("2007/06/30 18:45:17", MEANT),
        ("2007.06.30 18:45:17", MEANT),
        ("2007-06-30T18:45:17", MEANT),
        ("2007:06:30  18:45:17", MEANT),
        ("2007:06:30:18:45:17", MEANT),
        ("2007:06:30 18.45.17", MEANT),
        ("2007:06:30\0" + "18:45:17\0", MEANT),
        ("2007:06:30 06:45:17 PM", MEANT),
        ("2007:06:30 06:45:17 p.m.", MEANT),
        ("2007:06:30 下午 06:45:17", MEANT),
        ("2007. 06. 30. 오후 6:45:17", MEANT),
        ("2007 06 30 18 45 17", MEANT),
        ("'2007:06:30 18:45:17'", MEANT),
        ("30.06.2007 18:45:17", MEANT),
        ("30/06/2007 18:45:17", MEANT),
        ("06/30/2007 6:45:17 PM", MEANT),
        ("Sat Jun 30 18:45:17 2007", MEANT),
        ("Sat Jun 30 18:45:17 CEST 2007", MEANT),
        ("Saturday, June 30, 2007 18:45:17", MEANT),
        ("30 June 2007 18:45:17", MEANT),
        ("20070630184517", MEANT),
        ("20070630 184517", MEANT),
        ("2007年06月30日 18:45:17", MEANT),
        ("٢٠٠٧:٠٦:٣٠ ١٨:٤٥:١٧", MEANT),
        ("２００７:０６:３０ １８:４５:１７", MEANT),
        (b"2007:06:30 18:45:17\xff\xff", MEANT),
        ("2007:6:30 8:45:17", "2007-06-30T08:45:17"),
        ("2007: 6:30  8:45:17", "2007-06-30T08:45:17"),
        ("2007:06:30 12:05:00 AM", "2007-06-30T00:05:00"),
        ("2007:06:30 18:45", "2007-06-30T18:45:00"),
        ("2007:06:30 18:45:60", "2007-06-30T18:45:59"),
        ("2007:06:30 18:45:17.25", "2007-06-30T18:45:17.25"),
        ("2007-06-30T18:45:17.123456789", "2007-06-30T18:45:17.123456"),
        ("2007-06-30T18:45:17.000", MEANT),
    ],
)
def test_a_date_is_read_in_every_form(text: str | bytes, taken: str) -> None:
    assert read_date(text) == When(taken)


@pytest.mark.parametrize(
    "text",
    [
        "2007:06:30",
        "2007-06-30",
        "20070630",
        "30.06.2007",
        "2007:06:30   :  :  ",
        "2007:06:30 24:24:27",
        "2007:06:30 18:61:00",
    ],
)
def test_a_day_without_a_time_that_there_is_stays_a_day(text: str) -> None:
    assert read_date(text) == When("2007-06-30")


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("2007:06", "2007-06"),
        ("2007-06", "2007-06"),
        ("2007:06:00 00:00:00", "2007-06"),
        ("2007:06:31", "2007-06"),
        ("2007", "2007"),
        ("2007:00:00 00:00:00", "2007"),
        ("20070000", "2007"),
        ("2007:  :     :  :  ", "2007"),
    ],
)
def test_what_is_known_of_a_day_is_kept(text: str, taken: str) -> None:
    assert read_date(text) == When(taken)


@pytest.mark.parametrize(
    "text",
    [
        "0001:01:01 00:00:00",
        "9999:12:31 23:59:59",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "",
        None,
        "yesterday",
        "07:06:30 18:45:17",
        "2007:13:30",
        "1970:01:01 00:00:00",
        "1904:01:01 00:00:00",
        "1600:01:01 10:00:00",
        "05/06/2007",
        "2550:06:30 10:00:00",
        1.5,
        float("nan"),
        b"\xff\xfe\x00",
    ],
)
def test_what_nobody_meant_is_no_date(text: object) -> None:
    assert read_date(text) is None


def test_next_year_is_meant_where_the_clock_of_a_camera_is_ahead() -> None:
    year = date.today().year
    assert read_date(f"{year + 1}:01:01 10:00:00") is not None
    assert read_date(f"{year + 2}:01:01 10:00:00") is None


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("+02:00", "+02:00"),
        ("+0200", "+02:00"),
        ("-8", "-08:00"),
        ("Z", "+00:00"),
        ("UTC", "+00:00"),
        ("GMT+5:45", "+05:45"),
        ("", None),
        ("   :  ", None),
        ("+99:00", None),
        ("+01:75", None),
        ("local", None),
    ],
)
def test_zones_are_kept(text: str, zone: str | None) -> None:
    assert read_zone(text) == zone
    assert read_date(f"2007:06:30 18:45:17{text}") == When(MEANT, zone)


def test_fraction_and_zone_that_stand_apart_are_kept() -> None:
    assert exact(When(MEANT), b"17\0", "+02:00") == When(f"{MEANT}.17", "+02:00")
    assert exact(When(f"{MEANT}.5", "+01:00"), "99", "+02:00") == When(f"{MEANT}.5", "+01:00")
    assert exact(When(MEANT), "   ", "00") == When(MEANT)
    assert exact(When("2007-06-30"), "17", "+02:00") == When("2007-06-30")


@pytest.mark.parametrize(
    ("seconds", "taken"), [(1183229117.0, MEANT), (0.0, None), (-1e18, None), (1e18, None), (float("nan"), None)]
)
def test_seconds_are_a_moment_in_utc(seconds: float, taken: str | None) -> None:
    assert from_seconds(seconds) == (When(taken, "+00:00") if taken else None)


@given(st.one_of(st.text(), st.binary(), st.text("0123456789:-/. TZ+apmAPM\0 ", max_size=30), st.integers(), st.none()))
def test_nothing_that_is_written_for_a_date_does_harm(value: object) -> None:
    when = read_date(value)
    if when:
        assert sort_time(when.taken) is not None
        assert 4 <= len(when.taken) <= len("2007-06-30T18:45:17.123456")


@given(
    st.datetimes(min_value=datetime(1827, 1, 1), max_value=datetime(2026, 1, 1)),
    st.sampled_from(":-/."),
    st.sampled_from("T "),
)
def test_every_moment_is_read_as_it_was_written(moment: datetime, between: str, apart: str) -> None:
    assume(moment.replace(microsecond=0) not in (datetime(1970, 1, 1), datetime(1904, 1, 1)))  # of clocks never set
    text = moment.strftime(f"%Y{between}%m{between}%d{apart}%H:%M:%S")
    when = read_date(text.rjust(19, "0"))
    assert when is not None
    assert when.taken == moment.isoformat(timespec="seconds")
