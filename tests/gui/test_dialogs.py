"""The problems dialog."""

from __future__ import annotations

from typing import cast

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photofind.background.worker import Worker
from photofind.core.records import Problem
from photofind.gui.problems_dialog import ProblemsDialog
from tests.gui.fakes import FakeSession


def test_problems_show_name_folder_and_reason_and_can_be_copied(qtbot: QtBot, session: FakeSession) -> None:
    session.library.found = [Problem(b"/photos/a/bad.jpg", "The file is empty.", 1.7e9)]
    dialog = ProblemsDialog(cast(Worker, session.worker))
    qtbot.addWidget(dialog)
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    cells = [item.text() if (item := dialog.table.item(0, column)) else "" for column in range(4)]
    assert cells[:3] == ["bad.jpg", "The file is empty.", "/photos/a"]
    assert "23" in cells[3]
    assert dialog.hint.text().startswith("1 file could not be indexed")
    dialog.copy_button.click()
    assert QApplication.clipboard().text().startswith("bad.jpg\tThe file is empty.")


def test_without_problems_it_says_so(qtbot: QtBot, session: FakeSession) -> None:
    dialog = ProblemsDialog(cast(Worker, session.worker))
    qtbot.addWidget(dialog)
    dialog.reload()
    qtbot.waitUntil(lambda: "No problems" in dialog.hint.text())
    assert not dialog.copy_button.isEnabled()
