"""The real program killed again and again while its folder grows and moves: nothing that was finished is lost."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from photofind.core.library import Library
from tests.end2end.finished_photos import finished_photos, lost_or_done_again
from tests.end2end.large_library import EARLY_GRAPH, make_large_library
from tests.end2end.many_photos import ManyPhotos, write_huge_picture
from tests.end2end.started_program import StartedProgram, cpu_seconds
from tests.inside import catalog_of

if not sys.platform.startswith("linux"):
    pytest.skip("processes are looked for in /proc", allow_module_level=True)

PHOTOS_A_ROUND = 20


class GrowingFolder:
    """A folder in which photos are added, renamed, moved with their directory, and deleted."""

    def __init__(self, path: Path, chance: random.Random, photos: int) -> None:
        self.path = path
        self._chance = chance
        self._photos = ManyPhotos()
        self._made = 0
        self.add(photos)

    def add(self, count: int) -> None:
        for _ in range(count):
            self._photos.write(self.path / f"day {self._made % 7}" / f"{self._made:05}.jpg")
            self._made += 1

    def files(self) -> list[Path]:
        return sorted(path for path in self.path.rglob("*.jpg"))

    def live_on(self) -> None:
        """Change the folder as a person might in between."""
        self.add(PHOTOS_A_ROUND)
        files = self.files()
        for old in self._chance.sample(files, 3):
            old.rename(old.with_name(f"renamed {self._made} {old.name[-9:]}"))
        directory = self._chance.choice(sorted(path for path in self.path.iterdir()))
        directory.rename(self.path / f"moved {self._made}")
        self._chance.choice(self.files()).unlink()


def run(library: Path, *arguments: str) -> Any:
    command = [sys.executable, "-m", "photofind", "--library", str(library), *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def kill_many_times(tmp_path: Path, kills: int, photos: int, most_seconds: float) -> None:
    chance = random.Random(4)
    folder, library = GrowingFolder(tmp_path / "photos", chance, photos), tmp_path / "library"
    run(library, "folders", "add", str(folder.path))
    seen = finished_photos(library)
    for number in range(kills):
        folder.live_on()
        program = StartedProgram(library, *(["index"] if number % 2 else []))
        try:
            time.sleep(chance.uniform(0.2, most_seconds))
            if program.process.poll() is not None:
                assert (number % 2, program.process.returncode) == (1, 0), program.errors
            assert "Traceback" not in program.errors, program.errors
            assert "open in another photofind" not in program.errors
            program.kill()
            left = program.wait_gone(5)  # one that has just been started imports first
            assert not left, left
        finally:
            program.end()
        now = finished_photos(library)
        assert lost_or_done_again(seen, now) == []
        seen = now
    index = run(library, "index")
    assert index["failed"] == 0
    assert lost_or_done_again(seen, finished_photos(library)) == []
    assert run(library, "check") == {"ok": True, "findings": []}
    with_library = Library(library, read_only=True)
    try:
        assert with_library.embedding.counts.embedded == with_library.embedding.counts.photos == len(folder.files())
        known = {photo.path for photo in with_library.search.photos(catalog_of(with_library).newest.all().tolist())}
    finally:
        with_library.close()
    assert known == {os.fsencode(path) for path in folder.files()}


def kill_when_a_child_is_busy(program: StartedProgram) -> None:
    try:
        deadline = time.monotonic() + 60
        while not any(cpu_seconds(pid) > 1 for pid in program.children()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        program.kill()
        left = program.wait_gone(2)
        assert not left, left
    finally:
        program.end()


def test_killed_while_a_huge_picture_is_opened_no_decoder_stays(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    write_huge_picture(tmp_path / "photos" / "huge.png")
    run(tmp_path / "library", "folders", "add", str(tmp_path / "photos"))
    kill_when_a_child_is_busy(StartedProgram(tmp_path / "library", "index"))


def test_killed_while_the_graph_is_built_nobody_builds_on(tmp_path: Path) -> None:
    """Two that build at once would write into one file."""
    pytest.importorskip("PySide6")
    make_large_library(tmp_path / "library")
    kill_when_a_child_is_busy(StartedProgram(tmp_path / "library", first=EARLY_GRAPH))


def test_killed_five_times_it_comes_back_with_everything(tmp_path: Path) -> None:
    pytest.importorskip("PySide6")
    kill_many_times(tmp_path, 5, photos=50, most_seconds=2.5)


@pytest.mark.long(seconds=125)
@pytest.mark.timeout(1800)
def test_killed_a_hundred_times_it_comes_back_with_everything(tmp_path: Path) -> None:
    pytest.importorskip("PySide6")
    kill_many_times(tmp_path, 100, photos=300, most_seconds=4)
