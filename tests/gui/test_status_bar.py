"""The status bar says where the library stands."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from photofind.gui.status_bar import StatusBar
from tests.gui.made import make_progress


@pytest.fixture
def bar(qtbot: QtBot) -> StatusBar:
    made = StatusBar()
    qtbot.addWidget(made)
    made.resize(1100, 44)
    made.show()
    return made


def test_indexing_shows_count_rate_time_and_machine(bar: StatusBar) -> None:
    bar.show_progress(
        make_progress(
            state="embedding",
            photos=8003,
            embedded=1240,
            pending=6760,
            failed=3,
            images_per_second=42.2,
            seconds_left=161,
            device="NVIDIA H200",
            engine="torch fp16",
            model="ViT-B-32",
        )
    )
    assert bar.text.text() == "1,240 of 8,000 photos ready · 42 photos/s · about 3 minutes left"
    assert bar.engine.text() == "ViT-B-32 · NVIDIA H200 · torch fp16"
    assert bar.problems.text() == "3 problems"
    assert bar.bar.isVisible()
    assert bar.bar.value() == 155


def test_reading_again_what_files_say_shows_how_much_is_left(bar: StatusBar) -> None:
    bar.show_progress(make_progress(state="reading", photos=8003, embedded=8000, failed=3, facts_pending=1240))
    assert bar.text.text() == "Reading dates and keywords: 1,240 to go"
    assert bar.bar.isVisible()
    assert bar.bar.value() == 845


def test_when_all_is_done_it_is_calm(bar: StatusBar) -> None:
    bar.show_progress(make_progress())
    assert bar.text.text() == "40 photos"
    assert not bar.bar.isVisible()
    assert not bar.problems.isVisible()


def test_that_search_gets_faster_is_said_when_nothing_else_is(bar: StatusBar) -> None:
    bar.show_progress(make_progress(graph_share=0.404))
    assert bar.text.text() == "40 photos · making search faster: 40 %"
    bar.show_progress(make_progress(state="embedding", pending=10, embedded=30, graph_share=0.5))
    assert "faster" not in bar.text.text()


def test_pausing_and_resuming(qtbot: QtBot, bar: StatusBar) -> None:
    bar.show_progress(make_progress(state="embedding", pending=10, embedded=30))
    assert bar.pause.accessibleName() == "Pause indexing"
    with qtbot.waitSignal(bar.paused):
        bar.pause.click()
    bar.show_progress(make_progress(state="paused", pending=10, embedded=30))
    assert bar.text.text().startswith("Paused")
    assert bar.pause.accessibleName() == "Resume indexing"
    with qtbot.waitSignal(bar.resumed):
        bar.pause.click()


def test_photos_on_a_drive_that_is_away_are_told(bar: StatusBar) -> None:
    bar.show_progress(make_progress(offline=12))
    assert bar.text.text() == "40 photos · 12 away"


def test_no_more_photos_are_away_than_there_are(bar: StatusBar) -> None:
    bar.show_progress(make_progress(state="embedding", photos=94, embedded=92, failed=2, offline=94))
    assert bar.text.text() == "92 of 92 photos ready · all away"
    bar.show_progress(make_progress(photos=2, embedded=0, failed=2, offline=2))
    assert "away" not in bar.text.text()


def test_a_change_of_model_is_told(bar: StatusBar) -> None:
    bar.show_progress(make_progress(state="embedding", embedded=10, pending=30, next_model="ViT-B-32"))
    assert bar.text.text() == "10 of 40 photos ready for ViT-B-32", "all of them can be found with the old one"
    assert bar.engine.text() == "quick look → ViT-B-32 · CPU · NumPy", "the device is that of the next one"


def test_a_click_on_the_problems_asks_for_them(qtbot: QtBot, bar: StatusBar) -> None:
    bar.show_progress(make_progress(failed=1, embedded=39))
    assert bar.problems.text() == "1 problem"
    with qtbot.waitSignal(bar.problems_wanted):
        bar.problems.click()


def test_a_narrow_window_keeps_the_progress(bar: StatusBar) -> None:
    bar.show_progress(make_progress())
    bar.resize(500, 44)
    assert not bar.engine.isVisible()
    assert bar.text.isVisible()


def test_a_scan_while_paused_keeps_the_pause(bar: StatusBar) -> None:
    bar.show_progress(make_progress(state="paused", pending=10, embedded=30))
    bar.show_progress(make_progress(state="scanning", pending=10, embedded=30))
    assert bar.pause.accessibleName() == "Resume indexing"
    assert bar.text.text().startswith("Paused")


def test_while_a_model_is_fitted_the_bar_is_busy_not_empty(bar: StatusBar) -> None:
    bar.show_progress(make_progress(state="fitting", pending=40, embedded=0))
    assert (bar.bar.isVisible(), bar.bar.maximum()) == (True, 0), "it moves"
    bar.show_progress(make_progress(state="embedding", pending=10, embedded=30))
    assert bar.bar.value() == 750
