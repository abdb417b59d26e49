"""A library that cannot be opened at once: another program has it, or it is damaged."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from photofind.core.care.seal import Seal
from photofind.core.library import Library
from photofind.core.records.answers import SearchResult
from photofind.core.records.care import Way
from photofind.core.records.query import Query
from photofind.core.search.search import Search
from photofind.core.sentences.sentence import Sentence
from photofind.core.vectors.vector_index import VectorIndex
from tests.background.test_worker import Window, never
from tests.core.care.damaged_catalog import destroy, leaf_pages, take_snapshot
from tests.core.care.damaged_library import make_library


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A library with 24 photos and a snapshot, whose catalog is damaged."""
    directory = make_library(tmp_path)
    take_snapshot(directory)
    destroy(directory, leaf_pages(directory, "embedding")[0])
    return directory


def wait_for_state(window: Window, state: str) -> str:
    window.run_until(lambda: bool(window.progress) and window.progress[-1].state == state, state)
    return str(window.progress[-1].note)


def test_a_library_in_use_opens_as_soon_as_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photofind.background.opening._AGAIN_SECONDS", 0.1)
    first = Library(make_library(tmp_path))
    window = Window(first.directory)
    window.session.start()
    assert "open in another photofind" in wait_for_state(window, "halted")
    told = len(window.progress)
    time.sleep(0.5)
    assert len(window.progress) == told, "said once"
    first.close()
    assert len(window.names(Query(text="green"))) == 24
    window.session.stop()


@pytest.mark.parametrize("way", ["rescue", "snapshot"])
def test_a_damaged_library_waits_for_a_decision_and_goes_on(damaged: Path, way: Way) -> None:
    window = Window(damaged)
    window.session.start()
    assert "is damaged" in wait_for_state(window, "damaged")
    answers: list[int] = []
    window.worker.search(Query(text="green"), lambda result: answers.append(len(result.photo_ids)), never)
    done: list[Sentence] = []
    window.worker.recover(way, done.append, never)
    window.run_until(lambda: bool(done and answers), "the answer to what was asked meanwhile")
    assert ("rescued" if way == "rescue" else "as it was on") in str(done[0])
    window.wait_idle(24)
    window.session.stop()


def test_a_library_that_cannot_be_mended_says_so_and_stays_as_it_is(damaged: Path) -> None:
    shutil.rmtree(damaged / "snapshots")
    window = Window(damaged)
    window.session.start()
    wait_for_state(window, "damaged")
    errors: list[Sentence] = []
    window.worker.recover("snapshot", never, errors.append)
    window.run_until(lambda: bool(errors), "the refusal")
    assert "there is no snapshot" in str(errors[0])
    assert "is damaged" in wait_for_state(window, "damaged")
    done: list[Sentence] = []
    window.worker.recover("rescue", done.append, never)
    window.run_until(lambda: bool(done), "the rescue")
    window.session.stop()


@pytest.mark.parametrize("state", ["halted", "damaged"])
def test_stopping_while_it_cannot_be_opened_is_quick(damaged: Path, state: str) -> None:
    directory = damaged if state == "damaged" else damaged.with_name("other")
    first = Library(directory) if state == "halted" else None
    window = Window(directory)
    window.session.start()
    wait_for_state(window, state)
    start = time.monotonic()
    assert window.session.stop()
    assert time.monotonic() - start < 2
    if first is not None:
        first.close()


def test_stopping_while_the_library_is_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can break SQLite's look through the file off: the window closes all the same."""
    directory = make_library(tmp_path)
    release = threading.Event()
    verify: Callable[[Seal], bool] = Seal.verify

    def slow(seal: Seal) -> bool:
        release.wait(20)
        return verify(seal)

    monkeypatch.setattr(Seal, "verify", slow)
    window = Window(directory)
    window.session.start()
    time.sleep(0.2)
    start = time.monotonic()
    assert not window.session.stop()
    assert time.monotonic() - start < 3
    release.set()
    window.worker.stop()
    assert (directory / "catalog.seal").exists()


def test_the_newest_photos_are_there_before_vectors_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a million photos, 2 GB are read to open them."""
    happened: list[str] = []
    answer, open_vectors = Search.answer, VectorIndex.__init__

    def answering(search: Search, query: Query, **how: Any) -> SearchResult:
        result = answer(search, query, **how)
        happened.append("answered")
        return result

    def opening(index: VectorIndex, *about: Any, **how: Any) -> None:
        happened.append("opened")
        open_vectors(index, *about, **how)

    directory = make_library(tmp_path)
    monkeypatch.setattr(Search, "answer", answering)
    monkeypatch.setattr(VectorIndex, "__init__", opening)
    window = Window(directory)
    shown: list[SearchResult] = []
    window.worker.search(Query(), shown.append, never)
    window.session.start()
    window.run_until(lambda: bool(shown) and "opened" in happened, "the newest photos")
    window.session.stop()

    assert len(shown[0].photo_ids) == 24
    assert happened[:2] == ["answered", "opened"]
