"""The index of words: filled in after opening, a slice at a time, while the one of before answers; and its damage."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from photofind.core.catalog.catalog import Catalog
from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.settings import WORDS_TO
from tests.core.catalog.old_libraries import SCHEMAS, put_down
from tests.core.search.named_library import Named, add_named, insert_named, named
from tests.inside import catalog_of, spoil_words, sql, words_of

MANY = 9_000
# What a bit of damage makes of bytes: text that is none; and as many ends as there should be, before something else.
NO_TEXT = "x'ffff' || lines"
SHIFTED = "CAST(replace(hex(zeroblob(64)), '00', char(10)) || 'dsc' AS BLOB)"


def make_old(library: Library) -> None:
    """Take a library back to where the migration leaves one of before."""
    db = sql(library)
    with db.atomic():
        db.execute("CREATE VIRTUAL TABLE photo_words USING fts5(words, tokenize = 'unicode61 remove_diacritics 2')")
        rows = db.execute("SELECT id, CAST(path AS TEXT) FROM photo").fetchall()
        db.conn.executemany(
            "INSERT INTO photo_words (rowid, words) VALUES (?, ?)",
            ((photo_id, f"photos {path.rsplit('.', 1)[0]} 2019 July") for photo_id, path in rows),
        )
        db.execute("DELETE FROM word_block")
        catalog_of(library).settings.set(WORDS_TO, 0)


def has_old_words(of: Library | Catalog) -> bool:
    return bool(sql(of).execute("SELECT 1 FROM sqlite_master WHERE name LIKE 'photo\\_words' ESCAPE '\\'").fetchone())


def findings(library: Library, *, repair: bool = False) -> dict[str, int]:
    """Return what is wrong with words; of these photos there is nothing else."""
    found = {finding.what.key: finding.count for finding in library.care.check(repair=repair)}
    return {key: count for key, count in found.items() if "names" in key or "words" in key}


def steps(library: Library) -> int:
    """Let the index catch up, as little at a time as it can; return in how many steps."""
    count = 1
    while not library.search.catch_up(0):
        count += 1
    return count


@pytest.fixture
def old(library: Library) -> Library:
    add_named(library, [f"trip {number % 9}/DSC{number:05}.jpg" for number in range(1, MANY + 1)])
    make_old(library)
    return library


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_a_library_of_before_is_asked_the_old_way_until_the_new_one_is_whole(schema: Path, tmp_path: Path) -> None:
    put_down(schema, tmp_path / "library").close()
    with Library(tmp_path / "library") as library:
        assert words_of(library) == {}
        assert named(library, "beach") == ["beach red.jpg"]
        assert library.search.catch_up(1)
        assert not has_old_words(library)
        assert named(library, "beach red.jpg") == ["beach red.jpg"]
        assert named(library, "each") == ["beach red.jpg"]
        assert findings(library) == {}
    with Library(tmp_path / "library") as library:
        assert named(library, "each") == ["beach red.jpg"]


def test_it_is_filled_in_slices_and_goes_on_after_a_break(old: Library) -> None:
    directory = old.directory
    assert not old.search.catch_up(0)
    part = len(words_of(old))
    assert 0 < part <= 1_024
    assert len(named(old, "DSC08999")) == 1, "the old one still knows all"
    assert named(old, "8999") == []
    old.close()
    with Library(directory) as library:
        assert len(words_of(library)) == part
        assert steps(library) > 8
        assert len(words_of(library)) == MANY
        assert len(named(library, "8999")) == 1
        assert not has_old_words(library)
        assert findings(library) == {}


def test_what_comes_moves_and_goes_meanwhile_is_in_both(old: Library) -> None:
    old.search.catch_up(0)
    insert_named(old, [Named("fresh.jpg", said="Zanzibar")], "/pictures/other")
    db, words = sql(old), catalog_of(old).words
    words.write([MANY + 1])
    for photo_id in (1, MANY):  # one that is filled in already, one that is not
        db.execute("UPDATE photo SET path = CAST('moved/%d.jpg' AS BLOB), words_due = 1 WHERE id = ?", [photo_id])
        db.execute("UPDATE photo SET path = CAST(replace(path, '%d', ?1) AS BLOB) WHERE id = ?1", [photo_id])
    words.refresh(10)
    catalog_of(old).photos.delete([2, MANY - 1])
    for _ in range(2):
        assert named(old, "fresh") == named(old, "zanzibar") == ["fresh.jpg"]
        assert sorted(named(old, "moved")) == ["moved/1.jpg", f"moved/{MANY}.jpg"]
        assert named(old, "DSC00001") == named(old, "DSC00002") == named(old, f"DSC{MANY - 1:05}") == []
        steps(old)
    assert named(old, "anzib") == []
    assert len(words_of(old)) == MANY - 1


def test_a_library_open_for_reading_alone_is_left_as_it_is(old: Library) -> None:
    with Library(old.directory, read_only=True) as reader:
        assert reader.search.catch_up(float("inf"))
        assert len(named(reader, "DSC08999")) == 1
    assert words_of(old) == {}


def test_a_new_library_has_no_index_of_before(library: Library) -> None:
    assert not has_old_words(library)
    assert library.search.catch_up(0)


def test_what_another_process_writes_is_found_at_once(library: Library) -> None:
    """The lines that were read are kept only until anybody writes."""
    add_named(library, ["one.jpg"])
    with Library(library.directory, read_only=True) as reader:
        assert named(reader, "jpg") == ["one.jpg"]
        add_named(library, ["two.jpg"])
        assert named(reader, "jpg") == named(library, "jpg") == ["two.jpg", "one.jpg"]
        catalog_of(library).photos.delete([1])
        assert named(reader, "jpg") == named(library, "jpg") == ["two.jpg"]


def test_nothing_is_read_again_that_is_known(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    add_named(library, ["one.jpg", "two.jpg"])
    assert len(named(library, "jpg")) == 2
    monkeypatch.setattr("photofind.core.catalog.words.WordLines", None)
    assert named(library, "one") == ["one.jpg"]


# Damage


def test_a_block_that_is_not_what_was_written_is_made_anew(library: Library) -> None:
    add_named(library, [f"DSC{number:05}.jpg" for number in range(1, 200)])
    whole = words_of(library)
    sql(library).execute("UPDATE word_block SET lines = zeroblob(10) WHERE number = 1")
    assert catalog_of(library).words.is_damaged()
    assert len(named(library, "DSC", 999)) == 199 - 64, "what is damaged tells nothing false"
    catalog_of(library).words.write([64])
    assert not catalog_of(library).words.is_damaged()
    assert words_of(library) == whole


@pytest.mark.parametrize(
    "block", ["x''", "zeroblob(5000)", "CAST('abc' AS BLOB)", "NULL", "7", "'text'", NO_TEXT, SHIFTED]
)
def test_no_damage_ends_a_search(library: Library, block: str) -> None:
    add_named(library, [f"DSC{number:05}.jpg" for number in range(1, 200)])
    try:
        sql(library).execute(f"UPDATE word_block SET lines = {block} WHERE number = 1")
    except sqlite3.IntegrityError:
        return  # SQLite itself refuses it
    assert library.search.answer(Query(text="DSC")).named == 199 - 64
    catalog_of(library).words.write([1])
    assert findings(library, repair=True) == {"found_damaged_names": 1}
    assert findings(library) == {}
    assert library.search.answer(Query(text="DSC")).named == 199


def test_text_that_is_none_in_place_of_a_block_is_made_anew(library: Library) -> None:
    add_named(library, [f"DSC{number:05}.jpg" for number in range(1, 200)])
    whole = words_of(library)
    sql(library).execute(f"UPDATE word_block SET lines = {NO_TEXT}, crc = CAST(x'ff' AS TEXT)")
    catalog_of(library).words.write([1, 100, 180])
    assert catalog_of(library).words.is_damaged()
    catalog_of(library).words.write([193])
    assert words_of(library) == whole


def test_lines_that_lack_and_lines_that_are_left_are_found_and_mended(library: Library) -> None:
    add_named(library, [f"DSC{number:05}.jpg" for number in range(1, 100)])
    whole = words_of(library)
    spoil_words(library, 5, b"")
    spoil_words(library, 120, b"/left jpg\t\v")
    assert findings(library, repair=True) == {"found_photos_without_names": 1, "found_left_words": 1}
    assert findings(library) == {}
    assert words_of(library) == whole


def test_damage_of_the_index_of_before_is_mended_too(old: Library) -> None:
    sql(old).execute("UPDATE photo_words_data SET block = zeroblob(length(block)) WHERE id > 10")
    assert catalog_of(old).words.is_damaged()
    old.care.check(repair=True)
    assert not has_old_words(old)
    assert len(words_of(old)) == MANY
    assert len(named(old, "8999")) == 1
