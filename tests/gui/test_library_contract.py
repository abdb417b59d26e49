"""What the window may expect of a library, asked of the one that its tests have and of a real one alike."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from photofind.core.disk.reading import in_place
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.answers import Why
from photofind.core.records.models import QUICK_LOOK
from photofind.core.records.photos import Folder
from photofind.core.records.query import Query
from photofind.core.steps import finish
from photofind.gui.needs import PhotoLibrary
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.gui.library_worlds import FakeWorld, RealWorld, World
from tests.pictures import COLORS, write_photo
from tests.tiny_clip import TINY_CLIP

NOON = 1_600_000_000


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    with Library(tmp_path / "library") as library:
        yield RealWorld(library)


@pytest.fixture
def library(world: World) -> PhotoLibrary:
    return world.library


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Eight small photos of one colour each, the first of them the newest."""
    folder = tmp_path / "photos"
    for place, (name, color) in enumerate(COLORS.items()):
        path = write_photo(folder / f"{name}.jpg", color, (64, 48), seed=place)
        os.utime(path, (NOON - place, NOON - place))
    return folder


@pytest.fixture
def watched(world: World, photos: Path) -> Folder:
    """A watched folder whose photos have all been seen."""
    added = finish(world.library.folders.adding(photos, in_place))
    world.look()
    return added


def names(library: PhotoLibrary, query: Query) -> list[str]:
    return [photo.name for photo in library.search.photos(library.search.answer(query).photo_ids.tolist())]


# Folders


def test_a_folder_is_watched_and_counts_its_photos_once_they_are_seen(
    world: World, library: PhotoLibrary, photos: Path
) -> None:
    assert library.folders.all() == []
    added = finish(library.folders.adding(photos, in_place))
    assert added.path == os.path.realpath(os.fsencode(photos))
    assert (added.online, added.photos, added.pending, added.failed, added.missing) == (True, 0, 0, 0, 0)
    assert library.folders.all() == [added]
    world.look()
    (now,) = library.folders.all()
    assert (now.id, now.path, now.photos, now.pending) == (added.id, added.path, 8, 0)
    assert library.embedding.counts.photos == 8


def test_folders_that_cannot_be_watched_are_refused(library: PhotoLibrary, tmp_path: Path) -> None:
    (tmp_path / "photos" / "inside").mkdir(parents=True)
    (tmp_path / "file").touch()
    finish(library.folders.adding(tmp_path / "photos", in_place))
    for refused, why in (
        (tmp_path / "nowhere", "There is no folder"),
        (tmp_path / "file", "There is no folder"),
        (tmp_path / "photos", "is already in the library"),
        (tmp_path / "photos" / "inside", "lies inside"),
        (tmp_path, "lies inside"),
    ):
        with pytest.raises(PhotofindError, match=why):
            finish(library.folders.adding(refused, in_place))
    assert len(library.folders.all()) == 1


def test_a_removed_folder_takes_its_photos_with_it(library: PhotoLibrary, watched: Folder, tmp_path: Path) -> None:
    other = finish(
        library.folders.adding(write_photo(tmp_path / "other" / "pink.jpg", (250, 150, 200)).parent, in_place)
    )
    library.folders.let_go(watched.path)
    assert library.folders.all() == [other]
    assert names(library, Query()) == []
    with pytest.raises(PhotofindError, match="is not in the library"):
        library.folders.let_go(watched.path)
    third = finish(library.folders.adding(Path(os.fsdecode(watched.path)), in_place))
    assert third.id not in (watched.id, other.id)


