"""One window for each library."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photofind.gui.main_thread import MainThread
from photofind.gui.single_instance import SingleInstance


def test_without_a_first_there_is_nobody_to_hand_over_to(qtbot: QtBot, tmp_path: Path) -> None:
    assert not SingleInstance(tmp_path).hand_over([])


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
def test_paths_arrive_whole(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    first.listen()
    odd = Path(os.fsdecode(b"/photos/caf\xe9\n.jpg"))
    hand_over = (
        "import sys, pathlib, PySide6.QtCore as core; from photofind.gui.single_instance import SingleInstance;"
        "app = core.QCoreApplication([]); folder, *paths = map(pathlib.Path, sys.argv[1:]);"
        "sys.exit(not SingleInstance(folder).hand_over(paths))"
    )
    with qtbot.waitSignal(first.received, timeout=20_000) as received:
        second = subprocess.Popen([sys.executable, "-c", hand_over, tmp_path, odd])
    assert second.wait(20) == 0
    assert received.args == [[odd]]
    first.close()


def test_another_library_has_its_own_window(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path / "a")
    first.listen()
    assert not SingleInstance(tmp_path / "b").hand_over([])
    first.close()


def test_what_is_posted_runs_on_the_main_thread_in_order(qtbot: QtBot) -> None:
    main = MainThread()
    ran: list[tuple[int, bool]] = []
    here = threading.get_ident()

    def note(number: int) -> None:
        ran.append((number, threading.get_ident() == here))

    def post_all() -> None:
        for number in range(100):
            main.post(partial(note, number))

    thread = threading.Thread(target=post_all)
    thread.start()
    qtbot.waitUntil(lambda: len(ran) == 100)
    thread.join()
    assert ran == [(number, True) for number in range(100)]
