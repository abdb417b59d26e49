"""What the tests of the watcher share: a watcher that remembers what it told, and mounts for one test."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from photofind.background.watching import watcher
from photofind.background.watching.watcher import Watcher
from photofind.core.disk.exclusions import Exclusions
from photofind.core.records.photos import Folder

SECONDS = 60.0
QUIET = 0.2
# Longer than a look and the quiet that follows a change.
SETTLED = 0.6


@dataclass
class Heard:
    """A watcher with what it told."""

    dirty: list[int] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    look_seconds: float = 0.1
    poll_seconds: float = 600.0

    def __post_init__(self) -> None:
        self.watcher = Watcher(
            self.dirty.append,
            lambda sentence: self.notices.append(str(sentence)),
            look_seconds=self.look_seconds,
            poll_seconds=self.poll_seconds,
        )
        self.watcher.start()

    def watch(self, *paths: Path, exclusions: Exclusions | None = None) -> None:
        folders = [Folder(i, os.fsencode(path), True, 0, 0, 0) for i, path in enumerate(paths, 1)]
        self.watcher.watch(folders, exclusions or Exclusions())

    def watch_and_settle(self, *paths: Path, exclusions: Exclusions | None = None) -> None:
        self.watch(*paths, exclusions=exclusions)
        wait_for(lambda: set(self.dirty) == set(range(1, len(paths) + 1)), "the first look")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing more is told, and forget what was."""
        heard = -1
        while heard != len(self.dirty):
            heard = len(self.dirty)
            time.sleep(SETTLED)
        self.dirty.clear()

    def hears(self, change: Callable[[], object], folder_id: int = 1) -> bool:
        """Make a change and tell whether the folder is called dirty for it."""
        self.dirty.clear()
        change()
        try:
            wait_for(lambda: folder_id in self.dirty, "a change", seconds=3.0)
        except AssertionError:
            return False
        return True


def wait_for(is_done: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "QUIET_SECONDS", QUIET)


@pytest.fixture
def heard() -> Iterator[Heard]:
    heard = Heard()
    yield heard
    heard.watcher.stop()


@pytest.fixture
def polled() -> Iterator[Heard]:
    heard = Heard(poll_seconds=1.0)
    yield heard
    heard.watcher.stop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "Photos"
    (root / "trip").mkdir(parents=True)
    (root / "beach.jpg").write_bytes(b"sand")
    (root / "trip" / "hill.jpg").write_bytes(b"grass")
    return root


class Mounts:
    """Mounts for one test."""

    def __init__(self) -> None:
        self.places: list[Path] = []

    def mount(self, *arguments: object) -> None:
        """Mount, the place last."""
        done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"mounting is refused here: {done.stderr.strip()}")
        self.places.append(Path(str(arguments[-1])))

    def tmpfs(self, place: Path) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self.mount("-t", "tmpfs", "-o", "size=1m", "none", place)

    def unmount(self, place: Path) -> None:
        subprocess.run(["umount", place], check=True)
        self.places.remove(place)


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    if shutil.which("mount") is None:
        pytest.skip("there is no mount here")
    mounts = Mounts()
    yield mounts
    for place in reversed(mounts.places):
        subprocess.run(["umount", "--lazy", place], check=True)
