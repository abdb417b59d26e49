"""Absence is not deletion: drives that go and come back, and photos that vanish a few or many at a time."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from photofind.core.disk.volumes import Volume
from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.core.sync.watched_folders import badged, fill, shown, the_folder, watch
from tests.core.sync.watched_folders import drive as drive
from tests.core.sync.watched_folders import many as many
from tests.inside import sql
from tests.mounts import mount, mounted_tmpfs, unmount
from tests.tiny_clip import TINY_CLIP

# A drive that is away


@pytest.mark.parametrize("left", ["nothing", "an empty mount point", "another drive", "another drive with rubbish"])
def test_a_drive_that_was_unplugged_is_away_and_comes_back_unharmed(library: Library, drive: Path, left: str) -> None:
    fill(drive / "trip", 6)
    watch(library, drive)
    before = shown(library)
    aside = drive.parent / "aside"
    with mounted_tmpfs(drive.parent / "other drive") as other:
        fill(other, 3)
        aside.mkdir()
        mount("--bind", drive, aside)
        unmount(drive)
        if left == "nothing":
            drive.rmdir()
        elif left == "another drive with rubbish":
            for photo in other.iterdir():
                photo.rename(other / f"{photo.stem}.txt")
        if left.startswith("another"):
            mount("--bind", other, drive)
        assert not sync(library).online
        assert shown(library).keys() == before.keys()
        assert badged(library) == library.embedding.counts.offline == 6
        assert not the_folder(library).online
        assert len(library.search.answer(Query(text="red")).photo_ids) == 6, "still searchable"
        if left.startswith("another"):
            unmount(drive)
        drive.mkdir(exist_ok=True)
        mount("--bind", aside, drive)
        assert not sync(library).changed
        assert shown(library) == before
        assert embed(library) == library.embedding.counts.pending == 0
        unmount(drive)
        unmount(aside)


def test_the_drives_name_is_told_for_the_badge(library: Library, drive: Path) -> None:
    fill(drive, 1)
    watch(library, drive)
    assert the_folder(library).drive == "drive"
    assert [photo.drive for photo in shown(library).values()] == ["drive"]


def test_a_drive_whose_number_changed_is_known_by_its_photos(library: Library, drive: Path) -> None:
    """FAT, XFS and NFS get another number at each mount."""
    fill(drive / "trip", 6)
    watch(library, drive)
    before = {path: photo.id for path, photo in shown(library).items()}
    shutil.copytree(drive, drive.parent / "aside")
    unmount(drive)
    mount("-t", "tmpfs", "photofind-test", drive)
    shutil.copytree(drive.parent / "aside", drive, dirs_exist_ok=True)
    assert sync(library).online
    assert embed(library) == 0
    assert {path: photo.id for path, photo in shown(library).items()} == before
    assert badged(library) == 0


def test_a_drive_pulled_out_while_its_first_photos_were_read_comes_back_under_another_number(
    library: Library, drive: Path
) -> None:
    """Every photo known of it was noted as missing: none is left that was there at the last look."""
    fill(drive, 6)
    library.folders.add(drive)
    sync(library)
    photos = library.embedding.pending(9)
    shutil.copytree(drive, drive.parent / "aside")
    unmount(drive)
    library.embedding.store([(photo, None) for photo in photos])
    sync(library)
    mount("-t", "tmpfs", "photofind-test", drive)
    shutil.copytree(drive.parent / "aside", drive, dirs_exist_ok=True)
    assert sync(library).online
    assert embed(library) == 6
    assert the_folder(library).missing == 0


def test_a_drive_unmounted_in_the_middle_of_a_sync_loses_nothing(library: Library, drive: Path) -> None:
    for name in "abcdef":
        fill(drive / name, 3)
    watch(library, drive)
    steps = library.folders.sync(the_folder(library))
    for _ in range(4):
        assert next(steps) is None
    unmount(drive)
    (drive / "placeholder").touch()
    results = [step for step in steps if step is not None]
    assert [result.online for result in results] == [False]
    assert len(shown(library)) == badged(library) == 18
    mount("-t", "tmpfs", "photofind-test", drive)  # for the fixture to take away


def test_a_drive_mounted_inside_a_folder_takes_its_photos_along_and_brings_them_back(
    library: Library, tmp_path: Path
) -> None:
    root = tmp_path / "photos"
    fill(root, 5)
    with mounted_tmpfs(root / "stick") as stick:
        fill(stick, 60)
        watch(library, root)
        before = shown(library)
        with mounted_tmpfs(tmp_path / "other"):
            mount("--bind", stick, tmp_path / "other")
            unmount(stick)
            result = sync(library)
            assert (result.online, result.removed, result.missing) == (True, 0, 60)
            assert badged(library) == the_folder(library).missing == 60
            assert shown(library).keys() == before.keys()
            mount("--bind", tmp_path / "other", stick)
            sync(library)
            assert shown(library) == before
            assert embed(library) == library.embedding.counts.pending == 0
            unmount(tmp_path / "other")


def test_what_failed_shortly_before_the_drive_went_is_tried_again(library: Library, folder: Path) -> None:
    library.folders.add(folder)
    sync(library)
    photos = library.embedding.pending(8)
    library.embedding.store([(photo, Sentence("file_drive_failed", said="Input/output error")) for photo in photos[:3]])
    embed(library)
    assert library.embedding.counts.failed == 3
    folder.rename(folder.parent / "unplugged")
    sync(library)
    (folder.parent / "unplugged").rename(folder)
    sync(library)
    assert embed(library) == 3
    assert library.care.problems() == []


def test_what_failed_long_before_the_drive_went_stays_a_problem(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.folders.add(folder)
    sync(library)
    library.embedding.store([(library.embedding.pending(1)[0], Sentence("picture_undecodable"))])
    embed(library)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3600)
    folder.rename(folder.parent / "unplugged")
    sync(library)
    (folder.parent / "unplugged").rename(folder)
    sync(library)
    assert library.embedding.pending(9) == []
    assert len(library.care.problems()) == 1


# Many at once


def test_many_vanished_photos_are_held_back_badged_and_come_back(library: Library, many: Path) -> None:
    before = shown(library)
    (many / "big").rename(many.parent / "aside")
    result = sync(library)
    assert (result.online, result.missing, result.removed) == (True, 60, 0)
    assert the_folder(library).missing == library.embedding.counts.offline == badged(library) == 60
    assert shown(library).keys() == before.keys()
    assert len(library.search.answer(Query(text="red", limit=200)).photo_ids) == 100
    assert not sync(library).changed, "held back still, and not counted again"
    (many.parent / "aside").rename(many / "big")
    assert not sync(library).changed
    assert shown(library) == before
    assert embed(library) == library.embedding.counts.pending == 0


def test_of_many_held_back_some_come_back_and_few_others_are_then_deleted(library: Library, many: Path) -> None:
    (many / "big").rename(many.parent / "aside")
    sync(library)
    (many.parent / "aside" / "0.jpg").unlink()
    (many.parent / "aside").rename(many / "big")
    assert sync(library).removed == 1
    assert (len(shown(library)), badged(library)) == (99, 0)


def test_of_many_held_back_some_come_back_under_another_name_and_few_others_are_then_deleted(
    library: Library, many: Path
) -> None:
    (many / "big").rename(many.parent / "elsewhere")
    assert sync(library).missing == 60
    for number in range(5):
        (many.parent / "elsewhere" / f"{number}.jpg").unlink()
    (many.parent / "elsewhere").rename(many / "bigger")
    result = sync(library)
    assert (result.moved, result.removed, result.missing) == (55, 5, 0)
    assert (len(shown(library)), badged(library)) == (95, 0)


def test_what_is_held_back_stays_so_however_the_folder_grows(library: Library, many: Path) -> None:
    (many / "big").rename(many.parent / "aside")
    assert sync(library).missing == 60
    fill(many / "imported", 300)
    assert (sync(library).removed, the_folder(library).missing) == (0, 60)
    library.folders.set_missing_share(1)
    assert (sync(library).removed, the_folder(library).missing) == (0, 60)


def test_a_file_system_that_deals_out_inodes_anew_is_not_read_again(
    library: Library, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT has no inodes; Linux gives others at each mount."""
    monkeypatch.setattr(Volume, "has_stable_inodes", False)
    with sql(library).atomic():
        sql(library).execute("UPDATE photo SET inode = inode + 1000, ctime_ns = 1")
    assert not sync(library).changed
    (many / "small" / "1.jpg").rename(many / "small" / "renamed.jpg")
    before = {photo.path: photo.id for photo in shown(library).values()}
    sync(library)
    assert embed(library) == 0, "its content tells that it is the same photo"
    renamed = shown(library)[os.fsencode(many / "small" / "renamed.jpg")]
    assert renamed.id == before[os.fsencode(many / "small" / "1.jpg")]


