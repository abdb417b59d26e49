"""Mouse and keyboard in the grid, beyond the plain clicks and arrows of `test_photo_grid`."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from photofind.core.records.query import Query
from photofind.gui.grid.input import GridInput
from photofind.gui.grid.photo_grid import PhotoGrid
from photofind.gui.grid.photo_model import PhotoModel
from photofind.gui.grid.picking import Picking
from tests.gui.fakes import FakeSession
from tests.gui.made import make_result

NO_KEYS = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


class Around(QWidget):
    """What lies around the grid; keeps the keys that reach it."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[int] = []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.keys.append(event.key())


@pytest.fixture
def around(qtbot: QtBot) -> Around:
    made = Around()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def grid(qtbot: QtBot, session: FakeSession, around: Around) -> PhotoGrid:
    session.fill(200)
    made = PhotoGrid(PhotoModel(session.reader), around)
    QVBoxLayout(around).addWidget(made)
    around.resize(1000, 700)
    around.show()
    qtbot.waitExposed(around)
    around.activateWindow()
    made.show_result(make_result(Query(), list(range(1, 201))))
    qtbot.waitUntil(lambda: made.model.tile(1) is not None)
    return made


@pytest.fixture
def picking(grid: PhotoGrid) -> Picking:
    return Picking(grid)


@pytest.fixture(autouse=True)
def grid_input(picking: Picking) -> GridInput:
    return GridInput(picking)


def middle(grid: PhotoGrid, row: int) -> QPoint:
    return grid.tile_rect(row).center()


def wheel(grid: PhotoGrid, turned: int, keys: Qt.KeyboardModifier) -> None:
    at = QPointF(100, 100)
    none, begun = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, at, QPoint(), QPoint(0, turned), none, keys, begun, False)
    QApplication.sendEvent(grid.viewport(), event)


def test_with_control_the_keyboard_goes_on_without_picking(qtbot: QtBot, grid: PhotoGrid, picking: Picking) -> None:
    grid.setFocus()
    picking.pick_row(0)
    QTest.keyClick(grid, Qt.Key.Key_Right, CONTROL)
    QTest.keyClick(grid, Qt.Key.Key_Right, CONTROL)
    assert (picking.ids, picking.current_row) == ([1], 2)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert picking.ids == [1, 3]
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert picking.ids == [1]


def test_enter_opens_the_photo_that_the_keyboard_is_on(qtbot: QtBot, grid: PhotoGrid, picking: Picking) -> None:
    grid.setFocus()
    picking.pick_row(4)
    with qtbot.waitSignal(picking.opened) as opened:
        QTest.keyClick(grid, Qt.Key.Key_Enter)
    assert opened.args[0].id == 5


def test_the_keyboard_begins_where_the_person_looks(qtbot: QtBot, grid: PhotoGrid, picking: Picking) -> None:
    grid.verticalScrollBar().setValue(1500)
    grid.clearFocus()
    assert picking.current_row is None
    grid.setFocus()
    qtbot.waitUntil(lambda: picking.current_row == grid.seen_rows().start)
    assert picking.ids == []


def test_keys_that_mean_nothing_here_reach_the_window(grid: PhotoGrid, around: Around) -> None:
    grid.setFocus()
    for key in (Qt.Key.Key_F5, Qt.Key.Key_X, Qt.Key.Key_Right):
        QTest.keyClick(grid, key)
    assert around.keys == [Qt.Key.Key_F5, Qt.Key.Key_X]


def test_the_wheel_scrolls_and_with_control_it_zooms(grid: PhotoGrid) -> None:
    edge = grid.places.edge
    wheel(grid, -120, NO_KEYS)
    assert grid.verticalScrollBar().value() > 0
    assert grid.places.edge == edge
    wheel(grid, 120, CONTROL)
    assert grid.places.edge > edge
    wheel(grid, -120, CONTROL)
    assert grid.places.edge == edge


def test_the_tile_below_the_pointer_lights_up_and_goes_dark_again(grid: PhotoGrid) -> None:
    def lightness() -> int:
        return grid.viewport().grab().toImage().pixelColor(middle(grid, 1)).lightness()

    dark = lightness()
    QTest.mouseMove(grid.viewport(), middle(grid, 1))
    assert lightness() > dark
    QApplication.sendEvent(grid.viewport(), QEvent(QEvent.Type.Leave))
    assert lightness() == dark


def test_a_press_on_one_of_many_picks_waits_for_the_release(grid: PhotoGrid, picking: Picking) -> None:
    picking.pick_all()
    QTest.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, middle(grid, 2))
    assert picking.count == 200
    QTest.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, middle(grid, 2))
    assert picking.ids == [3]


def test_the_menu_key_asks_for_a_menu_at_the_current_photo(
    qtbot: QtBot, grid: PhotoGrid, picking: Picking, grid_input: GridInput
) -> None:
    asked: list[QPoint] = []
    grid_input.menu_wanted.connect(asked.append)
    by_keyboard = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(grid, QContextMenuEvent(by_keyboard, QPoint(1, 1), QPoint(1, 1)))
    assert asked == []  # as nothing is picked
    picking.pick_row(3)
    QApplication.sendEvent(grid, QContextMenuEvent(by_keyboard, QPoint(1, 1), QPoint(1, 1)))
    assert asked == [grid.viewport().mapToGlobal(middle(grid, 3))]
    by_mouse = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(grid.viewport(), QContextMenuEvent(by_mouse, QPoint(9, 9), QPoint(7, 8)))
    assert asked[1:] == [QPoint(7, 8)]


def test_the_tooltip_is_of_the_photo_below_the_pointer(grid: PhotoGrid) -> None:
    at = middle(grid, 1)
    QApplication.sendEvent(grid.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, grid.viewport().mapToGlobal(at)))
    assert QToolTip.text().startswith("blue 2.jpg")
    QToolTip.hideText()
