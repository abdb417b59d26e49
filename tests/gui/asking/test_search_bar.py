"""The search bar turns typing, pasting and pictures into queries."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QClipboard, QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from photofind.core.records.query import MAX_CHARACTERS, Query
from photofind.core.search.query import clean_text
from photofind.gui.asking.incoming import Picture, Refusal
from photofind.gui.asking.search_bar import SearchBar

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def asked() -> list[Query]:
    return []


@pytest.fixture
def bar(qtbot: QtBot, asked: list[Query]) -> SearchBar:
    made = SearchBar()
    qtbot.addWidget(made)
    made.asked.connect(asked.append)
    made.show()
    made.setFocus()
    return made


def test_words_are_asked_once_after_a_moment_of_quiet(qtbot: QtBot, bar: SearchBar, asked: list[Query]) -> None:
    QTest.keyClicks(bar.field, "red car")
    assert asked == []
    qtbot.waitUntil(lambda: bool(asked))
    assert asked == [Query("red car")]


def test_return_asks_at_once(qtbot: QtBot, bar: SearchBar, asked: list[Query]) -> None:
    QTest.keyClicks(bar.field, "sea")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert asked == [Query("sea")]


@pytest.mark.parametrize(("typed", "query"), [("    ", ""), ("  dog  ", "dog"), ("🐕 🌊", "🐕 🌊")])
def test_odd_words_ask_what_they_mean(bar: SearchBar, asked: list[Query], typed: str, query: str) -> None:
    bar.show_words(typed)
    assert asked == [Query(query)]


def test_far_too_many_words_are_cut_with_a_sentence(qtbot: QtBot, bar: SearchBar, asked: list[Query]) -> None:
    with qtbot.waitSignal(bar.refused) as refused:
        bar.show_words("x" * 50_000)
    assert f"{MAX_CHARACTERS:,}" in refused.args[0]
    assert len(asked[-1].text) == MAX_CHARACTERS == len(clean_text("x" * 50_000))


def test_as_many_characters_as_count_are_searched_as_they_are(qtbot: QtBot, bar: SearchBar, asked: list[Query]) -> None:
    with qtbot.assertNotEmitted(bar.refused):
        bar.show_words("x" * MAX_CHARACTERS)
    assert [clean_text(query.text) for query in asked] == ["x" * MAX_CHARACTERS], "the core cuts nothing more"


def test_a_picture_shows_as_a_chip_and_its_button_takes_it_away(
    qtbot: QtBot, bar: SearchBar, asked: list[Query]
) -> None:
    bar.show_words("old words")
    bar.show_picture(Query(picture=Path("/a.jpg")), "a.jpg", QImage(40, 30, QImage.Format.Format_RGB32))
    assert bar.chip.isVisible()
    assert bar.field.text() == ""
    assert "a.jpg" in bar.chip.accessibleName()
    assert asked[-1] == Query(picture=Path("/a.jpg"))
    bar.chip.removed.emit()
    assert not bar.chip.isVisible()
    assert asked[-1] == Query()


def test_typing_replaces_the_picture(qtbot: QtBot, bar: SearchBar, asked: list[Query]) -> None:
    bar.show_picture(Query(photo_id=4), "a.jpg", None)
    QTest.keyClicks(bar.field, "s")
    assert not bar.chip.isVisible()
    qtbot.waitUntil(lambda: asked[-1] == Query("s"))


def test_the_clear_button_comes_with_words_and_clears_them(qtbot: QtBot, bar: SearchBar, asked: list[Query]) -> None:
    assert not bar.clear_button.isVisible()
    bar.show_words("dog")
    assert bar.clear_button.isVisible()
    QTest.mouseClick(bar.clear_button, Qt.MouseButton.LeftButton)
    assert bar.field.text() == ""
    assert asked[-1] == Query()
    assert not bar.clear_button.isVisible()


def test_pasted_words_are_typed(qtbot: QtBot, bar: SearchBar) -> None:
    QApplication.clipboard().setText("blue sky")
    QTest.keyClick(bar.field, Qt.Key.Key_V, CONTROL)
    assert bar.field.text() == "blue sky"


def test_a_pasted_file_and_a_pasted_path_are_pictures(qtbot: QtBot, bar: SearchBar, tmp_path: Path) -> None:
    photo = tmp_path / "dog.jpg"
    photo.touch()
    file = QMimeData()
    file.setUrls([QUrl.fromLocalFile(str(photo))])
    path = QMimeData()
    path.setText(str(photo))
    for mime in (file, path):
        QApplication.clipboard().setMimeData(mime)
        with qtbot.waitSignal(bar.pasted) as pasted:
            QTest.keyClick(bar.field, Qt.Key.Key_V, CONTROL)
        assert pasted.args[0] == Picture(photo, "dog.jpg")
        assert bar.field.text() == ""


def test_a_pasted_screenshot_is_a_picture(qtbot: QtBot, bar: SearchBar) -> None:
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.green)
    QApplication.clipboard().setImage(image)
    with qtbot.waitSignal(bar.pasted) as pasted:
        QTest.keyClick(bar.field, Qt.Key.Key_V, CONTROL)
    assert pasted.args[0].preview.size() == image.size()


def photo_on_clipboard(tmp_path: Path) -> Picture:
    photo = tmp_path / "dog.jpg"
    photo.touch()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photo))])
    QApplication.clipboard().setMimeData(mime)
    return Picture(photo, "dog.jpg")


def image_on_clipboard() -> None:
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.green)
    QApplication.clipboard().setImage(image)


def open_menu(qtbot: QtBot, bar: SearchBar) -> tuple[QMenu, QAction]:
    """Right-click into the field; return its menu and what pastes in it."""
    at = QPoint(20, 10)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, bar.field.mapToGlobal(at))
    QApplication.sendEvent(bar.field, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu, next(action for action in menu.actions() if "Paste" in action.text())


def test_paste_in_the_menu_does_what_the_keys_do(qtbot: QtBot, bar: SearchBar, tmp_path: Path) -> None:
    expected = photo_on_clipboard(tmp_path)
    menu, paste = open_menu(qtbot, bar)
    assert paste.isEnabled()
    with qtbot.waitSignal(bar.pasted) as pasted:
        paste.trigger()
    assert pasted.args[0] == expected
    assert bar.field.text() == ""
    menu.close()
    image_on_clipboard()
    menu, paste = open_menu(qtbot, bar)
    assert paste.isEnabled(), "though there is no text to be pasted"
    with qtbot.waitSignal(bar.pasted) as pasted:
        paste.trigger()
    assert pasted.args[0].preview.size().width() == 200
    menu.close()


def test_paste_in_the_menu_types_words(qtbot: QtBot, bar: SearchBar) -> None:
    QApplication.clipboard().setText("blue sky")
    menu, paste = open_menu(qtbot, bar)
    with qtbot.assertNotEmitted(bar.pasted):
        paste.trigger()
    assert bar.field.text() == "blue sky"
    menu.close()


def test_nothing_to_paste_leaves_it_grey(qtbot: QtBot, bar: SearchBar) -> None:
    QApplication.clipboard().clear()
    menu, paste = open_menu(qtbot, bar)
    assert not paste.isEnabled()
    menu.close()


def test_every_key_for_it_pastes_a_file(qtbot: QtBot, bar: SearchBar, tmp_path: Path) -> None:
    expected = photo_on_clipboard(tmp_path)
    shift = Qt.KeyboardModifier.ShiftModifier
    for key, modifier in ((Qt.Key.Key_V, CONTROL), (Qt.Key.Key_Insert, shift)):
        with qtbot.waitSignal(bar.pasted) as pasted:
            QTest.keyClick(bar.field, key, modifier)
        assert pasted.args[0] == expected


def test_a_middle_click_does_with_a_selected_address_what_pasting_does(
    qtbot: QtBot, bar: SearchBar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is a selection beside the clipboard, as on X11."""
    expected = photo_on_clipboard(tmp_path)
    selected = QApplication.clipboard().mimeData()
    monkeypatch.setattr(QClipboard, "supportsSelection", lambda _: True)
    monkeypatch.setattr(QClipboard, "mimeData", lambda _, mode: selected if mode == QClipboard.Mode.Selection else None)
    with qtbot.waitSignal(bar.pasted) as pasted:
        QTest.mouseClick(bar.field, Qt.MouseButton.MiddleButton)
    assert pasted.args[0] == expected
    assert bar.field.text() == ""


