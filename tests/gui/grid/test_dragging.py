"""Dragging, copying and picking thousands of photos: where they lie is read for it, and no thumbnail."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from photofind.core.records.query import Query
from photofind.gui.window import Window
from tests.gui.fakes import FakeSession
from tests.gui.made import make_result

PHOTOS = 5_000


@pytest.fixture
def dragged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], bool]]:
    """The files of each drag, and whether it shows a picture."""
    drags: list[tuple[list[str], bool]] = []

    def execute(drag: QDrag, *_actions: Any) -> Qt.DropAction:
        urls = [url.toLocalFile() for url in drag.mimeData().urls()]
        drags.append((urls, not drag.pixmap().isNull()))
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", execute)
    return drags


@pytest.fixture
def full(qtbot: QtBot, window: Window, session: FakeSession) -> Window:
    """A window that shows five thousand photos, all of them picked."""
    session.fill(PHOTOS)
    window.grid.show_result(make_result(Query(text="a"), list(range(1, PHOTOS + 1))))
    qtbot.waitUntil(lambda: window.grid.model.tile(1) is not None)
    window.grid.setFocus()
    QTest.keySequence(window.grid, "Ctrl+A")
    assert len(window.grid.selection) == PHOTOS
    return window


def press_and_move(window: Window) -> None:
    viewport = window.grid.viewport()
    start = window.grid.tile_rect(1).center()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(viewport, start + QPoint(60, 20))


def tiles_asked(session: FakeSession) -> int:
    return sum(len(request) for request in session.reader.requests)


def test_five_thousand_photos_are_dragged_whole_and_no_thumbnail_is_read_for_it(
    qtbot: QtBot, full: Window, session: FakeSession, dragged: list[tuple[list[str], bool]]
) -> None:
    press_and_move(full)
    qtbot.waitUntil(lambda: bool(dragged))
    ((files, has_picture),) = dragged
    assert len(files) == len(set(files)) == PHOTOS
    assert has_picture
    assert tiles_asked(session) < 400


def test_a_drag_that_is_not_ready_before_the_button_is_up_does_not_begin(
    qtbot: QtBot, full: Window, session: FakeSession, dragged: list[tuple[list[str], bool]]
) -> None:
    session.reader.held = True
    press_and_move(full)
    QTest.mouseRelease(
        full.grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, full.grid.tile_rect(1).center()
    )
    for answer in session.reader.waiting:
        answer()
    assert dragged == []


def test_all_paths_are_copied_without_the_library_thread(qtbot: QtBot, full: Window, session: FakeSession) -> None:
    session.worker.is_opening = True  # whatever is asked of it waits
    full.actions_on_photos.copy_path.trigger()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text().count("\n") == PHOTOS - 1)
    assert tiles_asked(session) < 400
    session.worker.open()


def test_no_more_tiles_are_asked_for_at_once_than_are_kept(window: Window, session: FakeSession) -> None:
    session.fill(PHOTOS)
    window.grid.model.request(range(1, PHOTOS + 1))
    assert len(session.reader.requests[-1]) <= 300
