"""Problems and models."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photofind.background.worker import Worker
from photofind.core.records import ModelState, Problem
from photofind.gui.models_dialog import ModelsDialog
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


@pytest.fixture
def models(qtbot: QtBot, session: FakeSession) -> ModelsDialog:
    session.library.known_models = [
        ModelState("quick look", True, True, "MIT", 0, 256, "colours and light"),
        ModelState("ViT-B-32", True, False, "MIT", 605_000_000, 512, "things"),
        ModelState("ViT-B-16-SigLIP2", False, False, "Apache-2.0", 1_500_000_000, 768, "many languages"),
    ]
    dialog = ModelsDialog(cast(Worker, session.worker))
    qtbot.addWidget(dialog)
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.list.count() == 3)
    return dialog


def test_models_say_what_they_are(models: ModelsDialog) -> None:
    lines = [models.list.item(row).text() for row in range(3)]
    assert lines[0] == "quick look\nin use · colours and light · MIT"
    assert "installed" in lines[1]
    assert "1.5 GB to download" in lines[2]


def test_only_an_installed_model_that_is_not_in_use_can_be_used(
    qtbot: QtBot, models: ModelsDialog, session: FakeSession
) -> None:
    for row, usable in ((0, False), (2, False), (1, True)):
        models.list.setCurrentRow(row)
        assert models.use_button.isEnabled() is usable
    with qtbot.waitSignal(models.model_chosen):
        models.use_button.click()
    assert session.library.used_model == "ViT-B-32"


def test_how_to_get_a_model_is_said(models: ModelsDialog) -> None:
    models.list.setCurrentRow(2)
    assert "photofind models get ViT-B-16-SigLIP2" in models.how_to_get.text()
