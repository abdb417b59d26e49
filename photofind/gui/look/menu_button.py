"""Buttons that open a menu."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QToolButton

from photofind.gui.look.plain import PlainButton


def give_menu(button: QToolButton | PlainButton, menu: QMenu) -> None:
    """Let a button open a menu inside its window, and look pressed or lit no longer than it is."""
    button.setMenu(menu)
    menu.installEventFilter(_Placing(button, menu))
    menu.aboutToHide.connect(lambda: _look_where_the_pointer_is(button))


class _Placing(QObject):
    """Places a menu as it opens: Qt begins it where the button begins, though it then hangs out of the window."""

    def __init__(self, button: QToolButton | PlainButton, menu: QMenu) -> None:
        super().__init__(menu)
        self._button = button
        self._menu = menu

    def eventFilter(self, _menu: QObject, event: QEvent) -> bool:
        """Let the menu end where the button ends, or begin there where it is written from right to left."""
        if event.type() == QEvent.Type.Show:
            place, window = self._menu.geometry(), self._button.window().geometry()
            if place.right() > window.right():
                place.moveRight(self._button.mapToGlobal(self._button.rect().topRight()).x())
            elif place.left() < window.left():
                place.moveLeft(self._button.mapToGlobal(QPoint(0, 0)).x())
            self._menu.move(place.topLeft())
        return False


def _look_where_the_pointer_is(button: QToolButton | PlainButton) -> None:
    """Tell a button whether the pointer is on it: while a menu is open, Qt does not."""
    is_on_it = button.rect().contains(button.mapFromGlobal(QCursor.pos()))
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, is_on_it)
    button.update()
