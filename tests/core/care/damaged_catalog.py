"""What the tests of recovery share: a closed library, ways to damage its catalog, and what is then found."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from photofind.core.catalog.snapshots import WeeklySnapshot, newest_sound
from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.core.care.damaged_library import make_library

PAGE = 4096


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("recovery"))


@pytest.fixture
def directory(template: Path, tmp_path: Path) -> Path:
    """A closed library with 24 photos."""
    shutil.copytree(template, tmp_path / "library")
    return tmp_path / "library"


def found(library: Library) -> list[str]:
    library.search.catch_up(60)
    ids = library.search.answer(Query(text="green")).photo_ids.tolist()
    return [photo.name for photo in library.search.photos(ids)]


def edit(directory: Path, *statements: str) -> None:
    """Change a closed library's rows behind its back, as if it had ended without being closed."""
    plain = sqlite3.connect(directory / "catalog.sqlite")
    for statement in statements:
        plain.execute(statement)
    plain.commit()
    plain.close()
    (directory / "catalog.seal").unlink(missing_ok=True)


def take_snapshot(directory: Path) -> Path:
    WeeklySnapshot(directory / "catalog.sqlite").make()
    made = newest_sound(directory / "catalog.sqlite")
    assert made is not None
    return made


def leaf_pages(directory: Path, table: str) -> list[int]:
    """Return the numbers of pages that hold rows of a table, by what is written in them."""
    content = (directory / "catalog.sqlite").read_bytes()
    plain = sqlite3.connect(directory / "catalog.sqlite")
    blob = {"embedding": "vector", "photo": "content_hash"}[table]
    needles = [row[0] for row in plain.execute(f"SELECT {blob} FROM {table}")]
    plain.close()
    pages = {place.start() // PAGE for needle in needles for place in re.finditer(re.escape(needle[:100]), content)}
    return sorted(page for page in pages if content[page * PAGE] == 0x0D)  # a leaf of a table, of no index


def destroy(directory: Path, page: int) -> None:
    with open(directory / "catalog.sqlite", "r+b") as file:
        file.seek(page * PAGE)
        file.write(b"\xa5" * PAGE)
