"""What is mended without a recovery: by the program itself as it meets it, or by a check."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from photofind.core.catalog import embeddings
from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.core.care.damaged_catalog import directory as directory
from tests.core.care.damaged_catalog import edit, found
from tests.core.care.damaged_catalog import template as template
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import answering_of, catalog_of, spoil_words, sql, thumbnails_of


@pytest.mark.parametrize("vector", ["zeroblob(length(vector))", "x'ffff' || 'no text at all'"])
def test_an_embedding_whose_checksum_does_not_fit_is_made_again(
    directory: Path, caplog: pytest.LogCaptureFixture, vector: str
) -> None:
    edit(directory, f"UPDATE embedding SET vector = {vector} WHERE photo_id = 3")
    shutil.rmtree(directory / "vectors")
    library = Library(directory)
    assert answering_of(library).embeddings.vector_of(3) is None
    library.search.catch_up(60)
    assert "damaged on the disk" in caplog.text
    assert library.embedding.counts.pending == 1
    assert embed(library) == 1
    assert library.care.check(repair=False) == []
    library.close()


def test_damaged_thumbnails_are_made_again_and_nothing_is_embedded_again(directory: Path) -> None:
    (directory / "thumbnails.sqlite").write_bytes(b"no database at all " * 500)
    library = Library(directory)
    assert library.embedding.counts.pending == 24
    assert embed(library) == 0
    assert len(thumbnails_of(library).ids()) == 24
    assert library.care.check(repair=False) == []
    library.close()


def test_check_finds_and_mends_rows_that_cannot_be_right(directory: Path) -> None:
    edit(
        directory,
        "PRAGMA foreign_keys = OFF",
        "UPDATE photo SET state = 7 WHERE id = 1",
        "UPDATE embedding SET photo_id = 901 WHERE label = 4",
        "UPDATE embedding SET crc = crc + 1 WHERE label = 5",
        "UPDATE photo SET folder_id = 77 WHERE id = 6",
    )
    library = Library(directory)
    spoil_words(library, 2, b"")
    spoil_words(library, 60, b"/ghost\t\v")
    found = {str(finding.what): finding.count for finding in library.care.check(repair=False)}
    assert found == {
        "photos without a folder": 1,
        "embeddings without a photo or model": 1,
        "damaged embeddings": 1,
        "photos in no known state": 1,
        "words without a photo": 1,
        "photos that their names do not find": 1,
        "photos without an embedding": 1,
    }
    assert all(finding.repaired for finding in library.care.check(repair=True))
    assert library.care.check(repair=False) == []
    sync(library)
    embed(library)
    assert library.embedding.counts.embedded == 24
    assert library.care.check(repair=False) == []
    library.close()


def test_what_stands_in_for_an_embedding_is_no_damage(directory: Path) -> None:
    with Library(directory) as library:
        sql(library).execute("UPDATE embedding SET stand_in = 1")
        sql(library).conn.commit()
        assert library.care.check(repair=True) == []
        assert library.embedding.counts.pending == 0


def test_check_mends_the_index_of_names(directory: Path) -> None:
    library = Library(directory)
    sql(library).execute("UPDATE word_block SET lines = zeroblob(length(lines))")
    assert [str(finding.what) for finding in library.care.check(repair=False)] == ["the index of names is damaged"]
    library.care.check(repair=True)
    assert library.care.check(repair=False) == []
    assert len([name for name in found(library)[:3] if name.startswith("green")]) == 3
    library.close()


def test_check_drops_a_graph_that_does_not_fit(directory: Path) -> None:
    with open(directory / "vectors" / "1" / "hnsw.bin", "r+b") as file:
        file.write(b"\xff")
    library = Library(directory)
    assert [str(finding.what) for finding in library.care.check(repair=True)] == [
        "the HNSW file is damaged or of another library"
    ]
    assert library.care.check(repair=False) == []
    library.close()


def test_the_log_of_removals_does_not_grow_for_ever(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that is further behind than the log goes back is made anew, not searched as it is."""
    monkeypatch.setattr(embeddings, "REMOVALS_KEPT", 5)
    behind = shutil.copytree(directory / "vectors", directory.with_name("behind"))
    library = Library(directory)
    catalog_of(library).photos.delete(range(1, 13))
    library.close()
    library = Library(directory)
    assert sql(library).execute("SELECT count(*) FROM removed_vector").fetchone() == (5,)
    library.close()
    shutil.rmtree(directory / "vectors")
    shutil.copytree(behind, directory / "vectors")
    again = Library(directory)
    assert len(answering_of(again).index) == 0
    again.search.catch_up(60)
    assert len(answering_of(again).index) == 12
    assert len(again.search.answer(Query(text="green")).photo_ids) == 12
    again.close()
