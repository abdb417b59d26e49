"""The window's tests run without a screen, in English, in the light look."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photofind.gui.look.language import install_translations
from photofind.gui.look.theme import apply_theme
from photofind.gui.window import Window
from tests.gui.fakes import FakeSession
from tests.gui.made import make_progress
from tests.hub import hub as hub
from tests.stalled_hub import stalled as stalled


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the off-screen platform say what it cannot do; every other warning of Qt fails the test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    QLocale.setDefault(QLocale("en_US"))
    qapp.setStyle("Fusion")
    apply_theme(qapp, dark=False)
    install_translations(qapp, QLocale("en_US"))
    return qapp


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[FakeSession]:
    """A session on an empty library; stopped before the test's widgets are deleted."""
    made = FakeSession(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def window(qtbot: QtBot, session: FakeSession) -> Iterator[Window]:
    """A window on a library of 40 photos, showing the newest."""
    session.fill()
    made = Window(session)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.begin()
    made.show_progress(make_progress())
    qtbot.waitUntil(lambda: made.model.tile(1) is not None)
    yield made
    made.close()
