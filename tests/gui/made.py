"""Records that the tests of the window make: tiles, answers, progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from photofind.core.records.answers import SearchResult, Why
from photofind.core.records.arrays import Pixels
from photofind.core.records.photos import Photo, Tile
from photofind.core.records.progress import Progress
from photofind.core.records.query import Query


def make_tile(photo_id: int, name: str, color: tuple[int, int, int] | None = (90, 90, 90), **changes: Any) -> Tile:
    path = b"/photos/" + name.encode()
    photo = Photo(photo_id, path, b"/photos", 4000, 3000, "2024-05-03T14:05:00", "Camera", True)
    pixels: Pixels | None = None
    if color is not None:
        pixels = np.full((288, 384, 3), color, dtype=np.uint8)
    return Tile(replace(photo, **changes), pixels)


def make_result(
    query: Query, ids: Sequence[int], *, named: int = 0, likely: int = 0, total: int | None = None
) -> SearchResult:
    """Answer a query; the first `named` photos were found by their names."""
    newest = query.asks_the_same(Query())
    count = len(ids)
    scores = np.full(count, np.nan) if newest else np.linspace(0.34, 0.12, count)
    whys = np.full(count, Why.NEWEST if newest else Why.LOOKS, dtype=np.uint8)
    whys[:named] = Why.NAME
    return SearchResult(
        query=query,
        photo_ids=np.asarray(ids, dtype=np.int64),
        scores=scores.astype(np.float32),
        whys=whys,
        likely=likely,
        searched=count if total is None else total,
        total=count if total is None else total,
        model="quick look",
        seconds=0.004,
    )


def make_progress(**changes: Any) -> Progress:
    usual = Progress("idle", 40, 40, 0, 0, 0, None, None, "CPU", "NumPy", "quick look", None)
    return replace(usual, **changes)
