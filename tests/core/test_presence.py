"""Absence is not deletion: drives that go and come back, and photos that vanish a few or many at a time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records import Folder, Photo, Query
from photofind.core.volumes import Volume
from tests.core.test_scan_and_sync import embed, sync
from tests.mounts import mount, mounted_tmpfs, unmount
from tests.pictures import COLORS, write_photo

NOBODY = 65534


@pytest.fixture
def many(library: Library, tmp_path: Path) -> Path:
    """A watched folder of a hundred embedded photos, sixty of them in `big`, and a file that is no photo."""
    folder = tmp_path / "many"
    fill(folder / "big", 60)
    fill(folder / "small", 40)
    (folder / "notes.txt").write_text("no photo")
    return watch(library, folder)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Path]:
    """A mounted drive, not watched yet."""
    with mounted_tmpfs(tmp_path / "drive") as place:
        yield place


TINY_CLIP = Path(__file__).parents[1] / "tiny_clip"


def fill(folder: Path, count: int) -> None:
    for number in range(count):
        write_photo(
            folder / f"{number}.jpg", list(COLORS.values())[number % 8], (16, 12), sum(folder.name.encode()) + number
        )


def watch(library: Library, folder: Path) -> Path:
    library.add_folder(folder)
    sync(library)
    embed(library)
    return folder


def shown(library: Library) -> dict[bytes, Photo]:
    """Return everything that is shown, by path."""
    return {photo.path: photo for photo in library.photos(library.search(Query()).photo_ids.tolist())}


def badged(library: Library) -> int:
    return sum(not photo.online for photo in shown(library).values())


def the_folder(library: Library) -> Folder:
    (folder,) = library.folders()
    return folder


@contextmanager
def as_nobody() -> Iterator[None]:
    """Act as a user without rights while inside: nothing is forbidden to root."""
    if sys.platform == "win32":
        pytest.skip("permissions are other things on Windows")
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture
def anyones() -> Iterator[Path]:
    """A folder that every user can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    subprocess.run(["chmod", "-R", "u+rwx", folder], check=True)
    shutil.rmtree(folder)


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
        assert badged(library) == library.counts.offline == 6
        assert not the_folder(library).online
        assert len(library.search(Query(text="red")).photo_ids) == 6, "still searchable"
        if left.startswith("another"):
            unmount(drive)
        drive.mkdir(exist_ok=True)
        mount("--bind", aside, drive)
        assert not sync(library).changed
        assert shown(library) == before
        assert embed(library) == library.counts.pending == 0
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
    library.add_folder(drive)
    sync(library)
    photos = library.pending(9)
    shutil.copytree(drive, drive.parent / "aside")
    unmount(drive)
    library.store([(photo, None) for photo in photos])
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
    steps = library.sync(the_folder(library))
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
            assert embed(library) == library.counts.pending == 0
            unmount(tmp_path / "other")


def test_what_failed_shortly_before_the_drive_went_is_tried_again(library: Library, folder: Path) -> None:
    library.add_folder(folder)
    sync(library)
    photos = library.pending(8)
    library.store([(photo, "The drive could not read this file: Input/output error.") for photo in photos[:3]])
    embed(library)
    assert library.counts.failed == 3
    folder.rename(folder.parent / "unplugged")
    sync(library)
    (folder.parent / "unplugged").rename(folder)
    sync(library)
    assert embed(library) == 3
    assert library.problems() == []


def test_what_failed_long_before_the_drive_went_stays_a_problem(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add_folder(folder)
    sync(library)
    library.store([(library.pending(1)[0], "The picture is damaged.")])
    embed(library)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3600)
    folder.rename(folder.parent / "unplugged")
    sync(library)
    (folder.parent / "unplugged").rename(folder)
    sync(library)
    assert library.pending(9) == []
    assert len(library.problems()) == 1


# Many at once


