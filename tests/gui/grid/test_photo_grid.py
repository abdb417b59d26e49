"""The grid: what is painted, picked and kept in place."""

from __future__ import annotations

import time
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from photofind.core.records.photos import Folder, Photo
from photofind.core.records.query import Query
from photofind.gui.grid.description import describe
from photofind.gui.grid.input import GridInput
from photofind.gui.grid.mime import drag_mime
from photofind.gui.grid.photo_grid import PhotoGrid
from photofind.gui.grid.photo_model import PhotoModel
from photofind.gui.grid.picking import Picking
from tests.gui.fakes import FakeReader, FakeSession
from tests.gui.made import make_result, make_tile
from tests.written import written

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def reader(session: FakeSession) -> FakeReader:
    session.fill(200)
    return session.reader


@pytest.fixture
def grid(qtbot: QtBot, reader: FakeReader) -> PhotoGrid:
    made = PhotoGrid(PhotoModel(reader))
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    made.show_result(make_result(Query(), list(range(1, 201))))
    qtbot.waitUntil(lambda: made.model.tile(1) is not None)
    return made


@pytest.fixture
def picking(grid: PhotoGrid) -> Picking:
    """What is picked in the grid, which listens to mouse and keyboard."""
    made = Picking(grid)
    GridInput(made)
    return made


def click(qtbot: QtBot, grid: PhotoGrid, row: int, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(grid.viewport(), LEFT, modifiers, grid.tile_rect(row).center())


def color_at(grid: PhotoGrid, row: int) -> QColor:
    return grid.viewport().grab().toImage().pixelColor(grid.tile_rect(row).center())


def test_a_placeholder_shows_until_the_thumbnail_comes(qtbot: QtBot, session: FakeSession) -> None:
    session.fill(8)
    session.reader.held = True
    grid = PhotoGrid(PhotoModel(session.reader))
    qtbot.addWidget(grid)
    grid.resize(1000, 700)
    grid.show()
    grid.show_result(make_result(Query(), [1, 2, 3]))
    qtbot.waitUntil(lambda: bool(session.reader.waiting))
    assert color_at(grid, 0) == grid.palette().midlight().color()
    session.reader.waiting.pop()()
    assert color_at(grid, 0) == QColor(40, 160, 60)  # Photo 1 is green.


def test_only_what_is_near_is_read(grid: PhotoGrid, reader: FakeReader) -> None:
    grid.show_result(make_result(Query("all"), list(range(1, 100_001))))
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() // 2)
    grid.grab()
    assert sum(map(len, reader.requests)) < 200


def test_a_million_photos_show_at_once(grid: PhotoGrid) -> None:
    result = make_result(Query("many"), range(1, 1_000_001))
    start = time.process_time()
    grid.show_result(result)
    grid.resize(800, 600)
    grid.grab()
    assert time.process_time() - start < 2.0
    assert grid.verticalScrollBar().maximum() > 1_000_000


def test_a_click_picks_and_a_click_beside_picks_nothing(qtbot: QtBot, grid: PhotoGrid, picking: Picking) -> None:
    click(qtbot, grid, 3)
    assert picking.ids == [4]
    QTest.mouseClick(grid.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, QPoint(3, 3))
    assert picking.ids == []


def test_shift_and_control_pick_as_in_a_file_manager(qtbot: QtBot, grid: PhotoGrid, picking: Picking) -> None:
    click(qtbot, grid, 1)
    click(qtbot, grid, 4, SHIFT)
    click(qtbot, grid, 2, CONTROL)
    assert picking.ids == [2, 4, 5]
    click(qtbot, grid, 3)
    assert picking.ids == [4]


def test_the_keyboard_goes_everywhere(qtbot: QtBot, grid: PhotoGrid, picking: Picking) -> None:
    grid.setFocus()
    picking.pick_row(0)
    columns = grid.places.columns
    for key, row in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 1 + columns),
        (Qt.Key.Key_Left, columns),
        (Qt.Key.Key_End, 199),
        (Qt.Key.Key_Home, 0),
    ):
        QTest.keyClick(grid, key)
        assert picking.ids == [row + 1]
        assert row in grid.seen_rows()
    QTest.keyClick(grid, Qt.Key.Key_Right, SHIFT)
    assert picking.ids == [1, 2]
    QTest.keyClick(grid, Qt.Key.Key_A, CONTROL)
    assert len(picking.ids) == 200


def test_a_double_click_opens_the_photo(qtbot: QtBot, grid: PhotoGrid, picking: Picking) -> None:
    with qtbot.waitSignal(picking.opened) as opened:
        QTest.mouseDClick(grid.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, grid.tile_rect(2).center())
    photo: Photo = opened.args[0]
    assert photo.id == 3


def test_the_same_query_again_moves_nothing(grid: PhotoGrid) -> None:
    grid.verticalScrollBar().setValue(1500)
    row = grid.seen_rows().start
    photo_id = int(grid.model.ids[row])
    height = grid.tile_rect(row).top()
    newer = list(range(201, 260))
    grid.show_result(make_result(Query(), [*newer, *range(1, 201)]))
    assert grid.tile_rect(grid.model.row_of(photo_id) or 0).top() == height


