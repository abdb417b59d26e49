"""Of what looks like it, as many are likely whatever the limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.search import ranking
from photofind.core.vectors.vector_index import Asked
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.pictures import COLORS, write_photo


@pytest.fixture
def colours(library: Library, tmp_path: Path) -> Library:
    """Twelve red photos among fifty others; no name says so."""
    for seed in range(12):
        write_photo(tmp_path / "p" / f"one {seed}.jpg", COLORS["red"], (40, 30), seed)
    for seed in range(12, 62):
        write_photo(tmp_path / "p" / f"two {seed}.jpg", COLORS["blue" if seed % 2 else "green"], (40, 30), seed)
    library.folders.add(tmp_path / "p")
    sync(library)
    embed(library)
    return library


@pytest.mark.parametrize("limit", [1, 5, 12, 13, 62, 1_000])
def test_likely_looks_are_counted_whatever_the_limit(
    colours: Library, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(ranking, "_LEAST_COUNTED", 1)  # as with thousands of photos
    result = colours.search.answer(Query(text="red", limit=limit))
    assert (result.named, result.likely) == (0, 12)
    assert len(result.photo_ids) == min(limit, 62)
    assert result.photo_ids.tolist() == colours.search.answer(Query(text="red")).photo_ids[:limit].tolist()
    like = colours.search.answer(Query(photo_id=int(result.photo_ids[0]), limit=limit))
    assert like.likely == colours.search.answer(Query(photo_id=int(result.photo_ids[0]))).likely
    assert len(like.photo_ids) == min(limit, 61)


def test_however_few_are_looked_up_all_likely_ones_are_counted(
    colours: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "_LEAST_COUNTED", 1)
    monkeypatch.setattr(ranking, "_MOST_LOOKED_UP", 5)  # as on the command line, of tens of thousands
    result = colours.search.answer(Query(text="red"))
    assert result.likely == 12
    colours.folders.forget(result.photo_ids[:6].tolist())
    assert colours.search.answer(Query(text="red")).likely < 12, "by the share of five that are still there"


def test_a_second_count_that_rounds_otherwise_takes_no_likely_one_away(
    colours: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "_LEAST_COUNTED", 1)
    labels_from = Asked.labels_from  # as of copies that a graph found: all of one cosine, which is the line
    monkeypatch.setattr(Asked, "labels_from", lambda asked, line: labels_from(asked, line + 1))

    assert colours.search.answer(Query(text="red", limit=5)).likely == 5


def test_named_ones_come_first_and_are_not_counted_twice(colours: Library) -> None:
    for limit in (1, 3, 1_000):
        result = colours.search.answer(Query(text="one", limit=limit))
        assert (result.named, result.likely) == (12, 12)
    both = colours.search.answer(Query(text="red photos of one", limit=100))
    assert both.named == 0, "“red” is in no name"
    assert both.likely == 12