def test_many_vanished_photos_are_held_back_badged_and_come_back(library: Library, many: Path) -> None:
    before = shown(library)
    (many / "big").rename(many.parent / "aside")
    result = sync(library)
    assert (result.online, result.missing, result.removed) == (True, 60, 0)
    assert the_folder(library).missing == library.counts.offline == badged(library) == 60
    assert shown(library).keys() == before.keys()
    assert len(library.search(Query(text="red", limit=200)).photo_ids) == 100
    assert not sync(library).changed, "held back still, and not counted again"
    (many.parent / "aside").rename(many / "big")
    assert not sync(library).changed
    assert shown(library) == before
    assert embed(library) == library.counts.pending == 0


def test_of_many_held_back_some_come_back_and_few_others_are_then_deleted(library: Library, many: Path) -> None:
    (many / "big").rename(many.parent / "aside")
    sync(library)
    (many.parent / "aside" / "0.jpg").unlink()
    (many.parent / "aside").rename(many / "big")
    assert sync(library).removed == 1
    assert (len(shown(library)), badged(library)) == (99, 0)


def test_what_is_held_back_stays_so_however_the_folder_grows(library: Library, many: Path) -> None:
    (many / "big").rename(many.parent / "aside")
    assert sync(library).missing == 60
    fill(many / "imported", 300)
    assert (sync(library).removed, the_folder(library).missing) == (0, 60)
    library.set_missing_share(1)
    assert (sync(library).removed, the_folder(library).missing) == (0, 60)


