"""What a person says of photos that vanished: that they are deleted, or where they lie now."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.core.sync.watched_folders import badged, shown, the_folder, watch
from tests.core.sync.watched_folders import many as many

# Accepted


def test_accepted_missing_photos_are_deleted_and_only_they(library: Library, many: Path) -> None:
    (many / "big").rename(many.parent / "aside")
    sync(library)
    assert library.folders.accept_missing(os.fsencode(many)) == 60
    assert (len(shown(library)), badged(library), the_folder(library).missing) == (40, 0, 0)
    assert not sync(library).changed
    assert library.care.check(repair=False) == []
    (many.parent / "aside").rename(many / "big")
    sync(library)
    assert embed(library) == 0, "even then nothing is forgotten for a month"
    assert len(shown(library)) == 100


def test_a_folder_that_really_was_emptied_can_be_accepted(library: Library, folder: Path) -> None:
    watch(library, folder)
    for photo in folder.iterdir():
        photo.unlink()
    assert not sync(library).online
    assert library.folders.accept_missing(os.fsencode(folder)) == 8
    assert shown(library) == {}
    assert sync(library).online


def test_nothing_is_accepted_of_a_folder_that_is_away(library: Library, many: Path) -> None:
    many.rename(many.parent / "unplugged")
    sync(library)
    with pytest.raises(PhotofindError, match="There is no folder"):
        library.folders.accept_missing(os.fsencode(many))
    assert len(shown(library)) == 100


def test_accepting_does_not_forget_how_many_are_in_the_cloud(
    library: Library, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (many / "small" / "0.jpg").unlink()
    placeholder = (many / "small" / "1.jpg").stat().st_ino
    monkeypatch.setattr("photofind.core.disk.scan.is_placeholder", lambda stat: stat.st_ino == placeholder)
    sync(library)
    assert the_folder(library).in_cloud == 1
    library.folders.accept_missing(os.fsencode(many))
    assert the_folder(library).in_cloud == 1


# A new place


def test_a_located_folder_keeps_everything(library: Library, many: Path) -> None:
    before = {photo.id: path for path, photo in shown(library).items()}
    place = many.parent / "elsewhere" / "Pictures"
    place.parent.mkdir()
    many.rename(place)
    sync(library)
    assert library.folders.locate(os.fsencode(many), place).online
    assert not sync(library).changed
    assert embed(library) == 0
    assert {
        photo.id: path.replace(os.fsencode(place), os.fsencode(many)) for path, photo in shown(library).items()
    } == (before)
    assert badged(library) == 0


def test_a_folder_located_on_a_new_drive_is_read_but_not_embedded_again(library: Library, many: Path) -> None:
    before = sorted(photo.id for photo in shown(library).values())
    place = many.parent / "new"
    shutil.copytree(many, place)
    shutil.rmtree(many)
    library.folders.locate(os.fsencode(many), place)
    sync(library)
    assert embed(library) == 0
    assert sorted(photo.id for photo in shown(library).values()) == before


def test_a_folder_whose_photos_are_all_missing_can_be_located(library: Library, folder: Path) -> None:
    """They were moved out of it, and something else was left behind."""
    watch(library, folder)
    before = {photo.id for photo in shown(library).values()}
    place = folder.parent / "new place"
    folder.rename(place)
    folder.mkdir()
    (folder / "notes.txt").touch()
    sync(library)
    assert the_folder(library).missing == 8
    library.folders.locate(os.fsencode(folder), place)
    sync(library)
    assert {photo.id for photo in shown(library).values()} == before
    assert badged(library) == 0
    assert embed(library) == 0


def test_a_folder_is_not_located_where_none_of_its_photos_is(library: Library, many: Path, folder: Path) -> None:
    with pytest.raises(PhotofindError, match="none of the photos known"):
        library.folders.locate(os.fsencode(many), folder)
    assert the_folder(library).path == os.fsencode(many)
