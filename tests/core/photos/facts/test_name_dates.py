"""Dates in file names; counters are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photofind.core.catalog.facts import sort_time
from photofind.core.photos.facts.dates import When
from photofind.core.photos.facts.name_dates import read_name


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("IMG-20230527-WA0087", "2023-05-27"),
        ("VID-20230527-WA0001", "2023-05-27"),
        ("PXL_20230401_123456789", "2023-04-01T12:34:56.789"),
        ("PXL_20230401_123456789.MP", "2023-04-01T12:34:56.789"),
        ("Screenshot from 2024-01-05 10-11-12", "2024-01-05T10:11:12"),
        ("Screenshot from 2024-01-05", "2024-01-05"),
        ("Screenshot 2024-01-05 at 9.11.12\u202fPM", "2024-01-05T21:11:12"),
        ("Bildschirmfoto 2024-01-05 um 10.11.12", "2024-01-05T10:11:12"),
        ("Capture d’écran 2024-01-05 à 10.11.12", "2024-01-05T10:11:12"),
        ("Screenshot_20240105-101112_Chrome", "2024-01-05T10:11:12"),
        ("Screenshot_2019-07-04-12-33-10-123_com.app", "2019-07-04T12:33:10.123"),
        ("2019-07-04 12.33.10", "2019-07-04T12:33:10"),
        ("2019-07-04 12.33.10-1", "2019-07-04T12:33:10"),
        ("IMG_20200703_101112", "2020-07-03T10:11:12"),
        ("IMG_20200703_101112(1)", "2020-07-03T10:11:12"),
        ("IMG_20190704_123310_BURST001", "2019-07-04T12:33:10"),
        ("IMG20200703101112", "2020-07-03T10:11:12"),
        ("MVIMG_20200703_101112", "2020-07-03T10:11:12"),
        ("DJI_20200703101112_0001_D", "2020-07-03T10:11:12"),
        ("20181229_131541", "2018-12-29T13:15:41"),
        ("20200703T101112Z", "2020-07-03T10:11:12"),
        ("Captura de pantalla 2019-07-04 a la(s) 12.33.10", "2019-07-04T12:33:10"),
        ("Zrzut ekranu 2019-07-04 o 12.33.10", "2019-07-04T12:33:10"),
        ("Näyttökuva 2019-7-4 kello 12.33.10", "2019-07-04T12:33:10"),
        ("截屏2019-07-04 下午1.33.10", "2019-07-04T13:33:10"),
        ("スクリーンショット 2019-07-04 午前9.33.10", "2019-07-04T09:33:10"),
        ("스크린샷 2019-07-04 오후 1.33.10", "2019-07-04T13:33:10"),
        ("2019年7月4日", "2019-07-04"),
        ("photo_5@04-07-2019_12-33-10", "2019-07-04T12:33:10"),
        ("Photo 13-07-2019, 12 33 10", "2019-07-13T12:33:10"),
        ("07-13-2019", "2019-07-13"),
        ("Adobe Scan 04 Jul 2019 (1)", "2019-07-04"),
        ("Adobe Scan July 4, 2019", "2019-07-04"),
        ("2019_0704_123310_001A", "2019-07-04T12:33:10"),
        ("2019-07-04_12.33", "2019-07-04T12:33:00"),
        ("2019-7-4", "2019-07-04"),
        ("signal-2021-03-04-101112", "2021-03-04T10:11:12"),
        ("signal-2021-03-04-10-11-12-123", "2021-03-04T10:11:12.123"),
        ("photo_2021-03-04_10-11-12", "2021-03-04T10:11:12"),
        ("WhatsApp Image 2022-01-05 at 10.11.12", "2022-01-05T10:11:12"),
        ("WhatsApp Image 2022-01-05 at 10.11.12 PM (1)", "2022-01-05T22:11:12"),
        ("WP_20130504_10_11_12_Pro", "2013-05-04T10:11:12"),
        ("WP_20130504_001", "2013-05-04"),
        ("20190704_991122", "2019-07-04"),
        ("2019-07-04-0012", "2019-07-04"),
        ("Urlaub 30.06.2007", "2007-06-30"),
        ("scan 20190101", "2019-01-01"),
    ],
)
def test_a_date_in_a_name_is_read(name: str, taken: str) -> None:
    when = read_name(name)
    assert when is not None
    assert when.taken == taken


def test_googles_telephones_name_photos_by_the_time_in_greenwich() -> None:
    assert read_name("PXL_20230401_123456789") == When("2023-04-01T12:34:56.789", "+00:00")


@pytest.mark.parametrize(
    "name",
    [
        "DSC20190101",
        "DSC01273",
        "DSC_0042",
        "P1020815",
        "IMG_2019",
        "IMG_20199999",
        "IMG_20230230_101112",
        "MVIMG20200703",
        "1920x1080",
        "3840-21-60",
        "12019-01-015",
        "a20190101b",
        "20191301",
        "99990101_101112",
        "image-18990101",
        "20190101-e29b-41d4-a716-446655440000",
        "FB_IMG_1562345678901",
        "IMG_201907041233101234567",
        "1562345678",
        "",
        "v1.10.2019",
        "1.1.1.2019",
        "04-07-2019",
        "app 2019.1.2",
        "IMG_2019_1_2",
        "mmexport1562243590123",
        "2019",
        "2019-07 Norway",
    ],
)
def test_a_number_that_may_be_a_counter_is_no_date(name: str) -> None:
    assert read_name(name) is None


@given(st.text() | st.text("0123456789_- .:TIMGaptum()", max_size=40))
def test_no_name_does_harm(name: str) -> None:
    when = read_name(name)
    assert when is None or sort_time(when.taken) is not None
