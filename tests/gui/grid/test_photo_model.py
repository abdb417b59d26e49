"""Tiles come by photo id, once, and land on nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photofind.core.records.query import Query
from photofind.gui.grid import photo_model
from photofind.gui.grid.photo_model import PhotoModel
from tests.gui.fake_library import FakeLibrary
from tests.gui.fakes import FakeReader
from tests.gui.made import make_result, make_tile


@pytest.fixture
def reader(qapp: object) -> FakeReader:
    library = FakeLibrary({i: make_tile(i, f"{i}.jpg") for i in range(1, 9)})
    reader = FakeReader(library)
    reader.held = True
    return reader


@pytest.fixture
def model(reader: FakeReader) -> PhotoModel:
    made = PhotoModel(reader)
    made.show(make_result(Query(), [3, 1, 2]))
    return made


def deliver(reader: FakeReader) -> None:
    while reader.waiting:
        reader.waiting.pop()()


def test_a_tile_is_asked_for_once_and_kept(model: PhotoModel, reader: FakeReader) -> None:
    model.request([3, 1])
    model.request([3, 1, 2])
    deliver(reader)
    model.request([3, 1, 2])
    assert reader.requests == [[3, 1], [2]]
    tile = model.tile(3)
    assert tile is not None
    assert tile.photo.name == "3.jpg"


def test_late_tiles_of_an_old_result_land_on_their_own_photo(model: PhotoModel, reader: FakeReader) -> None:
    model.request([3])
    model.show(make_result(Query("else"), [5, 3]))
    deliver(reader)
    assert model.tile(5) is None
    assert model.row_of(3) == 1
    assert model.tile(3) is not None


def test_a_photo_that_is_gone_is_not_asked_for_again_and_again(model: PhotoModel, reader: FakeReader) -> None:
    model.request([99])
    deliver(reader)
    model.request([99])
    assert reader.requests == [[99]]
    model.refresh_unfinished()
    model.request([99])
    assert reader.requests == [[99], [99]]


def test_a_photo_without_thumbnail_is_read_again_after_a_change(model: PhotoModel, reader: FakeReader) -> None:
    reader.library.tiles[3] = make_tile(3, "3.jpg", None)
    model.request([3, 1])
    deliver(reader)
    reader.library.tiles[3] = make_tile(3, "3.jpg", (200, 0, 0))
    model.refresh_unfinished()
    model.request([3, 1])
    deliver(reader)
    assert reader.requests[1:] == [[3]]
    tile = model.tile(3)
    assert tile is not None
    assert tile.thumbnail is not None


def test_memory_is_bounded_by_bytes(model: PhotoModel, reader: FakeReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_model, "_MAX_TILE_BYTES", 3 * 384 * 288 * 3 + 4096)
    model.request(range(1, 9))
    deliver(reader)
    kept = [i for i in range(1, 9) if model.tile(i) is not None]
    assert kept == [6, 7, 8]


def test_scrolling_far_does_not_pile_up_requests(model: PhotoModel, reader: FakeReader) -> None:
    model.show(make_result(Query(), np.arange(100_000).tolist()))
    for start in range(0, 100_000, 100):
        model.request(range(start, start + 100))
    assert sum(map(len, reader.requests)) <= 400


def test_scores_and_names_tell_why(model: PhotoModel, tmp_path: Path) -> None:
    assert np.isnan(model.score(0))
    model.show(make_result(Query("x"), [1, 2], likely=1))
    assert model.score(0) == pytest.approx(0.34)
    assert not model.found_by_name(0)
    model.show(make_result(Query("x"), [1, 2], named=1, likely=1))
    assert [model.found_by_name(row) for row in (0, 1)] == [True, False]
