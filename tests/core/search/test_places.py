"""Photos are found by the names of where they were taken, which their files say in degrees alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ExifTags, Image

from photofind.core.library import Library
from photofind.core.records.answers import Why
from photofind.core.records.query import Query
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.pictures import COLORS, grain, write_photo

GPS = ExifTags.GPS
PLACES = {"rossio": (38.714, -9.139), "marienplatz": (48.137, 11.575), "shibuya": (35.6595, 139.7005)}


def write_taken_at(path: Path, latitude: float, longitude: float) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
            GPS.GPSLatitude: (abs(latitude), 0.0, 0.0),
            GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
            GPS.GPSLongitude: (abs(longitude), 0.0, 0.0),
        }
    )
    path.parent.mkdir(exist_ok=True)
    grain(COLORS["blue"], (40, 30)).save(path, exif=exif)


@pytest.fixture
def travels(library: Library, tmp_path: Path) -> Library:
    """Photos called by numbers, taken in Lisbon, Munich, Tokyo and nobody knows where."""
    for number, place in enumerate(PLACES.values(), 1):
        write_taken_at(tmp_path / "travels" / f"{number}.jpg", *place)
    write_photo(tmp_path / "travels" / "4.jpg", COLORS["green"], (40, 30))
    library.folders.add(tmp_path / "travels")
    sync(library)
    embed(library)
    library.search.catch_up(60)
    return library


@pytest.mark.parametrize(
    ("words", "name"),
    [
        *((words, "1.jpg") for words in ("Lisbon", "Lisboa", "lisboa portugal", "Portugal")),
        *((words, "2.jpg") for words in ("Munich", "München", "munchen", "Germany", "Deutschland")),
        *((words, "3.jpg") for words in ("Tokyo", "東京", "Japan", "日本", "Shibuya")),
    ],
)
def test_a_photo_is_found_by_its_town_and_country_in_english_and_as_they_write_it(
    travels: Library, words: str, name: str
) -> None:
    result = travels.search.answer(Query(text=words))
    found = result.photo_ids[result.whys == Why.NAME].tolist()
    assert [photo.name for photo in travels.search.photos(found)] == [name]


def test_where_it_was_not_taken_does_not_find_it(travels: Library) -> None:
    for words in ("Porto", "Berlin", "Spain", "Osaka"):
        assert Why.NAME not in travels.search.answer(Query(text=words)).whys
