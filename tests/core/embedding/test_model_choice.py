"""Changing the model, thinking better of it, going back, and what is kept of those that were in use."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path

import pytest

from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.models.offered import downloadable
from photofind.core.records.answers import Why
from photofind.core.records.query import Query
from photofind.core.steps import finish
from tests.core.embedding.changing_models import (
    SAMPLE,
    change_to,
    embed_in_turns,
    ids,
    labels_given,
    similar,
    vector,
    watch_scenes,
)
from tests.core.encoders.test_text_tower import folder_with
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import answering_of, indexing_of, sql
from tests.pictures import write_photo
from tests.tiny_clip import TINY_CLIP


@pytest.fixture
def scenes(library: Library, tmp_path: Path) -> Path:
    """Sixty scenes, embedded with quick look."""
    return watch_scenes(library, tmp_path / "scenes")


@pytest.fixture
def own_model(tmp_path: Path) -> Path:
    """A model folder of the person's own."""
    model = tmp_path / "my model"
    shutil.copytree(TINY_CLIP, model, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return model


# Cancelling


@pytest.mark.parametrize("steps", [0, 2, 7])
def test_a_change_that_is_cancelled_is_as_if_it_had_not_been(library: Library, scenes: Path, steps: int) -> None:
    before = library.search.answer(Query(text="red"))
    library.models.use(str(TINY_CLIP))
    embed_in_turns(library, most_steps=steps)
    write_photo(scenes / "new.jpg", size=(800, 600))
    sync(library)
    library.models.cancel_change()
    assert indexing_of(library) is answering_of(library)
    assert (library.embedding.counts.embedded, library.embedding.counts.pending) == (60, 1), (
        "the new one is still to be done"
    )
    after = library.search.answer(Query(text="red"))
    assert (after.model, after.photo_ids.tolist()) == ("quick look", before.photo_ids.tolist())
    assert len(embed_in_turns(library).opened) == 1
    assert library.care.check(repair=False) == []


def test_what_was_embedded_before_the_cancelling_is_not_embedded_again(library: Library, tmp_path: Path) -> None:
    watch_scenes(library, tmp_path / "scenes", 100)
    library.models.use(str(TINY_CLIP))
    first = embed_in_turns(library, most_steps=7)
    library.models.cancel_change()
    second = change_to(library, TINY_CLIP)
    done = [*first.opened, *first.from_thumbnail, *second.opened, *second.from_thumbnail]
    assert len(first.from_thumbnail) > 0
    assert second.opened == [], "what the sample said is remembered"
    assert sorted(done) == sorted(ids(library).values())


def test_a_photo_that_came_during_a_cancelled_change_is_embedded_for_the_old_model(
    library: Library, scenes: Path
) -> None:
    library.models.use(str(TINY_CLIP))
    write_photo(scenes / "new.jpg", size=(800, 600))
    sync(library)
    embed_in_turns(library)
    library.models.cancel_change()
    assert library.embedding.counts.pending == 1
    embed_in_turns(library)
    assert library.embedding.counts.pending == 0
    assert similar(library, ids(library)["scenes/new.jpg"]), "it has a vector of the model that answers"


def test_a_photo_that_came_during_a_change_is_found_by_its_name_before_the_new_model_answers(
    library: Library, scenes: Path
) -> None:
    library.models.use(str(TINY_CLIP))
    write_photo(scenes / "lighthouse.jpg", size=(800, 600))
    (scenes / "07.jpg").rename(scenes / "lighthouse red.jpg")
    sync(library)
    embed_in_turns(library)
    library.search.catch_up(float("inf"))
    seen_by_both, new = (ids(library)[f"scenes/lighthouse{name}.jpg"] for name in (" red", ""))
    answer = library.search.answer(Query(text="lighthouse"))
    assert answer.model == "quick look"
    found = [int(i) for i, why in zip(answer.photo_ids, answer.whys, strict=True) if why == Why.NAME]
    assert sorted(found) == sorted([seen_by_both, new])
    assert answer.likely >= 2
    assert math.isnan(answer.scores[found.index(new)]), "what answers has not seen it"


def test_photos_that_lost_their_thumbnail_still_need_one_after_a_cancelled_change(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    watch_scenes(library, tmp_path / "scenes", 50)
    library.models.use(str(TINY_CLIP))
    library.close()
    (tmp_path / "library" / "thumbnails.sqlite").unlink()
    again = Library(tmp_path / "library")
    again.models.cancel_change()
    assert again.embedding.counts.pending == 50
    assert embed(again) == 0, "known vectors are taken over"
    assert again.care.check(repair=False) == []
    again.close()


def test_there_may_be_nothing_to_cancel(library: Library, scenes: Path) -> None:
    library.models.cancel_change()
    assert (library.embedding.counts.embedded, library.embedding.counts.pending) == (60, 0)


# Quitting


def test_a_change_goes_on_after_quitting_where_it_was(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    watch_scenes(library, tmp_path / "scenes")
    library.models.use(str(TINY_CLIP))
    first = embed_in_turns(library, most_steps=6)
    library.close()
    again = Library(tmp_path / "library")
    again.search.catch_up(10)
    assert again.search.answer(Query(text="red")).model == "quick look"
    second = embed_in_turns(again)
    assert again.models.finish_change()
    assert len(first.opened) == SAMPLE
    assert second.opened == [], "what the sample said is remembered"
    assert len(first.from_thumbnail) + len(second.from_thumbnail) == 60 - SAMPLE
    assert labels_given(again) == 120, "nothing is embedded twice"
    again.close()


def test_a_change_to_a_model_that_went_away_ends_with_the_one_that_answers(tmp_path: Path, own_model: Path) -> None:
    library = Library(tmp_path / "library")
    watch_scenes(library, tmp_path / "scenes", 8)
    change_to(library, TINY_CLIP)
    (own_model / "open_clip_config.json").write_text(
        (own_model / "open_clip_config.json").read_text().replace("bicubic", "bilinear")
    )
    library.models.use(str(own_model))
    library.close()
    shutil.rmtree(own_model)
    again = Library(tmp_path / "library")
    assert "“tiny_clip” is used instead" in str(again.notice)
    assert indexing_of(again) is answering_of(again)
    assert (again.models.answering.reference, again.embedding.counts.pending) == (str(TINY_CLIP), 0)
    again.close()
    Library(tmp_path / "library").close()


# What is kept


def test_a_name_means_the_offered_model_whatever_lies_in_the_present_folder(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("small", "mine"):
        shutil.copytree(TINY_CLIP, tmp_path / "here" / name)
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(PhotofindError, match="“small” is not installed"):
        library.models.use("small")
    with pytest.raises(PhotofindError, match="no model called “mine”"):
        library.models.use("mine")
    library.models.use("./mine")
    assert library.models.indexing.folder == tmp_path / "here" / "mine"


def test_going_back_is_instant_and_opens_nothing(library: Library, scenes: Path) -> None:
    change_to(library, TINY_CLIP)
    assert library.models.lacking("quick look") == 0
    library.models.use("quick look")
    assert library.models.answering.spec.name == "quick look"
    assert (
        library.embedding.counts.pending,
        library.embedding.pending(1),
        library.embedding.due_thumbnails(1, ()),
    ) == (0, [], [])


def test_how_many_photos_a_model_lacks(library: Library, scenes: Path) -> None:
    assert library.models.lacking("quick look") == 0
    assert library.models.lacking(str(TINY_CLIP)) == 60
    assert library.models.lacking(downloadable()[0].name) == 60, "it is not even installed"
    library.models.use(str(TINY_CLIP))
    embed_in_turns(library, most_steps=2)
    assert library.models.lacking(str(TINY_CLIP)) == 60 - 16
    write_photo(scenes / "00.jpg", size=(800, 600))
    sync(library)
    assert library.models.lacking("quick look") == 1, "its file has changed"


def kept(library: Library) -> dict[str, tuple[int, int]]:
    return {one.name: (one.vectors, one.bytes) for one in library.models.kept()}


def test_old_vectors_are_kept_until_they_are_forgotten(library: Library, scenes: Path) -> None:
    dim = library.models.answering.spec.dim
    change_to(library, TINY_CLIP)
    assert kept(library) == {"quick look": (60, 60 * dim * 2), "tiny_clip": (60, 60 * 64 * 2)}
    caches = library.directory / "vectors"
    assert len(list(caches.iterdir())) == 2
    assert library.models.forget("quick look") == 60
    assert list(kept(library)) == ["tiny_clip"]
    assert len(list(caches.iterdir())) == 1
    assert library.search.answer(Query(text="a red circle")).searched == 60
    assert library.models.lacking("quick look") == 60
    assert library.care.check(repair=False) == []
    change_to(library, "quick look")
    assert library.search.answer(Query(text="red")).searched == 60


def test_forgetting_comes_in_slices_may_be_broken_off_and_stops_where_the_model_is_used_again(
    library: Library, scenes: Path
) -> None:
    change_to(library, TINY_CLIP)
    steps = library.models.forgetting("quick look")
    next(steps)
    assert kept(library)["quick look"][0] == 60 - 50
    steps.close()
    assert library.models.lacking("quick look") == 50
    steps = library.models.forgetting("quick look")
    next(steps)
    library.models.use("quick look")
    with pytest.raises(PhotofindError, match="in use"):
        finish(steps)
    change_to(library, "quick look")
    assert library.search.answer(Query(text="red")).searched == 60
    assert library.care.check(repair=False) == []


def test_forgetting_a_model_leaves_the_caches_of_the_others_in_use(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    folder = watch_scenes(library, tmp_path / "scenes")
    change_to(library, TINY_CLIP)
    (folder / "07.jpg").unlink()
    sync(library)
    sql(library).execute("UPDATE photo SET gone_since = 1 WHERE gone_since NOT NULL")
    sql(library).conn.commit()
    library.folders.forget_gone()
    library.search.catch_up(10)
    library.close()
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "library" / "vectors" / "2").iterdir()}
    assert files
    again = Library(tmp_path / "library")
    again.models.forget("quick look")
    again.close()
    last = Library(tmp_path / "library")
    last.search.catch_up(10)
    assert last.search.answer(Query(text="a red circle")).searched == 59
    last.close()
    assert {path: path.stat().st_mtime_ns for path in files} == files


def test_what_fitted_a_forgotten_model_to_the_computer_goes_too(library: Library, scenes: Path) -> None:
    change_to(library, TINY_CLIP)
    fitted = library.models.answering.engines_dir
    fitted.mkdir(parents=True)
    (fitted / "images.onnx").touch()
    library.models.use("quick look")
    assert fitted.exists()
    library.models.forget(str(TINY_CLIP))
    assert not fitted.exists()


def test_a_model_in_use_is_not_forgotten(library: Library, scenes: Path) -> None:
    with pytest.raises(PhotofindError, match="in use; choose another"):
        library.models.forget("quick look")
    library.models.use(str(TINY_CLIP))
    for reference in ("quick look", str(TINY_CLIP), library.models.indexing.spec.model_id):
        with pytest.raises(PhotofindError, match="in use; choose another"):
            library.models.forget(reference)
    with pytest.raises(PhotofindError, match="Nothing is kept"):
        library.models.forget("wibble")
    assert kept(library)["quick look"][0] == 60


def test_a_model_that_is_no_longer_installed_can_be_forgotten(library: Library, scenes: Path, own_model: Path) -> None:
    change_to(library, own_model)
    model_id = library.models.answering.spec.model_id
    change_to(library, "quick look")
    shutil.rmtree(own_model)
    assert kept(library)["my model"][0] == 60
    assert library.models.forget(model_id) == 60
    assert list(kept(library)) == ["quick look"]


def test_what_a_forgotten_model_said_of_thumbnails_is_forgotten(library: Library, scenes: Path) -> None:
    change_to(library, TINY_CLIP)
    change_to(library, "quick look")
    library.models.forget(str(TINY_CLIP))
    assert len(change_to(library, TINY_CLIP).opened) == SAMPLE


# Libraries of before


def test_a_change_begun_with_an_earlier_version_goes_on(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    folder = watch_scenes(library, tmp_path / "scenes")
    library.models.use(str(TINY_CLIP))
    embed_in_turns(library, most_steps=1)
    write_photo(folder / "new.jpg", size=(800, 600))
    sync(library)
    db = sql(library)
    for statement in (
        "DROP INDEX photo_pending",
        "DROP INDEX photo_by_thumbnail",
        "ALTER TABLE photo DROP COLUMN again",
        "ALTER TABLE embedding DROP COLUMN stand_in",
        "CREATE INDEX photo_pending ON photo (sort_time) WHERE state = 0 AND gone_since IS NULL",
        "DELETE FROM _sqlite_migrations WHERE name LIKE 'm003%'",
    ):
        db.execute(statement)
    db.conn.commit()
    library.close()
    again = Library(tmp_path / "library")
    again.search.catch_up(10)
    assert again.embedding.counts.pending == 61 - 8
    assert len(again.embedding.pending(SAMPLE)) == SAMPLE
    again.models.cancel_change()
    assert [os.path.basename(photo.path) for photo in again.embedding.pending(9)] == [b"new.jpg"]
    assert vector(again, 1) is not None
    again.close()


def test_a_model_that_cannot_be_run_is_refused_before_anything_changes(
    library: Library, scenes: Path, tmp_path: Path
) -> None:
    model = folder_with(tmp_path / "languages", hf_model_name="xlm-roberta-base")
    with pytest.raises(PhotofindError, match="please choose another model"):
        library.models.use(str(model))
    assert indexing_of(library) is answering_of(library)
    assert library.embedding.counts.pending == 0
