"""A photo is found by any part of its name that a person would type, however common that is, and in a known order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photofind.core.library import Library
from photofind.core.records.query import MAX_CHARACTERS, Query
from tests.core.search.named_library import Named, add_named, named, paths
from tests.inside import catalog_of, sql

NAMES = [
    "IMG_0042.JPG",
    "100_2550.jpg",
    "20181229_131541_PC291027.JPG",
    "Screenshot from 2024-01-05 10-11-12.png",
    "PXL_20230401_123456789.jpg",
    "holiday.jpeg",
    "DSCN0001.webp",
    "DSC01273.jpg",
    "DSCF4711.jpg",
    "P1020815.jpg",
    "BeachHoliday2019.jpg",
    "summerholiday.jpg",
    "MVIMG20200703.jpg",
    "2019lisbon.jpg",
    "trip/Łódź Straße.jpg",
    "Ærø og Đà Nẵng.jpg",
    "Þórsmörk.jpg",
    "Œuvre d'œil.jpg",
    "Müller Grüße.jpg",
    "Mu\u0308nchen.jpg",
    "Smørrebrød på Århus.jpg",
    "Mueller.jpg",
    "東京タワー.jpg",
    "北京の冬.jpg",
    "กำแพงเพชร.jpg",
    "서울한강.jpg",
    "\u1107\u116e\u1109\u1161\u11ab.jpg",  # 부산, taken apart as macOS does
    "ＩＭＧ＿７７７７.jpg",
    "صورة أحمد.jpg",
    "עִבְרִית.jpg",
    "Ёлка.jpg",
    "ΑΘΗΝΑΣ.jpg",
    "हिमालय.jpg",
    "👩‍👩‍👧 picnic.jpg",
    "ﬁnal ½ ２.jpg",
    "a.b-c (1).jpg",
]
# What is typed, and what it finds first.
ASKED = {
    # With endings and folders
    "IMG_0042.JPG": "IMG_0042.JPG",
    "img_0042.jpg": "IMG_0042.JPG",
    "photos/IMG_0042.JPG": "IMG_0042.JPG",
    "photos\\IMG_0042.JPG": "IMG_0042.JPG",
    "IMG_0042": "IMG_0042.JPG",
    "IMG-0042": "IMG_0042.JPG",
    "100_2550.jpg": "100_2550.jpg",
    "holiday.jpeg": "holiday.jpeg",
    "holiday": "holiday.jpeg",
    "png": "Screenshot from 2024-01-05 10-11-12.png",
    ".webp": "DSCN0001.webp",
    "trip/Łódź": "trip/Łódź Straße.jpg",
    "Screenshot from 2024-01-05": "Screenshot from 2024-01-05 10-11-12.png",
    # Inside
    "1273": "DSC01273.jpg",
    "01273": "DSC01273.jpg",
    "4711": "DSCF4711.jpg",
    "1020815": "P1020815.jpg",
    "20200703": "MVIMG20200703.jpg",
    "lisbon": "2019lisbon.jpg",
    "Beach": "BeachHoliday2019.jpg",
    "summer": "summerholiday.jpg",
    "131541": "20181229_131541_PC291027.JPG",
    "PC291": "20181229_131541_PC291027.JPG",
    # Letters that do not come apart, and the two ways to write a letter with dots
    "lodz strasse": "trip/Łódź Straße.jpg",
    "łódź STRASSE": "trip/Łódź Straße.jpg",
    "aero": "Ærø og Đà Nẵng.jpg",
    "aeroe": "Ærø og Đà Nẵng.jpg",
    "da nang": "Ærø og Đà Nẵng.jpg",
    "thorsmork": "Þórsmörk.jpg",
    "thorsmoerk": "Þórsmörk.jpg",
    "oeuvre": "Œuvre d'œil.jpg",
    "muller grusse": "Müller Grüße.jpg",
    "mueller gruesse": "Müller Grüße.jpg",
    "munchen": "Mu\u0308nchen.jpg",
    "muenchen": "Mu\u0308nchen.jpg",
    "München": "Mu\u0308nchen.jpg",
    "smorrebrod": "Smørrebrød på Århus.jpg",
    "aarhus": "Smørrebrød på Århus.jpg",
    "arhus": "Smørrebrød på Århus.jpg",
    # Other scripts
    "東京": "東京タワー.jpg",
    "京タ": "東京タワー.jpg",
    "タワー": "東京タワー.jpg",
    "ﾀﾜｰ": "東京タワー.jpg",
    "北京": "北京の冬.jpg",
    "冬": "北京の冬.jpg",
    "เพชร": "กำแพงเพชร.jpg",
    "서울": "서울한강.jpg",
    "한강": "서울한강.jpg",
    "\u1112\u1161\u11ab": "서울한강.jpg",  # 한, taken apart
    "부산": "\u1107\u116e\u1109\u1161\u11ab.jpg",
    "IMG_7777": "ＩＭＧ＿７７７７.jpg",
    "احمد": "صورة أحمد.jpg",
    "صورة": "صورة أحمد.jpg",
    "עברית": "עִבְרִית.jpg",
    "елка": "Ёлка.jpg",
    "αθήνα": "ΑΘΗΝΑΣ.jpg",
    "αθήνας": "ΑΘΗΝΑΣ.jpg",
    "हिमा": "हिमालय.jpg",
    "👧": "👩‍👩‍👧 picnic.jpg",
    "👩‍👩‍👧": "👩‍👩‍👧 picnic.jpg",
    "final": "ﬁnal ½ ２.jpg",
    # Short ones are where a word begins, or the number
    "P1": "P1020815.jpg",
    "42": "IMG_0042.JPG",
    "(1)": "a.b-c (1).jpg",
    # Beside others
    "the holiday.jpeg": "holiday.jpeg",
    "“Lisbon”,": "2019lisbon.jpg",
    "2019lisbon.jpg photos": "2019lisbon.jpg",
}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(tmp_path_factory.mktemp("names") / "library") as library:
        add_named(library, NAMES)
        yield library


@pytest.mark.parametrize(("typed", "path"), ASKED.items())
def test_a_photo_is_found_first_by_what_is_typed_of_its_name(names: Library, typed: str, path: str) -> None:
    assert named(names, typed)[0] == path


@pytest.mark.parametrize("typed", ["0042 holiday", "IMG_0042.png", "lisbonn", "zebra", "---", "京東", "?!"])
def test_what_is_in_no_name_finds_none(names: Library, typed: str) -> None:
    assert named(names, typed) == []


def test_one_letter_is_where_a_word_begins(names: Library) -> None:
    assert named(names, "w") == ["DSCN0001.webp"]
    assert named(names, "42") == ["IMG_0042.JPG"], "the number, with or without zeros before it"
    assert "DSCF4711.jpg" in named(names, "4")
    assert "P1020815.jpg" not in named(names, "02")


TEXTS = st.text(
    st.one_of(
        st.sampled_from("abcXYZ0123 _-.()'äßøŁæ\u0308\u0301東京한서\u1112\u1161กำแأΣςİı👧\u200d\ufe0f½"),
        st.characters(codec="utf-8", exclude_characters="/\0"),
    ),
    min_size=3,
    max_size=30,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(TEXTS, st.data())
def test_any_three_characters_of_a_name_find_it(library: Library, name: str, data: st.DataObject) -> None:
    sql(library).execute("DELETE FROM photo")
    sql(library).execute("DELETE FROM folder")
    add_named(library, [name])
    start = data.draw(st.integers(0, len(name) - 3))
    part = name[start : data.draw(st.integers(start + 3, len(name)))]
    letters = re.sub(r"^[\W_]+|[\W_]+$", "", part)
    if len(letters) >= 3:
        assert named(library, part) == [name]


# However common


@pytest.fixture
def norway(library: Library) -> Library:
    """Sixty photos: 25 of Norway, 30 of a wedding, five elsewhere."""
    places = ["Norway 2019"] * 25 + ["Wedding"] * 30 + ["Garden"] * 5
    add_named(library, [f"{place}/{number:03}.jpg" for number, place in enumerate(places)])
    return library


@pytest.mark.parametrize("limit", [25, 26, 30, 59, 60, 100, 100_000])
@pytest.mark.parametrize(("typed", "count"), [("Norway", 25), ("norway 2019", 25), ("Wedding", 30), ("jpg", 60)])
def test_a_word_of_many_photos_finds_them_all(norway: Library, typed: str, count: int, limit: int) -> None:
    result = norway.search.answer(Query(text=typed, limit=limit))
    assert (result.named, result.likely) == (count, count)
    assert len(named(norway, typed, limit)) == min(count, limit)


@pytest.mark.parametrize("typed", ["IMG_1", "img", "jpg", "1", "red", "2019"])
def test_the_limit_changes_nothing_but_the_length(library: Library, folder: Path, typed: str) -> None:
    add_named(library, [Named(f"IMG_{number}.jpg", f"{2018 + number % 2}-01-01") for number in range(1, 1_400)])
    whole = library.search.answer(Query(text=typed, limit=5_000))
    assert whole.named or typed == "red"
    for limit in (1, 2, 79, 80, 311, 312, 1_398, 1_399):
        part = library.search.answer(Query(text=typed, limit=limit))
        assert part.photo_ids.tolist() == whole.photo_ids[:limit].tolist()
        assert part.whys.tolist() == whole.whys[:limit].tolist()
        assert (part.likely, part.named) == (whole.likely, whole.named)


def test_537_files_of_one_beginning_are_found_and_no_others(library: Library) -> None:
    add_named(library, [f"IMG_{number}.jpg" for number in range(1000, 1537)] + ["2018 10 IMG_2000.jpg"] * 1)
    assert len(named(library, "IMG_1", 80)) == 80
    assert library.search.answer(Query(text="IMG_1", limit=80)).named == 537


@pytest.mark.parametrize("typed", ["photos from Garden", "my pictures of the garden", "Fotos vom Garden", "the garden"])
def test_words_that_say_nothing_are_in_nobodys_way(norway: Library, typed: str) -> None:
    norway.search.set_language("de_DE")
    assert named(norway, typed) == [f"Garden/{number:03}.jpg" for number in range(59, 54, -1)]


def test_words_that_say_nothing_are_looked_for_where_there_are_no_others(library: Library) -> None:
    add_named(library, ["Out of Africa.jpg", "From me.jpg", "x.jpg"])
    assert named(library, "of the") == []
    assert named(library, "from") == ["From me.jpg"]
    assert named(library, "out of africa") == ["Out of Africa.jpg"]


# In which order


def test_the_very_name_comes_first_then_whole_words_then_parts_each_the_newest_first(library: Library) -> None:
    add_named(
        library,
        [
            "rose.jpg",
            "a rose.jpg",
            "primrose.jpg",
            "rose/x.jpg",
            "roses.jpg",
            "ROSE.png",
            "the rose garden.jpg",
        ],
    )
    assert named(library, "rose") == [
        *("ROSE.png", "rose.jpg"),
        *("the rose garden.jpg", "rose/x.jpg", "a rose.jpg"),
        *("roses.jpg", "primrose.jpg"),
    ]
    assert named(library, "rose.jpg")[0] == "rose.jpg"


def test_of_two_words_the_worse_one_counts(library: Library) -> None:
    add_named(library, ["red rose.jpg", "red roses.jpg", "rose reddish.jpg", "rose/red.jpg"])
    assert named(library, "red rose") == ["red rose.jpg", "rose/red.jpg", "rose reddish.jpg", "red roses.jpg"]


def test_photos_of_the_same_time_are_in_the_same_order_every_time(library: Library) -> None:
    add_named(library, [f"IMG_{number}.jpg" for number in range(200)])
    sql(library).execute("UPDATE photo SET sort_time = 5")
    ids = library.search.answer(Query(text="IMG", limit=200)).photo_ids
    assert ids.tolist() == sorted(ids.tolist(), reverse=True)


def test_many_and_few_are_in_one_order(library: Library) -> None:
    """Few are looked up one by one, many are picked from all."""
    add_named(library, [f"{'few' if number % 7 == 0 else 'most'} {number}.jpg" for number in range(6_000)])
    few, most = named(library, "few", 9_999), named(library, "jpg", 9_999)
    assert len(most) == 6_000
    assert few == [path for path in most if path.startswith("few")]


@pytest.mark.parametrize("typed", ["red trip", "trip red 45", "no 4 trip", "4 trip", "o 4", "trip 2019", "jpg rare"])
def test_several_words_find_what_each_of_them_finds(library: Library, typed: str) -> None:
    """Where few photos have the longest word, and where nearly all have all."""
    add_named(
        library,
        [
            Named(f"trip {number // 500}/{'red' if number % 900 < 9 else 'no'} {number}.jpg", f"{number}-01-01")
            for number in range(1, 9_000)
        ]
        + ["rare.jpg"],
    )
    wanted = set.intersection(*(set(named(library, word, 9_999)) for word in typed.split() if word != "o"))
    found = named(library, typed, 9_999)
    assert set(found) == {path for path in wanted if typed != "o 4" or path.split("/")[-1].startswith("no 4")}
    assert len(found) == len(set(found)) > 0


# What files say


def test_what_files_say_is_found_by_whole_words_and_their_beginnings(library: Library) -> None:
    caption = "A long walk. " + "Nothing happened on the way. " * 100 + "Then we met Wolfgang."
    add_named(
        library,
        [
            Named("1.jpg", said="Grandma Rose\nMünchen\nlighthouse"),
            Named("2.jpg", said=f"{caption}\nZebra crossing"),
            Named("3.jpg", said="北京市朝阳区"),
            Named("4.jpg", camera="NIKON D750"),
        ],
    )
    assert named(library, "grandma") == ["1.jpg"]
    assert named(library, "light") == ["1.jpg"]
    assert named(library, "muenchen rose") == ["1.jpg"]
    assert named(library, "house") == [], "the part of a word that is not its beginning"
    assert named(library, "zebra") == ["2.jpg"], "a long caption takes no other word's place"
    assert named(library, "nothing walk") == ["2.jpg"]
    assert named(library, "朝阳") == ["3.jpg"]
    assert named(library, "d750") == ["4.jpg"]
    assert named(library, "nikon 4.jpg") == ["4.jpg"]


def test_words_that_change_are_found_at_once_or_with_what_is_due(library: Library) -> None:
    add_named(library, ["old name.jpg", "other.jpg"])
    sql(library).execute("UPDATE photo SET path = CAST('new place/new name.jpg' AS BLOB), words_due = 1 WHERE id = 1")
    sql(library).execute("INSERT INTO said VALUES (2, 'Zanzibar')")
    sql(library).execute("UPDATE photo SET words_due = 1 WHERE id = 2")
    assert library.search.catch_up(1)
    assert named(library, "new place") == ["new place/new name.jpg"]
    assert named(library, "old") == []
    assert named(library, "zanzibar") == ["other.jpg"]
    catalog_of(library).photos.delete([2])
    assert named(library, "other") == []


def test_gone_failed_and_unopened_photos_are_not_found_by_name(library: Library) -> None:
    add_named(library, ["rose 1.jpg", "rose 2.jpg", "rose 3.jpg", "rose 4.jpg"])
    sql(library).execute("UPDATE photo SET gone_since = 1 WHERE id = 1")
    sql(library).execute("UPDATE photo SET state = 2 WHERE id = 2")
    sql(library).execute("UPDATE photo SET width = NULL WHERE id = 3")
    assert named(library, "rose") == ["rose 4.jpg"]


def test_ten_thousand_characters_are_no_burden(names: Library) -> None:
    for text in ("1 2 " * 2_500, "march " * 1_700, " ".join(map(str, range(2_000))), "jpg " * 2_500, "x" * 20_000):
        result = names.search.answer(Query(text=text))
        assert result.seconds < 2
        assert result.named == len(named(names, text))
    assert paths(names, names.search.answer(Query(text="holiday.jpeg " * MAX_CHARACTERS)).photo_ids.tolist())


def test_blanks_before_words_are_not_counted(library: Library) -> None:
    add_named(library, ["holiday.jpg"])
    assert named(library, " " * MAX_CHARACTERS + "holiday") == ["holiday.jpg"]


def test_nothing_asked_is_all_photos_newest_first(library: Library) -> None:
    add_named(library, [f"{number}.jpg" for number in range(20_050)])
    result = library.search.answer(Query())
    assert len(result.photo_ids) == len(result.scores) == len(result.whys) == 20_050
    assert result.photo_ids.tolist() == list(range(20_050, 0, -1))


def test_photos_of_a_folder_that_was_let_go_of_are_not_found_while_they_are_deleted(library: Library) -> None:
    add_named(library, [f"rose {number}.jpg" for number in range(6_000)])
    add_named(library, ["rose elsewhere.jpg"], "/pictures/other")
    catalog_of(library).folders.let_go_of(1)
    assert named(library, "rose") == named(library, "elsewhere") == ["rose elsewhere.jpg"]
    assert len(library.search.answer(Query()).photo_ids) == 1
