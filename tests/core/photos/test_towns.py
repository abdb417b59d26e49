"""Places become the names that a person would search for; where those are on a map is common knowledge."""

from __future__ import annotations

import math
import subprocess
import sys
import time

import pytest

from photofind.core.photos.towns import place_words
from photofind.resources import resource

PLACES = {
    "the Rossio": (38.714, -9.139, {"Lisbon", "Lisboa", "Portugal"}),
    "the palace of Belém, which is a part of Lisbon": (38.6975, -9.2003, {"Belém", "Lisbon", "Lisboa", "Portugal"}),
    "the Marienplatz": (48.137, 11.575, {"Munich", "München", "Germany", "Deutschland"}),
    "the Stephansplatz": (48.2085, 16.373, {"Vienna", "Wien", "Austria", "Österreich"}),
    "the Grand-Place": (50.8467, 4.3525, {"Brussels", "Bruxelles", "Brussel", "Belgium", "Belgique", "België"}),
    "Ponte Vecchio": (43.768, 11.2531, {"Florence", "Firenze", "Italy", "Italia"}),
    "the Tower of London": (51.5081, -0.0759, {"London", "England", "United Kingdom", "UK"}),
    "Edinburgh Castle": (55.9486, -3.1999, {"Edinburgh", "Scotland"}),
    "the Golden Gate": (37.8199, -122.4783, {"San Francisco", "California", "United States", "USA"}),
    "Times Square": (40.758, -73.9855, {"New York City", "New York", "USA"}),
    "the Acropolis": (37.9715, 23.7257, {"Athens", "Αθήνα", "Greece", "Ελλάδα"}),
    "Red Square": (55.7539, 37.6208, {"Moscow", "Москва", "Russia", "Россия"}),
    "Shibuya": (35.6595, 139.7005, {"Tokyo", "東京", "Japan", "日本"}),
    "the Forbidden City": (39.9163, 116.3972, {"Beijing", "北京", "China", "中国"}),
    "Gyeongbokgung": (37.5796, 126.977, {"Seoul", "서울", "South Korea", "대한민국"}),
    "Wat Pho": (13.7465, 100.493, {"Bangkok", "กรุงเทพ", "Thailand", "ไทย"}),
    "Tahrir Square": (30.0444, 31.2357, {"Cairo", "القاهرة", "Egypt", "مصر"}),
    "the beach of Tel Aviv": (32.08, 34.767, {"Tel Aviv", "תל אביב", "Israel"}),
    "Sydney Opera House": (-33.8568, 151.2153, {"Sydney", "Australia"}),
    "Copacabana, south and west": (-22.971, -43.182, {"Rio de Janeiro", "Brazil", "Brasil"}),
    "Taveuni, on the date line": (-16.85, 179.99, {"Fiji"}),
    "Sprengisandur, far from any town": (64.8, -18.5, {"Iceland", "Ísland"}),
}
NOWHERE = {
    "zeros, as of a camera without a fix": (0.0, 0.0),
    "the Atlantic": (35.0, -40.0),
    "the pole": (90.0, 0.0),
    "beyond the pole": (91.0, 0.0),
    "no number": (math.nan, 11.5),
    "endless": (48.1, math.inf),
    "half a place": (48.1, None),
}


@pytest.mark.parametrize(("latitude", "longitude", "names"), PLACES.values(), ids=PLACES)
def test_a_place_has_the_names_that_a_person_would_type(latitude: float, longitude: float, names: set[str]) -> None:
    assert names <= set(place_words(latitude, longitude))


@pytest.mark.parametrize(("latitude", "longitude"), NOWHERE.values(), ids=NOWHERE)
def test_where_nobody_lives_has_no_name(latitude: float, longitude: float | None) -> None:
    assert place_words(latitude, longitude) == []


@pytest.mark.parametrize(
    ("latitude", "longitude", "other"),
    [(52.4, 13.06, "Berlin"), (38.797, -9.39, "Lisbon"), (48.804, 2.12, "Paris"), (40.7178, -74.0431, "New York")],
    ids=["Potsdam", "Sintra", "Versailles", "Jersey City"],
)
def test_a_town_beside_a_large_one_is_not_the_large_one(latitude: float, longitude: float, other: str) -> None:
    names = place_words(latitude, longitude)
    assert names
    assert other not in names


def test_far_from_towns_of_several_countries_none_is_guessed() -> None:
    assert place_words(46.02, 7.75) == []  # Zermatt: the nearest towns are Swiss and Italian


def test_no_name_comes_twice_and_none_is_empty() -> None:
    for latitude, longitude, _ in PLACES.values():
        names = place_words(latitude, longitude)
        assert len(names) == len(set(names))
        assert all(name and name == name.strip() and "\n" not in name for name in names)


def test_towns_cost_little() -> None:
    """The file is small, and a place takes a part of what decoding its photo does (20 ms and more)."""
    assert resource("towns.npz").stat().st_size < 2_000_000
    place_words(48.1, 11.5)
    start = time.process_time()
    for i in range(200):
        place_words(40 + i / 20, i / 10)
    assert (time.process_time() - start) / 200 < 0.005


def test_towns_are_read_when_the_first_place_is_asked_for() -> None:
    program = (
        "import photofind.core.library, photofind.core.photos.images\n"
        "from photofind.core.photos import towns\n"
        "assert towns._towns.cache_info().currsize == 0\n"
        "assert towns.place_words(None, None) == []\n"
        "assert towns._towns.cache_info().currsize == 0\n"
        "assert 'Lisboa' in towns.place_words(38.714, -9.139)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
