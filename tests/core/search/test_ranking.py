"""Which photos an answer has, in which order, how many of them are likely, and which must not be in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photofind.core.library import Library
from photofind.core.records.answers import SearchResult, Why
from photofind.core.records.query import Query
from tests.bench.libraries import fill_library
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import answering_of, sql
from tests.pictures import COLORS, write_photo
from tests.tiny_clip import TINY_CLIP

# More than an answer counts, and as many as half precision tells apart.
MANY = 3_000


def fill(library: Library, folder: Path, photos: dict[str, str]) -> None:
    """Watch a folder of photos, each name with a colour, and embed them."""
    for seed, (name, color) in enumerate(photos.items()):
        write_photo(folder / name, COLORS[color], (40, 30), seed=seed)
    library.folders.add(folder)
    sync(library)
    embed(library)
    library.search.catch_up(60)


def names(library: Library, result: SearchResult, why: Why | None = None) -> list[str]:
    """Return the names of hits in order, those that are hits for one reason alone if it is given."""
    kept = [i for i, kind in zip(result.photo_ids.tolist(), result.whys.tolist(), strict=True) if why in (None, kind)]
    return [photo.name for photo in library.search.photos(kept)]


@pytest.fixture
def fan(library: Library) -> Library:
    """A library whose photos turn away from the first one, step by step: the nearest to it are 2, 3, 4 and so on."""
    cosines = np.linspace(1, -1, MANY)
    vectors = np.zeros((MANY, answering_of(library).spec.dim), np.float32)
    vectors[:, 0], vectors[:, 1] = cosines, np.sqrt(1 - cosines**2)
    fill_library(library, vectors)
    return library


def test_photos_that_are_hidden_make_room_for_those_behind_them(fan: Library) -> None:
    """However many of the nearest are gone or failed."""
    sql(fan).execute("UPDATE photo SET gone_since = 1 WHERE id BETWEEN 2 AND 1000")
    sql(fan).execute("UPDATE photo SET state = 2, width = NULL WHERE id BETWEEN 1001 AND 2000")
    result = fan.search.answer(Query(photo_id=1, limit=10))
    assert result.photo_ids.tolist() == list(range(2001, 2011))
    assert not np.isnan(result.scores).any()


def test_the_photo_itself_is_not_like_itself(fan: Library) -> None:
    found = fan.search.answer(Query(photo_id=1500, limit=50)).photo_ids.tolist()
    assert 1500 not in found
    assert set(found) <= set(range(1450, 1551))
    assert len(found) == 50


def test_all_photos_are_shown_before_anything_is_asked(fan: Library) -> None:
    result = fan.search.answer(Query())
    assert result.photo_ids.tolist() == list(range(MANY, 0, -1)), "the newest first"
    assert set(result.whys.tolist()) == {Why.NEWEST}
    assert result.likely == 0


def test_the_newest_are_as_many_searched_as_before_while_they_are_embedded_for_another_model(
    library: Library, tmp_path: Path
) -> None:
    fill(library, tmp_path / "colours", {f"{color}.jpg": color for color in COLORS})
    library.models.use(str(TINY_CLIP))
    assert library.embedding.counts.embedded == 0
    newest, words = library.search.answer(Query()), library.search.answer(Query(text="green"))

    assert (newest.searched, newest.total) == (words.searched, words.total) == (len(COLORS), len(COLORS))


def test_photos_that_are_gone_or_failed_are_in_no_answer(library: Library, tmp_path: Path) -> None:
    fill(library, tmp_path / "photos", {"red one.jpg": "red", "red two.jpg": "red", "red three.jpg": "red"})
    gone, failed, there = sorted(library.search.answer(Query()).photo_ids.tolist())
    library.folders.forget([gone])
    sql(library).execute("UPDATE photo SET state = 2, reason = 'file_empty' WHERE id = ?", [failed])
    for query in (Query(), Query(text="red"), Query(text="one"), Query(photo_id=there)):
        assert set(library.search.answer(query).photo_ids.tolist()) <= {there}, query


def test_likely_counts_each_photo_once_whether_its_name_was_found_or_its_looks(
    library: Library, tmp_path: Path
) -> None:
    reds = ["red.jpg", "rose.jpg", "wine.jpg", "brick.jpg"]
    others = {f"other {color} {n}.jpg": color for color in ("blue", "green", "white", "yellow") for n in range(5)}
    fill(library, tmp_path / "photos", dict.fromkeys(reds, "red") | others)
    result = library.search.answer(Query(text="red"))
    found = names(library, result)
    assert found[0] == "red.jpg"
    assert names(library, result, Why.NAME) == ["red.jpg"]
    assert result.likely == 4
    assert sorted(found[:4]) == sorted(reds)
    assert len(found) == len(set(found)) == 24


def test_what_was_found_by_name_comes_first_though_it_looks_otherwise(library: Library, tmp_path: Path) -> None:
    fill(library, tmp_path / "photos", {"a.jpg": "red", "b.jpg": "red", "not red.jpg": "blue", "c.jpg": "green"})
    found = names(library, library.search.answer(Query(text="red")))
    assert found[0] == "not red.jpg"
    assert set(found[1:3]) == {"a.jpg", "b.jpg"}


def test_long_words_count_to_their_end(library: Library, tmp_path: Path) -> None:
    fill(library, tmp_path / "photos", dict.fromkeys(["Donaudampfschifffahrtskapitän.jpg"], "red"))
    fill(library, tmp_path / "more", dict.fromkeys(["Donaudampfschifffahrtsgesellschaft.jpg"], "blue"))
    for word in ("Donaudampfschifffahrtskapitän", "Donaudampfschifffahrtsgesellschaft"):
        result = library.search.answer(Query(text=word))
        assert names(library, result, Why.NAME) == [f"{word}.jpg"]


def test_the_limit_cuts_the_answer_and_nothing_else(fan: Library) -> None:
    whole = fan.search.answer(Query(photo_id=1, limit=500))
    short = fan.search.answer(Query(photo_id=1, limit=7))
    assert short.photo_ids.tolist() == whole.photo_ids.tolist()[:7]
    np.testing.assert_allclose(short.scores, whole.scores[:7], atol=1e-6)
