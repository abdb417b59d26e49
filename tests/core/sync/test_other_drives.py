"""Several drives in one place, in turn: each keeps its photos, however alike they are called and sized."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photofind.core.disk.volumes import Volume
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.steps import finish
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.core.sync.watched_folders import fill, the_folder, watch
from tests.inside import sql
from tests.mounts import mount, mounted_tmpfs, require_mounts, unmount, unmount_below
from tests.pictures import write_photo

COUNT = 12


def write_card(card: Path, color: tuple[int, int, int], count: int = COUNT) -> Path:
    """Write photos as a camera calls them, all of one size in bytes."""
    for number in range(count):
        path = card / "DCIM" / "100CANON" / f"IMG_{number:04}.BMP"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((24, 32, 3), color, np.uint8)
        pixels[number % 24, :] = number * 20 % 256
        Image.fromarray(pixels).save(path)
        os.utime(path, (1_500_000_000, 1_500_000_000))
    return card


class Reader:
    """A place where one of two cards is connected at a time."""

    def __init__(self, home: Path) -> None:
        self.place = home / "media" / "card"
        self.cards = {"A": home / "cards" / "A", "B": home / "cards" / "B"}

    def put_in(self, card: str) -> None:
        mount("--bind", self.cards[card], self.place)

    def take_out(self) -> None:
        unmount(self.place)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    require_mounts()
    reader = Reader(tmp_path)
    reader.place.mkdir(parents=True)
    with mounted_tmpfs(reader.cards["A"]) as a, mounted_tmpfs(reader.cards["B"]) as b:
        write_card(a, (200, 30, 30))
        write_card(b, (30, 30, 200))
        try:
            yield reader
        finally:
            unmount_below(tmp_path)


def states(library: Library) -> dict[bool, int]:
    """Return how many photos are there, and how many are away."""
    photos = library.search.photos(library.search.answer(Query()).photo_ids.tolist())
    return {online: sum(photo.online == online for photo in photos) for online in (True, False)}


def ids(library: Library, *, online: bool) -> set[int]:
    photos = library.search.photos(library.search.answer(Query()).photo_ids.tolist())
    return {photo.id for photo in photos if photo.online == online}


@pytest.mark.parametrize("number", ["each its own", "the same for both"])
@pytest.mark.parametrize("is_empty_between", [True, False])
def test_two_cards_with_the_same_names_and_sizes_keep_their_photos(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch, number: str, is_empty_between: bool
) -> None:
    if number.startswith("the same"):  # as FAT's, where no UUID is told
        monkeypatch.setattr("photofind.core.disk.volumes._number", lambda *_: ("ab", False))
    reader.put_in("A")
    watch(library, reader.place)
    of_a = ids(library, online=True)
    assert states(library) == {True: COUNT, False: 0}
    reader.take_out()
    if is_empty_between:
        sync(library)
        assert states(library) == {True: 0, False: COUNT}
    reader.put_in("B")
    result = sync(library)
    assert (result.added, result.online) == (COUNT, False), "what came is of another folder than was asked for"
    assert embed(library) == COUNT, "they are others"
    assert states(library) == {True: COUNT, False: COUNT}
    assert ids(library, online=False) == of_a
    of_b = ids(library, online=True)
    blue, red = library.search.answer(Query(text="blue", limit=3)), library.search.answer(Query(text="red", limit=3))
    assert set(blue.photo_ids.tolist()) <= of_b
    assert set(red.photo_ids.tolist()) <= of_a
    assert not sync(library).added
    away, there = sorted(library.folders.all(), key=lambda folder: folder.online)
    assert (away.path, away.photos, there.photos) == (there.path, COUNT, COUNT)
    assert "Another drive is connected in its place" in str(away.why_away)

    reader.take_out()
    reader.put_in("A")
    for _ in range(2):
        sync(library)
    assert embed(library) == 0
    assert (ids(library, online=True), ids(library, online=False)) == (of_a, of_b)
    reader.take_out()
    sync(library)
    assert states(library) == {True: 0, False: 2 * COUNT}
    assert library.care.check(repair=False) == []


def require_a_kept(library: Library, reader: Reader) -> None:
    """Put in card A, then B: the photos of A are away."""
    reader.put_in("A")
    watch(library, reader.place)
    of_a = ids(library, online=True)
    reader.take_out()
    reader.put_in("B")
    sync(library)
    embed(library)
    assert ids(library, online=False) == of_a


def require_both_kept(library: Library, reader: Reader) -> None:
    """Put in card A, then B: the photos of A are away, those of B are new."""
    require_a_kept(library, reader)
    assert states(library) == {True: COUNT, False: COUNT}


def test_one_photo_of_one_size_is_no_proof(library: Library, reader: Reader) -> None:
    for path in sorted((reader.cards["B"] / "DCIM" / "100CANON").iterdir())[1:]:
        path.write_bytes(path.read_bytes() + b"more")
    require_both_kept(library, reader)


def test_one_photo_that_is_on_both_cards_is_no_proof(library: Library, reader: Reader) -> None:
    name = Path("DCIM") / "100CANON" / "IMG_0003.BMP"
    shutil.copy2(reader.cards["A"] / name, reader.cards["B"] / name)
    require_both_kept(library, reader)


def test_a_drive_most_of_whose_photos_are_missing_is_known_by_those_that_are_left(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As XFS is, which is not on cards, and whose number is the mount's."""
    monkeypatch.setattr(Volume, "is_portable", False)
    monkeypatch.setattr("photofind.core.disk.volumes._number", lambda *_: ("ab", False))
    shutil.rmtree(reader.cards["A"] / "DCIM")
    fill(reader.cards["A"] / "big", 60)
    fill(reader.cards["A"] / "small", 10)
    reader.put_in("A")
    watch(library, reader.place)
    shutil.rmtree(reader.cards["A"] / "big")
    for _ in range(2):
        sync(library)
        folder = the_folder(library)
        assert (folder.online, folder.photos, folder.missing) == (True, 70, 60)
        reader.take_out()
        sync(library)
        reader.put_in("A")


