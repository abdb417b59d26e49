"""A damaged catalog: that it is noticed, and what a rescue or the snapshot brings back."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from photofind.core.care.recovery import recover
from photofind.core.catalog.database import require_soundness
from photofind.core.catalog.lock import LibraryInUseError
from photofind.core.catalog.snapshots import newest_sound
from photofind.core.errors import LibraryDamagedError, PhotofindError
from photofind.core.library import Library
from photofind.core.records.progress import Counts
from tests.core.care.damaged_catalog import PAGE, destroy, edit, found, leaf_pages, take_snapshot
from tests.core.care.damaged_catalog import directory as directory
from tests.core.care.damaged_catalog import template as template
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import catalog_of, thumbnails_of
from tests.pictures import COLORS, write_photo


def open_again(directory: Path) -> Library:
    library = Library(directory)
    sync(library)
    embed(library)
    library.search.catch_up(60)
    return library


# Noticing


def test_a_library_that_was_closed_is_not_looked_through_and_one_that_was_not_is(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(
        "photofind.core.catalog.inspection.require_soundness", lambda connection: looked.append("whole file")
    )
    library = Library(directory)
    assert looked == []
    assert not (directory / "catalog.seal").exists(), "from now on an end is unclean"
    shutil.copytree(directory, directory.with_name("killed"))
    library.close()
    Library(directory).close()
    assert looked == []
    Library(directory.with_name("killed")).close()
    assert looked == ["whole file"]


def test_damage_is_one_sentence_and_nothing_is_touched(directory: Path) -> None:
    destroy(directory, leaf_pages(directory, "photo")[0])
    before = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    with pytest.raises(LibraryDamagedError, match="is damaged; “photofind check --repair” rescues"):
        Library(directory)
    assert {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()} == before


def test_bytes_that_sqlite_does_not_notice_are_noticed(directory: Path) -> None:
    content = (directory / "catalog.sqlite").read_bytes()
    assert b"green 1" in content
    (directory / "catalog.sqlite").write_bytes(content.replace(b"green 1", b"greem 1"))
    plain = sqlite3.connect(directory / "catalog.sqlite")
    require_soundness(plain)
    plain.close()
    with pytest.raises(LibraryDamagedError):
        Library(directory)


def test_a_catalog_that_vanished_is_not_taken_for_a_new_library(directory: Path) -> None:
    take_snapshot(directory)
    (directory / "catalog.sqlite").unlink()
    with pytest.raises(LibraryDamagedError):
        Library(directory)
    assert "it was on" in str(recover(directory, "rescue"))
    library = Library(directory)
    assert library.embedding.counts.embedded == 24
    library.close()


def test_damage_noticed_while_it_runs_is_looked_for_at_the_next_start(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(directory)
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT

    def fail() -> Counts:
        raise error

    monkeypatch.setattr(catalog_of(library), "counts", fail)
    with pytest.raises(LibraryDamagedError, match="close photofind and start it again"):
        _ = library.embedding.counts
    library.close()
    assert not (directory / "catalog.seal").exists()


def test_a_catalog_put_back_by_hand_never_meets_newer_caches(directory: Path, tmp_path: Path) -> None:
    """Labels of what came since the copy are given again, to other photos."""
    copy = tmp_path / "copy.sqlite"
    shutil.copyfile(directory / "catalog.sqlite", copy)
    library = Library(directory)
    root = Path(os.fsdecode(library.folders.all()[0].path))
    more = [write_photo(root / f"purple late {n}.jpg", COLORS["purple"], (160, 120), 50 + n) for n in range(3)]
    sync(library)
    embed(library)
    library.close()
    shutil.copyfile(copy, directory / "catalog.sqlite")
    for path in more:
        path.unlink()
    for n in range(3):
        more.append(write_photo(root / f"green late {n}.jpg", COLORS["green"], (160, 120), 80 + n))
    again = Library(directory)
    sync(again)
    pending = [photo.id for photo in again.embedding.pending(10)]
    assert len(pending) == 3
    assert thumbnails_of(again).get(pending) == {}, "thumbnails of the photos that had these ids"
    embed(again)
    names = found(again)
    again.close()
    for path in more[3:]:
        path.unlink()
    assert {"green late 0.jpg", "green late 1.jpg", "green late 2.jpg"} <= set(names[:6])
    assert not [name for name in names if name.startswith("purple late")]


# Rescue and snapshot


@pytest.mark.parametrize("table", ["photo", "embedding"])
def test_rescue_keeps_what_can_be_read_and_embeds_the_rest_again(directory: Path, table: str) -> None:
    edit(directory, "UPDATE photo SET camera = printf('%.300c', 'x')")  # so that they take several pages
    destroy(directory, leaf_pages(directory, table)[0])
    with pytest.raises(LibraryDamagedError):
        Library(directory)
    damaged = (directory / "catalog.sqlite").read_bytes()
    assert str(recover(directory, "rescue")).startswith("What could be read was rescued")
    library = Library(directory)
    kept = library.embedding.counts.embedded
    sync(library)
    encoded = embed(library)
    library.search.catch_up(60)
    assert 0 < kept < 24
    assert kept + encoded == library.embedding.counts.embedded == 24, "what was kept is not embedded again"
    assert set(found(library)[:3]) == {"green 1.jpg", "green 9.jpg", "green 17.jpg"}
    assert library.care.check(repair=False) == []
    library.close()
    assert [path.read_bytes() for path in directory.glob("catalog-damaged-*.sqlite")] == [damaged]


def test_what_cannot_be_read_comes_from_the_snapshot(directory: Path) -> None:
    take_snapshot(directory)
    for page in leaf_pages(directory, "embedding"):
        destroy(directory, page)
    recover(directory, "rescue")
    library = Library(directory)
    assert library.embedding.counts.embedded == 24
    assert embed(library) == 0
    library.close()


def test_rescue_goes_on_where_the_header_is_gone(directory: Path) -> None:
    with open(directory / "catalog.sqlite", "r+b") as file:
        file.write(b"\xff" * 24)
    assert str(recover(directory, "rescue")).startswith("Everything was rescued: 24 photos")


def test_where_there_is_neither_nothing_is_touched(directory: Path) -> None:
    (directory / "catalog.sqlite").write_bytes(b"this is a letter, not a database " * 1000)
    with pytest.raises(PhotofindError, match="there is no snapshot"):
        recover(directory, "rescue")
    assert (directory / "catalog.sqlite").read_bytes().startswith(b"this is a letter")


def test_rescue_falls_back_to_the_snapshot(directory: Path) -> None:
    take_snapshot(directory)
    (directory / "catalog.sqlite").write_bytes(b"this is a letter, not a database " * 1000)
    assert str(recover(directory, "rescue")).startswith("The library is as it was on ")
    library = Library(directory)
    assert library.embedding.counts.embedded == 24
    library.close()


@pytest.mark.parametrize("seconds", [2**40, -(2**40), 2**33])
def test_a_snapshot_of_no_time_that_a_calendar_holds(directory: Path, seconds: int) -> None:
    take_snapshot(directory)
    (directory / "catalog.sqlite").write_bytes(b"this is a letter, not a database " * 1000)
    for snapshot in (directory / "snapshots").iterdir():
        os.utime(snapshot, (seconds, seconds))
    assert str(recover(directory, "rescue")).startswith("The library is as it was ")
    with Library(directory) as library:
        assert library.embedding.counts.embedded == 24


def test_going_back_to_the_snapshot_finds_what_came_since(directory: Path) -> None:
    take_snapshot(directory)
    library = Library(directory)
    root = Path(os.fsdecode(library.folders.all()[0].path))
    late = write_photo(root / "green late.jpg", COLORS["green"], (160, 120), 70)
    sync(library)
    embed(library)
    library.close()
    destroy(directory, 0)
    recover(directory, "snapshot")
    again = Library(directory)
    assert again.embedding.counts.embedded == 24
    sync(again)
    assert embed(again) == 1
    assert "green late.jpg" in found(again)[:4]
    again.close()
    late.unlink()


def test_a_damaged_snapshot_is_passed_over(directory: Path) -> None:
    good = take_snapshot(directory)
    bad = good.with_name("catalog-before-m999.sqlite")
    bad.write_bytes(good.read_bytes()[: 3 * PAGE])
    assert newest_sound(directory / "catalog.sqlite") == good


def test_a_recovery_cut_off_at_any_step_leaves_the_old_or_the_new_state(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    destroy(directory, leaf_pages(directory, "photo")[0])
    start = directory.with_name("start")
    directory.rename(start)

    class CutOff(BaseException):
        pass

    def cut_off_after(steps: int) -> Callable[[Path, Path], Path]:
        left = [steps]
        rename = Path.replace

        def replace(path: Path, target: Path) -> Path:
            if left[0] == 0:
                raise CutOff
            left[0] -= 1
            return rename(path, target)

        return replace

    ends = []
    for steps in range(8):
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(start, directory)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", cut_off_after(steps))
            with suppress(CutOff):
                recover(directory, "rescue")
        try:
            library = Library(directory)
        except LibraryDamagedError:
            ends.append("old")
            recover(directory, "rescue")
            library = Library(directory)
        else:
            ends.append("new")
        assert len(library.folders.all()) == 1
        library.close()
    assert ends[0] == "old"
    assert ends[-1] == "new"
    assert ends == sorted(ends, reverse=True), ends


def test_a_library_in_use_is_not_mended(directory: Path) -> None:
    library = Library(directory)
    with pytest.raises(LibraryInUseError):
        recover(directory, "rescue")
    library.close()


def test_a_table_of_which_nothing_can_be_read_is_given_up_soon(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its highest row is not known, so a million rows would be looked for one by one."""
    reads: list[str] = []
    plain = sqlite3.connect

    def watched(path: str | Path, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = plain(path, **options)
        connection.set_trace_callback(reads.append)
        return connection

    edit(directory, "DELETE FROM sqlite_sequence")
    with closing(plain(directory / "catalog.sqlite")) as closed:
        root = closed.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'embedding'").fetchone()[0]
    destroy(directory, root - 1)
    with monkeypatch.context() as patched:
        patched.setattr("photofind.core.care.salvage.sqlite3.connect", watched)
        recover(directory, "rescue")
    assert 1_000 < len(reads) < 50_000
    library = open_again(directory)
    assert library.embedding.counts.embedded == 24
    library.close()


@pytest.mark.long(seconds=50)
def test_rescue_of_three_hundred_damaged_catalogs_always_ends_in_a_sound_library(
    template: Path, tmp_path: Path
) -> None:
    chance, refused = random.Random(5), []
    for number in range(300):
        directory = tmp_path / str(number)
        shutil.copytree(template, directory)
        if number % 3:
            take_snapshot(directory)
        content = bytearray((directory / "catalog.sqlite").read_bytes())
        for _ in range(chance.choice((1, 1, 20))):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.3:
            del content[chance.randrange(len(content)) :]
        (directory / "catalog.sqlite").write_bytes(content)
        try:
            recover(directory, "rescue")
        except PhotofindError as error:
            refused.append((number % 3, str(error)))
            continue
        library = open_again(directory)
        assert library.embedding.counts.embedded == 24, number
        assert library.care.check(repair=False) == [], number
        library.close()
        shutil.rmtree(directory)
    assert all(number == 0 and "there is no snapshot" in sentence for number, sentence in refused)
    assert len(refused) < 50, "without a snapshot, all is lost only where the schema or the folders are"
