"""The problems, a page at a time: all of them once, and no more rows read than are shown."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import volume_of
from photofind.core.library import Library
from photofind.core.records.photos import Problem, ProblemPlace
from photofind.core.sentences.sentence import Sentence
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import catalog_of, sql
from tests.pictures import write_colors

EMPTY = Sentence("file_empty")


def all_pages(library: Library, limit: int) -> list[Problem]:
    found: list[Problem] = []
    after: ProblemPlace | None = None
    while True:
        page = library.care.problems_page(after, limit)
        assert len(page.problems) <= limit
        found += page.problems
        if (after := page.next) is None:
            return found


@pytest.fixture
def troubled(library: Library, tmp_path: Path) -> Library:
    """Two folders with photos that failed, in part or wholly, and directories that cannot be opened."""
    folders = [library.folders.add(write_colors(tmp_path / name)) for name in ("one", "two")]
    sync(library)
    for folder in folders:
        catalog_of(library).problems.set_unreadable(folder.id, [(b"closed", EMPTY), (b"other", EMPTY)])
    embed(library)
    catalog_of(library).problems.fail((i, EMPTY) for i in (1, 3, 5, 12))
    with sql(library).atomic():
        sql(library).execute("UPDATE photo SET flaw = ?, failed_since = 1 WHERE id IN (2, 6, 14)", [EMPTY.to_text()])
    return library


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_all_problems_come_once_however_large_a_page_is(troubled: Library, limit: int) -> None:
    found = all_pages(troubled, limit)
    assert len(found) == 11
    assert sorted(found, key=lambda problem: problem.path) == sorted(
        troubled.care.problems(), key=lambda problem: problem.path
    )
    page = troubled.care.problems_page(None, limit)
    assert (page.unread, page.partial) == (4, 7)


def test_trying_again_comes_in_slices_and_may_be_broken_off(troubled: Library) -> None:
    with sql(troubled).atomic():
        catalog_of(troubled).scanned.insert(1, [(b"%d.jpg" % i, (1, 1, 1, 1), 1) for i in range(120)])
    catalog_of(troubled).problems.fail((row[0], EMPTY) for row in sql(troubled).execute("SELECT id FROM photo"))
    failed = troubled.embedding.counts.failed
    steps = troubled.care.retrying_failed()
    next(steps)
    steps.close()
    assert troubled.embedding.counts.failed == failed - 50
    assert troubled.care.retry_failed() == failed - 50
    assert (troubled.embedding.counts.failed, troubled.embedding.counts.pending) == (0, failed)


def test_a_problem_that_comes_back_is_where_it_was(troubled: Library) -> None:
    before = [problem.path for problem in all_pages(troubled, 3)]
    catalog_of(troubled).problems.fail([(3, Sentence("picture_unknown"))])
    assert [problem.path for problem in all_pages(troubled, 3)] == before


def test_a_page_of_many_problems_costs_a_small_part_of_reading_them_all(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    folder = catalog.folders.add(b"/photos", volume_of(b"/"))
    catalog.scanned.insert(folder, [(b"%06d.jpg" % i, (1, i, i, i), 1) for i in range(40_000)])
    catalog.problems.fail((i, EMPTY) for i in range(1, 40_001))
    seconds = []
    for read in (lambda: catalog.problems.all(), lambda: catalog.problems.page((1, folder, 20_000), 200)):
        start = time.process_time()
        read()
        seconds.append(time.process_time() - start)
    catalog.close()
    assert seconds[1] < seconds[0] / 5