def test_a_card_that_the_camera_mostly_emptied_is_known_by_what_is_left(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As FAT is, where no UUID is told."""
    monkeypatch.setattr("photofind.core.disk.volumes._number", lambda *_: ("ab", False))
    card = write_card(reader.cards["A"], (200, 30, 30), 45)
    reader.put_in("A")
    watch(library, reader.place)
    before = ids(library, online=True)
    reader.take_out()
    sync(library)
    for number in range(30):
        (card / "DCIM" / "100CANON" / f"IMG_{number:04}.BMP").unlink()
    write_photo(card / "DCIM" / "100CANON" / "IMG_0099.JPG")
    reader.put_in("A")
    assert (sync(library).removed, embed(library)) == (30, 1)
    assert [folder.online for folder in library.folders.all()] == [True]
    assert len(ids(library, online=True) & before) == 15


@pytest.mark.parametrize("shared", [9, 11])
def test_an_album_that_is_on_both_cards_is_no_proof_where_other_photos_contradict_it(
    library: Library, reader: Reader, shared: int
) -> None:
    """Of few that are on both nothing is proof, whatever else is there; of many, one that is another."""
    names = sorted((reader.cards["A"] / "DCIM" / "100CANON").iterdir())
    for number, path in enumerate(sorted((reader.cards["B"] / "DCIM" / "100CANON").iterdir())):
        if number < shared:
            shutil.copy2(names[number], path)
        elif shared < 10:
            path.rename(path.with_name(f"OTHER_{number}.BMP"))
    write_card(reader.cards["A"], (200, 30, 30), 40)
    require_a_kept(library, reader)


def test_a_library_of_before_tells_cards_apart_by_whole_contents(library: Library, reader: Reader) -> None:
    reader.put_in("A")
    watch(library, reader.place)
    with sql(library).atomic():
        sql(library).execute("UPDATE photo SET ends = NULL")
    reader.take_out()
    reader.put_in("B")
    sync(library)
    assert states(library) == {True: 0, False: COUNT}
    reader.take_out()
    shutil.copytree(reader.cards["A"], reader.place, dirs_exist_ok=True)  # its photos, on a drive of another number
    sync(library)
    embed(library)
    assert states(library) == {True: COUNT, False: 0}


def test_what_was_never_opened_is_not_taken_for_the_other_cards(library: Library, reader: Reader) -> None:
    reader.put_in("A")
    library.folders.add(reader.place)
    sync(library)
    for path in (reader.cards["B"] / "DCIM" / "100CANON").iterdir():
        os.utime(path, (1_600_000_000, 1_600_000_000))
    reader.take_out()
    reader.put_in("B")
    sync(library)
    assert embed(library) == COUNT
    assert [folder.pending for folder in library.folders.all()] == [COUNT, 0]


def test_a_drive_with_none_of_the_names_is_said_and_may_be_added(library: Library, reader: Reader) -> None:
    reader.put_in("A")
    watch(library, reader.place)
    shutil.rmtree(reader.cards["B"] / "DCIM")
    fill(reader.cards["B"] / "other", 3)
    reader.take_out()
    reader.put_in("B")
    assert not sync(library).online
    assert "Another drive is connected in its place" in str(the_folder(library).why_away)
    library.folders.add(reader.place)
    sync(library)
    embed(library)
    assert states(library) == {True: 3, False: COUNT}
    with pytest.raises(PhotofindError, match="already in the library"):
        library.folders.add(reader.place)


def test_removing_the_card_that_is_there_leaves_the_other(library: Library, reader: Reader) -> None:
    reader.put_in("A")
    watch(library, reader.place)
    reader.take_out()
    reader.put_in("B")
    sync(library)
    embed(library)
    away, _ = sorted(library.folders.all(), key=lambda folder: folder.online)
    library.folders.remove(os.fsencode(reader.place))
    assert [folder.id for folder in library.folders.all()] == [away.id], "the one that is there goes first"
    sync(library)
    assert len(library.folders.all()) == 2, "and comes again while it is connected"
    library.folders.remove(away.path, away.id)
    assert [folder.online for folder in library.folders.all()] == [True]


def test_who_says_that_it_is_the_same_after_all_gets_it_back(library: Library, reader: Reader) -> None:
    """More than half of the photos were edited elsewhere."""
    reader.put_in("A")
    watch(library, reader.place)
    of_a = ids(library, online=True)
    reader.take_out()
    shutil.rmtree(reader.cards["B"] / "DCIM")
    shutil.copytree(reader.cards["A"] / "DCIM", reader.cards["B"] / "DCIM")
    photos = sorted((reader.cards["B"] / "DCIM" / "100CANON").iterdir())
    for path in photos[: COUNT // 3]:
        path.unlink()
    for path in photos[COUNT // 3 : COUNT // 2 + 1]:
        path.write_bytes(path.read_bytes() + b"edited")
    reader.put_in("B")
    sync(library)
    assert not library.folders.all()[0].online
    library.folders.locate(os.fsencode(reader.place), reader.place)
    assert [(folder.id, folder.online) for folder in library.folders.all()] == [(1, True)]
    sync(library)
    embed(library)
    assert ids(library, online=True) <= of_a


# What a person says of photos while their drive is not there


def accept(library: Library, folder: Path) -> int:
    return library.folders.accept_missing(os.fsencode(folder))


@pytest.mark.parametrize("left", ["an empty mount point", "a file", "another card"])
def test_nothing_is_accepted_while_the_drive_is_away_though_nobody_looked(
    library: Library, reader: Reader, left: str
) -> None:
    if left == "a file":
        (reader.place / "notes.txt").touch()
    reader.put_in("A")
    watch(library, reader.place)
    before = ids(library, online=True)
    reader.take_out()
    if left == "another card":
        shutil.rmtree(reader.cards["B"] / "DCIM")
        fill(reader.cards["B"], 3)
        reader.put_in("B")
    with pytest.raises(PhotofindError, match="Nothing is known to be deleted"):
        accept(library, reader.place)
    assert the_folder(library).online, "nobody has looked since"
    assert ids(library, online=True) == before
    if left == "another card":
        reader.take_out()
    reader.put_in("A")
    assert not sync(library).changed
    assert ids(library, online=True) == before


def test_a_drive_that_goes_while_it_is_looked_through_for_what_is_missing_loses_nothing(
    library: Library, reader: Reader
) -> None:
    reader.put_in("A")
    watch(library, reader.place)
    before = ids(library, online=True)
    steps = library.folders.accepting_missing(os.fsencode(reader.place))
    assert next(step for step in steps if step is not None) is not None
    reader.take_out()
    with pytest.raises(PhotofindError, match="Nothing is known to be deleted"):
        finish(steps)
    reader.put_in("A")
    sync(library)
    assert ids(library, online=True) == before


def test_an_emptied_card_can_be_accepted_where_it_says_which_it_is(library: Library, reader: Reader) -> None:
    reader.put_in("A")
    watch(library, reader.place)
    shutil.rmtree(reader.cards["A"] / "DCIM")
    sync(library)
    assert accept(library, reader.place) == COUNT


def test_what_was_deleted_a_month_ago_is_kept_while_the_drive_is_away(library: Library, reader: Reader) -> None:
    reader.put_in("A")
    watch(library, reader.place)
    (reader.place / "DCIM" / "100CANON" / "IMG_0000.BMP").unlink()
    assert sync(library).removed == 1
    with sql(library).atomic():
        sql(library).execute("UPDATE photo SET gone_since = 1 WHERE gone_since NOT NULL")
    reader.take_out()
    library.folders.forget_gone()
    assert sql(library)["embedding"].count == COUNT
    reader.put_in("A")
    library.folders.forget_gone()
    assert sql(library)["embedding"].count == COUNT - 1


def test_which_kinds_of_drives_say_who_they_are() -> None:
    def volume(kind: str, *, own: bool) -> Volume:
        return Volume(1, 2, "3", b"/", kind, "", own)

    assert [volume(kind, own=False).is_portable for kind in ("vfat", "exfat", "ntfs3", "nfs4", "apfs", "xfs")] == [
        True, True, True, False, False, False
    ]  # fmt: skip
