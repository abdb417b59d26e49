"""One window for each library."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from photofind.gui.desktop.main_thread import MainThread
from photofind.gui.desktop.single_instance import SingleInstance, _socket_name

# Exits with 0 where the paths were handed over, with 1 where this start opens the window, with 2 and a sentence.
SECOND = """
import sys, pathlib
import PySide6.QtCore as core
from photofind.core.errors import PhotofindError
from photofind.gui.desktop import single_instance
app = core.QCoreApplication([])
single_instance._PATIENCE_MS = int(sys.argv[1])
folder, *paths = map(pathlib.Path, sys.argv[2:])
try:
    sys.exit(int(single_instance.SingleInstance(folder).become_first(paths)))
except PhotofindError as error:
    print(error)
    sys.exit(2)
"""


def command(library: Path, *paths: Path, patience_ms: int = 60_000) -> list[str | Path]:
    return [sys.executable, "-c", SECOND, str(patience_ms), library, *paths]


@pytest.fixture
def first(qtbot: QtBot, tmp_path: Path) -> Iterator[SingleInstance]:
    """The first start, on a library folder that was not there before."""
    made = SingleInstance(tmp_path / "new" / "library")
    assert made.become_first([])
    yield made
    made.close()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
def test_paths_arrive_whole(qtbot: QtBot, first: SingleInstance, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(b"/photos/caf\xe9\n.jpg"))
    with qtbot.waitSignal(first.received, timeout=60_000) as received:
        second = subprocess.Popen(command(tmp_path / "new" / "library", odd))
    assert second.wait(60) == 0
    assert received.args == [[odd]]


def test_a_first_that_is_still_starting_takes_the_paths_once(
    qtbot: QtBot, first: SingleInstance, tmp_path: Path
) -> None:
    received: list[list[Path]] = []
    first.received.connect(received.append)
    second = subprocess.Popen(command(tmp_path / "new" / "library", tmp_path))
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(3)  # Nothing is answered before the event loop runs.
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=60_000)
    assert second.returncode == 0
    qtbot.wait(100)
    assert received == [[tmp_path]]


NO_PATHS = [
    b"\n",
    b"{\n",
    b"\xff\xfe\x00\n",
    b"null\n",
    b"5\n",
    b'"2f"\n',
    b'{"2f": 1}\n',
    b"[null]\n",
    b"[[]]\n",
    b'["zz"]\n',
    b"[" * 100_000 + b"\n",
    b"x" * (17 << 20),
]


@pytest.mark.parametrize("said", NO_PATHS, ids=lambda said: repr(said[:12]))
def test_what_no_photofind_says_is_let_go_of_and_the_next_start_is_heard(
    qtbot: QtBot, first: SingleInstance, tmp_path: Path, said: bytes
) -> None:
    received: list[list[Path]] = []
    first.received.connect(received.append)
    stranger = QLocalSocket()
    stranger.connectToServer(_socket_name(tmp_path / "new" / "library"))
    assert stranger.waitForConnected(5_000)
    stranger.write(said)
    qtbot.waitUntil(lambda: stranger.state() == QLocalSocket.LocalSocketState.UnconnectedState, timeout=30_000)
    assert bytes(stranger.readAll().data()) == b""
    second = subprocess.Popen(command(tmp_path / "new" / "library", tmp_path))
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=60_000)
    assert received == [[tmp_path]]


def test_when_the_first_ends_meanwhile_the_second_opens_the_window(first: SingleInstance, tmp_path: Path) -> None:
    second = subprocess.Popen(command(tmp_path / "new" / "library"))
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(3)
    first.close()
    assert second.wait(60) == 1


def test_a_first_that_never_answers_is_told_in_a_sentence(first: SingleInstance, tmp_path: Path) -> None:
    asked = command(tmp_path / "new" / "library", patience_ms=300)
    second = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    assert second.returncode == 2
    assert second.stdout == "photofind is open already but does not answer. End it, then start it again.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_the_lock_of_a_killed_start_is_taken_over_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    killed = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time, pathlib, PySide6.QtCore as core\n"
            "from photofind.gui.desktop.single_instance import SingleInstance\n"
            "app = core.QCoreApplication([])\n"
            "instance = SingleInstance(pathlib.Path(sys.argv[1]))\n"
            "print(instance.become_first([]), flush=True)\n"
            "time.sleep(60)",
            tmp_path,
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert killed.stdout is not None
    assert killed.stdout.readline() == "True\n"
    killed.kill()
    killed.communicate(timeout=10)
    assert (tmp_path / "window.lock").exists()
    start = time.monotonic()
    next_start = SingleInstance(tmp_path)
    assert next_start.become_first([])
    assert time.monotonic() - start < 1
    # The socket was taken over with it: a second start reaches the new first.
    with qtbot.waitSignal(next_start.received, timeout=60_000):
        second = subprocess.Popen(command(tmp_path))
    assert second.wait(60) == 0
    next_start.close()


def test_another_library_has_its_own_window(first: SingleInstance, tmp_path: Path) -> None:
    other = SingleInstance(tmp_path / "other")
    assert other.become_first([])
    other.close()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions differ")
def test_where_no_lock_can_be_made_the_window_opens_and_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    instance = SingleInstance(tmp_path / "file" / "library")
    assert instance.become_first([])
    instance.close()


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
