"""The model for Find similar is chosen, stopped, replaced, deleted, and away: the one for words stays what it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from tests.core.embedding.changing_models import vector, watch_scenes
from tests.core.embedding.similar_model import PHOTOS, asked, id_of, second, see_photos, state
from tests.core.embedding.similar_model import made as made
from tests.core.embedding.similar_model import model as model
from tests.core.embedding.similar_model import ready as ready
from tests.core.embedding.similar_model import scenes as scenes
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import look_alikes_of
from tests.pictures import write_photo
from tests.tiny_clip import TINY_CLIP

# On, off, away


def test_off_keeps_the_vectors_and_on_again_is_instant(ready: Library, model: Path) -> None:
    on = state(ready, model)
    assert (on.for_similar, on.in_use, on.answers, on.to_embed) == (True, True, True, 0)
    ready.models.stop_using(str(model))
    off = state(ready, model)
    assert (off.for_similar, off.in_use, off.answers, off.kept_vectors) == (True, False, False, PHOTOS)
    assert asked(ready, 3) == "quick look"
    assert look_alikes_of(ready).is_finished
    ready.models.use(str(model))
    ready.search.catch_up(10)
    assert asked(ready, 3) == "twins"


def test_what_came_while_it_was_off_is_seen_before_it_answers_again(ready: Library, model: Path, scenes: Path) -> None:
    ready.models.stop_using(str(model))
    write_photo(scenes / "new.jpg", size=(640, 480))
    sync(ready)
    embed(ready)
    ready.models.use(str(model))
    assert asked(ready, 3) == "quick look"
    assert see_photos(ready) == [id_of(ready, "new.jpg")]
    assert asked(ready, 3) == "twins"


def test_its_vectors_are_deleted_only_once_it_is_off(ready: Library, model: Path) -> None:
    caches = ready.directory / "vectors" / str(second(ready).embeddings.model)
    ready.search.catch_up(10)
    with pytest.raises(PhotofindError, match="in use; stop using it first"):
        ready.models.forget(str(model))
    ready.models.stop_using(str(model))
    assert ready.models.forget(str(model)) == PHOTOS
    assert not caches.exists()
    ready.models.use(str(model))
    assert asked(ready, 3) == "quick look"
    assert len(see_photos(ready)) == PHOTOS


def test_only_what_is_used_for_find_similar_can_be_stopped(ready: Library, model: Path) -> None:
    for name in ("quick look", "look-alikes", str(TINY_CLIP)):
        with pytest.raises(PhotofindError, match="not the one for Find similar"):
            ready.models.stop_using(name)
    ready.models.stop_using(str(model))
    with pytest.raises(PhotofindError, match="not the one for Find similar"):
        ready.models.stop_using(str(model))


def test_the_other_model_stays_what_it_is(ready: Library, model: Path) -> None:
    assert (ready.models.answering.reference, ready.models.indexing.reference) == ("quick look", "quick look")
    assert (ready.embedding.counts.embedded, ready.embedding.counts.pending) == (PHOTOS, 0)
    assert not state(ready, "quick look").for_similar
    assert vector(ready, 3) is not None


def test_another_model_for_find_similar_takes_its_place(ready: Library, model: Path, tmp_path: Path) -> None:
    other = make_tiny_similar_model(tmp_path / "others", seed=1)
    ready.models.use(str(other))
    assert asked(ready, 3) == "quick look"
    assert not state(ready, model).in_use
    see_photos(ready)
    assert asked(ready, 3) == "others"


def test_an_installed_one_is_not_taken_for_a_model_that_knows_words(library: Library, model: Path) -> None:
    installed = library.directory / "models" / "look-alikes"
    installed.parent.mkdir(parents=True)
    shutil.copytree(model, installed)
    assert not library.models.adopt_installed()
    library.models.use("look-alikes")
    assert (state(library, "look-alikes").in_use, library.models.answering.reference) == (True, "quick look")


def test_a_model_whose_drive_is_away_is_chosen_still_when_it_is_back(tmp_path: Path, model: Path) -> None:
    library = Library(tmp_path / "library")
    watch_scenes(library, tmp_path / "scenes", PHOTOS)
    library.models.use(str(model))
    see_photos(library)
    library.close()
    model.rename(tmp_path / "away")
    away = Library(tmp_path / "library")
    assert str(away.notice) == f"There is no folder “{model}”. Find similar goes on without it."
    assert asked(away, 3) == "quick look"
    mine = state(away, model)
    assert (mine.for_similar, mine.installed, mine.in_use, mine.kept_vectors) == (True, False, True, PHOTOS)
    assert look_alikes_of(away).is_finished
    with pytest.raises(PhotofindError, match="in use; stop using it first"):
        away.models.forget(str(model))
    away.close()
    (tmp_path / "away").rename(model)
    back = Library(tmp_path / "library")
    back.search.catch_up(10)
    assert (back.notice, asked(back, 3)) == (None, "twins")
    back.close()


def test_one_that_is_away_can_be_stopped(tmp_path: Path, model: Path) -> None:
    library = Library(tmp_path / "library")
    library.models.use(str(model))
    library.close()
    shutil.rmtree(model)
    away = Library(tmp_path / "library")
    away.models.stop_using(str(model))
    away.close()
    last = Library(tmp_path / "library")
    assert last.notice is None
    last.close()


def test_the_device_that_is_chosen_is_its_device_too(ready: Library) -> None:
    before = second(ready).encoder
    ready.models.use_device("cpu")
    assert second(ready).encoder is not before
