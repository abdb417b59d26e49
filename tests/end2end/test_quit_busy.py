"""Quitting while the program is in the middle of something long: at once, with status 0, without a word."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photofind.core.library import Library
from tests.end2end.finished_photos import count_embedded
from tests.end2end.large_library import EARLY_GRAPH, make_large_library
from tests.end2end.many_photos import ManyPhotos, write_huge_picture
from tests.end2end.started_program import StartedProgram, cpu_seconds
from tests.tiny_clip import TINY_CLIP

if not sys.platform.startswith("linux"):
    pytest.skip("processes are looked for in /proc", allow_module_level=True)
pytest.importorskip("PySide6")

# A drive that takes this long to list a directory.
SLOW_DRIVE = """
import os, time
list_directory = os.scandir
def wait_and_list(*place):
    time.sleep({seconds})
    return list_directory(*place)
os.scandir = wait_and_list
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def programs() -> Iterator[list[StartedProgram]]:
    started: list[StartedProgram] = []
    yield started
    for program in started:
        program.end()


def prepare(library: Path, folder: Path, model: str = "") -> None:
    """Make a library that watches a folder and has not looked into it yet."""
    made = Library(library)
    if model:
        made.models.use(model)
    made.folders.add(folder)
    made.close()


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def is_busy(program: StartedProgram) -> bool:
    """Tell whether a child is in the middle of its work: it has computed longer than a start takes."""
    return any(cpu_seconds(pid) > 1 for pid in program.children())


def quit_now(program: StartedProgram, library: Path) -> None:
    """Send SIGTERM; check that the program leaves as it should, and the library as it must be."""
    assert program.process.poll() is None, program.errors
    seconds = program.terminate()
    assert (program.process.returncode, program.errors) == (0, "")
    assert seconds < 3
    assert program.wait_gone(0.5) == {}
    again = Library(library)
    again.search.catch_up(float("inf"))
    assert again.care.check(repair=False) == []
    again.close()


def test_while_a_huge_picture_is_opened(library: Path, tmp_path: Path, programs: list[StartedProgram]) -> None:
    (tmp_path / "photos").mkdir()
    write_huge_picture(tmp_path / "photos" / "huge.png")
    prepare(library, tmp_path / "photos")
    programs.append(StartedProgram(library))
    wait_until(lambda: is_busy(programs[0]), "a decoder that works")
    assert count_embedded(library) == 0
    quit_now(programs[0], library)


@pytest.mark.usefixtures("tiny_clip_fits")
def test_while_photos_are_embedded(library: Path, tmp_path: Path, programs: list[StartedProgram]) -> None:
    prepare(library, ManyPhotos().fill(tmp_path / "photos", 300), str(TINY_CLIP))
    programs.append(StartedProgram(library))
    wait_until(lambda: count_embedded(library) > 20, "the first photos")
    quit_now(programs[0], library)
    assert 20 < count_embedded(library) < 300


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(2.0, id="drive that hardly answers"),
        pytest.param(0.01, id="slow drive", marks=pytest.mark.long(seconds=5)),
    ],
)
def test_while_a_folder_is_looked_through(
    library: Path, tmp_path: Path, programs: list[StartedProgram], seconds: float
) -> None:
    for number in range(2000):
        (tmp_path / "photos" / f"{number}").mkdir(parents=True)
        (tmp_path / "photos" / f"{number}" / "a.jpg").touch()
    prepare(library, tmp_path / "photos")
    programs.append(StartedProgram(library, first=SLOW_DRIVE.format(seconds=seconds)))
    wait_until((library / "catalog.sqlite-wal").exists, "the library to be opened")
    time.sleep(1)
    quit_now(programs[0], library)
    looked = Library(library, read_only=True)
    assert looked.embedding.counts.photos == 0, "or it had looked through everything before"
    looked.close()


def test_while_the_graph_is_built(library: Path, tmp_path: Path, programs: list[StartedProgram]) -> None:
    make_large_library(library)
    programs.append(StartedProgram(library, first=EARLY_GRAPH))
    wait_until(lambda: is_busy(programs[0]), "the child that builds the graph")
    quit_now(programs[0], library)
    assert not list(library.glob("vectors/*/hnsw.json"))
