"""The problems dialog."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photofind.core.log.log import Log, end_log
from photofind.core.records.photos import Problem
from photofind.gui.care.problems_dialog import ProblemsDialog
from photofind.gui.window import Window
from tests.gui.fakes import FakeSession
from tests.written import written


def test_the_log_is_opened_from_the_menu(
    qtbot: QtBot, session: FakeSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bytes] = []
    monkeypatch.setattr("photofind.gui.dialogs.open_file", opened.append)
    window = Window(session)
    qtbot.addWidget(window)
    (action,) = [action for action in window.actions() if action.text() == "Open log"]
    with qtbot.waitSignal(window.dialogs.failed) as failed:
        action.trigger()
    assert "There is no log" in failed.args[0]
    Log.of(tmp_path / "library", with_names=False).begin("window")
    try:
        action.trigger()
    finally:
        end_log()
    log = tmp_path / "library" / "logs" / "window.log"
    assert opened == [os.fsencode(log)]
    assert log.exists()
    assert f"The log is “{log}”." in window.notices.texts


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have their own")
def test_where_nothing_opens_files_it_is_said_where_the_log_lies(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    Log.of(tmp_path / "library", with_names=False).begin("window")
    try:
        window.dialogs.open_log()
    finally:
        end_log()
    (told,) = window.notices.texts
    assert told.endswith(f"install xdg-utils. The log is “{tmp_path / 'library' / 'logs' / 'window.log'}”.")


def test_problems_show_name_folder_and_reason_and_can_be_copied(qtbot: QtBot, session: FakeSession) -> None:
    session.library.unread = [Problem(b"/photos/a/bad.jpg", written("The file is empty."), 1.7e9)]
    dialog = ProblemsDialog(session.worker)
    qtbot.addWidget(dialog)
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    cells = [item.text() if (item := dialog.table.item(0, column)) else "" for column in range(4)]
    assert cells[:3] == ["bad.jpg", "The file is empty.", "/photos/a"]
    assert "23" in cells[3]
    assert dialog.hint.text() == "1 file could not be read. Each is tried again when it changes."
    dialog.copy_button.click()
    qtbot.waitUntil(lambda: QApplication.clipboard().text().startswith("bad.jpg\tThe file is empty."))


def test_without_problems_it_says_so(qtbot: QtBot, session: FakeSession) -> None:
    dialog = ProblemsDialog(session.worker)
    qtbot.addWidget(dialog)
    dialog.reload()
    qtbot.waitUntil(lambda: "No problems" in dialog.hint.text())
    assert not dialog.copy_button.isEnabled()


def test_problems_are_tried_again_and_come_back_by_themselves(qtbot: QtBot, session: FakeSession) -> None:
    session.library.unread = [Problem(b"/photos/a/bad.jpg", written("The file is empty."), 1.7e9)]
    dialog = ProblemsDialog(session.worker)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    dialog.retry_button.click()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 0)
    assert dialog.hint.text() == "1 file is read again; if it still fails, it appears here."
    assert session.worker.syncs == 1
    session.library.unread = [Problem(b"/photos/a/bad.jpg", written("The file is empty."), 1.7e9)]
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    again = "1 file is read again; if it still fails, it appears here."
    assert dialog.hint.text() == f"1 file could not be read. {again}"
    dialog.close()
    dialog.reload()
    qtbot.waitUntil(lambda: again not in dialog.hint.text())


def test_what_is_read_in_part_is_not_said_to_be_unreadable(qtbot: QtBot, session: FakeSession) -> None:
    session.library.unread = [Problem(b"/photos/b.jpg", written("The file is empty."), 1.7e9)]
    session.library.partial = [Problem(b"/photos/a.jpg", written("Only part of it could be read."), 1.6e9)]
    dialog = ProblemsDialog(session.worker)
    qtbot.addWidget(dialog)
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2)
    assert dialog.hint.text().startswith("1 file could not be read. 1 could be read only in part.")
    for _ in range(2):  # The library tells the newest first; one that fails again stays where it was.
        assert [dialog.table.model().index(row, 0).data() for row in range(2)] == ["a.jpg", "b.jpg"]
        session.library.unread = [replace(problem, since=1.5e9) for problem in session.library.unread]
        dialog.reload()
        qtbot.wait(20)


def test_a_long_reason_is_shown_whole(qtbot: QtBot, session: FakeSession) -> None:
    reason = "The file is larger than photofind reads; make it smaller, or leave its folder out of the library. " * 2
    session.library.unread = [
        Problem(b"/photos/a.jpg", written("Short."), 0.0),
        Problem(b"/photos/b.jpg", written(reason), 0.0),
    ]
    dialog = ProblemsDialog(session.worker)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2)
    for width in (820, 640):
        dialog.resize(width, 460)
        qtbot.wait(200)
        cell = dialog.table.visualRect(dialog.table.model().index(1, 1))
        room = cell.adjusted(0, 0, -28, 0)  # beside the text there is room in a cell
        needed = dialog.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, reason)
        assert cell.height() >= needed.height() > 2 * dialog.fontMetrics().lineSpacing()
    session.library.unread = [Problem(b"/photos/a.jpg", written(reason), 0.0)]
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    assert dialog.table.rowHeight(0) >= needed.height()


def test_open_dialogs_follow_what_happens(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    window.dialogs.show_problems()
    dialog = window.dialogs.problems
    assert dialog is not None
    session.library.unread = [Problem(b"/photos/a/bad.jpg", written("The file is empty."), 1.7e9)]
    window.refresh()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    dialog.close()


def test_a_hundred_thousand_problems_are_read_a_page_at_a_time(qtbot: QtBot, session: FakeSession) -> None:
    reason = written("The file is empty.")
    session.library.unread = [Problem(b"/photos/%06d.jpg" % number, reason, 1.7e9) for number in range(100_000)]
    dialog = ProblemsDialog(session.worker)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.table.rowCount() > 0)
    assert dialog.table.rowCount() <= 200
    assert dialog.hint.text().startswith("100,000 files could not be read.")
    for shown in (400, 600):
        dialog.table.verticalScrollBar().setValue(dialog.table.verticalScrollBar().maximum())
        qtbot.waitUntil(partial(has_rows, dialog, shown))
    dialog.reload()
    qtbot.wait(50)
    assert dialog.table.rowCount() == 600, "what was scrolled to stays"
    assert dialog.table.model().index(599, 0).data() == "000599.jpg"


def has_rows(dialog: ProblemsDialog, count: int) -> bool:
    return dialog.table.rowCount() == count


def test_the_smallest_list_of_problems_still_shows_one(qtbot: QtBot, session: FakeSession) -> None:
    session.library.unread = [Problem(b"/photos/a.jpg", written("This is not a picture."), 0.0)]
    dialog = ProblemsDialog(session.worker)
    qtbot.addWidget(dialog)
    dialog.reload()
    dialog.show()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    dialog.resize(1, 1)
    QApplication.processEvents()
    reason = dialog.table.visualRect(dialog.table.model().index(0, 1))
    assert dialog.table.viewport().rect().contains(reason.topLeft())
    assert reason.bottom() <= dialog.table.viewport().height()
