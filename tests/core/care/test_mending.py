"""Damage beside the catalog's rows: thumbnails, the index of names, and recoveries that meet trouble."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from photofind.background.snapshot_maker import SnapshotMaker
from photofind.core.care.recovery import recover
from photofind.core.care.salvage import Salvaged
from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.database import open_database
from photofind.core.catalog.migrations import catalog_migrations
from photofind.core.catalog.snapshots import WeeklySnapshot
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.errors import LibraryDamagedError, PhotofindError
from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.steps import finish
from tests.core.care.damaged_catalog import PAGE, destroy, edit, leaf_pages, take_snapshot
from tests.core.care.damaged_library import make_library
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import thumbnails_of
from tests.pictures import COLORS, write_photo


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A closed library with 24 photos, beside them."""
    return make_library(tmp_path)


def destroy_thumbnails(directory: Path) -> None:
    """Damage the page by which all thumbnails are found: the file still opens."""
    with closing(sqlite3.connect(directory / "thumbnails.sqlite")) as plain:
        page = plain.execute("SELECT rootpage FROM sqlite_master WHERE name = 'thumbnail'").fetchone()[0]
    with open(directory / "thumbnails.sqlite", "r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xa5" * PAGE)
    Thumbnails(directory / "thumbnails.sqlite").close()


# Thumbnails


def test_storing_into_damaged_thumbnails_makes_them_again_and_embeds_nothing_twice(directory: Path) -> None:
    destroy_thumbnails(directory)
    library = Library(directory)
    write_photo(directory.parent / "photos" / "green late.jpg", COLORS["green"], (160, 120), 90)
    sync(library)
    assert embed(library) == 1
    assert len(thumbnails_of(library).ids()) == library.embedding.counts.embedded == 25
    assert library.care.check(repair=False) == []
    library.close()
    assert (directory / "catalog.seal").exists(), "the catalog was never damaged"


def test_deleting_from_damaged_thumbnails_makes_them_again(directory: Path) -> None:
    destroy_thumbnails(directory)
    library = Library(directory)
    library.folders.remove(os.fsencode(directory.parent / "photos"))
    assert library.care.check(repair=False) == []
    library.close()


def test_an_unfinished_deletion_from_damaged_thumbnails_stops_no_start(directory: Path) -> None:
    edit(directory, "INSERT INTO removed_photo VALUES (3)")
    destroy_thumbnails(directory)
    library = Library(directory)
    finish(library.care.tidying())
    assert library.embedding.counts.pending == 24
    assert embed(library) == 0
    library.close()


def test_a_catalog_put_back_beside_damaged_thumbnails_opens(directory: Path, tmp_path: Path) -> None:
    shutil.copyfile(directory / "catalog.sqlite", tmp_path / "copy")
    Library(directory).close()
    edited = Library(directory)
    edited.folders.set_missing_share(0.7)
    edited.close()
    shutil.copyfile(tmp_path / "copy", directory / "catalog.sqlite")
    destroy_thumbnails(directory)
    library = Library(directory)
    assert library.embedding.counts.pending == 24
    library.close()


def test_a_recovery_drops_damaged_thumbnails(directory: Path) -> None:
    destroy_thumbnails(directory)
    destroy(directory, leaf_pages(directory, "embedding")[0])
    assert "24 of them are read again" in str(recover(directory, "rescue"))
    library = Library(directory)
    assert thumbnails_of(library).is_sound()
    embed(library)
    assert len(thumbnails_of(library).ids()) == 24
    library.close()


