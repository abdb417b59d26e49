"""Photos are found by the indexes made for them: SQLite drops a partial one as soon as a condition is worded anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photofind.core.catalog.by_thumbnail import LargeEnough
from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import volume_of
from photofind.core.records.models import Spec
from photofind.core.records.words import Taken
from tests.inside import sql

ENOUGH = LargeEnough(384, 224, shorter=True)
BY_ID, BY_PLACE, BY_VECTOR = "id", "sqlite_autoindex_photo_1", "sqlite_autoindex_embedding_1"

# What is asked of the catalog, and by which index the photos are found that it is about.
ASKED: list[tuple[Callable[[Catalog], object], set[str]]] = [
    (lambda catalog: catalog.counts(), {"photo_counts", "photo_missing"}),
    (lambda catalog: catalog.folders.all(), {"photo_counts", "photo_missing", BY_PLACE}),
    (lambda catalog: catalog.folders.paths(), set()),
    (lambda catalog: catalog.folders.has_photos(1), {"photo_counts"}),
    (lambda catalog: list(catalog.folders.photos(1)), {"photo_counts"}),
    (lambda catalog: catalog.folders.some_photos(1, 25), {"photo_counts", BY_ID}),
    (lambda catalog: catalog.folders.some_photos(1, 25, b"link"), {BY_PLACE, BY_ID}),
    (lambda catalog: catalog.photos.get([1, 2]), {BY_ID}),
    (lambda catalog: catalog.newest.all(), {"photo_newest"}),
    (lambda catalog: catalog.newest.among(np.array([1, 2])), {BY_ID}),
    (lambda catalog: catalog.newest.among(np.arange(1, 6_000)), {"photo_newest"}),
    (lambda catalog: catalog.photos.taken(Taken(2018, 3, 5)), {"photo_taken"}),
    (lambda catalog: catalog.photos.taken(Taken(None, 3)), {"photo_taken"}),
    (lambda catalog: catalog.photos.copies(b"content", 1, 10), {"photo_by_content"}),
    (lambda catalog: catalog.photos.gone_before(1.0), {"photo_gone"}),
    (lambda catalog: catalog.problems.all(), {"photo_counts", "photo_flawed"}),
    (lambda catalog: catalog.words.read(), set()),
    (lambda catalog: catalog.words.refresh(10), {"photo_words_due"}),
    (lambda catalog: list(catalog.scanned.known(1, 10)), {BY_PLACE}),
    (lambda catalog: list(catalog.scanned.ids(1, 10)), {BY_PLACE}),
    (lambda catalog: catalog.scanned.known_in(1, b"trip"), {BY_PLACE}),
    (lambda catalog: catalog.scanned.known_in(1, b""), {BY_PLACE}),
    (lambda catalog: catalog.scanned.known_by_id(1, [1, 2]), {BY_ID}),
    (lambda catalog: catalog.scanned.count_expected(1), {"photo_counts", "photo_missing"}),
    (lambda catalog: list(catalog.scanned.elsewhere(1, b"/photos", None, [7])), {"photo_by_inode"}),
    (lambda catalog: catalog.scanned.ends([1, 2]), {BY_ID}),
    (lambda catalog: catalog.facts.due(10, [1, 2]), {"photo_facts_due"}),
    (lambda catalog: catalog.facts.count_due(), {"photo_facts_due"}),
    (lambda catalog: catalog.waiting.next(10), {"photo_pending"}),
    (lambda catalog: catalog.waiting.next(10, [1], [1, 2]), {"photo_pending"}),
    (lambda catalog: catalog.by_thumbnail.candidates(ENOUGH), {"photo_pending"}),
    (lambda catalog: catalog.by_thumbnail.is_empty(), {"photo_by_thumbnail"}),
    (lambda catalog: catalog.by_thumbnail.next(10, [1]), {"photo_by_thumbnail"}),
    (lambda catalog: catalog.by_thumbnail.use_large_enough(ENOUGH), {"photo_by_content"}),
    (lambda catalog: catalog.by_thumbnail.use_stand_ins(1), {"photo_by_content", BY_VECTOR}),
    (lambda catalog: catalog.problems.retry_outgrown(10), {"photo_outgrown", BY_ID}),
    (lambda catalog: catalog.lacking.count(1), {"photo_counts", BY_VECTOR}),
    (lambda catalog: catalog.lacking.look(1, 0, 20_000, 10), {BY_ID, BY_VECTOR}),
    (lambda catalog: catalog.lacking.contents(1, [1, 2]), {BY_ID, BY_VECTOR}),
    (
        lambda catalog: catalog.embeddings(Spec("m", "m", 2, 64)).known_vector(b"content"),
        {"photo_by_content", BY_VECTOR},
    ),
]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    opened.folders.add(b"/photos", volume_of(b"/"))
    yield opened
    opened.close()


def used(catalog: Catalog, asked: Callable[[Catalog], object]) -> set[str]:
    """Return the indexes by which photos and their embeddings are found, and "photo" where all are read instead."""
    statements: list[tuple[str, Any]] = []
    with sql(catalog).tracer(lambda text, parameters: statements.append((text, parameters))):
        asked(catalog)
    found = set()
    for text, parameters in statements:
        if not re.match(r"\s*(SELECT|UPDATE|DELETE)", text):
            continue
        for *_, step in sql(catalog).execute(f"EXPLAIN QUERY PLAN {text}", parameters).fetchall():
            way = re.match(
                r"(?:SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?(?:INDEX (\w+)|(INTEGER PRIMARY KEY)))?", step
            )
            if way and way[1] in {"photo", "p", "embedding", "e"}:
                found.add(way[2] or (BY_ID if way[3] else "photo"))
    return found


@pytest.mark.parametrize("number", range(len(ASKED)))
def test_photos_are_found_by_the_index_made_for_it(catalog: Catalog, number: int) -> None:
    asked, expected = ASKED[number]
    assert used(catalog, asked) == expected


def test_some_photos_are_found_without_sorting_all(catalog: Catalog) -> None:
    statements: list[tuple[str, Any]] = []
    with sql(catalog).tracer(lambda text, parameters: statements.append((text, parameters))):
        catalog.folders.some_photos(1, 25)
    plans = [sql(catalog).execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall() for text, values in statements]
    assert plans
    assert "B-TREE" not in str(plans)


def test_reading_all_photos_is_noticed(catalog: Catalog) -> None:
    assert used(catalog, lambda catalog: sql(catalog).execute("SELECT id FROM photo p WHERE p.state + 0 = 1")) == {
        "photo"
    }
    statement = "SELECT id FROM photo WHERE words_due = ?"  # what a parameter holds is not known when it is planned
    assert used(catalog, lambda catalog: sql(catalog).execute(statement, [1])) == {"photo"}
