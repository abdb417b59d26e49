"""Reading tiles while the files they are read from are made again."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from photofind.background import photo_reader
from photofind.background.photo_reader import PhotoReader
from photofind.core.catalog.photos import Photos
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.library import Library
from photofind.core.records.photos import Photo, Tile
from tests.core.care.damaged_library import make_library
from tests.inside import thumbnails_of

Read = Callable[[], Tile | None]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return make_library(tmp_path)


@pytest.fixture
def read(directory: Path) -> Iterator[Read]:
    """Reads the tile of photo 1."""
    posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    reader = PhotoReader(directory, posted.put)
    reader.start()

    def ask() -> Tile | None:
        tiles: list[list[Tile]] = []
        reader.request([1], tiles.append)
        posted.get(timeout=30)()
        return tiles[0][0] if tiles[0] else None

    yield ask
    reader.stop()


def test_thumbnails_made_again_are_the_ones_shown(directory: Path, read: Read) -> None:
    before = read()
    library = Library(directory)
    other = thumbnails_of(library).get([2])[2]
    thumbnails_of(library).renew()
    thumbnails_of(library).put([(1, other)])
    after = read()
    library.close()
    assert before is not None
    assert after is not None
    assert before.thumbnail is not None
    assert after.thumbnail is not None
    assert not np.array_equal(before.thumbnail, after.thumbnail)


def test_the_files_are_opened_again_after_an_error(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read() is not None
    broken: list[Photos] = []
    get = Photos.get

    def fail_on_what_is_open(photos: Photos, ids: list[int]) -> list[Photo]:
        if not broken:
            broken.append(photos)
        if photos is broken[0]:
            raise sqlite3.OperationalError("disk I/O error")
        return get(photos, ids)

    monkeypatch.setattr(Photos, "get", fail_on_what_is_open)
    assert read() is not None, "no tile is grey for good"
    assert broken


def test_a_disk_that_goes_on_failing_is_asked_twice_and_answered(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def fail(_photos: Photos, ids: list[int]) -> list[Photo]:
        asked.append(len(ids))
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(Photos, "get", fail)
        assert read() is None
    assert len(asked) == 2
    assert read() is not None


@pytest.fixture
def posted() -> queue.SimpleQueue[Callable[[], None]]:
    return queue.SimpleQueue()


def answers(posted: queue.SimpleQueue[Callable[[], None]], count: int) -> None:
    for _ in range(count):
        posted.get(timeout=30)()


def test_every_request_is_answered_however_many_wait(
    directory: Path, posted: queue.SimpleQueue[Callable[[], None]]
) -> None:
    """Of those beyond sixty-four the tiles stayed grey for good."""
    reader = PhotoReader(directory, posted.put)
    found: list[list[Tile]] = []
    for number in range(500):
        reader.request([1 + number % 24], found.append)
    reader.start()
    answers(posted, 500)
    reader.stop()
    assert len(found) == 500
    assert all(tiles for tiles in found)


def test_many_photos_are_read_in_order_without_thumbnails_and_tiles_come_between(
    directory: Path, posted: queue.SimpleQueue[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_reader, "_PHOTOS_AT_ONCE", 2)
    thumbnails: list[int] = []

    def get(_thumbnails: Thumbnails, ids: list[int]) -> dict[int, bytes]:
        thumbnails.extend(ids)
        return {}

    monkeypatch.setattr(Thumbnails, "get", get)
    reader = PhotoReader(directory, posted.put)
    wanted = [5, 3, 99, 1, 2, 24, 7]
    photos: list[list[Photo]] = []
    order: list[str] = []
    reader.request_photos(wanted, photos.append)
    reader.request_photos([], lambda _: order.append("photos"))
    reader.request([], lambda _: order.append("tiles"))
    reader.start()
    answers(posted, 3)
    reader.stop()
    assert thumbnails == []
    assert [photo.id for photo in photos[0]] == [5, 3, 1, 2, 24, 7]
    assert order == ["tiles", "photos"]
