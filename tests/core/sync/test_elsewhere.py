"""What a folder holds by links and on drives inside it: found once, and kept while it is away."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.scan import scan_folder
from photofind.core.library import Library
from tests.core.sync.test_scan_and_sync import embed, names, scan, sync
from tests.core.sync.watched_folders import badged, fill, shown, the_folder, watch
from tests.inside import sql
from tests.mounts import mount, mounted_tmpfs, require_mounts, unmount, unmount_below
from tests.pictures import COLORS, write_photo


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with an own album, one that is a link to elsewhere, and a link to a photo in that."""
    write_photo(tmp_path / "photos" / "own" / "a.jpg", COLORS["red"], (60, 40))
    write_photo(tmp_path / "elsewhere" / "Norway" / "b.jpg", COLORS["blue"], (60, 40))
    (tmp_path / "photos" / "Norway").symlink_to("../elsewhere/Norway")
    (tmp_path / "photos" / "A picture.jpg").symlink_to("../elsewhere/Norway/b.jpg")
    return tmp_path / "photos"


def not_followed(root: Path, *watched: Path) -> dict[str, str]:
    crossings = [one.crossing for one in scan_folder(os.fsencode(root), watched=[os.fsencode(w) for w in watched])]
    return {one.path.decode(): one.why.key for one in crossings if one is not None and one.why is not None}


# Followed once


def test_a_linked_albums_photos_are_found_once(library: Library, pictures: Path) -> None:
    watch(library, pictures)
    assert sorted(names(library)) == ["a.jpg", "b.jpg"]
    assert os.fsencode(pictures / "Norway" / "b.jpg") in shown(library)
    told = the_folder(library).not_followed
    assert [(one.path, str(one.why)) for one in told] == [
        (b"A picture.jpg", "Leads to a photo that is found where it lies.")
    ]
    assert the_folder(library).links == (b"Norway",)
    assert not sync(library).changed


def test_two_links_to_one_folder_are_followed_once_and_always_the_same(pictures: Path) -> None:
    (pictures / "Ålesund").symlink_to("../elsewhere/Norway")
    (pictures / "own" / "more").symlink_to("../../elsewhere")
    assert scan(pictures) == {b"own/a.jpg", b"Norway/b.jpg"}
    assert not_followed(pictures) == {
        "own/more/Norway": "link_to_known_folder",
        "Ålesund": "link_to_known_folder",
        "A picture.jpg": "link_to_known_photo",
    }


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (".", "link_to_known_folder"),
        ("own", "link_to_known_folder"),
        ("..", "link_around_watched_folder"),
        ("/", "link_around_watched_folder"),
        ("loop", "link_in_a_circle"),
        ("Cache/inside", "link_into_watched_folder"),
    ],
)
def test_loops_and_links_into_the_folder_itself_are_not_followed(pictures: Path, target: str, why: str) -> None:
    write_photo(pictures / "Cache" / "inside" / "left out.jpg")
    (pictures / "loop").symlink_to(target)
    assert scan(pictures) == {b"own/a.jpg", b"Norway/b.jpg"}
    assert not_followed(pictures)["loop"] == why


def test_a_link_in_a_linked_folder_back_to_the_first_ends(pictures: Path) -> None:
    (pictures.parent / "elsewhere" / "Norway" / "back").symlink_to(pictures)
    (pictures.parent / "elsewhere" / "Norway" / "self").symlink_to(".")
    (pictures.parent / "elsewhere" / "Norway" / "up").symlink_to("..")
    write_photo(pictures.parent / "elsewhere" / "c.jpg")
    assert scan(pictures) == {b"own/a.jpg", b"Norway/b.jpg", b"Norway/up/c.jpg"}
    assert set(not_followed(pictures)) == {"Norway/back", "Norway/self", "Norway/up/Norway", "A picture.jpg"}


def test_links_into_and_around_other_watched_folders_are_not_followed(library: Library, pictures: Path) -> None:
    library.folders.add(pictures.parent / "elsewhere" / "Norway")
    (pictures / "around").symlink_to("../elsewhere")
    watch(library, pictures)
    assert sorted(names(library)) == ["A picture.jpg", "a.jpg", "b.jpg"], "links to photos stand for photos"
    told = {one.path: one.why.key for folder in library.folders.all() for one in folder.not_followed}
    assert told == {b"Norway": "link_into_watched_folder", b"around": "link_around_watched_folder"}


def test_exclusions_hold_for_paths_as_they_are_seen(pictures: Path) -> None:
    fill(pictures.parent / "elsewhere" / "Norway" / "raw", 2)
    for exclusions in (Exclusions(("raw",)), Exclusions(("Norway/raw",)), Exclusions((), (_path(pictures, "raw"),))):
        found = {path for one in scan_folder(os.fsencode(pictures), exclusions) for path, *_ in one.photos}
        assert found == {b"own/a.jpg", b"Norway/b.jpg"}
    found = {path for one in scan_folder(os.fsencode(pictures), Exclusions(("Norway",))) for path, *_ in one.photos}
    assert found == {b"own/a.jpg", b"A picture.jpg"}


