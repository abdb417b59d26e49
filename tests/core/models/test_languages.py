"""A query in letters that the model does not know says so, and which model does."""

import shutil
from pathlib import Path

import pytest

from photofind.core.library import Library
from photofind.core.models import offered as models
from photofind.core.models.languages import _OFFERED, language_note
from photofind.core.records.query import Query
from tests.tiny_clip import TINY_CLIP


@pytest.mark.parametrize("text", ["собака на пляже", "海辺の犬", "كلب", "sad 犬犬犬犬", "σκύλος"])
def test_other_letters_are_told_of(text: str) -> None:
    note = language_note("small", text)
    assert str(note) == "“small” knows English only; the models “recommended” and “multilingual” know this language."


def test_the_models_that_it_names_are_to_be_had_and_know_more_than_english() -> None:
    for name in _OFFERED:
        assert "English," in str(models.find(name).languages)


@pytest.mark.parametrize("text", ["a dog", "größe", "chien à la plage", "2024", "🙂", "", "IMG_1234 日"])
def test_letters_that_english_texts_have_are_not(text: str) -> None:
    assert language_note("small", text) is None


@pytest.mark.parametrize("model", ["recommended", "multilingual", "quick look", "/home/somebody/model"])
def test_models_that_know_them_and_models_of_ones_own_say_nothing(model: str) -> None:
    assert language_note(model, "海辺の犬") is None


def test_the_answer_carries_the_note(library: Library, folder: Path) -> None:
    shutil.copytree(TINY_CLIP, library.directory / "models" / "small")
    library.models.use("small")
    assert library.models.answering.spec.name == "small"
    assert "English only" in str(library.search.answer(Query(text="海辺の犬")).note)
    assert library.search.answer(Query(text="a dog")).note is None
