"""A library in which everything is called what it should not be: nothing that shows it takes it for mark-up."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtGui import Qt as Text
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QMenu,
    QMessageBox,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from photofind.core.disk.exclusions import Exclusions
from photofind.core.records.care import Finding
from photofind.core.records.models import ModelState
from photofind.core.records.names import display_name
from photofind.core.records.photos import Folder, Problem
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from photofind.gui.asking.incoming import read_drop
from photofind.gui.look.plain import showable
from photofind.gui.look.question import ask
from photofind.gui.models.chooser import DownloadState
from photofind.gui.models.quick_look_line import QuickLookLine
from photofind.gui.window import Window
from tests.gui.asking.test_incoming import files
from tests.gui.fakes import FakeSession
from tests.gui.made import make_progress, make_result, make_tile
from tests.gui.outside_text import MARKED_UP, shown_by_tooltip
from tests.written import written

RICHEST = "<b>x</b>"


@pytest.fixture(params=MARKED_UP)
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def as_name(text: str) -> bytes:
    """Return a name that a file system takes, as near to a text as can be."""
    return text.replace("/", "∕").encode("utf-8", "surrogatepass")[:240]


@pytest.fixture
def evil(qtbot: QtBot, window: Window, session: FakeSession, text: str) -> Iterator[Window]:
    """A window with all its dialogs open on a library in which everything is called so."""
    library, name = session.library, as_name(text)
    folder = b"/photos/" + name
    path = os.path.join(folder, name)
    library.watched = [Folder(1, folder, False, 40, 3, 2, text, 0, 1), Folder(2, b"/other", True, 40, 3, 2, text, 7)]
    library.unread = [Problem(path, Sentence("file_unreadable", said=text), 1.7e9)]
    library.partial = [Problem(path, written(text), 1.7e9)]
    library.left_out = Exclusions((text,), (folder,))
    library.damage = [Finding(written(text), 3, False)]
    library.card, library.card_there = text, text
    library.known_models = [
        ModelState("quick look", True, True, written(text), 0, 256, written(text), answers=True),
        ModelState(f"/models/{text}", True, False, written(text), 0, 8, written(text), kept_vectors=5),
    ]
    tile = make_tile(1, "", path=path, folder=folder, camera=text, drive=text, online=False, flaw=written(text))
    library.tiles = {1: tile, 2: replace(tile, photo=replace(tile.photo, id=2))}
    progress = make_progress(model=text, next_model=text, device=text, engine=text, state="embedding", pending=3)
    window.model.refresh_all()
    window.searches.ask(Query(text="anything"))
    window.show_folders(library.watched)
    window.show_progress(progress)
    window.show_notice(Sentence("file_unreadable", said=text))
    window.notices.show_info(text, (text, lambda: None))
    window.model_chooser.downloads[f"/models/{text}"] = DownloadState("failed", failure=text)
    dialogs = window.dialogs
    for show in (dialogs.show_folders, dialogs.show_problems, dialogs.show_models, dialogs.show_check):
        show()
    dialogs.show_exclusions(folder)
    ask(window, text, text, text, text, lambda: None)
    qtbot.waitUntil(lambda: len(window.model.ids) == 2 and window.model.tile(1) == tile)
    yield window
    for dialog in window.findChildren(QDialog):
        dialog.close()


def settle(qtbot: QtBot, window: Window) -> None:
    """Wait until every dialog shows what the library says."""
    dialogs = window.dialogs
    assert dialogs.folders is not None
    assert dialogs.problems is not None
    assert dialogs.models is not None
    assert dialogs.exclusions is not None
    folders, problems, models, exclusions = dialogs.folders, dialogs.problems, dialogs.models, dialogs.exclusions
    qtbot.waitUntil(lambda: folders.list.count() == 2 and problems.table.rowCount() == 2 and len(models.rows) == 2)
    qtbot.waitUntil(lambda: exclusions.table.rowCount() > 1)
    for dialog in (folders, problems, models, exclusions):
        for said in (getattr(dialog, "failure", None), getattr(dialog, "hint", None)):
            if said is not None:
                said.setText(RICHEST)
                said.show()
    window.find_similar(1)
    window.header.note.setText(RICHEST)
    qtbot.waitUntil(lambda: window.search_bar.chip.isVisible())


def tooltips(window: Window) -> Iterator[str]:
    """Yield every tooltip of every widget, action and item."""
    for widget in [window, *window.findChildren(QWidget)]:
        yield widget.toolTip()
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from items(widget.model(), Qt.ItemDataRole.ToolTipRole)
    for action in window.findChildren(QAction):
        yield action.toolTip()


def items(model: QAbstractItemModel, role: Qt.ItemDataRole) -> list[str]:
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount()
    cells = [(row, column) for row in range(model.rowCount()) for column in range(columns)]
    return [model.data(model.index(*cell), role) or "" for cell in cells]


def test_nothing_that_shows_it_takes_it_for_mark_up(qtbot: QtBot, evil: Window, text: str) -> None:
    settle(qtbot, evil)
    labels = [label for label in evil.findChildren(QLabel) if not isinstance(label, QuickLookLine)]
    assert len(labels) > 40
    assert [label.text() for label in labels if label.textFormat() != Qt.TextFormat.PlainText] == []
    seen = "".join(label.text() for label in labels)
    assert showable(text)[:20] in seen, "it shows somewhere"
    assert [tip for tip in tooltips(evil) if Text.mightBeRichText(tip) and not tip.startswith("<div style=")] == []


def test_no_button_and_no_menu_takes_it_for_a_key(qtbot: QtBot, evil: Window) -> None:
    settle(qtbot, evil)
    menu = evil.dialogs.models.files_menu if evil.dialogs.models else QMenu()
    menu.aboutToShow.emit()
    words = [button.text() for button in evil.findChildren(QAbstractButton)]
    words += [action.text() for action in [*evil.findChildren(QAction), *menu.actions()]]
    assert len(words) > 40
    assert [word for word in words if "&" in word.replace("&&", "")] == []
    assert max(map(len, words)) < 150


def test_no_window_grows_by_it(qtbot: QtBot, evil: Window) -> None:
    settle(qtbot, evil)
    evil.resize(evil.minimumWidth(), evil.minimumHeight())
    qtbot.waitUntil(lambda: evil.width() <= 620)
    for dialog in evil.findChildren(QDialog):
        if not isinstance(dialog, QMessageBox):
            assert dialog.minimumSizeHint().width() <= 820, dialog.windowTitle()
    for box in evil.findChildren(QMessageBox):
        assert box.width() <= 1000


def test_boxes_and_lists_show_it_in_one_line_each(qtbot: QtBot, evil: Window, text: str) -> None:
    settle(qtbot, evil)
    for box in evil.findChildren(QComboBox):
        assert all(len(box.itemText(row)) < 150 for row in range(box.count()))
    shown = [
        cell
        for view in evil.findChildren(QAbstractItemView)
        for cell in items(view.model(), Qt.ItemDataRole.DisplayRole)
    ]
    name = display_name(as_name(text))
    assert sum(name in cell for cell in shown if isinstance(cell, str)) >= 3


def test_the_tooltip_of_a_photo_shows_its_name(qtbot: QtBot, evil: Window, text: str) -> None:
    viewport, at = evil.grid.viewport(), evil.grid.tile_rect(0).center()
    QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, at, viewport.mapToGlobal(QPoint(at))))
    assert QToolTip.isVisible()
    assert shown_by_tooltip(QToolTip.text()).startswith(display_name(as_name(text))[:100])
    (tip,) = [
        widget for widget in QApplication.topLevelWidgets() if widget.inherits("QTipLabel") and widget.isVisible()
    ]
    assert tip.width() < 800
    QToolTip.hideText()


def test_a_photo_of_that_name_is_the_query(qtbot: QtBot, evil: Window, text: str) -> None:
    evil.find_similar(1)
    chip = evil.search_bar.chip
    assert shown_by_tooltip(chip.toolTip())[:100] == display_name(as_name(text))[:100]
    assert display_name(as_name(text))[:100] in chip.accessibleName()


def test_a_query_of_it_leaves_the_header_as_it_was(qtbot: QtBot, window: Window, text: str) -> None:
    def header_height(name: str, note: str) -> int:
        said = replace(make_result(Query(), [1, 2]), note=written(note))
        window.header.describe(said, name, indexing=False)
        QApplication.processEvents()
        return window.header.sizeHint().height()

    assert header_height(text, text[:40].replace("\n", " ")) == header_height("plain", "plain")


def test_a_refused_file_of_that_name_is_named_letter_by_letter(qtbot: QtBot, window: Window, text: str) -> None:
    mime = files()
    mime.setText(f"file:///nowhere/{re.sub('[/?#%]', '', text[:200])}".replace("\n", ""))
    window.receive(read_drop(mime))
    (label,) = [label for label in window.notices.findChildren(QLabel) if "is not there" in label.text()]
    assert label.textFormat() == Qt.TextFormat.PlainText