def test_copies_do_not_take_the_photos_of_a_drive_that_was_just_pulled_out(
    library: Library, drive: Path, tmp_path: Path
) -> None:
    fill(drive / "photos", 8)
    watch(library, drive / "photos")
    shutil.copytree(drive / "photos", tmp_path / "copies")
    library.folders.add(tmp_path / "copies")
    sync(library)
    (drive / "photos").rename(drive / "elsewhere")
    (drive / "photos").mkdir()
    embed(library)
    (drive / "photos").rmdir()
    (drive / "elsewhere").rename(drive / "photos")
    sync(library)
    assert [folder.photos for folder in library.folders.all()] == [8, 8]


def test_a_new_model_does_not_wait_for_a_drive_that_is_away(library: Library, drive: Path, folder: Path) -> None:
    fill(drive / "photos", 8)
    watch(library, drive / "photos")
    watch(library, folder)
    library.models.use(str(TINY_CLIP))
    (drive / "photos").rename(drive / "elsewhere")
    sync(library)
    embed(library)
    assert library.models.finish_change()
    assert library.models.answering.spec.name != "quick look"


def test_a_few_vanished_photos_are_deleted(library: Library, many: Path) -> None:
    for number in range(30):
        (many / "big" / f"{number}.jpg").unlink()
    result = sync(library)
    assert (result.removed, result.missing) == (30, 0)
    assert (len(shown(library)), badged(library)) == (70, 0)


