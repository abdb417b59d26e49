"""The drive with the photos is unplugged while it is indexed and while it is shown; it comes back with everything."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.background.test_worker import Window
from tests.end2end.finished_photos import count_embedded, finished_photos, lost_or_done_again
from tests.end2end.many_photos import ManyPhotos
from tests.end2end.started_program import StartedProgram
from tests.inside import sql

PHOTOS = 100

ways_to_go = pytest.mark.parametrize(
    "options",
    [pytest.param(["-l"], id="pulled out"), pytest.param([], id="unmounted", marks=pytest.mark.long(seconds=5))],
)


class Drive:
    """A file system of its own that is plugged in at a place, and lives on when it is not."""

    def __init__(self, place: Path) -> None:
        self.place = place / "drive"
        self._disk = place / "disk"
        self.place.mkdir()
        self._disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(self._disk)]
        if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("mounting a drive takes rights that this user does not have")
        self.plug_in()

    def plug_in(self) -> None:
        subprocess.run(["mount", "--bind", str(self._disk), str(self.place)], check=True)

    def unplug(self, *options: str) -> None:
        """Unmount it, as soon as no file on it is open where that is not forced."""
        deadline = time.monotonic() + 20
        while (done := subprocess.run(["umount", *options, str(self.place)], capture_output=True)).returncode:
            assert time.monotonic() < deadline, done.stderr.decode()
            time.sleep(0.01)

    def throw_away(self) -> None:
        for place in (self.place, self._disk):
            subprocess.run(["umount", "-l", str(place)], capture_output=True)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Drive]:
    drive = Drive(tmp_path)
    ManyPhotos().fill(drive.place / "photos", PHOTOS)
    yield drive
    drive.throw_away()


def run(library: Path, *arguments: str | Path) -> Any:
    command = [sys.executable, "-m", "photofind", "--library", library, *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout)


def index_until(library: Path, photos: int) -> StartedProgram:
    """Start `photofind index` and wait until so many photos are done."""
    program = StartedProgram(library, "index")
    deadline = time.monotonic() + 60
    while count_embedded(library) < photos:
        assert time.monotonic() < deadline
        assert program.process.poll() is None, program.errors
        time.sleep(0.01)
    return program


@ways_to_go
def test_unplugged_while_the_command_indexes_it(drive: Drive, tmp_path: Path, options: list[str]) -> None:
    library = tmp_path / "library"
    run(library, "folders", "add", drive.place)
    program = index_until(library, 10)
    try:
        drive.unplug(*options)
        program.process.wait(60)
    finally:
        program.end()
    assert "Traceback" not in program.errors
    assert program.process.returncode == 0, program.errors
    assert "drive" in program.errors, "the folder that went away is named"
    finished = finished_photos(library)
    assert 10 <= len(finished) < PHOTOS
    status = run(library, "status")
    assert [status[key] for key in ("photos", "offline", "failed")] == [PHOTOS, PHOTOS, 0]
    [folder] = run(library, "folders")["folders"]
    assert (folder["online"], folder["photos"]) == (False, PHOTOS)
    assert len(run(library, "search", "red", "--limit", "1000")["hits"]) == len(finished)
    run(library, "index")
    assert finished_photos(library) == finished

    drive.plug_in()
    again = run(library, "index")
    assert [again[key] for key in ("added", "removed", "failed", "embedded")] == [0, 0, 0, PHOTOS - len(finished)]
    assert lost_or_done_again(finished, finished_photos(library)) == []
    assert run(library, "check") == {"ok": True, "findings": []}


def labels(window: Window) -> Any:
    def read(library: Library) -> object:
        return dict(sql(library).execute("SELECT photo_id, label FROM embedding"))

    return window.do(read)


@pytest.fixture
def window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setattr("photofind.background.upkeep._LOOK_SECONDS", 0.5)
    window = Window(tmp_path / "library")
    window.session.start()
    yield window
    window.session.stop()


def wait_offline(window: Window) -> None:
    window.run_until(lambda: window.progress[-1].offline == PHOTOS, "the folder to be offline")
    assert window.progress[-1].photos == PHOTOS
    assert window.progress[-1].failed == 0


@ways_to_go
def test_unplugged_while_the_window_indexes_it(drive: Drive, window: Window, options: list[str]) -> None:
    window.do(lambda library: library.folders.add(drive.place))
    window.run_until(lambda: bool(window.progress) and window.progress[-1].embedded >= 10, "the first photos")
    drive.unplug(*options)
    wait_offline(window)
    done = labels(window)
    assert 10 <= len(done) < PHOTOS
    result = window.ask(Query(text="red", limit=1000))
    assert result.total == PHOTOS
    tiles = window.tiles(result)
    assert len(tiles) == len(done)
    assert not any(tile.photo.online for tile in tiles)
    drive.plug_in()
    window.wait_idle(PHOTOS)
    assert window.progress[-1].offline == 0
    assert done.items() <= labels(window).items(), "what was done is not done again"
    assert window.do(lambda library: library.care.check(repair=False)) == []


@ways_to_go
def test_unplugged_while_its_photos_are_shown(drive: Drive, window: Window, options: list[str]) -> None:
    window.do(lambda library: library.folders.add(drive.place))
    window.wait_idle(PHOTOS)
    done, shown = labels(window), window.names(Query(text="red", limit=1000))
    drive.unplug(*options)
    wait_offline(window)
    assert window.names(Query(text="red", limit=1000)) == shown
    tile = window.tiles(window.ask(Query(text="red", limit=1)))[0]
    assert not tile.photo.online
    assert tile.thumbnail is not None
    drive.plug_in()
    window.run_until(lambda: window.progress[-1].offline == 0, "the folder to be back")
    window.wait_idle(PHOTOS)
    assert labels(window) == done
    assert all(tile.photo.online for tile in window.tiles(window.ask(Query(text="red", limit=1000))))