def test_a_refused_address_is_handed_on_too(qtbot: QtBot, bar: SearchBar) -> None:
    QApplication.clipboard().setText("blob:https://example.org/1-2")
    with qtbot.waitSignal(bar.pasted) as pasted:
        QTest.keyClick(bar.field, Qt.Key.Key_V, CONTROL)
    assert isinstance(pasted.args[0], Refusal)
    assert bar.field.text() == ""


class Hanging(QMimeData):
    """What was copied from a program that hangs: whatever is asked of it takes five seconds, and finds nothing."""

    asked = 0

    def formats(self) -> list[str]:
        self.asked += 1
        return []

    def hasFormat(self, _form: str) -> bool:
        self.asked += 1
        return False


@pytest.mark.parametrize("mode", [QClipboard.Mode.Clipboard, QClipboard.Mode.Selection])
def test_a_program_that_hangs_is_asked_once_for_what_was_copied_from_it(
    bar: SearchBar, monkeypatch: pytest.MonkeyPatch, mode: QClipboard.Mode
) -> None:
    hanging = Hanging()
    monkeypatch.setattr(QClipboard, "mimeData", lambda *_: hanging)
    monkeypatch.setattr(QClipboard, "supportsSelection", lambda _: True)
    if mode is QClipboard.Mode.Clipboard:
        QTest.keyClick(bar.field, Qt.Key.Key_V, CONTROL)
    else:
        QTest.mouseClick(bar.field, Qt.MouseButton.MiddleButton)
    assert hanging.asked == 1
    assert bar.field.text() == ""
