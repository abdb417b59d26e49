"""A folder that hangs, as one on a dead network drive does, holds up no search and no other folder."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from photofind.background import disk_reader
from photofind.core.library import Library
from photofind.core.records.photos import Folder
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from tests.background.test_worker import Window, never
from tests.hanging_disk import HangingDisk, hanging_disk
from tests.pictures import COLORS, write_photo

SECONDS_SILENT = 1.5


@pytest.fixture
def server(tmp_path: Path) -> Path:
    for number, name in enumerate(("one", "two", "three")):
        write_photo(tmp_path / "server" / f"{name}.jpg", COLORS["green"], (60, 40), 50 + number)
    return tmp_path / "server"


@pytest.fixture
def disk(server: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingDisk]:
    monkeypatch.setattr(disk_reader, "SILENT_SECONDS", SECONDS_SILENT)
    with hanging_disk(server, monkeypatch) as disk:
        yield disk


@pytest.fixture
def window(tmp_path: Path, folder: Path, server: Path, disk: HangingDisk) -> Iterator[Window]:
    """A library that has seen a folder and the server."""
    window = Window(tmp_path / "library")
    window.session.start()
    window.do(lambda library: (library.folders.add(folder), library.folders.add(server)))
    window.wait_idle(11)
    yield window
    start = time.monotonic()
    window.session.stop()
    assert time.monotonic() - start < 5, "quitting waits for no disk"
    disk.answer()
    for thread in disk_threads():
        thread.join(10)


def disk_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "disk"]


def folders_of(window: Window) -> list[Folder]:
    found = window.do(lambda library: library.folders.all())
    assert isinstance(found, list)
    return found


def seconds_to_answer(window: Window, query: Query) -> float:
    start = time.monotonic()
    window.ask(query)
    return time.monotonic() - start


def hang(window: Window, disk: HangingDisk) -> None:
    disk.hang()
    window.worker.sync()
    assert disk.is_asked.wait(20)


def test_a_search_is_answered_at_once_while_a_folder_hangs(
    window: Window, disk: HangingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.ask(Query(text="red"))
    hang(window, disk)
    seconds = [seconds_to_answer(window, Query(text=text)) for text in ("red", "blue", "server", "one", "green")]
    assert statistics.median(seconds) < 0.25


def test_other_folders_go_on_while_one_hangs(window: Window, folder: Path, disk: HangingDisk) -> None:
    hang(window, disk)
    write_photo(folder / "lighthouse.jpg", COLORS["blue"], (60, 40), 99)
    window.worker.sync()
    window.run_until(lambda: bool(window.progress) and window.progress[-1].embedded == 12, "the new photo")
    assert window.names(Query(text="lighthouse"))[0] == "lighthouse.jpg"


def test_a_folder_that_hangs_is_said_not_to_answer_and_is_back_unharmed_when_it_does(
    window: Window, server: Path, disk: HangingDisk
) -> None:
    before = {tile.photo.path: tile.photo.id for tile in window.tiles(window.ask(Query()))}
    hang(window, disk)
    window.run_until(lambda: not window.folders[-1][1].online, "the folder to be called away")
    assert folders_of(window)[1].why_away == Sentence("folder_does_not_answer")
    window.run_until(lambda: window.progress[-1].state == "idle", "the end of the work")
    assert {tile.photo.path: tile.photo.id for tile in window.tiles(window.ask(Query()))} == before
    disk.answer()
    window.worker.sync()
    window.run_until(lambda: window.folders[-1][1].online, "the folder to come back")
    window.wait_idle(11)
    assert folders_of(window)[1].why_away is None
    assert {tile.photo.path: tile.photo.id for tile in window.tiles(window.ask(Query()))} == before
    assert window.do(lambda library: library.care.problems()) == []


def test_no_further_thread_is_sent_to_a_folder_that_hangs(window: Window, disk: HangingDisk) -> None:
    hang(window, disk)
    window.run_until(lambda: not window.folders[-1][1].online, "the folder to be called away")
    window.run_until(lambda: len(disk_threads()) == 1, "the threads of the other folder to end")
    for _ in range(5):
        window.worker.sync()
        window.ask(Query(text="red"))
        window.run_until(lambda: window.progress[-1].state == "idle", "the end of the work")
    window.run_until(lambda: len(disk_threads()) == 1, "the threads of the other folder to end")


def test_a_drive_that_hangs_where_a_photo_was_copied_from_holds_up_no_search(
    window: Window, folder: Path, server: Path, disk: HangingDisk
) -> None:
    """Whether it was moved instead is asked of the disk; without an answer it is a photo of its own."""
    content = (server / "one.jpg").read_bytes()
    disk.hang()
    (folder / "copy.jpg").write_bytes(content)
    window.worker.do(lambda library: None, lambda _: None, lambda _: None)
    window.worker.sync(1)
    assert disk.is_asked.wait(20)
    assert seconds_to_answer(window, Query(text="red")) < 1
    window.run_until(lambda: window.progress[-1].embedded == 12, "the copy")
    names = sorted(tile.photo.name for tile in window.tiles(window.ask(Query())))
    assert names.count("one.jpg") == names.count("copy.jpg") == 1


def test_quitting_waits_for_no_disk_that_hangs(window: Window, disk: HangingDisk) -> None:
    hang(window, disk)
    start = time.monotonic()
    assert window.session.stop(), "the library's thread has ended"
    assert time.monotonic() - start < 4


def test_a_command_gives_up_on_a_folder_that_hangs_and_indexes_the_others(
    tmp_path: Path, folder: Path, server: Path, disk: HangingDisk
) -> None:
    from photofind.cli.index_all import index_all

    with Library(tmp_path / "library") as library:
        library.folders.add(server)
        library.folders.add(folder)
        disk.hang()
        start = time.monotonic()
        result = index_all(library)
        assert (result.added, result.embedded) == (8, 8)
        assert time.monotonic() - start < SECONDS_SILENT + 30
        assert [folder.why_away for folder in library.folders.all()] == [Sentence("folder_does_not_answer"), None]
        disk.answer()
        assert index_all(library).embedded == 3
    assert os.path.exists(server)


def test_adding_and_locating_a_folder_that_hangs_holds_up_no_search_and_is_refused(
    window: Window, server: Path, disk: HangingDisk
) -> None:
    (server / "inside").mkdir()
    refused: list[Sentence] = []
    disk.hang()
    added: list[object] = []
    window.worker.do_in_steps(
        lambda library, read: library.folders.adding(server / "inside", read), added.append, refused.append
    )
    assert disk.is_asked.wait(20)
    seconds = [seconds_to_answer(window, Query(text=text)) for text in ("red", "blue", "server", "one", "green")]
    assert statistics.median(seconds) < 0.25
    window.run_until(lambda: bool(refused), "the refusal")
    assert refused == [Sentence("place_does_not_answer", folder=str(server / "inside"))]
    assert added == []


def test_a_folder_is_added_and_its_absence_accepted_in_steps(window: Window, tmp_path: Path) -> None:
    place = tmp_path / "third"
    photo = write_photo(place / "a.jpg", COLORS["blue"], (60, 40), 98)
    write_photo(place / "b.jpg", COLORS["red"], (60, 40), 97)
    done: list[object] = []
    window.worker.do_in_steps(lambda library, read: library.folders.adding(place, read), done.append, never)
    window.run_until(lambda: bool(done), "the folder")
    window.wait_idle(13)
    photo.unlink()
    window.worker.do_in_steps(
        lambda library, read: library.folders.accepting_missing(os.fsencode(place), read), done.append, never
    )
    window.run_until(lambda: len(done) == 2, "the acceptance")
    assert done[1] == 1
