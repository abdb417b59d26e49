"""The boxes over a window: the one question photofind asks, before something is forgotten, and what it says in one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QMessageBox, QSpacerItem, QWidget

from photofind.gui.look.plain import as_item, wrappable

# What a window's frame has beside its title: its buttons and icon.
_FRAME = 160


def ask(parent: QWidget, title: str, question: str, outcome: str, yes: str, act: Callable[[], None]) -> None:
    """Ask over `parent`, saying what would come of it; `act` runs where the answer is yes. Returns at once."""
    box = _box(parent, title, question, outcome)
    agree = box.addButton(as_item(yes), QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(QMessageBox.StandardButton.Cancel).setIcon(QIcon())
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    box.buttonClicked.connect(lambda button: act() if button is agree else None)
    box.open()


def tell(parent: QWidget, title: str, picture: QPixmap, headline: str, text: str) -> None:
    """Say something over `parent`, with a picture. Returns at once."""
    box = _box(parent, title, headline, text)
    box.setIconPixmap(picture)
    _agree(box)
    box.open()


def tell_and_wait(title: str, text: str) -> None:
    """Say in a window of its own why there is no other; return when it is closed."""
    box = _box(None, title, text, "")
    box.setIcon(QMessageBox.Icon.Critical)
    _agree(box)
    box.show()
    QApplication.exec()  # not the box's own loop, which nothing but a click would end


def _agree(box: QMessageBox) -> None:
    """Give a box its one button, without the picture that some systems put on it."""
    box.addButton(QMessageBox.StandardButton.Ok).setIcon(QIcon())


def _box(parent: QWidget | None, title: str, text: str, details: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(title)
    box.setText(wrappable(text))
    box.setInformativeText(wrappable(details))
    grid = box.layout()
    assert isinstance(grid, QGridLayout)
    # A box is as wide as its text, and a title that has no room beside the frame's buttons is cut.
    width = box.fontMetrics().horizontalAdvance(title) + _FRAME
    grid.addItem(QSpacerItem(width, 0), grid.rowCount(), 0, 1, grid.columnCount())
    for label in box.findChildren(QLabel):  # `setTextFormat` is for the first of them alone
        label.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box