def test_a_folder_that_was_moved_is_located_with_all_that_is_known(
    world: World, library: PhotoLibrary, watched: Folder, tmp_path: Path
) -> None:
    before = library.search.answer(Query()).photo_ids.tolist()
    library.folders.set_exclusions(Exclusions((), (os.path.join(watched.path, b"private"),)))
    (tmp_path / "empty").mkdir()
    place = tmp_path / "elsewhere"
    os.rename(os.fsdecode(watched.path), place)
    world.look()
    assert [folder.online for folder in library.folders.all()] == [False]
    assert [photo.online for photo in library.search.photos(before)] == [False] * 8
    for refused, why in (
        (tmp_path / "nowhere", "There is no folder"),
        (tmp_path / "empty", "holds none of the photos"),
    ):
        with pytest.raises(PhotofindError, match=why):
            finish(library.folders.locating(watched.path, tmp_path / refused, in_place))
    with pytest.raises(PhotofindError, match="is not in the library"):
        finish(library.folders.locating(b"/no/such/folder", place, in_place))
    now = finish(library.folders.locating(watched.path, place, in_place))
    real = os.path.realpath(os.fsencode(place))
    assert (now.id, now.path, now.online, now.photos) == (watched.id, real, True, 8)
    assert library.search.answer(Query()).photo_ids.tolist() == before
    assert library.search.photos(before[:1])[0].path == os.path.join(real, b"red.jpg")
    assert library.folders.exclusions().folders == (os.path.join(real, b"private"),)


def test_photos_that_all_vanish_are_kept_until_the_person_says_that_they_are_deleted(
    world: World, library: PhotoLibrary, watched: Folder
) -> None:
    folder = Path(os.fsdecode(watched.path))
    (folder / "notes.txt").touch()
    for photo in folder.glob("*.jpg"):
        photo.unlink()
    world.look()
    (now,) = library.folders.all()
    assert (now.online, now.missing, now.photos) == (True, 8, 8)
    assert len(names(library, Query())) == 8
    assert finish(library.folders.accepting_missing(watched.path, in_place)) == 8
    (now,) = library.folders.all()
    assert (now.missing, now.photos) == (0, 0)
    assert names(library, Query()) == []


def test_of_a_folder_that_is_away_nothing_is_known_to_be_deleted(
    world: World, library: PhotoLibrary, watched: Folder
) -> None:
    shutil.rmtree(os.fsdecode(watched.path))
    world.look()
    with pytest.raises(PhotofindError, match="There is no folder"):
        finish(library.folders.accepting_missing(watched.path, in_place))
    assert len(names(library, Query())) == 8


# What is left out


def test_exclusions_are_previewed_before_they_are_set(world: World, library: PhotoLibrary, watched: Folder) -> None:
    assert library.folders.exclusions() == DEFAULT_EXCLUSIONS
    wanted = Exclusions(("b*.jpg",), ())
    preview = library.folders.preview_exclusions(wanted)
    assert (preview.dropped, preview.total) == (2, 8)
    assert sorted(preview.examples) == [os.path.join(watched.path, name) for name in (b"black.jpg", b"blue.jpg")]
    assert library.folders.exclusions() == DEFAULT_EXCLUSIONS
    library.folders.set_exclusions(wanted)
    assert library.folders.exclusions() == wanted
    world.look()
    assert {"black.jpg", "blue.jpg"}.isdisjoint(names(library, Query()))
    assert len(names(library, Query())) == 6


def test_only_so_many_examples_are_told(world: World, library: PhotoLibrary, tmp_path: Path) -> None:
    first = write_photo(tmp_path / "many" / "000.jpg", size=(8, 8))
    for number in range(1, 203):
        shutil.copy(first, first.with_name(f"{number:03}.jpg"))
    finish(library.folders.adding(first.parent, in_place))
    world.look()
    preview = library.folders.preview_exclusions(Exclusions(("*.jpg",), ()))
    assert (preview.dropped, preview.total, len(preview.examples)) == (203, 203, 200)


def test_the_share_that_may_vanish_is_kept_within_its_bounds(library: PhotoLibrary) -> None:
    assert library.folders.missing_share() == 0.2
    for wanted, kept in ((0.35, 0.35), (1.5, 1.0), (-1.0, 0.0)):
        library.folders.set_missing_share(wanted)
        assert library.folders.missing_share() == kept


# Searching


def test_the_newest_photos_come_first_and_all_of_them(library: PhotoLibrary, watched: Folder) -> None:
    answer = library.search.answer(Query(limit=3))
    assert names(library, Query(limit=3)) == [f"{name}.jpg" for name in COLORS]
    assert set(answer.whys.tolist()) == {Why.NEWEST}
    assert np.isnan(answer.scores).all()
    assert (answer.query, answer.likely, answer.searched, answer.total) == (Query(limit=3), 0, 8, 8)