def test_a_file_system_that_deals_out_inodes_anew_is_not_read_again(
    library: Library, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT has no inodes; Linux gives others at each mount."""
    monkeypatch.setattr(Volume, "has_stable_inodes", False)
    with library.catalog.transaction():
        library.catalog.db.execute("UPDATE photo SET inode = inode + 1000, ctime_ns = 1")
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
    library.add_folder(tmp_path / "copies")
    sync(library)
    (drive / "photos").rename(drive / "elsewhere")
    (drive / "photos").mkdir()
    embed(library)
    (drive / "photos").rmdir()
    (drive / "elsewhere").rename(drive / "photos")
    sync(library)
    assert [folder.photos for folder in library.folders()] == [8, 8]


def test_a_new_model_does_not_wait_for_a_drive_that_is_away(library: Library, drive: Path, folder: Path) -> None:
    fill(drive / "photos", 8)
    watch(library, drive / "photos")
    watch(library, folder)
    library.use_model(str(TINY_CLIP))
    (drive / "photos").rename(drive / "elsewhere")
    sync(library)
    embed(library)
    assert library.finish_model_change()
    assert library.answering.spec.name != "quick look"


def test_a_few_vanished_photos_are_deleted(library: Library, many: Path) -> None:
    for number in range(30):
        (many / "big" / f"{number}.jpg").unlink()
    result = sync(library)
    assert (result.removed, result.missing) == (30, 0)
    assert (len(shown(library)), badged(library)) == (70, 0)


@pytest.mark.parametrize(("share", "missing"), [(0.61, 0), (0.59, 60), (0.0, 60), (1.0, 0)])
def test_the_share_is_the_persons_to_choose(library: Library, many: Path, share: float, missing: int) -> None:
    library.set_missing_share(share)
    assert library.missing_share() == share
    shutil.rmtree(many / "big")
    result = sync(library)
    assert (result.missing, result.removed) == (missing, 60 - missing)


def test_accepted_missing_photos_are_deleted_and_only_they(library: Library, many: Path) -> None:
    (many / "big").rename(many.parent / "aside")
    sync(library)
    assert library.accept_missing(os.fsencode(many)) == 60
    assert (len(shown(library)), badged(library), the_folder(library).missing) == (40, 0, 0)
    assert not sync(library).changed
    assert library.check(repair=False) == []
    (many.parent / "aside").rename(many / "big")
    sync(library)
    assert embed(library) == 0, "even then nothing is forgotten for a month"
    assert len(shown(library)) == 100


def test_a_folder_that_really_was_emptied_can_be_accepted(library: Library, folder: Path) -> None:
    watch(library, folder)
    for photo in folder.iterdir():
        photo.unlink()
    assert not sync(library).online
    assert library.accept_missing(os.fsencode(folder)) == 8
    assert shown(library) == {}
    assert sync(library).online


def test_nothing_is_accepted_of_a_folder_that_is_away(library: Library, many: Path) -> None:
    many.rename(many.parent / "unplugged")
    sync(library)
    with pytest.raises(PhotofindError, match="There is no folder"):
        library.accept_missing(os.fsencode(many))
    assert len(shown(library)) == 100


def test_missing_photos_are_not_waited_for(library: Library, folder: Path) -> None:
    """A photo that vanished before it was read must not be asked for again and again."""
    library.add_folder(folder)
    sync(library)
    photo = library.pending(1)[0]
    os.unlink(photo.path)
    library.store([(photo, None)])
    assert photo.id not in {pending.id for pending in library.pending(9)}
    sync(library)
    embed(library)
    assert photo.path not in shown(library)
    assert library.counts.photos == 7


# A new place


def test_a_located_folder_keeps_everything(library: Library, many: Path) -> None:
    before = {photo.id: path for path, photo in shown(library).items()}
    place = many.parent / "elsewhere" / "Pictures"
    place.parent.mkdir()
    many.rename(place)
    sync(library)
    assert library.locate_folder(os.fsencode(many), place).online
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
    library.locate_folder(os.fsencode(many), place)
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
    library.locate_folder(os.fsencode(folder), place)
    sync(library)
    assert {photo.id for photo in shown(library).values()} == before
    assert badged(library) == 0
    assert embed(library) == 0


def test_a_folder_is_not_located_where_none_of_its_photos_is(library: Library, many: Path, folder: Path) -> None:
    with pytest.raises(PhotofindError, match="none of the photos known"):
        library.locate_folder(os.fsencode(many), folder)
    assert the_folder(library).path == os.fsencode(many)


# Closed folders and dead links


def test_a_folder_without_permission_is_away(library: Library, anyones: Path) -> None:
    fill(anyones / "closed", 3)
    watch(library, anyones / "closed")
    (anyones / "closed").chmod(0)
    with as_nobody():
        assert not sync(library).online
    assert len(shown(library)) == badged(library) == 3
    (anyones / "closed").chmod(0o755)
    with as_nobody():
        sync(library)
    assert badged(library) == 0


def test_a_closed_directory_is_told_of_and_its_photos_are_kept(library: Library, anyones: Path) -> None:
    fill(anyones / "closed" / "deeper", 3)
    fill(anyones / "open", 2)
    watch(library, anyones)
    (anyones / "closed").chmod(0)
    with as_nobody():
        result = sync(library)
        assert (result.online, result.changed) == (True, False)
        assert [problem.path for problem in library.problems()] == [os.fsencode(anyones / "closed")]
        assert library.accept_missing(os.fsencode(anyones)) == 0, "nobody knows whether they are there"
    assert len(shown(library)) == 5


@pytest.mark.parametrize("kind", ["circle", "through a file", "into a closed folder"])
def test_a_dead_link_hides_no_photo_beside_it(library: Library, anyones: Path, kind: str) -> None:
    fill(anyones, 5)
    link = anyones / "2x.jpg"
    (anyones / "closed").mkdir(mode=0)
    link.symlink_to({"circle": "2x.jpg", "through a file": "1.jpg/a", "into a closed folder": "closed/a.jpg"}[kind])
    library.add_folder(anyones)
    (anyones / "closed").chmod(0o700 if kind != "into a closed folder" else 0)
    with as_nobody():
        assert sync(library).added == 5
    assert link.is_symlink()


# Placeholders


def test_accepting_does_not_forget_how_many_are_in_the_cloud(
    library: Library, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (many / "small" / "0.jpg").unlink()
    placeholder = (many / "small" / "1.jpg").stat().st_ino
    monkeypatch.setattr("photofind.core.scan.is_placeholder", lambda stat: stat.st_ino == placeholder)
    sync(library)
    assert the_folder(library).in_cloud == 1
    library.accept_missing(os.fsencode(many))
    assert the_folder(library).in_cloud == 1