def test_picks_follow_their_photos_when_the_result_changes(qtbot: QtBot, grid: PhotoGrid, picking: Picking) -> None:
    click(qtbot, grid, 2)
    click(qtbot, grid, 5, CONTROL)
    grid.show_result(make_result(Query(), [6, 500, 3, *range(7, 100)]))
    assert picking.ids == [6, 3]


def test_another_query_begins_at_its_top_with_nothing_picked(qtbot: QtBot, grid: PhotoGrid, picking: Picking) -> None:
    grid.verticalScrollBar().setValue(1500)
    picking.pick_row(60)
    grid.show_result(make_result(Query("red"), list(range(1, 201)), likely=4))
    assert grid.verticalScrollBar().value() == 0
    assert picking.ids == []


def test_a_tooltip_goes_with_the_photo_it_is_about(qtbot: QtBot, grid: PhotoGrid) -> None:
    QToolTip.showText(grid.mapToGlobal(grid.rect().center()), "about a photo", grid)
    qtbot.waitUntil(QToolTip.isVisible)
    grid.show_result(make_result(Query(), list(range(1, 201))))
    assert QToolTip.isVisible()
    grid.show_result(make_result(Query("red"), list(range(1, 201)), likely=4))
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_at_the_top_new_photos_come_into_view(grid: PhotoGrid) -> None:
    grid.show_result(make_result(Query(), [300, *range(1, 201)]))
    assert grid.verticalScrollBar().value() == 0
    assert grid.model.row_of(300) in grid.seen_rows()


def test_a_resize_keeps_the_place(qtbot: QtBot, grid: PhotoGrid) -> None:
    grid.verticalScrollBar().setValue(2000)
    photo_id = int(grid.model.ids[grid.seen_rows().start])
    grid.resize(700, 700)
    assert grid.model.row_of(photo_id) in grid.seen_rows()


def test_sizes_change_and_come_back(grid: PhotoGrid) -> None:
    usual = grid.places.edge
    grid.zoom(1)
    assert grid.places.edge > usual
    grid.zoom(-1)
    grid.zoom(-1)
    assert grid.places.edge < usual
    grid.zoom(0)
    assert grid.places.edge == usual


def test_the_tooltip_names_the_photo(grid: PhotoGrid, session: FakeSession) -> None:
    session.library.tiles[1] = make_tile(1, "sea.jpg", online=False)
    grid.model.refresh_all()
    grid.model.request([1])
    grid.show_result(make_result(Query("sea"), [1, 2], likely=1))
    grid.show_captions(True)
    assert "green 1.jpg" in describe(grid.model, 0)
    assert "score 0.34" in describe(grid.model, 0)
    assert "5/3/24" in describe(grid.model, 0)


def show_as(qtbot: QtBot, grid: PhotoGrid, session: FakeSession, **changes: Any) -> None:
    """Make photo 1 what `changes` say."""
    session.library.tiles[1] = make_tile(1, "green 1.jpg", (40, 160, 60), **changes)
    grid.model.refresh_all()
    grid.model.request([1])
    qtbot.waitUntil(lambda: grid.model.tile(1) == session.library.tiles[1])


@pytest.mark.parametrize(
    ("folder", "changes", "said"),
    [
        (None, {"online": False, "drive": "USB"}, "on the drive “USB”, which is not connected"),
        (False, {"online": False, "drive": "USB"}, "on the drive “USB”, which is not connected"),
        (False, {"online": False}, "its folder cannot be found now"),
        (True, {"online": False, "drive": "USB"}, "its file is no longer where it was"),
        (True, {"flaw": written("The end of the file is missing.")}, "The end of the file is missing."),
    ],
)
def test_the_tooltip_says_what_is_the_matter(
    qtbot: QtBot, grid: PhotoGrid, session: FakeSession, folder: bool | None, changes: dict[str, Any], said: str
) -> None:
    if folder is not None:
        grid.model.absence.note_folders([Folder(1, b"/photos", folder, 200, 0, 0)])
    show_as(qtbot, grid, session, **changes)
    assert said in describe(grid.model, 0).split("\n")


def test_each_thing_that_is_the_matter_has_its_badge(qtbot: QtBot, grid: PhotoGrid, session: FakeSession) -> None:
    def badges() -> list[bool]:
        """Tell where along the lower edge a dark badge is painted, from the right."""
        image = grid.viewport().grab().toImage()
        corner = grid.tile_rect(0).bottomRight()
        # Near the left rim of each badge, where its sign never is.
        return [image.pixelColor(corner - QPoint(30 + 31 * place, 20)).lightness() < 60 for place in range(3)]

    assert badges() == [False, False, False]
    for changes, expected in (
        ({"online": False}, [True, False, False]),
        ({"flaw": written("Damaged.")}, [True, False, False]),
        ({"online": False, "flaw": written("Damaged.")}, [True, True, False]),
    ):
        show_as(qtbot, grid, session, **changes)
        assert badges() == expected


def test_a_screen_reader_hears_the_current_photo(grid: PhotoGrid, picking: Picking) -> None:
    picking.pick_row(2)
    assert grid.accessibleName() == "Photos"
    assert "yellow 3.jpg" in grid.accessibleDescription()


def test_what_is_dragged_out_are_files(picking: Picking) -> None:
    picking.pick_row(0)
    mime: QMimeData = drag_mime(picking.loaded_photos())
    assert mime.urls()[0].toLocalFile() == "/photos/green 1.jpg"