@pytest.mark.parametrize("text", ["blue", " BLUE "])
def test_words_find_names_first_then_what_looks_like_them(library: PhotoLibrary, watched: Folder, text: str) -> None:
    answer = library.search.answer(Query(text=text))
    assert names(library, Query(text=text))[0] == "blue.jpg"
    assert answer.whys[0] == Why.NAME
    assert answer.likely >= 1
    assert len(set(answer.photo_ids.tolist())) == len(answer.photo_ids) == 8
    assert set(answer.whys[1:].tolist()) == {Why.LOOKS}
    assert (answer.searched, answer.total) == (8, 8)


def test_no_more_than_the_limit_is_answered(library: PhotoLibrary, watched: Folder) -> None:
    answer = library.search.answer(Query(text="blue", limit=3))
    assert len(answer.photo_ids) == len(answer.scores) == len(answer.whys) == 3
    assert answer.likely <= 3
    assert names(library, Query(text="blue", limit=1)) == ["blue.jpg"]


def test_words_that_nothing_holds_bring_no_likely_photo(library: PhotoLibrary, watched: Folder) -> None:
    answer = library.search.answer(Query(text="zebra"))
    assert answer.likely == 0
    assert Why.NAME not in answer.whys


def test_what_is_like_a_photo_is_not_the_photo_itself(library: PhotoLibrary, watched: Folder) -> None:
    asked = int(library.search.answer(Query()).photo_ids[0])
    answer = library.search.answer(Query(photo_id=asked))
    assert len(answer.photo_ids) == 7
    assert asked not in answer.photo_ids
    with pytest.raises(PhotofindError, match="not indexed yet"):
        library.search.answer(Query(photo_id=1000))


def test_photos_come_in_the_order_asked_for_without_those_that_are_gone(library: PhotoLibrary, watched: Folder) -> None:
    red, green = library.search.answer(Query()).photo_ids.tolist()[:2]
    found = library.search.photos([green, 1000, red])
    assert [(photo.id, photo.name) for photo in found] == [(green, "green.jpg"), (red, "red.jpg")]
    assert {(photo.folder, photo.online, photo.flaw) for photo in found} == {(watched.path, True, None)}


# Problems and damage


def test_what_cannot_be_read_is_a_problem_and_can_be_tried_again(
    world: World, library: PhotoLibrary, photos: Path
) -> None:
    bad, half = photos / "bad.jpg", photos / "red.jpg"
    bad.touch()
    world.cut(half)
    finish(library.folders.adding(photos, in_place))
    world.look()
    problems = {problem.path: problem for problem in library.care.problems_page(None, 99).problems}
    assert problems.keys() == {os.path.realpath(os.fsencode(path)) for path in (bad, half)}
    assert all(problem.reason and problem.since > 0 for problem in problems.values())
    assert library.embedding.counts.failed == 1
    assert [(folder.photos, folder.failed) for folder in library.folders.all()] == [(9, 1)]
    assert {"bad.jpg", "red.jpg"} & set(names(library, Query())) == {"red.jpg"}
    assert finish(library.care.retrying_failed()) == 1
    assert [problem.path for problem in library.care.problems_page(None, 99).problems] == [
        os.path.realpath(os.fsencode(half))
    ]
    assert library.embedding.counts.failed == 0
    world.look()
    assert len(library.care.problems_page(None, 99).problems) == 2


def test_a_sound_library_has_nothing_to_repair(library: PhotoLibrary, watched: Folder) -> None:
    assert library.care.check(repair=False) == []
    assert library.care.check(repair=True) == []


def test_it_is_said_what_answers_a_search(library: PhotoLibrary, watched: Folder) -> None:
    assert (library.search.searching.kind, library.search.searching.trial) == ("exact", None)
    assert "compares every photo" in str(library.search.searching.why)


def test_damage_is_found_until_it_is_repaired(world: World, library: PhotoLibrary, watched: Folder) -> None:
    world.lose_a_thumbnail()
    for _ in range(2):
        (found,) = library.care.check(repair=False)
        assert (str(found.what), found.count, found.repaired) == ("photos without a thumbnail", 1, False)
    assert [(finding.count, finding.repaired) for finding in library.care.check(repair=True)] == [(1, True)]
    assert library.care.check(repair=False) == []