@pytest.mark.parametrize(("share", "missing"), [(0.61, 0), (0.59, 60), (0.0, 60), (1.0, 0)])
def test_the_share_is_the_persons_to_choose(library: Library, many: Path, share: float, missing: int) -> None:
    library.folders.set_missing_share(share)
    assert library.folders.missing_share() == share
    shutil.rmtree(many / "big")
    result = sync(library)
    assert (result.missing, result.removed) == (missing, 60 - missing)


@pytest.mark.parametrize(("share", "kept"), [(1.7, 1.0), (-0.5, 0.0)])
def test_a_share_that_is_none_is_the_nearest_that_is_one(library: Library, share: float, kept: float) -> None:
    library.folders.set_missing_share(share)
    assert library.folders.missing_share() == kept


def test_missing_photos_are_not_waited_for(library: Library, folder: Path) -> None:
    """A photo that vanished before it was read must not be asked for again and again."""
    library.folders.add(folder)
    sync(library)
    photo = library.embedding.pending(1)[0]
    os.unlink(photo.path)
    library.embedding.store([(photo, None)])
    assert photo.id not in {pending.id for pending in library.embedding.pending(9)}
    sync(library)
    embed(library)
    assert photo.path not in shown(library)
    assert library.embedding.counts.photos == 7
