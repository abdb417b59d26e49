"""A model of the person's own that lies on a drive: away for a start, it is chosen still."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.database import CATALOG_FILE, THUMBNAILS_FILE
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.embedding.model_choice import ModelChoice
from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import sql
from tests.pictures import write_photo
from tests.tiny_clip import TINY_CLIP


def use_model_folder(tmp_path: Path, folder: Path) -> Path:
    """Embed eight photos with a model of the person's own in a library, close it, and return the model."""
    model = tmp_path / "my model"
    shutil.copytree(TINY_CLIP, model, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    library = Library(tmp_path / "library")
    library.folders.add(folder)
    sync(library)
    library.models.use(str(model))
    embed(library)
    library.models.finish_change()
    library.close()
    return model


def test_a_model_folder_that_went_away_is_said_and_quick_look_steps_in(tmp_path: Path, folder: Path) -> None:
    shutil.rmtree(use_model_folder(tmp_path, folder))
    again = Library(tmp_path / "library")
    assert "Quick look is used instead" in str(again.notice)
    assert embed(again) == 8
    first = again.search.photos([int(again.search.answer(Query(text="red")).photo_ids[0])])[0]
    assert first.name == "red.jpg"
    again.close()


def leave_change(tmp_path: Path, folder: Path) -> Path:
    """Embed eight photos with quick look, begin to change to a model of the person's own, and return that."""
    model = tmp_path / "my model"
    shutil.copytree(TINY_CLIP, model, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    library = Library(tmp_path / "library")
    library.folders.add(folder)
    sync(library)
    embed(library)
    library.models.use(str(model))
    assert library.embedding.counts.pending == 8
    library.close()
    return model


@pytest.mark.parametrize(("leave", "pending"), [(use_model_folder, 8), (leave_change, 0)])
def test_opening_the_models_writes_nothing_before_they_resume(
    tmp_path: Path, folder: Path, leave: Callable[[Path, Path], Path], pending: int
) -> None:
    shutil.rmtree(leave(tmp_path, folder))
    with (
        closing(Catalog(tmp_path / "library" / CATALOG_FILE)) as catalog,
        closing(Thumbnails(tmp_path / "library" / THUMBNAILS_FILE)) as thumbnails,
    ):
        before = sql(catalog).conn.total_changes, catalog.counts()
        choice = ModelChoice(catalog, thumbnails, tmp_path / "library", read_only=False)
        assert (sql(catalog).conn.total_changes, catalog.counts()) == before
        assert "is used instead" in str(choice.notice)
        choice.resume()
        assert catalog.counts().pending == pending
        assert choice.indexing is choice.answering


def test_a_library_that_is_new_knows_no_model_before_it_resumes(tmp_path: Path) -> None:
    with (
        closing(Catalog(tmp_path / CATALOG_FILE)) as catalog,
        closing(Thumbnails(tmp_path / THUMBNAILS_FILE)) as thumbnails,
    ):
        choice = ModelChoice(catalog, thumbnails, tmp_path, read_only=False)
        assert sql(catalog).execute("SELECT count(*) FROM model").fetchone() == (0,)
        choice.resume()
        assert sql(catalog).execute("SELECT id FROM model").fetchall() == [(choice.answering.embeddings.model,)]


def test_a_model_whose_drive_is_away_is_chosen_still_when_it_is_back(tmp_path: Path, folder: Path) -> None:
    model = use_model_folder(tmp_path, folder)
    model.rename(tmp_path / "away")
    away = Library(tmp_path / "library")
    assert away.models.answering.reference == "quick look"
    embed(away)
    write_photo(folder / "late.jpg", (10, 200, 10), seed=5)
    sync(away)
    embed(away)
    assert away.embedding.counts.pending == 0
    away.close()
    (tmp_path / "away").rename(model)
    back = Library(tmp_path / "library")
    assert (back.notice, back.models.answering.reference) == (None, str(model))
    assert back.embedding.counts.pending == 1, "what came meanwhile"
    assert embed(back) == 1
    back.close()


def test_a_change_to_a_model_that_is_there_goes_on_without_the_one_that_answered(tmp_path: Path, folder: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for model in (first, second):
        shutil.copytree(TINY_CLIP, model, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    config = second / "open_clip_config.json"
    config.write_text(config.read_text().replace('"preprocess_cfg": {', '"preprocess_cfg": {"fill_color": 3, '))
    library = Library(tmp_path / "library")
    library.folders.add(folder)
    sync(library)
    library.models.use(str(first))
    embed(library)
    library.models.finish_change()
    library.models.use(str(second))
    library.close()
    shutil.rmtree(first)
    again = Library(tmp_path / "library")
    assert (again.models.answering.reference, again.models.indexing.reference) == ("quick look", str(second))
    embed(again)
    assert again.models.finish_change()
    assert again.models.answering.reference == str(second)
    again.close()
