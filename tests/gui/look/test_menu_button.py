"""A button that opens a menu is lit only while the pointer is on it; its menu lies inside the window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from photofind.gui.look.menu_button import give_menu
from photofind.gui.look.plain import PlainButton


@pytest.mark.parametrize("make", [QToolButton, lambda: PlainButton("Use files I already have")])
@pytest.mark.parametrize("is_on_it", [True, False])
def test_it_goes_dark_when_the_menu_closes_and_the_pointer_is_elsewhere(
    qtbot: QtBot, make: Callable[[], QToolButton | PlainButton], is_on_it: bool
) -> None:
    button = make()
    menu = QMenu(button)
    menu.addAction("Open log")
    qtbot.addWidget(button)
    give_menu(button, menu)
    button.setFixedSize(60, 40)
    button.show()
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)  # as Qt leaves it when the pointer goes into the menu
    menu.popup(button.mapToGlobal(QPoint(0, 40)))
    QCursor.setPos(button.mapToGlobal(QPoint(10, 10) if is_on_it else QPoint(300, 300)))
    menu.hide()
    assert button.underMouse() is is_on_it


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_the_menu_of_a_button_in_a_corner_lies_inside_the_window(qtbot: QtBot, direction: Qt.LayoutDirection) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setLayoutDirection(direction)
    window.setGeometry(250, 100, 400, 300)  # in the middle of the screen, which has room for it elsewhere
    button, menu = QToolButton(window), QMenu(window)
    button.setFixedSize(40, 40)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu.addAction("Show names and scores")
    give_menu(button, menu)
    row = QHBoxLayout(window)
    row.addStretch(1)
    row.addWidget(button)
    window.show()
    seen = []

    def look() -> None:
        seen.append(menu.geometry())
        menu.close()

    QTimer.singleShot(300, look)
    button.showMenu()  # returns when the menu is closed
    assert seen
    assert window.geometry().left() <= seen[0].left()
    assert seen[0].right() <= window.geometry().right()
