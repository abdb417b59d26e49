"""A child process does its work, says how it ended, and is gone when it is stopped."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest

from photofind.background import child_process
from photofind.background.child_process import Child, Priority, start_connected
from photofind.core.log.log import Log, end_log
from tests.background import child_work

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no nice values here")


@pytest.mark.parametrize(("priority", "nice"), [("normal", 0), ("low", 10), ("idle", 19)])
def test_it_does_its_work_in_its_turn(tmp_path: Path, priority: Priority, nice: int) -> None:
    child = Child("test", child_work.write, tmp_path / "nice", priority=priority)
    child.wait(60)
    assert end(child) == (True, 0)
    expected = min(19, os.getpriority(os.PRIO_PROCESS, 0) + nice)
    assert int((tmp_path / "nice").read_text()) == expected


@pytest.mark.parametrize("work", [child_work.fill_disk, child_work.refuse])
def test_what_is_refused_outside_the_program_is_one_line(
    work: Callable[[], None], capfd: pytest.CaptureFixture[str]
) -> None:
    child = Child("test", work, priority="normal")
    child.wait(60)
    assert child.exit_code == 1
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("the test ends: ")


def test_what_ends_a_child_is_in_the_log_of_its_kind_without_names(tmp_path: Path) -> None:
    Log(tmp_path / "logs").begin("window")
    try:
        child = Child("graph builder", child_work.fail_with, "Anna.jpg", priority="normal")
        child.wait(60)
    finally:
        end_log()
    assert child.exit_code == 1
    assert [file.name for file in (tmp_path / "logs").iterdir()] == ["graph-builder.log"]
    told = (tmp_path / "logs" / "graph-builder.log").read_text()
    assert "a mistake of ours ends the graph builder\n  ValueError\n" in told
    assert "child_work.py:" in told
    assert "Anna" not in told


def test_it_starts_where_the_present_folder_was_deleted(tmp_path: Path) -> None:
    """As when photofind was started in a folder of a drive that is unplugged since."""
    before, gone = os.getcwd(), tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    try:
        gone.rmdir()
        child = Child("test", child_work.write, tmp_path / "nice", priority="normal")
        child.wait(60)
    finally:
        os.chdir(before)
    assert child.exit_code == 0


def test_stopped_it_is_gone_and_may_be_stopped_again() -> None:
    child = Child("test", child_work.sleep, priority="normal")
    assert end(child) == (False, None)
    start = time.monotonic()
    child.stop()
    assert time.monotonic() - start < 5
    assert end(child) == (True, -signal.SIGKILL)
    child.stop()


def end(child: Child) -> tuple[bool, int | None]:
    return child.has_ended, child.exit_code


def test_a_connected_one_answers() -> None:
    child, connection = start_connected("test", child_work.echo, b"!", priority="normal")
    connection.send_bytes(b"here")
    assert connection.poll(60)
    assert connection.recv_bytes() == b"here!"
    child.wait(60)
    with pytest.raises(EOFError):
        connection.recv_bytes()
    connection.close()


def test_one_that_stops_in_the_middle_of_a_message_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "_STALL_SECONDS", 1)
    child, connection = start_connected("test", child_work.stop_midway, priority="normal")
    assert connection.poll(60)
    connection.recv_bytes()
    start = time.monotonic()
    with pytest.raises(OSError, match="unavailable"):
        connection.recv_bytes()
    with pytest.raises(OSError, match="unavailable"):
        connection.send_bytes(bytes(50_000_000))
    assert time.monotonic() - start < 30
    child.stop()
    connection.close()


def test_one_that_cannot_be_started_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(SpawnProcess, "start", refuse)
    before = open_files()
    with pytest.raises(OSError, match="temporarily unavailable"):
        start_connected("test", child_work.echo, b"!", priority="normal")
    assert open_files() == before


def open_files() -> int:
    return len(os.listdir("/dev/fd"))
