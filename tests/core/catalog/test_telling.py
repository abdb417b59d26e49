"""What SQLite and the disk refuse is told in a sentence, by every object of the library, for reads too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from photofind.core.catalog.telling import Telling
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.arrays import Ids, Vectors
from photofind.core.records.query import Query
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import sql
from tests.written import written_error

BUSY = "is busy in another program; try again in a moment"


class EmptyGraph:
    """A graph over nothing."""

    newest_label = 0
    seq = 0

    def __len__(self) -> int:
        return 0

    def search(self, vector: Vectors, k: int) -> None:
        return None

    def hide(self, labels: Ids) -> None:
        pass


CALLS: list[Callable[[Library], object]] = [
    lambda library: library.folders.all(),
    lambda library: library.folders.exclusions(),
    lambda library: library.folders.missing_share(),
    lambda library: library.folders.forget_gone(),
    lambda library: library.search.answer(Query(text="red")),
    lambda library: library.search.answer(Query()),
    lambda library: library.search.photos([1]),
    lambda library: library.search.catch_up(1),
    lambda library: library.search.attach_graph(EmptyGraph()),
    lambda library: library.models.all(),
    lambda library: library.models.kept(),
    lambda library: library.models.lacking("quick look"),
    lambda library: library.models.device(),
    lambda library: library.models.adopt_installed(),
    lambda library: library.embedding.counts,
    lambda library: library.embedding.pending(1),
    lambda library: library.embedding.due_thumbnails(1, ()),
    lambda library: library.care.problems(),
    lambda library: library.care.retry_failed(),
    lambda library: library.care.check(repair=False),
]


class Refusing:
    """A connection that refuses whatever is asked of it."""

    def __getattr__(self, name: str) -> object:
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_every_call_says_what_sqlite_refused(library: Library, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as refusing:
        refusing.setattr(sql(library), "conn", Refusing())
        refusing.setattr(library._choice.answering.embeddings, "_db", Refusing())
        with pytest.raises(PhotofindError, match=BUSY):
            CALLS[number](library)
    CALLS[number](library)


def test_a_sync_that_is_refused_half_way_says_so(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = library.folders.sync(library.folders.add(folder))
    next(steps)
    with monkeypatch.context() as refusing:
        refusing.setattr(sql(library), "conn", Refusing())
        with pytest.raises(PhotofindError, match=BUSY):
            list(steps)
    sync(library)
    assert embed(library) == 8


def test_what_the_disk_refuses_names_the_library_and_the_reason(tmp_path: Path) -> None:
    telling = Telling(tmp_path / "catalog.sqlite")
    with (
        pytest.raises(PhotofindError, match=rf"“{tmp_path}” cannot be written: No space left on device\."),
        telling.writing(),
    ):
        raise OSError(28, "No space left on device")
    with pytest.raises(PhotofindError, match=r"cannot be read: Input/output error\."), telling.reading():
        raise OSError(5, "Input/output error")


def test_a_sentence_goes_through_the_calls_around_it_as_it_is(tmp_path: Path) -> None:
    telling = Telling(tmp_path / "catalog.sqlite")
    with pytest.raises(PhotofindError, match="Told once"), telling.writing(), telling.reading():
        raise written_error("Told once.")
    with pytest.raises(ZeroDivisionError), telling.writing():
        _ = 1 / 0


def test_damage_is_noted_and_nothing_else_is(tmp_path: Path) -> None:
    telling = Telling(tmp_path / "catalog.sqlite")
    damage = sqlite3.DatabaseError("malformed")
    damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    seen = []
    for error in (sqlite3.OperationalError("locked"), OSError(5, "Input/output error"), damage):
        with pytest.raises(PhotofindError), telling.reading():
            raise error
        seen.append(telling.has_seen_damage)
    assert seen == [False, False, True]
