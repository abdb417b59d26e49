"""What the list of models says of each: in use, answering, what it would cost, what is kept of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from photofind.core.library import Library
from photofind.core.records.models import ModelState
from tests.core.embedding.changing_models import change_to, embed_in_turns, watch_scenes
from tests.tiny_clip import TINY_CLIP


@pytest.fixture
def library_of_scenes(library: Library, tmp_path: Path) -> Library:
    """Twelve scenes, embedded with quick look."""
    watch_scenes(library, tmp_path / "scenes", 12)
    return library


@pytest.fixture
def own_model(tmp_path: Path) -> Path:
    """A model folder of the person's own."""
    model = tmp_path / "my model"
    shutil.copytree(TINY_CLIP, model, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return model


def state(library: Library, name: str | Path) -> ModelState:
    return next(model for model in library.models.all() if model.name == str(name))


def test_during_a_change_both_models_are_listed(library_of_scenes: Library, own_model: Path) -> None:
    library = library_of_scenes
    library.models.use(str(own_model))
    quick_look, mine = state(library, "quick look"), state(library, own_model)
    assert (quick_look.in_use, quick_look.answers) == (False, True)
    assert (mine.in_use, mine.answers, mine.to_embed, mine.dim) == (True, False, 12, 64)
    embed_in_turns(library)
    library.models.finish_change()
    assert (state(library, own_model).in_use, state(library, own_model).answers) == (True, True)
    assert not state(library, "quick look").answers
    library.models.use("quick look")
    library.models.forget(str(own_model))
    library.models.use(str(own_model))
    assert state(library, own_model).to_embed == 12
    assert state(library, "quick look").answers


def test_a_folder_of_ones_own_stays_in_the_list_while_vectors_of_it_are_kept(
    library_of_scenes: Library, own_model: Path
) -> None:
    library = library_of_scenes
    change_to(library, own_model)
    change_to(library, "quick look")
    mine = state(library, own_model)
    assert (mine.installed, mine.in_use, mine.to_embed) == (True, False, 0)
    assert (mine.kept_vectors, mine.kept_bytes) == (12, 12 * 64 * 2)
    library.models.forget(str(own_model))
    assert str(own_model) not in [model.name for model in library.models.all()]


def test_what_is_kept_of_a_folder_that_is_gone_can_still_be_deleted(
    library_of_scenes: Library, own_model: Path
) -> None:
    library = library_of_scenes
    change_to(library, own_model)
    change_to(library, "quick look")
    shutil.rmtree(own_model)
    mine = state(library, own_model)
    assert (mine.installed, mine.kept_vectors) == (False, 12)
    assert "not there any more" in str(mine.good_for)
    assert library.models.forget(str(own_model)) == 12
    assert str(own_model) not in [model.name for model in library.models.all()]


def test_what_is_kept_of_a_model_that_was_deleted_from_the_disk_is_listed(library_of_scenes: Library) -> None:
    library = library_of_scenes
    installed = library.directory / "models" / "small"
    shutil.copytree(TINY_CLIP, installed, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    change_to(library, "small")
    change_to(library, "quick look")
    assert state(library, "small").kept_vectors == 12
    shutil.rmtree(installed)
    assert (state(library, "small").installed, state(library, "small").kept_vectors) == (False, 12)
    assert library.models.forget("small") == 12
    assert state(library, "small").kept_vectors == 0
