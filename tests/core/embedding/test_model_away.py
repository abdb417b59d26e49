"""A model of the person's own that lies on a drive: away for a start, it is chosen still."""

import shutil
from pathlib import Path

from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.core.sync.test_scan_and_sync import embed, sync
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
    assert "Quick look is used instead" in again.notice
    assert embed(again) == 8
    first = again.search.photos([int(again.search.answer(Query(text="red")).photo_ids[0])])[0]
    assert first.name == "red.jpg"
    again.close()


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
    assert (back.notice, back.models.answering.reference) == ("", str(model))
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
