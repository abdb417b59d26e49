from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photofind.background.model_download import ModelDownload
from photofind.core import models
from tests.core.test_download import WEIGHTS, Hub

SMALL = models.find("small")
SECONDS = 20.0


class Window:
    """Stands where the window stands: starts downloads, runs what is posted, remembers what it was told."""

    def __init__(self, models_dir: Path) -> None:
        self.models_dir = models_dir
        self.posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.progress: list[tuple[int, int]] = []
        self.ends: list[str] = []
        self.download = ModelDownload(models_dir, self.posted.put)

    def start(self) -> None:
        self.download.start(
            SMALL,
            lambda done, total: self.progress.append((done, total)),
            lambda: self.ends.append("done"),
            self.ends.append,
        )

    def run_until(self, is_done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not is_done():
            assert time.monotonic() < deadline
            try:
                self.posted.get(timeout=0.05)()
            except queue.Empty:
                continue

    @property
    def is_installed(self) -> bool:
        return models.is_installed(SMALL, self.models_dir)


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    made = Window(tmp_path / "models")
    yield made
    made.download.stop()


def threads() -> int:
    return sum(thread.name == "model download" for thread in threading.enumerate())


def test_a_download_tells_how_far_it_is_and_its_end(hub: Hub, window: Window) -> None:
    window.start()
    window.run_until(lambda: bool(window.ends))
    size = len(hub.files[WEIGHTS])
    assert window.ends == ["done"]
    assert window.is_installed
    assert window.progress == sorted(window.progress)
    assert window.progress[-1] == (size, size)


def test_a_failure_is_a_sentence_and_another_try_succeeds(hub: Hub, window: Window) -> None:
    hub.status = 500
    window.start()
    window.run_until(lambda: bool(window.ends))
    assert "500" in window.ends[0]
    hub.status = None
    window.start()
    window.run_until(lambda: len(window.ends) == 2)
    assert window.ends[1] == "done"


def test_a_cancelled_download_is_silent_and_leaves_nothing(hub: Hub, window: Window, stalled: threading.Event) -> None:
    window.start()
    window.download.cancel()
    stalled.set()
    window.run_until(lambda: threads() == 0)
    window.run_until(window.posted.empty)
    assert (window.progress, window.ends) == ([], [])
    assert not window.is_installed


def test_a_new_download_waits_for_the_cancelled_one(hub: Hub, window: Window, stalled: threading.Event) -> None:
    for _ in range(3):
        window.start()
    time.sleep(0.2)
    assert len(hub.asked) <= 1, "only one talks to the hub"
    stalled.set()
    window.run_until(lambda: bool(window.ends))
    assert window.ends == ["done"]
    assert window.is_installed


def test_stopping_does_not_wait_for_a_network_that_stalls(window: Window, stalled: threading.Event) -> None:
    window.start()
    time.sleep(0.2)
    start = time.monotonic()
    window.download.stop(0.5)
    assert time.monotonic() - start < 2


def test_a_mistake_of_ours_is_told(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photofind.background.model_download.get_model", lambda *_: 1 // 0)
    window.start()
    window.run_until(lambda: bool(window.ends))
    assert "inside photofind" in window.ends[0]
