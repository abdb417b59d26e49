"""The real program, started as a person or a desktop starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

START = "from photofind.cli import main; main()"
# Prints once the window was painted, with what was imported by then.
PAINTED = """
import sys
from photofind.gui.window import Window
begin = Window.begin
def tell(window):
    heavy = sorted({"torch", "open_clip"} & set(sys.modules))
    print("painted", heavy, flush=True)
    begin(window)
Window.begin = tell
"""

# Ends the session of the desktop as Windows does: the process is gone once Qt has told of it.
SESSION_END = """
import os
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from photofind.background.session import Session
stop = Session.stop
def tell_stop(session):
    print("stopped", stop(session), flush=True)
    return True
Session.stop = tell_stop
def end(window):
    begin(window)
    QApplication.instance().aboutToQuit.connect(lambda: os._exit(7))
    QTimer.singleShot(500, QApplication.instance().quit)
Window.begin = end
"""

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def environment(library: Path, **changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return {**kept, "QT_QPA_PLATFORM": "offscreen", "PHOTOFIND_LIBRARY": str(library), **changes}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A photofind whose window was painted."""
    process = subprocess.Popen(
        [sys.executable, "-c", PAINTED + START],
        env=environment(tmp_path / "library"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate(timeout=10)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_the_window_is_painted_before_torch_is_imported(running: subprocess.Popen[str]) -> None:
    assert first_line(running) == "painted []\n"


@posix_only
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(running: subprocess.Popen[str], number: signal.Signals) -> None:
    first_line(running)
    start = time.monotonic()
    running.send_signal(number)
    _, errors = running.communicate(timeout=10)
    assert running.returncode == 0
    assert time.monotonic() - start < 5
    assert "Traceback" not in errors
    assert "QThread" not in errors


def test_the_library_is_closed_before_the_desktops_session_ends(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PAINTED + SESSION_END + START],
        env=environment(tmp_path / "library"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (7, "stopped True\n")
    assert "Traceback" not in ended.stderr
    assert "QThread" not in ended.stderr


@posix_only
def test_a_second_start_hands_its_paths_over_and_ends(running: subprocess.Popen[str], tmp_path: Path) -> None:
    first_line(running)
    second = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path)],
        env=environment(tmp_path / "library"),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (second.returncode, second.stdout, second.stderr.strip()) == (0, "", "")
    assert running.poll() is None


def test_of_starts_at_the_same_moment_one_opens_the_window(tmp_path: Path) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", PAINTED + START],
            env=environment(tmp_path / "library"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    try:
        deadline = time.monotonic() + 60
        while sum(start.poll() is None for start in starts) > 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        open_windows = [start for start in starts if start.poll() is None]
        assert len(open_windows) == 1
        assert first_line(open_windows[0]).startswith("painted")
        for start in starts:
            if start not in open_windows:
                assert (start.communicate(timeout=10)[0], start.returncode) == ("", 0)
    finally:
        for start in starts:
            start.kill()
            start.communicate(timeout=10)


@posix_only
def test_after_a_crash_the_next_start_opens_the_window(running: subprocess.Popen[str], tmp_path: Path) -> None:
    first_line(running)
    running.kill()
    running.wait(10)
    again = subprocess.Popen(
        [sys.executable, "-c", PAINTED + START],
        env=environment(tmp_path / "library"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert first_line(again).startswith("painted")
    finally:
        again.kill()
        again.communicate(timeout=10)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
@pytest.mark.parametrize("paths", [[], ["."]], ids=["alone", "with a folder"])
def test_without_a_display_it_says_so_in_one_sentence(tmp_path: Path, paths: list[str]) -> None:
    surroundings = environment(tmp_path / "library")
    del surroundings["QT_QPA_PLATFORM"]
    command = [sys.executable, "-c", START, *paths]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "photofind --help" in done.stderr
    assert "command line" in done.stderr
