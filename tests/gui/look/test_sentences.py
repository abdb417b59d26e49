"""What core and background say appears in the person's language, and a translation is known to be whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photofind.core.errors import PhotofindError
from photofind.core.sentences.english import ENGLISH
from photofind.core.sentences.sentence import Sentence, in_a_row
from photofind.gui.look.sentences import say
from photofind.resources import resource
from tests.gui.made_up_language import begin, spoken, translate_all, update
from tests.written import written

TOO_LARGE = Sentence("picture_too_large", megapixels=1219.6, most_megapixels=180)
SEARCHED_WITH = Sentence("picture_cannot_be_searched", file="a.jpg", why=Sentence("file_too_big", gigabytes=1.24))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A translation of everything."""
    path = tmp_path_factory.mktemp("language") / "photofind_pl.ts"
    begin(path)
    translate_all(path)
    return path


@pytest.fixture
def made_up(qapp: QApplication, whole: Path) -> Iterator[None]:
    with spoken(qapp, whole):
        yield


def test_without_a_translation_it_is_english(qtbot: QtBot) -> None:
    assert say(TOO_LARGE) == str(TOO_LARGE) == "The picture is too large: 1220 megapixels; photofind opens up to 180."
    assert say(SEARCHED_WITH) == str(SEARCHED_WITH)
    for count in (0, 1, 2, 12_345):
        sentence = Sentence("rescued_all", photos=count)
        assert say(sentence) == str(sentence)


def test_it_is_translated_by_its_key_with_its_values_where_that_language_has_them(made_up: None) -> None:
    assert say(PhotofindError("folder_inside_other", folder="A", other="B").sentence) == "«folder_inside_other» B A"
    assert say(TOO_LARGE) == "«picture_too_large» 180 1220"
    assert say(SEARCHED_WITH) == "«picture_cannot_be_searched» «file_too_big» 1,2 a.jpg"
    both = in_a_row(Sentence("file_empty"), SEARCHED_WITH)
    assert both is not None
    assert say(both) == f"«file_empty» {say(SEARCHED_WITH)}"
    assert say(written("As it was.")) == "As it was."


def test_what_is_counted_has_as_many_forms_as_the_language(made_up: None) -> None:
    said = [say(Sentence("rescued_all", photos=count)) for count in (1, 3, 5, 22, 12_345)]
    assert [text[-2] for text in said] == ["0", "1", "2", "1", "2"]
    assert "12 345".replace(" ", "\N{NO-BREAK SPACE}") in said[-1], "numbers are written as the locale has them"


def test_a_translation_that_cannot_be_used_gives_way_to_english(
    qapp: QApplication, whole: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "photofind_pl.ts"
    text = whole.read_text("utf-8")
    text = text.replace("{gigabytes:.1f}", "{gigabits}").replace("{megapixels:.0f}", "{megapixels")
    broken.write_text(text, "utf-8")
    with spoken(qapp, broken):
        assert say(SEARCHED_WITH) == "«picture_cannot_be_searched» The file is too big: 1,2 GB. a.jpg"
        assert say(TOO_LARGE) == str(TOO_LARGE)


def test_a_new_translation_is_told_all_that_is_to_be_done_and_a_whole_one_nothing(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "photofind_pl.ts"
    assert set(begin(path)) == ENGLISH.keys() - {"as_written", "in_a_row"}
    path.write_text(whole.read_text("utf-8"), "utf-8")
    assert update(path) == []


def test_what_was_not_translated_or_said_something_else_before_is_left_to_do(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "photofind_pl.ts"
    text = whole.read_text("utf-8")
    text = text.replace("<source>file_empty</source>", "<source>file_full</source>")
    text = text.replace("The file changed while it was read.</extracomment>", "The file moved.</extracomment>")
    path.write_text(text, "utf-8")
    assert update(path) == ["file_changed", "file_empty"]
    assert "«file_changed»" in path.read_text("utf-8"), "what was translated is kept to look at again"
    assert "file_full" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", sorted(resource("translations").glob("*.ts")), ids=lambda path: path.stem)
def test_a_language_that_has_sentences_has_them_all(path: Path, tmp_path: Path) -> None:
    contexts = [context.findtext("name") for context in ElementTree.parse(path).iter("context")]
    copy = tmp_path / path.name
    copy.write_text(path.read_text("utf-8"), "utf-8")
    assert ("sentences" not in contexts) or update(copy) == []
