"""The window as a person meets it."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDrag, QDragEnterEvent, QDropEvent, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QToolButton
from pytestqt.qtbot import QtBot

from photofind.core.records.query import Query
from photofind.gui.asking.incoming import PHOTO_ID_FORMAT, Folders, Picture, Refusal, Words, name_library
from photofind.gui.grid.mime import drag_mime
from photofind.gui.window import Window
from tests.gui.fakes import FakeSession
from tests.gui.made import make_progress, make_tile

LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


def drop(qtbot: QtBot, window: Window, mime: QMimeData) -> None:
    """Drag data over the window and let go, as Qt reports it."""
    at = QPoint(200, 200)
    with warnings.catch_warnings():
        # Qt 6.12 would rather have a QPointF, which 6.11 does not take.
        warnings.simplefilter("ignore", DeprecationWarning)
        enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, mime, LEFT, NO_KEYS)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    assert window.drop_target.hint.isVisible()
    dropped = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, mime, LEFT, NO_KEYS)
    QApplication.sendEvent(window, dropped)
    assert not window.drop_target.hint.isVisible()


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_before_any_query_the_newest_photos_show(window: Window) -> None:
    assert window.header.title.text() == "Newest photos"
    assert len(window.model.ids) == 40
    assert window.pages.currentWidget() is not window.empty_state


def test_typed_words_bring_likely_photos_and_a_line_before_the_others(qtbot: QtBot, window: Window) -> None:
    QTest.keyClicks(window.search_bar.field, "red")
    qtbot.waitUntil(lambda: window.header.title.text() == "10 likely matches")
    assert all(i % 4 == 0 for i in window.model.ids[:10])
    assert window.grid.places.has_divider
    window.search_bar.clear()
    qtbot.waitUntil(lambda: window.header.title.text() == "Newest photos")


def test_a_late_answer_to_an_older_query_is_dropped(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    session.worker.held = True
    window.search_bar.show_words("red")
    window.search_bar.show_words("blue")
    red, blue = session.worker.waiting
    blue()
    red()
    assert window.model.query == Query("blue")


def test_while_indexing_the_header_says_how_much_is_searched(
    qtbot: QtBot, window: Window, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = session.library.search.answer
    monkeypatch.setattr(session.library.search, "answer", lambda q: replace(answer(q), searched=1240, total=8000))
    window.show_progress(make_progress(state="embedding", photos=8000, embedded=1240, pending=6760))
    window.search_bar.show_words("red")
    qtbot.waitUntil(lambda: window.header.coverage.text() == "searching 1,240 of 8,000")


def test_when_indexing_ends_the_answer_is_asked_again(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    window.show_progress(make_progress(state="embedding", photos=40, embedded=30, pending=10))
    before = len(session.worker.queries)
    window.show_progress(make_progress())
    assert len(session.worker.queries) == before + 1
    assert window.header.coverage.text() == "40 photos"


def test_our_own_photo_dropped_is_searched_by(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    mime = drag_mime([make_tile(3, "yellow 3.jpg").photo])
    drop(qtbot, window, mime)
    qtbot.waitUntil(lambda: session.worker.queries[-1] == Query(photo_id=3))


def test_a_photo_of_another_librarys_window_is_searched_by_its_file(
    qtbot: QtBot, window: Window, session: FakeSession, tmp_path: Path
) -> None:
    """Both libraries have a photo of that number, and it is not the same one."""
    photo = tmp_path / "theirs.jpg"
    photo.touch()
    tile = make_tile(3, "", path=bytes(photo), folder=bytes(tmp_path))
    drop(qtbot, window, drag_mime([tile.photo], name_library(tmp_path / "their library")))
    qtbot.waitUntil(lambda: session.worker.queries[-1] == Query(picture=photo))
    drop(qtbot, window, drag_mime([tile.photo], name_library(session.library_dir)))
    qtbot.waitUntil(lambda: session.worker.queries[-1] == Query(photo_id=3))


def test_what_the_grid_drags_out_names_its_library(
    qtbot: QtBot, window: Window, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[QMimeData] = []
    monkeypatch.setattr(QDrag, "setMimeData", lambda _, mime: dragged.append(mime))
    monkeypatch.setattr(QDrag, "exec", lambda *_: Qt.DropAction.CopyAction)
    at = window.grid.tile_rect(0).center()
    viewport = window.grid.viewport()
    QTest.mousePress(viewport, LEFT, NO_KEYS, at)
    for step in (10, 60):
        QTest.mouseMove(viewport, at + QPoint(step, 0))
        move = QMouseEvent(QMouseEvent.Type.MouseMove, QPointF(at + QPoint(step, 0)), QPointF(at), LEFT, LEFT, NO_KEYS)
        QApplication.sendEvent(viewport, move)
    (mime,) = dragged
    assert bytes(mime.data(PHOTO_ID_FORMAT).data()).decode().endswith(f" {name_library(session.library_dir)}")


def test_new_photos_appear_by_themselves(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    session.library.tiles[99] = make_tile(99, "new.jpg")
    window.refresh()
    qtbot.waitUntil(lambda: 99 in window.model.ids)


def test_the_end_of_the_result_brings_more(qtbot: QtBot, session: FakeSession) -> None:
    session.fill(3000)
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    window.begin()
    window.search_bar.show_words("red")
    qtbot.waitUntil(lambda: len(window.model.ids) == 1000)
    window.grid.verticalScrollBar().setValue(window.grid.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: len(window.model.ids) == 3000)
    assert window.grid.verticalScrollBar().value() > 0


def test_a_dropped_picture_is_searched_by(qtbot: QtBot, window: Window, session: FakeSession, tmp_path: Path) -> None:
    photo = tmp_path / "dog.jpg"
    photo.touch()
    drop(qtbot, window, files(photo))
    qtbot.waitUntil(lambda: window.header.title.text() == "Photos like dog.jpg")
    assert session.worker.queries[-1] == Query(picture=photo)
    assert window.search_bar.chip.isVisible()


def test_the_chip_shows_a_dropped_picture_once_it_was_opened(
    qtbot: QtBot, window: Window, session: FakeSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = session.library.search.answer
    red = np.full((300, 400, 3), (200, 10, 10), np.uint8)
    monkeypatch.setattr(
        session.library.search, "answer", lambda q: replace(answer(q), picture=red if q.picture else None)
    )
    photo = tmp_path / "dog.jpg"
    photo.touch()
    drop(qtbot, window, files(photo))
    chip = window.search_bar.chip

    def is_red() -> bool:
        return chip.grab().toImage().pixelColor(18, chip.height() // 2) == QColor(200, 10, 10)

    assert not is_red()
    qtbot.waitUntil(is_red)


def test_a_dropped_folder_is_watched_and_that_can_be_undone(
    qtbot: QtBot, window: Window, session: FakeSession, tmp_path: Path
) -> None:
    holiday = tmp_path / "Holiday"
    holiday.mkdir()
    drop(qtbot, window, files(holiday))
    qtbot.waitUntil(lambda: any("“Holiday”" in text for text in window.notices.texts))
    assert len(session.library.watched) == 2
    undo = next(b for b in window.notices.findChildren(QAbstractButton) if b.text() == "Undo")
    undo.click()
    qtbot.waitUntil(lambda: len(session.library.watched) == 1)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [("https://example.org/a.jpg", "does not fetch from the web"), (Path(__file__).as_uri(), "not a picture")],
)
def test_a_drop_that_cannot_be_used_is_answered_with_a_sentence(
    qtbot: QtBot, window: Window, session: FakeSession, address: str, sentence: str
) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl(address)])
    before = len(session.worker.queries)
    drop(qtbot, window, mime)
    qtbot.waitUntil(lambda: any(sentence in text for text in window.notices.texts))
    assert len(session.worker.queries) == before


def test_a_damaged_picture_is_named_and_the_newest_come_back(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    window.receive(Picture(tmp_path / "broken.jpg", "broken.jpg"))
    qtbot.waitUntil(lambda: any("broken.jpg is damaged" in text for text in window.notices.texts))
    qtbot.waitUntil(lambda: window.header.title.text() == "Newest photos")
    assert not window.search_bar.chip.isVisible()


def test_a_picture_is_pasted_while_the_grid_has_the_keyboard(
    qtbot: QtBot, window: Window, session: FakeSession
) -> None:
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    QApplication.clipboard().setImage(image)
    window.grid.setFocus()
    window.paste()
    qtbot.waitUntil(lambda: window.search_bar.chip.isVisible())
    assert isinstance(session.worker.queries[-1].picture, bytes)


def test_escape_undoes_picks_first_and_then_the_query(qtbot: QtBot, window: Window) -> None:
    window.search_bar.show_words("red")
    qtbot.waitUntil(lambda: "likely" in window.header.title.text())
    window.picking.pick_row(1)
    window.go_back()
    assert window.picking.ids == []
    assert window.search_bar.field.text() == "red"
    window.go_back()
    assert window.search_bar.field.text() == ""


def test_keys_reach_the_search_field(qtbot: QtBot, window: Window) -> None:
    window.activateWindow()
    window.grid.setFocus()
    QTest.keyClick(window.grid, Qt.Key.Key_Slash)
    qtbot.waitUntil(window.search_bar.field.hasFocus)
    window.grid.setFocus()
    QTest.keyClick(window.grid, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.search_bar.field.hasFocus)


def test_first_run_says_what_to_do(qtbot: QtBot, session: FakeSession) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    assert "Opening" in window.empty_state.title.text()
    window.begin()
    window.show_progress(make_progress(photos=0, embedded=0))
    qtbot.waitUntil(lambda: window.empty_state.title.text() == "Find your photos")
    assert window.empty_state.add_button.isVisible()
    assert window.empty_state.about_model.isVisible()
    assert "quick look" in window.empty_state.about_model.text()


def test_enter_presses_the_button_that_has_the_keyboard(qtbot: QtBot, window: Window) -> None:
    window.activateWindow()
    window.status_bar.pause.setFocus()
    with qtbot.waitSignal(window.status_bar.paused, timeout=1000):
        QTest.keyClick(window.status_bar.pause, Qt.Key.Key_Return)
    window.status_bar.show_progress(make_progress(failed=1))
    window.status_bar.problems.setFocus()
    with qtbot.waitSignal(window.status_bar.problems_wanted, timeout=1000):
        QTest.keyClick(window.status_bar.problems, Qt.Key.Key_Enter)


def test_the_way_to_a_better_model_keeps_the_keyboard(qtbot: QtBot, session: FakeSession) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    window.begin()
    qtbot.waitUntil(window.empty_state.about_model.isVisible)
    window.activateWindow()
    window.empty_state.about_model.setFocus()
    QTest.keyClick(window.empty_state.about_model, Qt.Key.Key_Tab)  # to its link
    window.show_progress(make_progress(state="scanning", photos=0, embedded=0))
    assert window.empty_state.about_model.hasFocus()


def test_the_pictures_folder_is_offered_by_name(
    qtbot: QtBot, session: FakeSession, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    place = tempfile.TemporaryDirectory()  # of a length that a button has room for
    request.addfinalizer(place.cleanup)
    monkeypatch.setenv("XDG_PICTURES_DIR", place.name)
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    window.begin()
    qtbot.waitUntil(window.empty_state.pictures_button.isVisible)
    assert window.empty_state.pictures_button.text() == f"Start with {place.name}"
    window.empty_state.pictures_button.click()
    qtbot.waitUntil(lambda: len(session.library.watched) == 1)
    qtbot.waitUntil(lambda: window.empty_state.title.text() == "Looking for photos…")


def test_find_similar_shows_the_photo_as_the_query(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    window.picking.pick_row(2)
    window.actions_on_photos.find_similar.trigger()
    qtbot.waitUntil(lambda: window.header.title.text() == "Photos like yellow 3.jpg")
    assert session.worker.queries[-1] == Query(photo_id=3)


def test_paths_of_a_second_start_arrive(qtbot: QtBot, window: Window, session: FakeSession, tmp_path: Path) -> None:
    window.receive_paths([tmp_path])
    qtbot.waitUntil(lambda: len(session.library.watched) == 2)


def test_a_command_that_names_a_watched_folder_again_is_no_mistake(
    qtbot: QtBot, window: Window, session: FakeSession, tmp_path: Path
) -> None:
    known, new = tmp_path / "known", tmp_path / "new"
    known.mkdir()
    new.mkdir()
    window.receive_paths([known])
    window.receive_paths([known, new])
    qtbot.waitUntil(lambda: len(session.library.watched) == 3)
    qtbot.waitUntil(lambda: any("Watching “new”" in text for text in window.notices.texts))
    assert not any("already" in text for text in window.notices.texts)
    window.receive(Folders((known,)))  # dropped, or chosen
    qtbot.waitUntil(lambda: any("already in the library" in text for text in window.notices.texts))


def test_every_kind_of_incoming_is_handled(qtbot: QtBot, window: Window) -> None:
    window.receive(Words("sea"))
    assert window.search_bar.field.text() == "sea"
    window.receive(Refusal("No."))
    assert "No." in window.notices.texts
    window.receive(Folders((Path("/no/such/folder"),)))
    qtbot.waitUntil(lambda: any("There is no folder" in text for text in window.notices.texts))


def test_every_button_without_words_has_an_accessible_name(window: Window) -> None:
    silent = [
        button
        for button in window.findChildren(QAbstractButton)
        if not button.text() and not button.accessibleName() and type(button).__module__.startswith("photofind")
    ]
    assert silent == []
    icons = [button.accessibleName() for button in window.findChildren(QToolButton) if button.accessibleName()]
    assert {"Menu", "Clear the search", "Pause indexing", "Remove the picture"} <= set(icons)


def test_the_place_and_the_captions_are_remembered(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    window.resize(640, 500)
    window.menu.captions.setChecked(True)
    window.close()
    again = Window(session)
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (640, 500)
    assert again.menu.captions.isChecked()


def test_no_likely_match_is_said_honestly(qtbot: QtBot, window: Window) -> None:
    window.search_bar.show_words("zebra")
    qtbot.waitUntil(lambda: window.header.title.text() == "No likely match; these come closest")
    assert window.header.about_model.isVisible()
