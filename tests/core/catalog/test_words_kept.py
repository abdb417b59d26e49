"""The words kept between two queries are those of the rows, whatever is written; and only that is read anew."""

from __future__ import annotations

import random
from contextlib import suppress

import numpy as np
import pytest

from photofind.core.catalog import touched, words
from photofind.core.catalog.catalog import Catalog
from photofind.core.library import Library
from photofind.core.settings import LANGUAGE
from tests.core.search.named_library import insert_named, named, write_words
from tests.inside import catalog_of, sql


@pytest.fixture(autouse=True)
def few_blocks_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with hundreds of thousands of photos."""
    monkeypatch.setattr(words, "_BLOCKS_A_READ", 2)


def found(catalog: Catalog, word: bytes) -> set[int]:
    """Return the photos that have a word, by what is kept."""
    ids = [lines.photo_ids[lines.fit((word,)) > 0] for lines in catalog.words.read()]
    return set(np.concatenate(ids).tolist()) if ids else set()


def found_anew(library: Library, word: bytes) -> set[int]:
    catalog = Catalog(library.directory / "catalog.sqlite", read_only=True)
    try:
        return found(catalog, word)
    finally:
        catalog.close()


@pytest.mark.parametrize("most_noted", [touched.MOST_NOTED, 3])
def test_whatever_is_written_is_found(library: Library, monkeypatch: pytest.MonkeyPatch, most_noted: int) -> None:
    monkeypatch.setattr(touched, "MOST_NOTED", most_noted)
    catalog, chance = catalog_of(library), random.Random(3)
    insert_named(library, [f"red {number}.jpg" for number in range(600)])
    write_words(catalog, range(1, 601))
    assert len(found(catalog, b"red")) == 600
    for turn in range(120):
        some = chance.sample(range(1, catalog.photos.highest_id() + 1), 3)
        match chance.randrange(5):
            case 0:
                insert_named(library, [f"red new {turn}.jpg"])
                write_words(catalog, [catalog.photos.highest_id()])
            case 1:
                catalog.words.forget(some)
            case 2:
                sql(catalog).execute("UPDATE photo SET path = ? WHERE id = ?", [b"blue %d.jpg" % turn, some[0]])
                catalog.words.write(some)
            case 3:
                with suppress(ZeroDivisionError), catalog.transaction():
                    catalog.words.forget(some)
                    assert not found(catalog, b"red") & set(some)
                    raise ZeroDivisionError
            case 4:
                catalog.photos.delete(some)
        for word in (b"red", b"blue"):
            if chance.random() < 0.5:
                assert found(catalog, word) == found_anew(library, word), turn


def test_a_part_in_which_nothing_is_left_finds_nothing(library: Library) -> None:
    insert_named(library, [f"red {number}.jpg" for number in range(300)])
    write_words(catalog_of(library), range(1, 301))
    assert len(named(library, "red")) == 300
    catalog_of(library).photos.delete(list(range(100, 301)))
    assert len(named(library, "red")) == 99
    assert found(catalog_of(library), b"300") == set()


def test_only_what_was_written_is_read_anew(library: Library) -> None:
    catalog = catalog_of(library)
    insert_named(library, [f"red {number}.jpg" for number in range(1_000)])
    write_words(catalog, range(1, 1_001))
    before = catalog.words.read()
    catalog.words.write([500])
    catalog.settings.set(LANGUAGE, "de_DE")
    after = catalog.words.read()
    assert [old is new for old, new in zip(before, after, strict=True)].count(False) == 1