def test_thumbnails_that_cannot_be_deleted_are_said_and_stay_usable(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a file that is open cannot be deleted."""
    library = Library(directory)
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "thumbnails.sqlite":
            raise PermissionError(13, "in use", str(path))
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        with pytest.raises(PhotofindError, match="close photofind and start it again"):
            thumbnails_of(library).renew()
    assert len(thumbnails_of(library).ids()) == 24
    library.close()


# The index of names


def test_a_damaged_index_of_names_is_made_again_after_an_unclean_end(directory: Path) -> None:
    edit(directory, "UPDATE word_block SET lines = zeroblob(length(lines))")
    library = Library(directory)
    assert len(library.search.answer(Query(text="green")).photo_ids) > 2
    assert library.care.check(repair=False) == []
    library.close()


# Recoveries


def test_a_damaged_name_in_the_schema_that_is_no_text_is_damage(directory: Path) -> None:
    content = (directory / "catalog.sqlite").read_bytes()
    assert b"indexphoto_by_inode" in content
    content = content.replace(b"indexphoto_by_inode", b"indexphoto\xceby_inode")
    content = content.replace(b"CREATE INDEX photo_by_inode", b"CREATE INDEY photo_by_inode")
    (directory / "catalog.sqlite").write_bytes(content)
    with pytest.raises(LibraryDamagedError):
        Library(directory)
    assert "was rescued: 24 photos" in str(recover(directory, "rescue"))


def test_a_snapshots_embedding_of_another_content_is_not_taken(directory: Path) -> None:
    take_snapshot(directory)
    write_photo(directory.parent / "photos" / "green 1.jpg", COLORS["purple"], (170, 130), 91)
    library = Library(directory)
    sync(library)
    assert embed(library) == 1
    library.close()
    for page in leaf_pages(directory, "embedding"):
        destroy(directory, page)
    recover(directory, "rescue")
    again = Library(directory)
    assert again.embedding.counts.pending == 1
    assert embed(again) == 1
    again.close()


def test_what_was_mended_already_is_not_mended_again(directory: Path) -> None:
    """Two windows or a terminal: the second one's decision comes when there is nothing to mend any more."""
    take_snapshot(directory)
    destroy(directory, leaf_pages(directory, "embedding")[0])
    recover(directory, "rescue")
    library = Library(directory)
    library.folders.set_missing_share(0.7)
    library.close()
    files = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    assert str(recover(directory, "snapshot")) == "The library had been mended already."
    assert {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()} == files


def test_damage_that_a_recovery_meets_itself_is_no_advice_to_start_again(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(damaged: Path, catalog: Catalog, snapshot: Path | None) -> Salvaged:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    destroy(directory, leaf_pages(directory, "embedding")[0])
    monkeypatch.setattr("photofind.core.care.recovery.salvage", fail)
    with pytest.raises(PhotofindError, match="cannot be mended: database disk image is malformed"):
        recover(directory, "rescue")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="what is open is only told by Linux")
def test_a_recovery_that_fails_leaves_no_file_open(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    destroy(directory, leaf_pages(directory, "embedding")[0])
    monkeypatch.setattr("photofind.core.care.recovery.decode_again", fail)
    with pytest.raises(PhotofindError, match="is full") as caught:
        recover(directory, "rescue")
    links = [os.path.realpath(path) for path in Path("/proc/self/fd").iterdir()]
    assert caught.value, "its traceback keeps what was not closed"
    assert not [link for link in links if link.startswith(os.fspath(directory)) and "sqlite" in link]


# Snapshots and steps of the schema


def test_what_a_power_cut_left_of_a_snapshot_is_deleted(directory: Path) -> None:
    left_over = directory / "snapshots" / "catalog-2026-01-01.sqlite.new"
    left_over.parent.mkdir()
    left_over.write_bytes(b"half")
    take_snapshot(directory)
    assert not left_over.exists()


def test_stopping_a_snapshot_whose_connection_is_closed_just_now(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    maker, release = SnapshotMaker(), threading.Event()
    closed = sqlite3.connect(":memory:", check_same_thread=False)
    closed.close()
    snapshot = WeeklySnapshot(tmp_path / "catalog.sqlite")
    monkeypatch.setattr(snapshot, "_connection", closed)
    monkeypatch.setattr(maker, "_snapshot", snapshot)
    monkeypatch.setattr(maker, "_thread", threading.Thread(target=release.wait, args=(10,)))
    maker._thread.start()  # type: ignore[union-attr]
    maker.stop(0.1)
    release.set()
    maker._thread.join()  # type: ignore[union-attr]


def test_the_step_to_checksums_passes_over_a_vector_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"

    with closing(Database(path)) as database:
        catalog_migrations.apply(database, stop_before="m002_volumes_flaws_checksums")
        database.conn.executescript(
            "INSERT INTO folder (path) VALUES (x'2f61');"
            "INSERT INTO photo (folder_id, path, size, mtime_ns, ctime_ns, inode, device, sort_time)"
            " VALUES (1, x'61', 1, 1, 1, 1, 1, 1), (1, x'62', 1, 1, 1, 1, 1, 1);"
            "INSERT INTO model (model_id, name, dim) VALUES ('m', 'm', 2);"
            "INSERT INTO embedding (model, photo_id, vector) VALUES (1, 1, x'00003c00'), (1, 2, 'no vector');"
        )
    with closing(open_database(path, catalog_migrations)) as database:
        rows = database.execute("SELECT crc32(vector) IS crc FROM embedding ORDER BY label").fetchall()
    assert rows == [(1,), (0,)]