# Models


def state(library: PhotoLibrary, name: str) -> tuple[bool, bool, bool]:
    """Return whether a model is installed, in use, and answers."""
    (model,) = (model for model in library.models.all() if model.name == name)
    return model.installed, model.in_use, model.answers


def in_use(library: PhotoLibrary) -> tuple[str, str]:
    return library.models.indexing.spec.name, library.models.answering.spec.name


def test_quick_look_is_in_use_to_begin_with(library: PhotoLibrary) -> None:
    assert state(library, QUICK_LOOK) == (True, True, True)
    assert in_use(library) == (QUICK_LOOK, QUICK_LOOK)


@pytest.mark.parametrize("name", ["no such model", "/no/such/folder"])
def test_a_model_that_is_not_there_is_refused(library: PhotoLibrary, name: str) -> None:
    with pytest.raises(PhotofindError):
        library.models.use(name)
    assert in_use(library) == (QUICK_LOOK, QUICK_LOOK)


def test_a_change_of_model_runs_until_all_is_seen_and_may_be_cancelled(
    world: World, library: PhotoLibrary, watched: Folder
) -> None:
    mine = str(TINY_CLIP)
    begun = library.models.use(mine)
    assert (begun.spec.name, begun.for_similar) == (library.models.indexing.spec.name, False)
    assert library.models.answering.spec.name == QUICK_LOOK
    assert state(library, mine) == (True, True, False)
    assert state(library, QUICK_LOOK) == (True, False, True)
    library.models.cancel_change()
    assert in_use(library) == (QUICK_LOOK, QUICK_LOOK)
    assert state(library, QUICK_LOOK) == (True, True, True)
    assert mine not in [model.name for model in library.models.all()]  # as nothing is kept of it
    library.models.cancel_change()  # of which there is none
    assert in_use(library) == (QUICK_LOOK, QUICK_LOOK)


def test_what_is_kept_of_a_model_is_deleted_once_it_is_not_in_use(
    world: World, library: PhotoLibrary, watched: Folder
) -> None:
    with pytest.raises(PhotofindError, match="in use"):
        finish(library.models.forgetting(QUICK_LOOK))
    library.models.use(str(TINY_CLIP))
    world.look()
    assert state(library, str(TINY_CLIP)) == (True, True, True)
    assert state(library, QUICK_LOOK) == (True, False, False)
    assert {model.kept_vectors for model in library.models.all() if model.name in (QUICK_LOOK, str(TINY_CLIP))} == {8}
    assert finish(library.models.forgetting(QUICK_LOOK)) == 8
    assert [model.kept_vectors for model in library.models.all() if model.name == QUICK_LOOK] == [0]
    with pytest.raises(PhotofindError, match="Nothing is kept"):
        finish(library.models.forgetting("no such model"))


def test_a_model_for_find_similar_stands_beside_the_others_until_it_is_stopped(
    library: PhotoLibrary, watched: Folder, tmp_path: Path
) -> None:
    second = str(make_tiny_similar_model(tmp_path / "second"))
    assert library.models.use(second).for_similar
    assert state(library, second) == (True, True, False)
    assert in_use(library) == (QUICK_LOOK, QUICK_LOOK)
    assert [model.name for model in library.models.all() if model.name == second and model.for_similar] == [second]
    library.models.cancel_change()  # which is none
    with pytest.raises(PhotofindError, match="in use"):
        finish(library.models.forgetting(second))
    library.models.stop_using(second)
    assert second not in [model.name for model in library.models.all()]  # as nothing is kept of it
    with pytest.raises(PhotofindError, match="Find similar"):
        library.models.stop_using(second)


def test_only_the_model_for_find_similar_can_be_stopped(library: PhotoLibrary) -> None:
    with pytest.raises(PhotofindError, match="Find similar"):
        library.models.stop_using(QUICK_LOOK)


def test_what_embeds_pictures_is_chosen(library: PhotoLibrary) -> None:
    assert library.models.devices().choice == "auto"
    library.models.use_device("cpu")
    devices = library.models.devices()
    assert (devices.choice, devices.uses_card, devices.in_use) == ("cpu", False, "CPU")
