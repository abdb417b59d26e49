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


# Says what stands in a box that is over no window, and closes it where that is wanted.
BOXED = """
import os
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
real = QApplication.exec
def close():
    (box,) = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    print("box:", box.text().replace("\\u200b", ""), flush=True)
    if "STAYS" not in os.environ:
        box.accept()
def exec():
    QTimer.singleShot(0, close)
    return real()
QApplication.exec = exec
"""
BROKEN = """
from photofind.gui import app
def fail(*_):
    raise OSError(24, "Too many open files")
app.Window = fail
"""


@posix_only
@pytest.mark.parametrize(
    ("library", "broken", "sentence"),
    [("~nosuchuser/photos", "", "The home folder in"), ("{tmp}/library", BROKEN, "Too many open files")],
    ids=["a home that is not known", "what nobody has foreseen"],
)
def test_why_there_is_no_window_is_told_in_one(tmp_path: Path, library: str, broken: str, sentence: str) -> None:
    """A launcher shows nobody what stands on standard error."""
    surroundings = environment(Path(library.format(tmp=tmp_path)))
    start = [sys.executable, "-c", BOXED + broken + START]
    done = subprocess.run(start, env=surroundings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("photofind")]
    assert sentence in told
    (boxed,) = done.stdout.splitlines()
    assert boxed == told.replace("photofind:", "box:", 1)


@posix_only
def test_the_box_over_no_window_ends_with_a_signal(tmp_path: Path) -> None:
    start = [sys.executable, "-c", BOXED + START]
    surroundings = environment(Path("~nosuchuser/photos"), STAYS="yes")
    with subprocess.Popen(start, env=surroundings, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert first_line(process).startswith("box: The home folder")
            process.terminate()
            assert process.wait(10) == 1
        finally:
            process.kill()


def test_a_command_opens_no_window_to_say_what_is_wrong(tmp_path: Path) -> None:
    start = [sys.executable, "-c", BOXED + START, "status"]
    surroundings = environment(Path("~nosuchuser/photos"))
    done = subprocess.run(start, env=surroundings, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")


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


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
@pytest.mark.parametrize("platform", [None, "xcb"], ids=["", "asked for"])
def test_a_display_that_does_not_answer_is_told_too(tmp_path: Path, platform: str | None) -> None:
    surroundings = environment(tmp_path / "library", DISPLAY=":987654")
    del surroundings["QT_QPA_PLATFORM"]
    surroundings.pop("XDG_SESSION_TYPE", None)
    if platform is not None:
        surroundings["QT_QPA_PLATFORM"] = platform
    command = [sys.executable, "-c", START]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("the command line still works: photofind --help")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_nothing_waits_for_an_answer_on_a_display_that_does_not_answer(tmp_path: Path) -> None:
    (gone := tmp_path / "gone").mkdir()
    changes = {"DISPLAY": ":987654", "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": os.getcwd()}
    command = ["sh", "-c", f'cd "{gone}" && rmdir "{gone}" && exec "$@"', "sh", sys.executable, "-c", START, "x.jpg"]
    surroundings = environment(tmp_path / "library", **changes)
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "the folder you are in was deleted" in done.stderr
