"""A library whose model is not offered any more, or cannot be read: what it learned stays, and finds similar photos."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from photofind.core.library import Library
from photofind.core.records.models import ModelState
from photofind.core.records.query import Query
from tests.core.embedding.changing_models import change_to, embed_in_turns, ids, similar, watch_scenes
from tests.core.sync.test_scan_and_sync import sync
from tests.pictures import write_photo
from tests.tiny_clip import TINY_CLIP

NAME, OTHER = "more languages", "multilingual"


def installed(library: Path, name: str = NAME) -> Path:
    return library / "models" / name


def install(library: Path, name: str) -> None:
    shutil.copytree(TINY_CLIP, installed(library, name), ignore=shutil.ignore_patterns("*.py", "__pycache__"))


def have_it_read_by_transformers(library: Path) -> None:
    """Make of the model what was offered under this name: photofind cannot build its text tower any more."""
    config = installed(library) / "open_clip_config.json"
    told = json.loads(config.read_text())
    told["model_cfg"]["text_cfg"]["hf_model_name"] = "xlm-roberta-base"
    config.write_text(json.dumps(told))


def delete_it(library: Path) -> None:
    shutil.rmtree(installed(library))


class Before(NamedTuple):
    """A closed library that used the model: its folder, one of its photos, and what was similar to that."""

    directory: Path
    photo: int
    found: list[int]


@pytest.fixture
def before(tmp_path: Path) -> Before:
    """A library of twelve scenes."""
    library = Library(tmp_path / "library")
    watch_scenes(library, tmp_path / "scenes", 12)
    install(library.directory, NAME)
    change_to(library, NAME)
    photo = ids(library)["scenes/00.jpg"]
    found = similar(library, photo)
    library.close()
    return Before(library.directory, photo, found)


every_way = pytest.mark.parametrize("lose", [have_it_read_by_transformers, delete_it])


def state(library: Library, name: str) -> ModelState | None:
    return next((model for model in library.models.all() if model.name == name), None)


@every_way
def test_it_opens_keeps_all_vectors_and_tells_what_takes_its_place(
    before: Before, lose: Callable[[Path], None]
) -> None:
    lose(before.directory)
    with Library(before.directory) as library:
        said = str(library.notice)
        assert f"“{NAME}” is not offered any more; “{OTHER}” takes its place" in said
        assert f"photofind models get {OTHER}" in said
        assert "Find similar goes on" in said
        kept = state(library, NAME)
        assert kept is not None
        assert (kept.installed, kept.kept_vectors, kept.download_bytes) == (False, 12, 0)
        assert str(kept.good_for) == f"Offered formerly; “{OTHER}” takes its place."


@every_way
def test_find_similar_answers_by_what_it_learned(before: Before, lose: Callable[[Path], None]) -> None:
    lose(before.directory)
    with Library(before.directory) as library:
        assert similar(library, before.photo) == before.found
        assert library.search.answer(Query(photo_id=before.photo)).model == NAME
        embed_in_turns(library)
        assert similar(library, before.photo) == before.found
        assert library.search.answer(Query(text="red")).model == "quick look"


def test_so_it_is_for_who_only_reads(before: Before) -> None:
    delete_it(before.directory)
    with Library(before.directory, read_only=True) as library:
        hits = library.search.answer(Query(photo_id=before.photo, limit=5))
        assert [int(i) for i in hits.photo_ids] == before.found


def test_a_photo_that_it_never_saw_is_compared_by_quick_look(before: Before, tmp_path: Path) -> None:
    delete_it(before.directory)
    with Library(before.directory) as library:
        write_photo(tmp_path / "scenes" / "new.jpg", (200, 10, 10))
        sync(library)
        embed_in_turns(library)
        new = ids(library)["scenes/new.jpg"]
        assert library.search.answer(Query(photo_id=new)).model == "quick look"
        assert library.search.answer(Query(photo_id=before.photo)).model == NAME


def test_once_most_photos_are_new_to_it_quick_look_answers(before: Before, tmp_path: Path) -> None:
    delete_it(before.directory)
    with Library(before.directory) as library:
        for number in range(3):
            write_photo(tmp_path / "scenes" / f"new{number}.jpg", (200, 10 * number, 10), seed=number)
        sync(library)
        embed_in_turns(library)
        assert library.search.answer(Query(photo_id=before.photo)).model == "quick look"


@pytest.mark.parametrize("choice", ["quick look", "small"])
def test_another_choice_ends_it_and_the_vectors_are_still_kept(before: Before, choice: str) -> None:
    delete_it(before.directory)
    install(before.directory, "small")
    config = installed(before.directory, "small") / "open_clip_config.json"
    config.write_text(config.read_text().replace('"preprocess_cfg": {', '"preprocess_cfg": {"fill_color": 3, '))
    with Library(before.directory) as library:
        embed_in_turns(library)
        change_to(library, choice)
        assert library.search.answer(Query(photo_id=before.photo)).model == choice
    with Library(before.directory) as again:
        assert again.notice is None
        assert again.models.answering.reference == choice
        kept = state(again, NAME)
        assert kept is not None
        assert kept.kept_vectors == 12


def test_what_it_learned_can_be_deleted(before: Before) -> None:
    delete_it(before.directory)
    with Library(before.directory) as library:
        library.search.catch_up(10)
        assert library.models.forget(NAME) == 12
        assert state(library, NAME) is None
        embed_in_turns(library)
        assert library.search.answer(Query(photo_id=before.photo)).model == "quick look"


def test_one_that_can_be_run_still_goes_on_and_is_listed_with_what_takes_its_place(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        watch_scenes(library, tmp_path / "scenes", 12)
        assert [model.name for model in library.models.all() if model.name in ("better", "best")] == []
        install(library.directory, "best")
        change_to(library, "best")
    with Library(tmp_path / "library") as again:
        assert (again.notice, again.models.answering.reference) == (None, "best")
        best = state(again, "best")
        assert best is not None
        assert (best.installed, best.in_use, best.answers, best.download_bytes) == (True, True, True, 0)
        assert str(best.good_for) == "Offered formerly; “best for GPU” takes its place."


def test_a_model_of_ones_own_on_a_drive_that_is_away_finds_similar_photos_too(tmp_path: Path) -> None:
    model = tmp_path / "drive" / "mine"
    shutil.copytree(TINY_CLIP, model, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with Library(tmp_path / "library") as library:
        watch_scenes(library, tmp_path / "scenes", 12)
        change_to(library, model)
        first = ids(library)["scenes/00.jpg"]
        found = similar(library, first)
    model.parent.rename(tmp_path / "away")
    with Library(tmp_path / "library") as away:
        embed_in_turns(away)
        assert similar(away, first) == found
        assert away.search.answer(Query(photo_id=first)).model == "mine"
    (tmp_path / "away").rename(model.parent)
    with Library(tmp_path / "library") as back:
        assert (back.notice, similar(back, first)) == (None, found)
