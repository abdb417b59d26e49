"""What files say of photos is kept beside their rows, and goes with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.facts import said_by, sort_time
from photofind.core.disk.volumes import volume_of
from photofind.core.records.decoded import Metadata
from photofind.core.records.facts import READER_VERSION, TagKind, TakenFrom
from tests.inside import sql

SAYS_MUCH = Metadata(
    taken="2007-06-30",
    camera="Maker One",
    latitude=48.5,
    longitude=11.25,
    taken_from=TakenFrom.XMP,
    zone="+02:00",
    title="A walk",
    caption="Along\nthe river",
    keywords=("walk", "River"),
    people=("Anna Ö",),
    places=("Oslo",),
    traits=("raw",),
)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    folder = opened.folders.add(b"/photos", volume_of(b"/"))
    opened.scanned.insert(folder, [(b"%d.jpg" % n, (1, 10**18, 1, n), 1) for n in (1, 2, 3)])
    with sql(opened).atomic():
        sql(opened).execute("UPDATE photo SET width = 4, height = 3, state = 1")
    yield opened
    opened.close()


def tagged(catalog: Catalog, kind: TagKind, folded: str) -> list[int]:
    query = "SELECT photo_id FROM tagged WHERE tag_id IN (SELECT id FROM tag WHERE kind = ? AND folded = ?)"
    return sorted(row[0] for row in sql(catalog).execute(query, [kind, folded]))


def said(catalog: Catalog, photo_id: int) -> str | None:
    row = sql(catalog).execute("SELECT words FROM said WHERE photo_id = ?", [photo_id]).fetchone()
    return None if row is None else str(row[0])


def test_what_a_file_says_is_shown_searched_and_filtered_by(catalog: Catalog) -> None:
    catalog.facts.learn([(1, SAYS_MUCH), (2, replace(SAYS_MUCH, keywords=("river",), zone=None))])
    first, second = catalog.photos.get([1, 2])
    assert (first.taken, first.taken_from, first.zone) == ("2007-06-30", "xmp", "+02:00")
    assert (second.camera, second.zone) == ("Maker One", None)
    assert said(catalog, 1) == "A walk\nAlong the river\nwalk\nRiver\nAnna Ö\nOslo"
    assert tagged(catalog, TagKind.KEYWORD, "river") == [1, 2]
    assert tagged(catalog, TagKind.KEYWORD, "walk") == [1]
    assert tagged(catalog, TagKind.PERSON, "anna ö") == [1, 2]
    assert tagged(catalog, TagKind.PERSON, "river") == []
    assert tagged(catalog, TagKind.IS, "raw") == [1, 2]


def test_a_tag_is_found_by_one_look_into_an_index(catalog: Catalog) -> None:
    query = "SELECT photo_id FROM tagged WHERE tag_id IN (SELECT id FROM tag WHERE kind = 'person' AND folded = 'anna')"
    steps = [step for *_, step in sql(catalog).execute(f"EXPLAIN QUERY PLAN {query}")]
    assert not [step for step in steps if step.startswith("SCAN")]


def test_what_is_read_again_takes_the_place_of_what_was_known(catalog: Catalog) -> None:
    catalog.facts.learn([(1, SAYS_MUCH)])
    catalog.words.refresh(10)
    catalog.facts.learn([(1, Metadata(keywords=("sea",)))])
    (photo,) = catalog.photos.get([1])
    assert (photo.taken, photo.camera, photo.taken_from) == (None, None, None)
    assert said(catalog, 1) == "sea"
    assert tagged(catalog, TagKind.KEYWORD, "walk") == []
    assert sql(catalog).execute("SELECT sort_time FROM photo WHERE id = 1").fetchone() == (1e9,)
    catalog.facts.learn([(1, Metadata())])
    assert said(catalog, 1) is None


def test_words_are_due_only_where_they_are_other_ones(catalog: Catalog) -> None:
    catalog.facts.learn([(1, SAYS_MUCH), (2, Metadata())])
    due = "SELECT id FROM photo WHERE words_due"
    assert sql(catalog).execute(due).fetchall() == [(1,)]
    catalog.words.refresh(10)
    catalog.facts.learn([(1, replace(SAYS_MUCH, taken="2001-02-03", zone="+03:00", rating=3))])
    assert sql(catalog).execute(due).fetchall() == []
    catalog.facts.learn([(1, replace(SAYS_MUCH, also=("more",)))])
    assert sql(catalog).execute(due).fetchall() == [(1,)]


def test_photos_wait_until_this_reader_has_read_them(catalog: Catalog) -> None:
    assert catalog.facts.count_due() == 3
    assert [photo.id for photo in catalog.facts.due(2)] == [1, 2]
    assert [photo.path for photo in catalog.facts.due(5, skip=[1, 3])] == [b"/photos/2.jpg"]
    catalog.facts.learn([(2, SAYS_MUCH)])
    catalog.facts.note_read([3])
    assert [photo.id for photo in catalog.facts.due(5)] == [1]
    assert sql(catalog).execute("SELECT facts_version FROM photo").fetchall() == [
        (version,) for version in (0, READER_VERSION, READER_VERSION)
    ]


def test_photos_of_away_folders_wait_until_they_are_back(catalog: Catalog) -> None:
    catalog.folders.set_away(1)
    assert catalog.facts.due(5) == []
    assert catalog.facts.count_due() == 3
    catalog.folders.set_present(1, volume_of(b"/"))
    assert len(catalog.facts.due(5)) == 3


def test_photos_that_are_gone_failed_or_never_opened_do_not_wait(catalog: Catalog) -> None:
    with sql(catalog).atomic():
        sql(catalog).execute("UPDATE photo SET state = 2 WHERE id = 1")
        sql(catalog).execute("UPDATE photo SET width = NULL WHERE id = 2")
    catalog.scanned.hide([3])
    assert catalog.facts.count_due() == 0


@pytest.mark.parametrize(
    ("source", "is_due"), [(TakenFrom.EXIF, False), (TakenFrom.NAME, True), (TakenFrom.FILE, True)]
)
def test_a_renamed_photo_is_read_again_where_its_name_may_say_its_date(
    catalog: Catalog, source: TakenFrom, is_due: bool
) -> None:
    catalog.facts.learn([(i, replace(SAYS_MUCH, taken_from=source)) for i in (1, 2, 3)])
    catalog.scanned.rename(1, [(2, (b"other.jpg", (1, 1, 1, 1), 1))])
    assert [photo.id for photo in catalog.facts.due(5)] == ([2] if is_due else [])


def test_a_deleted_photo_leaves_nothing_behind(catalog: Catalog) -> None:
    catalog.facts.learn([(1, SAYS_MUCH), (2, SAYS_MUCH)])
    catalog.photos.delete([1])
    for table in ("facts", "tagged", "said"):
        assert sql(catalog).execute(f"SELECT DISTINCT photo_id FROM {table}").fetchall() == [(2,)]


@pytest.mark.parametrize(
    ("taken", "day"), [("2007", "2007-01-01"), ("2007-06", "2007-06-01"), ("2007-06-30", "2007-06-30")]
)
def test_a_date_known_to_the_month_is_sorted_by_its_beginning(taken: str, day: str) -> None:
    assert sort_time(taken) == sort_time(f"{day}T00:00:00")


def test_what_is_said_twice_is_kept_once() -> None:
    assert said_by(Metadata(title="Sea", keywords=("Sea", "sea"), caption="  ")) == "Sea\nsea"


def test_what_is_said_is_bounded() -> None:
    words = tuple(f"{n} " + "x" * 190 for n in range(300))
    assert len(said_by(Metadata(keywords=words, people=words, places=words))) <= 20_000
