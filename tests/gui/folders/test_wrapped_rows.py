"""Whatever is said of a folder, its row fits into the list."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QDialog, QListWidget, QListWidgetItem
from pytestqt.qtbot import QtBot

from photofind.gui.folders.wrapped_rows import WrappedRows
from photofind.gui.look.icons import icon


def test_no_row_is_wider_than_the_list(qtbot: QtBot, qapp: QApplication) -> None:
    dialog = QDialog()  # the style sheet pads rows in dialogs
    qtbot.addWidget(dialog)
    rows = QListWidget(dialog)
    rows.setWordWrap(True)
    rows.setItemDelegate(WrappedRows(rows))
    rows.setFixedSize(580, 260)
    dialog.show()
    for letters in range(20, 140):
        rows.clear()
        item = QListWidgetItem("/photos\n" + ("word " * 40)[:letters], rows)
        item.setIcon(icon("folder", qapp.palette()))
        rows.doItemsLayout()
        assert rows.visualItemRect(item).width() == rows.viewport().width(), letters
