"""The disk with the library fills up, breaks or becomes read-only while the window works: it waits, and goes on."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.background.test_worker import Window
from tests.end2end.many_photos import ManyPhotos
from tests.end2end.test_command_line import small_disk as small_disk

# What SQLite changes files by; `write` goes to the decoder too.
CALLS = "pwrite64,ftruncate,fallocate,fsync,fdatasync"


@pytest.fixture(autouse=True)
def try_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photofind.background.upkeep._HALT_SECONDS", 0.5)


@contextmanager
def running(library: Path) -> Iterator[Window]:
    window = Window(library)
    window.session.start()
    try:
        yield window
    finally:
        assert window.session.stop()


def halts(window: Window) -> list[str]:
    """Return what the person has read about work that had to wait."""
    return [str(progress.note) for progress in window.progress if progress.state == "halted"]


@pytest.fixture
def disk(small_disk: Path) -> Iterator[Path]:
    yield small_disk
    gc.collect()  # the library's vectors, mapped into memory, keep the disk in use


def test_a_disk_that_is_full_and_gets_room(disk: Path, tmp_path: Path) -> None:
    folder = ManyPhotos((640, 480)).fill(tmp_path / "many", 120)
    with running(disk / "library") as window:
        window.do(lambda library: library.folders.add(folder))
        window.run_until(lambda: bool(halts(window)), "the halt")
        assert "is full; free some space" in halts(window)[0]
        assert window.progress[-1].embedded < 120
        subprocess.run(["mount", "-o", "remount,size=60m", str(disk)], check=True)
        window.wait_idle(120)
        assert window.do(lambda library: library.care.check(repair=False)) == []


@contextmanager
def refused(window: Window, error: str, place: Path) -> Iterator[None]:
    """Let every call fail by which the library's thread writes, as if the disk had become so."""
    if sys.platform != "linux" or shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    thread = window.do(lambda _: threading.get_native_id())
    command = ["strace", "-p", str(thread), "-o", str(place / "calls"), "-e", f"trace={CALLS}"]
    tracer = subprocess.Popen([*command, "-e", f"inject={CALLS}:error={error}"], stderr=subprocess.PIPE, text=True)
    try:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        if "attached" not in said:
            pytest.skip(f"this user may not trace processes: {said.strip()}")
        yield
    finally:
        tracer.terminate()
        tracer.communicate(timeout=10)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param("EROFS", "cannot be", id="read-only"),
        pytest.param("EIO", "cannot be", id="broken", marks=pytest.mark.long(seconds=5)),
        pytest.param("ENOSPC", "is full; free some space", id="full", marks=pytest.mark.long(seconds=5)),
    ],
)
def test_a_disk_that_refuses_writes_for_a_while(tmp_path: Path, error: str, sentence: str) -> None:
    first = ManyPhotos().fill(tmp_path / "first", 10)
    second = ManyPhotos().fill(tmp_path / "second", 40)
    with running(tmp_path / "library") as window:
        window.do(lambda library: library.folders.add(first))
        window.wait_idle(10)
        window.worker.pause()
        window.do(lambda library: library.folders.add(second))
        window.run_until(lambda: window.progress[-1].pending == 40, "the new photos")
        with refused(window, error, tmp_path):
            window.worker.resume()
            window.run_until(lambda: bool(halts(window)), "the halt")
            assert sentence in halts(window)[0]
            assert "inside photofind" not in halts(window)[0]
            assert window.do(lambda library: library.embedding.counts.embedded) == 10
        window.wait_idle(50)
        assert window.do(lambda library: library.care.check(repair=False)) == []
