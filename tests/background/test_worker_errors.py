"""Whatever goes wrong on the library's thread is told, and the thread lives on."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from photofind.background.calls import BUG
from photofind.background.upkeep import Upkeep
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.reading import Read
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.photos import Folder
from photofind.core.records.query import Query
from photofind.core.records.work import SyncResult
from photofind.core.sentences.sentence import Sentence
from photofind.core.sync.watched_folders import WatchedFolders
from tests.background.test_opening import damaged as damaged  # a fixture
from tests.background.test_opening import wait_for_state
from tests.background.test_worker import Window, never
from tests.core.care.damaged_library import make_library
from tests.inside import telling_of
from tests.pictures import write_colors


def corruption() -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def fail_once(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception) -> None:
    """Let one of upkeep's methods raise the first time it is called, as a call of the library in it would."""
    real: Callable[..., Any] = getattr(Upkeep, name)
    errors = [error]

    def fail(upkeep: Upkeep, *args: Any) -> Any:
        if errors:
            with telling_of(args[0] if name == "__init__" else upkeep.library).writing():
                raise errors.pop()
        return real(upkeep, *args)

    monkeypatch.setattr(Upkeep, name, fail)


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    window = Window(make_library(tmp_path))
    yield window
    window.session.stop()


ERRORS = [
    (corruption(), "is damaged; close photofind and start it again"),
    (PhotofindError("as_written", text="The drive is on fire."), "The drive is on fire."),
    (ValueError("a bug"), str(BUG)),
]


def test_a_mistake_in_one_folder_does_not_stop_the_others(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It used to halt the indexing of them all, again and again."""
    real = WatchedFolders.sync
    broken = write_colors(tmp_path / "broken")

    def sync(self: WatchedFolders, folder: Folder, read: Read, *, closely: bool) -> Iterator[SyncResult | None]:
        if folder.path == os.fsencode(broken):
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        yield from real(self, folder, read, closely=closely)

    monkeypatch.setattr(WatchedFolders, "sync", sync)
    window.session.start()
    window.wait_idle(24)
    window.do(lambda library: library.folders.add(broken))
    window.do(lambda library: library.folders.add(write_colors(tmp_path / "other")))
    window.wait_idle(32)
    assert [str(notice) for notice in window.notices if str(broken) in str(notice)]
    assert "halted" not in {progress.state for progress in window.progress}


@pytest.mark.parametrize(("error", "sentence"), ERRORS, ids=["damage", "sentence", "bug"])
@pytest.mark.parametrize("name", ["__init__", "ask_sync", "set_paused", "notice_changes", "_tell_progress"])
def test_an_error_is_told_and_the_thread_lives(
    window: Window, monkeypatch: pytest.MonkeyPatch, name: str, error: Exception, sentence: str
) -> None:
    monkeypatch.setattr("photofind.background.worker._AGAIN_SECONDS", 0.1)
    monkeypatch.setattr("photofind.background.opening._AGAIN_SECONDS", 0.1)
    if name == "__init__":
        fail_once(monkeypatch, name, error)
    window.session.start()
    if name != "__init__":
        window.wait_idle(24)
        fail_once(monkeypatch, name, error)
    window.worker.sync()
    window.worker.pause()
    window.worker.resume()
    window.do(lambda library: None)
    window.run_until(lambda: any(sentence in str(p.note) for p in window.progress), "the sentence")
    assert len(window.names(Query(text="green"))) == 24
    window.wait_idle(24)
    window.session.stop()
    is_sealed = (window.session.library_dir / "catalog.seal").exists()
    assert is_sealed == (not isinstance(error, sqlite3.Error)), "after damage, the next start looks"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_library_is_closed_even_where_upkeep_does_not_end_well(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.session.start()
    window.wait_idle(24)
    fail_once(monkeypatch, "end", RuntimeError("a bug"))
    window.session.stop()
    Library(window.session.library_dir).close()


def test_no_slice_runs_between_an_action_and_what_it_changes(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    window.session.start()
    window.wait_idle(24)
    order: list[str] = []
    notice, work = Upkeep.notice_changes, Upkeep.work

    def noticing(upkeep: Upkeep) -> None:
        order.append("noticed")
        notice(upkeep)

    def working(upkeep: Upkeep) -> None:
        order.append("slice")
        work(upkeep)

    class Slow:
        def __get__(self, upkeep: Upkeep | None, owner: type[Upkeep]) -> Callable[..., None]:
            time.sleep(1.0)  # the action, queued alone, would be done by now, and a slice too
            return noticing if upkeep is None else lambda: noticing(upkeep)

    monkeypatch.setattr(Upkeep, "notice_changes", Slow())
    monkeypatch.setattr(Upkeep, "work", working)
    window.do(lambda library: order.append("action"))
    window.run_until(lambda: "noticed" in order, "the notice")
    assert order[order.index("action") + 1] == "noticed"


def test_new_exclusions_are_applied_by_themselves(window: Window) -> None:
    window.session.start()
    window.wait_idle(24)
    window.do(lambda library: library.folders.set_exclusions(Exclusions(("green*",))))
    window.wait_idle(21)


def test_mending_that_nobody_needs_is_refused_and_does_not_come_later(damaged: Path) -> None:
    window = Window(damaged)
    errors: list[Sentence] = []
    window.worker.recover("snapshot", never, errors.append)
    window.session.start()
    wait_for_state(window, "damaged")
    time.sleep(0.3)
    window.run_until(lambda: bool(errors), "the refusal")
    assert window.progress[-1].state == "damaged"
    assert errors == [Sentence("nothing_to_mend")]
    window.session.stop()
