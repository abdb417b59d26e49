"""Notices: news goes by itself, errors stay."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from photofind.gui import notice_bar
from photofind.gui.notice_bar import NoticeBar


@pytest.fixture
def bar(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> NoticeBar:
    monkeypatch.setattr(notice_bar, "_INFO_MS", 50)
    made = NoticeBar()
    qtbot.addWidget(made)
    made.show()
    return made


def test_news_goes_by_itself_and_an_error_stays(qtbot: QtBot, bar: NoticeBar) -> None:
    bar.show_error("The disk is full.")
    bar.show_info("Copied 1 photo")
    assert bar.texts == ["The disk is full.", "Copied 1 photo"]
    qtbot.waitUntil(lambda: bar.texts == ["The disk is full."])
    qtbot.wait(100)
    assert bar.texts == ["The disk is full."]


def test_an_error_goes_when_it_is_closed(bar: NoticeBar) -> None:
    bar.show_error("The disk is full.")
    close = next(b for b in bar.findChildren(QAbstractButton) if b.accessibleName() == "Close this message")
    close.click()
    assert bar.texts == []


def test_the_same_sentence_is_not_piled_up(bar: NoticeBar) -> None:
    for _ in range(5):
        bar.show_error("The disk is full.")
    assert bar.texts == ["The disk is full."]


def test_only_the_last_few_stay(bar: NoticeBar) -> None:
    for number in range(6):
        bar.show_error(f"error {number}")
    assert bar.texts == ["error 3", "error 4", "error 5"]


def test_an_action_is_done_and_the_notice_goes(qtbot: QtBot, bar: NoticeBar) -> None:
    done: list[bool] = []
    bar.show_info("Removed.", ("Undo", lambda: done.append(True)))
    next(b for b in bar.findChildren(QAbstractButton) if b.text() == "Undo").click()
    qtbot.waitUntil(lambda: done == [True])
    assert bar.texts == []


def test_an_error_can_offer_what_to_do_and_be_taken_back(qtbot: QtBot, bar: NoticeBar) -> None:
    done: list[bool] = []
    bar.show_error("“Photos” is away.", ("Locate folder…", lambda: done.append(True)))
    bar.show_error("The disk is full.")
    bar.withdraw("The disk is full.")
    assert bar.texts == ["“Photos” is away."]
    next(b for b in bar.findChildren(QAbstractButton) if b.text() == "Locate folder…").click()
    qtbot.waitUntil(lambda: done == [True])
    assert bar.texts == ["“Photos” is away."]  # What was asked may have been cancelled.


def test_a_sentence_withdrawn_by_its_own_action_goes_once(qtbot: QtBot, bar: NoticeBar) -> None:
    bar.show_error("“Photos” is away.", ("Locate folder…", lambda: bar.withdraw("“Photos” is away.")))
    next(b for b in bar.findChildren(QAbstractButton) if b.text() == "Locate folder…").click()
    qtbot.waitUntil(lambda: bar.texts == [])


def test_news_closed_as_its_time_runs_out_goes_once(
    qtbot: QtBot, bar: NoticeBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_bar, "_INFO_MS", 0)
    bar.show_info("Copied 1 photo")
    next(b for b in bar.findChildren(QAbstractButton) if b.accessibleName() == "Close this message").click()
    QApplication.processEvents()  # The timer comes before the end of what was closed.
    assert bar.texts == []
