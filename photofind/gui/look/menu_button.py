"""Buttons that open a menu."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QToolButton

from photofind.gui.look.plain import PlainButton


def give_menu(button: QToolButton | PlainButton, menu: QMenu) -> None:
    """Let a button open a menu, and look pressed or lit no longer than it is."""
    button.setMenu(menu)
    menu.aboutToHide.connect(lambda: _look_where_the_pointer_is(button))


def _look_where_the_pointer_is(button: QToolButton | PlainButton) -> None:
    """Tell a button whether the pointer is on it: while a menu is open, Qt does not."""
    is_on_it = button.rect().contains(button.mapFromGlobal(QCursor.pos()))
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, is_on_it)
    button.update()
