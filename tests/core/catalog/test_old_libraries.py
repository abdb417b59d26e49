"""A library of a version before opens, is brought up to date, and has lost nothing."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest

from photofind.core.care.recovery import recover
from photofind.core.catalog.database import open_database
from photofind.core.catalog.migrations import catalog_migrations
from photofind.core.catalog.old_reasons import store_keys, with_key
from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence, from_text
from tests.core.care.damaged_catalog import PAGE, leaf_pages
from tests.core.catalog.old_libraries import IN_ENGLISH, put_down

# Of a photofind still older, whose words say something else than ours.
UNKNOWN = "The picture is damaged: opening it did not end within 60 seconds."


# What was true of a photofind that could not read JPEG XL, or left open whose pip it meant, and what is said now.
UNTRUE = {
    "JPEG XL pictures cannot be read yet; a JPEG or AVIF copy can.": str(Sentence("picture_jpeg_xl")),
    "RAW photos need one more package: pip install rawpy, then “Try again” under Problems.": str(
        Sentence("raw_needs_package")
    ),
}


def problems_in(catalog: sqlite3.Connection) -> dict[bytes, str]:
    """Return what a catalog of English texts says, by path, but for what is no longer true."""
    told = catalog.execute(
        "SELECT path, reason FROM photo WHERE state = 2 UNION ALL SELECT path, flaw FROM photo WHERE flaw NOT NULL "
        "UNION ALL SELECT path, reason FROM unreadable_directory"
    )
    return {path: UNTRUE.get(reason, reason) for path, reason in told}


def problems_of(library: Library) -> dict[bytes, Sentence]:
    return {os.path.basename(problem.path): problem.reason for problem in library.care.problems()}


@pytest.mark.parametrize("schema", IN_ENGLISH, ids=lambda path: path.stem)
def test_it_tells_the_same_problems_in_the_same_words(schema: Path, tmp_path: Path) -> None:
    catalog = put_down(schema, tmp_path / "library")
    told, since = problems_in(catalog), dict(catalog.execute("SELECT path, failed_since FROM photo"))
    catalog.close()
    library = Library(tmp_path / "library")
    problems = problems_of(library)
    assert {name: str(reason) for name, reason in problems.items()} == told
    assert len(told) == 30
    assert [str(reason) for reason in problems.values() if reason.key == "as_written"] == [UNKNOWN]
    assert problems[b"g.jpg"] == Sentence("picture_too_large", megapixels=220, most_megapixels=180)
    assert problems[b"closed"] == Sentence("folder_cannot_be_opened", said="Permission denied")
    assert all(
        p.since == since[os.path.basename(p.path)] for p in library.care.problems() if os.path.basename(p.path) in since
    )
    library.close()


@pytest.mark.parametrize("schema", IN_ENGLISH, ids=lambda path: path.stem)
def test_its_photos_are_found_and_their_flaws_told(schema: Path, tmp_path: Path) -> None:
    put_down(schema, tmp_path / "library").close()
    library = Library(tmp_path / "library")
    assert library.embedding.counts.embedded == 5
    assert library.search.photos(library.search.answer(Query(text="red")).photo_ids.tolist())[0].name == "beach red.jpg"
    photos = library.search.photos(library.search.answer(Query()).photo_ids.tolist())
    flaws = {photo.name: photo.flaw for photo in photos}
    assert flaws["cut.jpg"] == Sentence("part_missing")
    assert flaws["blue.jpg"] is None
    library.close()
    (copy,) = (tmp_path / "library" / "snapshots").glob("catalog-before-*.sqlite")
    assert copy.stat().st_size > 0


def test_reasons_are_keys_after_a_rescue_from_an_old_catalog_too(tmp_path: Path) -> None:
    catalog = put_down(IN_ENGLISH[-1], tmp_path / "library")
    told = problems_in(catalog)
    catalog.close()
    with open(tmp_path / "library" / "catalog.sqlite", "r+b") as file:
        file.seek(leaf_pages(tmp_path / "library", "embedding")[0] * PAGE)
        file.write(b"\xa5" * PAGE)
    recover(tmp_path / "library", "rescue")
    library = Library(tmp_path / "library")
    problems = problems_of(library)
    library.close()
    failed = {name: reason for name, reason in problems.items() if name not in (b"cut.jpg", b"w.jpg", b"x.jpg")}
    assert {name: str(reason) for name, reason in failed.items()} == {name: told[name] for name in failed}
    assert [str(reason) for reason in failed.values() if reason.key == "as_written"] == [UNKNOWN]


@pytest.mark.parametrize(
    "text",
    [
        "The file cannot be read: .",
        "The drive could not read this file: Input/output error.",
        "The RAW photo is damaged: line one\nline two: “odd” {name}.",
        "The folder cannot be opened: Permission denied.",
        "The model tiny. clip could not make sense of this picture.",
        "The file is too big: 12.0 GB.",
        "The picture is too large: 1000 megapixels; photofind opens up to 180.",
        "Opening the picture did not end within 60 seconds.",
        "The picture is damaged: its beginning cannot be read.",
        "The file ends too early: some detail is missing.",
    ],
)
def test_an_old_text_with_its_key_says_the_same(text: str) -> None:
    assert with_key(text) != text
    assert str(from_text(with_key(text))) == text
    assert with_key(with_key(text)) == with_key(text)


def test_many_photos_that_cannot_be_read_do_not_hold_up_a_start(tmp_path: Path) -> None:
    database = open_database(tmp_path / "catalog.sqlite", catalog_migrations)
    with database.atomic():
        database.execute("INSERT INTO folder (id, path) VALUES (1, x'2f')")
        database.conn.executemany(
            "INSERT INTO photo (folder_id, path, size, mtime_ns, ctime_ns, inode, device, state, reason, sort_time) "
            "VALUES (1, ?, 1, 1, 1, 1, 1, 2, ?, 1)",
            ((b"%d.jpg" % n, f"The file is too big: {n % 50 / 10 + 1:.1f} GB.") for n in range(50_000)),
        )
    start = time.process_time()
    with database.atomic():
        store_keys(database)
    assert time.process_time() - start < 2
    assert database.execute("SELECT count(*) FROM photo WHERE reason LIKE 'file_too_big %'").fetchone() == (50_000,)
    database.close()