def _path(pictures: Path, name: str) -> bytes:
    return os.fsencode(pictures / "Norway" / name)


def test_a_file_system_that_gives_one_number_to_all_directories_hides_none(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("x", "y", "z"):
        write_photo(pictures / name / f"{name}.jpg")
    real = os.lstat

    def lstat(path: bytes) -> os.stat_result:
        found = real(path)
        return os.stat_result([found.st_mode, 7, *found[2:]]) if stat.S_ISDIR(found.st_mode) else found

    monkeypatch.setattr("photofind.core.disk.crossings.os.lstat", lstat)
    assert {b"x/x.jpg", b"y/y.jpg", b"z/z.jpg", b"own/a.jpg"} <= scan(pictures)


def test_a_junction_of_windows_is_a_link(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    junction = pictures / "own" / "junction"
    junction.mkdir()
    inode = junction.stat().st_ino
    monkeypatch.setattr("photofind.core.disk.crossings._is_junction", lambda found: found.st_ino == inode)
    assert not_followed(pictures) == {
        "own/junction": "link_into_watched_folder",
        "A picture.jpg": "link_to_known_photo",
    }


def test_a_bind_mount_of_the_folder_into_itself_is_not_found_twice(pictures: Path) -> None:
    require_mounts()
    for name in ("again", "whole"):
        (pictures / name).mkdir()
    try:
        mount("--bind", pictures / "own", pictures / "again")
        mount("--bind", pictures, pictures / "whole")
        assert scan(pictures) == {b"own/a.jpg", b"Norway/b.jpg"}
        assert {"again", "whole"} <= set(not_followed(pictures))
    finally:
        unmount_below(pictures)


def test_of_more_than_can_be_listed_the_true_number_is_told(library: Library, pictures: Path) -> None:
    for number in range(250):
        (pictures / f"loop {number}").symlink_to(".")
    watch(library, pictures)
    folder = the_folder(library)
    assert (len(folder.not_followed), folder.count_not_followed) == (200, 251)


# Away


@pytest.mark.parametrize("left", ["nothing", "an empty place", "an unmounted drive"])
def test_what_a_link_leads_to_may_be_away_and_comes_back_unharmed(library: Library, pictures: Path, left: str) -> None:
    disk = pictures.parent / "disk"
    fill(disk / "album", 9)
    (pictures / "far").symlink_to(disk / "album")
    (pictures / "one.jpg").symlink_to(disk / "album" / "0.jpg")
    (disk / "album").joinpath("1.jpg").rename(disk / "other.jpg")
    (pictures / "two.jpg").symlink_to(disk / "other.jpg")
    watch(library, pictures)
    before = shown(library)
    assert len(before) == 2 + 8 + 1
    disk.rename(pictures.parent / "away")
    if left == "an empty place":
        (disk / "album").mkdir(parents=True)
    elif left == "an unmounted drive":
        disk.mkdir()
    for _ in range(2):
        result = sync(library)
        assert (result.online, result.removed) == (True, 0)
    assert shown(library).keys() == before.keys()
    assert badged(library) == the_folder(library).missing == the_folder(library).away_inside == 9
    assert the_folder(library).vanished == 0, "nobody is asked whether they were deleted"
    told = {one.path: str(one.why) for one in the_folder(library).not_followed}
    assert "is kept" in told[b"far"]
    assert library.folders.accept_missing(os.fsencode(pictures)) == 0
    shutil.rmtree(disk, ignore_errors=True)
    (pictures.parent / "away").rename(disk)
    sync(library)
    assert shown(library) == before
    assert embed(library) == library.embedding.counts.pending == 0


def test_a_link_that_the_person_takes_away_takes_its_photos_along(library: Library, pictures: Path) -> None:
    fill(pictures / "many", 20)
    watch(library, pictures)
    (pictures / "Norway").unlink()
    (pictures / "A picture.jpg").unlink()
    assert sync(library).removed == 1
    assert (the_folder(library).not_followed, the_folder(library).links) == ((), ())


def test_what_is_deleted_behind_a_link_is_deleted(library: Library, pictures: Path) -> None:
    fill(pictures.parent / "elsewhere" / "Norway", 20)
    watch(library, pictures)
    (pictures.parent / "elsewhere" / "Norway" / "7.jpg").unlink()
    assert sync(library).removed == 1


def test_of_links_to_photos_what_is_known_of_a_directory_is_read_once(library: Library, tmp_path: Path) -> None:
    fill(tmp_path / "annex", 12)
    for number in range(6):
        within = tmp_path / "album" / f"{number} within"
        within.mkdir(parents=True)
        (within / "one.jpg").symlink_to(tmp_path / "annex" / f"{number}.jpg")
        (within.parent / f"{number}.jpg").symlink_to(tmp_path / "annex" / f"{number + 6}.jpg")
    watch(library, tmp_path / "album")
    statements: list[str] = []
    with sql(library).tracer(lambda text, _: statements.append(text)):
        sync(library)

    assert len(shown(library)) == 12
    assert sum("instr(" in text for text in statements) == 7  # with every link anew: minutes for 50,000 links


def test_a_dead_link_is_told_unless_it_leads_to_its_own_folder_as_locks_do(library: Library, pictures: Path) -> None:
    (pictures / "junk").symlink_to("nowhere")
    (pictures / "lock").symlink_to("host:123")
    (pictures / "Sweden").symlink_to("../elsewhere/Sweden")
    watch(library, pictures)
    for _ in range(2):
        told = {one.path: str(one.why) for one in the_folder(library).not_followed}
        assert told.keys() == {b"A picture.jpg", b"Sweden"}
        assert told[b"Sweden"].startswith("Leads to nothing that is there now")
        sync(library)
    write_photo(pictures.parent / "elsewhere" / "Sweden" / "d.jpg")
    sync(library)
    embed(library)
    assert b"Sweden" in the_folder(library).links
    assert os.fsencode(pictures / "Sweden" / "d.jpg") in shown(library)


def test_a_link_to_a_folder_that_may_not_be_opened_is_told(
    library: Library, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, real = os.fsencode(pictures / "Denmark"), os.scandir

    def scandir(path: bytes) -> Iterator[os.DirEntry[bytes]]:
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("photofind.core.disk.crossings.os.scandir", scandir)
    (pictures.parent / "closed").mkdir()
    (pictures / "Denmark").symlink_to("../closed")
    watch(library, pictures)
    told = {one.path: str(one.why) for one in the_folder(library).not_followed}
    assert "cannot be opened" in told[b"Denmark"]


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[Path]:
    """A small drive mounted inside a watched folder of five photos, and the same one beside it."""
    require_mounts()
    fill(tmp_path / "photos", 5)
    place = tmp_path / "photos" / "stick"
    with mounted_tmpfs(tmp_path / "drives" / "one") as one:
        fill(one / "trip", 4)
        place.mkdir()
        mount("--bind", one, place)
        try:
            yield place
        finally:
            unmount_below(tmp_path)


@pytest.mark.parametrize("is_there", [True, False])
def test_few_photos_on_a_drive_inside_are_not_deleted_with_it(library: Library, stick: Path, is_there: bool) -> None:
    watch(library, stick.parent)
    before = shown(library)
    assert len(before) == 9
    unmount(stick)
    if not is_there:
        stick.rmdir()
    for _ in range(2):
        result = sync(library)
        assert (result.online, result.removed) == (True, 0)
    assert badged(library) == 4
    assert [str(one.why) for one in the_folder(library).not_followed] == [
        "Is not there now; what is known of its photos is kept."
    ]
    assert library.folders.accept_missing(os.fsencode(stick.parent)) == 0
    with sql(library).atomic():
        sql(library).execute("UPDATE photo SET gone_since = 1 WHERE path LIKE '%trip/0.jpg'")
    library.folders.forget_gone()
    sync(library)
    assert sql(library)["photo"].count == 9
    stick.mkdir(exist_ok=True)
    mount("--bind", stick.parent.parent / "drives" / "one", stick)
    sync(library)
    assert shown(library) == before
    assert (embed(library), the_folder(library).not_followed) == (0, ())


def test_the_rest_of_the_folder_is_believed_while_a_drive_inside_is_away(library: Library, stick: Path) -> None:
    watch(library, stick.parent)
    unmount(stick)
    (stick.parent / "0.jpg").unlink()
    assert sync(library).removed == 1
    assert (len(shown(library)), badged(library)) == (8, 4)


def test_copies_do_not_take_the_photos_of_a_drive_inside_that_was_just_pulled_out(
    library: Library, stick: Path, tmp_path: Path
) -> None:
    watch(library, stick.parent)
    before = {path: photo.id for path, photo in shown(library).items()}
    shutil.copytree(stick, tmp_path / "copies")
    unmount(stick)
    stick.rmdir()
    copies = library.folders.add(tmp_path / "copies")
    sync(library, copies)
    embed(library)
    stick.mkdir()
    mount("--bind", tmp_path / "drives" / "one", stick)
    sync(library)
    now = {path: photo.id for path, photo in shown(library).items()}
    assert {path: now.get(path) for path in before} == before
