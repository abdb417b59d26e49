"""The library checked, repaired, found damaged, or in use elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photofind.background.session import Session
from photofind.core.records.care import Finding
from photofind.core.records.photos import Folder
from photofind.core.sentences.sentence import Sentence
from photofind.gui.care.check_dialog import CheckDialog
from photofind.gui.desktop.main_thread import MainThread
from photofind.gui.news import News
from photofind.gui.window import Window
from tests.gui.fakes import FakeSession
from tests.gui.made import make_progress
from tests.written import written, written_error


@pytest.fixture
def dialog(qtbot: QtBot, session: FakeSession) -> CheckDialog:
    made = CheckDialog(session.worker)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_sound_library_is_in_order(qtbot: QtBot, dialog: CheckDialog) -> None:
    dialog.begin()
    assert dialog.title.text() == "Checking…"
    assert dialog.details.text() == "Searching waits until this is done."
    assert dialog.progress.isVisible()
    qtbot.waitUntil(lambda: dialog.title.text() == "Everything is in order.")
    assert dialog.details.text() == "A search compares every photo; up to 1,500,000 of them, that is fast."
    assert not dialog.progress.isVisible()
    assert not dialog.repair_button.isVisible()


def test_findings_are_listed_and_repaired_on_request(qtbot: QtBot, dialog: CheckDialog, session: FakeSession) -> None:
    session.library.damage = [Finding(Sentence("found_photos_without_thumbnail"), 1240, False)]
    dialog.begin()
    qtbot.waitUntil(dialog.repair_button.isVisible)
    assert "• photos without a thumbnail: 1,240" in dialog.details.text()
    dialog.repair_button.click()
    assert dialog.title.text() == "Repairing…"
    qtbot.waitUntil(lambda: dialog.title.text() == "The library is in order again.")
    assert "photos without a thumbnail: 1,240" in dialog.details.text()
    assert not dialog.repair_button.isVisible()


def test_what_could_not_be_repaired_is_said(qtbot: QtBot, dialog: CheckDialog, session: FakeSession) -> None:
    session.library.damage = [
        Finding(Sentence("found_photos_without_thumbnail"), 3, False),
        Finding(written("beyond repair"), 1, False),
    ]
    dialog.begin()
    qtbot.waitUntil(dialog.repair_button.isVisible)
    dialog.repair_button.click()
    qtbot.waitUntil(lambda: dialog.title.text() == "Not everything could be repaired.")
    assert dialog.details.text().endswith("• beyond repair: 1")


def test_all_that_is_found_can_be_read_however_small_the_dialog(
    qtbot: QtBot, dialog: CheckDialog, session: FakeSession
) -> None:
    session.library.damage = [Finding(written(f"damage of the kind {kind}"), kind, False) for kind in range(12)]
    dialog.begin()
    qtbot.waitUntil(dialog.repair_button.isVisible)
    dialog.resize(1, 1)
    QApplication.processEvents()
    for label in (dialog.title, dialog.details):
        assert label.height() >= label.heightForWidth(label.width())
    assert dialog.rect().contains(dialog.repair_button.geometry())


def test_the_check_is_in_the_menu(qtbot: QtBot, window: Window) -> None:
    next(action for action in window.actions() if action.text() == "Check library…").trigger()
    check = window.dialogs.check
    assert check is not None
    qtbot.waitUntil(lambda: check.title.text() == "Everything is in order.")
    check.close()


# At the start


@pytest.fixture
def starting(qtbot: QtBot, session: FakeSession) -> Window:
    """A window whose library has not been opened yet: nothing it asked for is answered."""
    session.fill()
    session.worker.is_opening = True
    made = Window(session)
    qtbot.addWidget(made)
    made.show()
    made.begin()
    return made


def open_library(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    """Say that the library opens, show what the window says then, and answer what it asked for."""
    window.show_progress(make_progress(state="opening"))
    assert window.pages.currentWidget() is window.empty_state
    assert "Opening" in window.empty_state.title.text()
    session.worker.open()
    qtbot.waitUntil(lambda: window.pages.currentWidget() not in (window.empty_state, window.damage_page))
    assert window.header.title.text() == "Newest photos"


def test_a_library_in_use_is_said_and_opens_by_itself(qtbot: QtBot, starting: Window, session: FakeSession) -> None:
    starting.show_progress(make_progress(state="halted", photos=0, embedded=0, note=written("It is open elsewhere.")))
    assert starting.empty_state.text.text() == "It is open elsewhere."
    assert not starting.empty_state.add_button.isVisible()
    starting.search_bar.show_words("red")
    qtbot.wait(450)
    assert starting.header.coverage.text() != "searching…" or not starting.header.isVisible()
    starting.search_bar.clear()
    open_library(qtbot, starting, session)
    assert starting.header.coverage.text() == "40 photos"


def test_a_damaged_library_is_rescued_and_the_window_goes_on(
    qtbot: QtBot, starting: Window, session: FakeSession
) -> None:
    page = starting.damage_page
    starting.show_progress(
        make_progress(state="damaged", photos=0, embedded=0, note=written("The catalog is damaged."))
    )
    assert page.isVisible()
    assert page.text.text() == "The catalog is damaged."
    page.rescue_button.click()
    assert not page.rescue_button.isVisible()
    assert page.text.text() == "This can take a few minutes."
    way, on_done, _ = session.worker.recoveries.pop()
    assert way == "rescue"
    on_done(written("38 of 40 photos were rescued."))
    assert starting.notices.texts == ["38 of 40 photos were rescued."]
    open_library(qtbot, starting, session)
    assert not page.isVisible()


def test_a_copy_that_is_not_there_is_said_and_the_choice_stays(starting: Window, session: FakeSession) -> None:
    page = starting.damage_page
    starting.show_progress(make_progress(state="damaged", note=written("The catalog is damaged.")))
    page.copy_button.click()
    way, _, on_error = session.worker.recoveries.pop()
    assert way == "snapshot"
    on_error(written("There is no copy yet."))
    assert page.failure.text() == "There is no copy yet."
    assert page.rescue_button.isVisible()


def test_a_copy_that_is_damaged_too_is_offered_the_same_again(starting: Window, session: FakeSession) -> None:
    damaged = make_progress(state="damaged", note=written("The catalog is damaged."))
    starting.show_progress(damaged)
    starting.damage_page.copy_button.click()
    starting.show_progress(damaged)
    assert starting.damage_page.rescue_button.isVisible()


def test_giving_up_closes_the_window(qtbot: QtBot, starting: Window) -> None:
    starting.show_progress(make_progress(state="damaged", note=written("The catalog is damaged.")))
    starting.damage_page.quit_button.click()
    assert not starting.isVisible()


def test_later_halts_are_notices_and_leave_the_photos_on_the_screen(window: Window) -> None:
    window.show_folders([Folder(1, b"/photos", True, 40, 0, 0)])
    window.show_progress(make_progress(state="halted", note=written("The disk is full.")))
    assert window.notices.texts == ["The disk is full."]
    assert window.pages.currentWidget() not in (window.empty_state, window.damage_page)


# With the real worker


@pytest.fixture
def damaged(qtbot: QtBot, tmp_path: Path) -> Iterator[Window]:
    """A window on a library that is damaged in earnest."""
    (tmp_path / "catalog.sqlite").write_bytes(b"this is a letter, not a database " * 1000)
    news = News()
    session = Session(
        tmp_path,
        MainThread(news).post,
        on_progress=news.progressed.emit,
        on_notice=news.told.emit,
        on_changed=news.changed.emit,
        on_folders=news.folders_changed.emit,
    )
    made = Window(session)
    qtbot.addWidget(made)
    news.progressed.connect(made.show_progress)
    made.show()
    session.start()
    made.begin()
    qtbot.waitUntil(made.damage_page.isVisible)
    yield made
    made.close()
    session.stop()


def test_the_work_is_seen_while_it_lasts_and_why_it_failed_afterwards(
    qtbot: QtBot, damaged: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, page = threading.Event(), damaged.damage_page

    def fail_late(_directory: Path, _way: str) -> str:
        release.wait(20)
        raise written_error("There is no copy yet.")

    monkeypatch.setattr("photofind.background.opening.recover", fail_late)
    page.copy_button.click()
    qtbot.wait(300)
    assert page.isVisible()
    assert page.progress.isVisible()
    assert page.title.text() == "Mending your library…"
    release.set()
    qtbot.waitUntil(page.rescue_button.isVisible)
    qtbot.wait(300)
    assert page.isVisible()
    assert page.failure.isVisible()
    assert page.failure.text() == "There is no copy yet."
    assert "is damaged" in page.text.text()
