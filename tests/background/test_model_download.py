from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photofind.background.model_download import ModelDownload, Transfer
from photofind.core.models import offered as models
from photofind.core.models.installation import loaded_bytes
from photofind.core.models.outage import PATIENCE, Patience
from tests.hub import SHORT, SMALL, Hub
from tests.tiny_clip import TINY_CLIP

SECONDS = 60.0


class Window:
    """Stands where the window stands: starts downloads, runs what is posted, remembers what it was told."""

    def __init__(self, models_dir: Path, patience: Patience = SHORT) -> None:
        self.models_dir = models_dir
        self.posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.progress: list[Transfer] = []
        self.ends: list[str] = []
        self.download = ModelDownload(models_dir, self.posted.put, patience)

    def start(self, folder: Path | None = None) -> None:
        self.download.start(
            SMALL,
            self.progress.append,
            lambda: self.ends.append("done"),
            lambda sentence: self.ends.append(str(sentence)),
            folder,
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
    size = sum(len(content) for content in hub.files.values())
    assert window.ends == ["done"]
    assert window.is_installed
    done = [transfer.done for transfer in window.progress]
    assert done == sorted(done)
    assert (done[-1], window.progress[-1].total) == (size, size)


def test_the_speed_and_the_time_left_are_those_of_the_last_seconds(hub: Hub, window: Window) -> None:
    hub.seconds_per_step = 0.02  # 65 kB each: 3.3 MB/s
    window.start()
    window.run_until(lambda: bool(window.ends))
    assert window.progress[0].bytes_per_second is None, "nobody can know yet"
    known = [transfer for transfer in window.progress if transfer.bytes_per_second and transfer.done < transfer.total]
    for transfer in known:
        assert 1e6 < (transfer.bytes_per_second or 0) < 3.4e6
        assert 0 < (transfer.seconds_left or 0) < 8
    assert len(known) > 2


def test_a_speed_of_nothing_is_told_while_nothing_comes(
    hub: Hub, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photofind.background.model_download._SPEED_WINDOW_SECONDS", 0.5)
    monkeypatch.setattr("photofind.background.model_download._SPEED_AFTER_SECONDS", 0.1)
    hub.stall = threading.Event()
    window.start()
    window.run_until(lambda: any(transfer.bytes_per_second == 0 for transfer in window.progress))
    hub.stall.set()
    window.run_until(lambda: bool(window.ends))
    assert window.ends == ["done"]
    assert len(hub.gets()) == 2


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_it_is_told_what_it_waits_for_and_that_it_goes_on(hub: Hub, window: Window, method: str) -> None:
    hub.refuse(method, 429, Retry_After="1")
    window.start()
    window.run_until(lambda: any(transfer.waits_for for transfer in window.progress))
    assert str(window.progress[-1].waits_for) == "the hub asks to wait 1 s"
    window.run_until(lambda: bool(window.ends))
    assert window.ends == ["done"]
    assert window.progress[-1].waits_for is None


def test_a_download_paused_while_it_is_asked_to_wait_is_gone_at_once(hub: Hub, tmp_path: Path) -> None:
    window = Window(tmp_path / "models", PATIENCE)
    hub.refuse("GET", 429, Retry_After="30")
    window.start()
    window.run_until(lambda: any(transfer.waits_for for transfer in window.progress))
    window.download.pause()
    began = time.monotonic()
    window.run_until(lambda: threads() == 0)
    assert time.monotonic() - began < 15
    window.start()
    window.run_until(lambda: bool(window.ends))
    assert window.ends == ["done"]
    assert window.progress[-1].waits_for is None


def test_a_paused_download_goes_on_later(hub: Hub, window: Window) -> None:
    hub.seconds_per_step = 0.01
    window.start()
    window.run_until(lambda: any(transfer.done > 2_000_000 for transfer in window.progress))
    window.download.pause()
    window.run_until(lambda: threads() == 0)
    window.run_until(window.posted.empty)
    kept = loaded_bytes(SMALL, window.models_dir)
    assert (window.ends, kept > 2_000_000) == ([], True)
    window.start()
    window.run_until(lambda: bool(window.ends))
    assert window.ends == ["done"]
    assert len(hub.ranges) == 1


def test_a_download_cancelled_in_the_middle_leaves_nothing(hub: Hub, window: Window) -> None:
    hub.seconds_per_step = 0.01
    window.start()
    window.run_until(lambda: any(transfer.done > 2_000_000 for transfer in window.progress))
    window.download.cancel(SMALL)
    window.run_until(lambda: threads() == 0)
    assert loaded_bytes(SMALL, window.models_dir) == 0
    assert [path.name for path in window.models_dir.iterdir()] == [".lock"]


def test_files_from_a_folder_are_checked(hub: Hub, window: Window) -> None:
    window.start(TINY_CLIP)
    window.run_until(lambda: bool(window.ends))
    assert "not those of the model “small”" in window.ends[0]
    assert hub.asked == []


def test_a_failure_is_a_sentence_and_another_try_succeeds(hub: Hub, window: Window) -> None:
    hub.status = 500
    window.start()
    window.run_until(lambda: bool(window.ends))
    assert "500" in window.ends[0]
    hub.status = None
    window.start()
    window.run_until(lambda: len(window.ends) == 2)
    assert window.ends[1] == "done"


def test_a_download_cancelled_while_nothing_comes_is_silent(hub: Hub, window: Window, stalled: threading.Event) -> None:
    window.start()
    window.download.cancel(SMALL)
    stalled.set()
    window.run_until(lambda: threads() == 0)
    window.run_until(window.posted.empty)
    assert (window.progress, window.ends) == ([], [])
    assert not window.is_installed


def test_a_new_download_waits_for_the_cancelled_one(window: Window, stalled: threading.Event) -> None:
    for _ in range(3):
        window.start()
    time.sleep(0.2)
    stalled.set()
    window.run_until(lambda: bool(window.ends))
    assert window.ends == ["done"], "one that did not wait would say that the model is arriving already"
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
