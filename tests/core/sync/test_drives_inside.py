"""Several drives in turn at one place inside a watched folder, as in the folder where a system mounts all cards."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.steps import finish
from tests.core.sync.test_other_drives import COUNT, Reader, ids, states, write_card
from tests.core.sync.test_other_drives import reader as reader
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.core.sync.watched_folders import fill, watch
from tests.inside import sql
from tests.mounts import mount, mounted_tmpfs, unmount

OWN = 3
T = TypeVar("T")


@pytest.fixture
def media(reader: Reader) -> Path:
    """The folder around the reader's place, with photos of its own."""
    fill(reader.place.parent / "own", OWN)
    return reader.place.parent


@pytest.fixture(params=["each its own", "the same for all"])
def number(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "the same for all":  # as FAT's, where no UUID is told
        monkeypatch.setattr("photofind.core.disk.volumes._number", lambda *_: ("ab", False))


@pytest.mark.usefixtures("number")
@pytest.mark.parametrize("is_empty_between", [True, False])
@pytest.mark.parametrize("is_link", [False, True])
def test_two_cards_inside_a_watched_folder_keep_their_photos(
    library: Library,
    reader: Reader,
    media: Path,
    is_empty_between: bool,
    is_link: bool,
) -> None:
    watched = media
    if is_link:
        watched = media.parent / "links"
        fill(watched / "own", OWN)
        (watched / "card").symlink_to(media / "card")
    reader.put_in("A")
    watch(library, watched)
    of_a = ids(library, online=True)
    assert states(library) == {True: COUNT + OWN, False: 0}
    reader.take_out()
    if is_empty_between:
        sync(library)
        assert states(library) == {True: OWN, False: COUNT}
        assert (library.folders.all()[0].away_inside, library.folders.all()[0].vanished) == (COUNT, 0)
    reader.put_in("B")
    assert sync(library).added == COUNT
    assert embed(library) == COUNT, "they are others"
    assert states(library) == {True: COUNT + OWN, False: COUNT}
    blue = library.search.answer(Query(text="blue", limit=3)).photo_ids.tolist()
    assert not of_a.intersection(blue), "found as what they are"
    assert sync(library).added == 0
    around, inside = library.folders.all()
    assert (inside.path, inside.photos) == (os.fsencode(watched / "card"), COUNT)
    assert "another drive" in str(around.not_followed[0].why)

    reader.take_out()
    reader.put_in("A")
    for _ in range(2):
        assert sync(library).added == 0
    assert embed(library) == 0
    assert of_a <= ids(library, online=True)
    assert states(library) == {True: COUNT + OWN, False: COUNT}
    assert len(library.folders.all()) == 2, "the first is no third one"
    reader.take_out()
    sync(library)
    assert states(library) == {True: OWN, False: 2 * COUNT}
    assert library.care.check(repair=False) == []


def test_a_third_card_with_other_names_is_indexed_too(library: Library, reader: Reader, media: Path) -> None:
    reader.put_in("A")
    watch(library, media)
    reader.take_out()
    for names in ("Canon", "Nikon"):
        with mounted_tmpfs(media.parent / "cards" / names) as card:
            fill(card / names, 4)
            mount("--bind", card, reader.place)
            assert sync(library).added == 4
            assert embed(library) == 4
            unmount(reader.place)
    assert len(library.folders.all()) == 3


@pytest.mark.usefixtures("number")
def test_nothing_of_the_first_card_is_deleted_while_the_second_is_there(
    library: Library,
    reader: Reader,
    media: Path,
) -> None:
    reader.put_in("A")
    watch(library, media)
    before = ids(library, online=True)
    with sql(library).atomic():
        sql(library).execute("UPDATE photo SET gone_since = 1 WHERE path LIKE '%IMG_0001.BMP'")
    reader.take_out()
    for path in (reader.cards["B"] / "DCIM" / "100CANON").glob("IMG_000*"):
        path.unlink()
    reader.put_in("B")
    assert library.folders.accept_missing(os.fsencode(media)) == 0, "nobody has looked since"
    library.folders.forget_gone()
    sync(library)
    assert library.folders.accept_missing(os.fsencode(media)) == 0
    reader.take_out()
    reader.put_in("A")
    sync(library)
    assert before <= ids(library, online=True)


def test_a_drive_inside_that_goes_while_it_is_looked_through_loses_nothing(
    library: Library,
    reader: Reader,
    media: Path,
) -> None:
    reader.put_in("A")
    watch(library, media)
    (media / "own" / "0.jpg").unlink()
    steps = library.folders.accepting_missing(os.fsencode(media))
    while next(steps) is None:
        pass
    steps_after = library.folders.accepting_missing(os.fsencode(media))
    next(steps_after)
    reader.take_out()
    finish(steps)
    assert finish(steps_after) <= 1
    reader.put_in("A")
    sync(library)
    assert states(library) == {True: COUNT + OWN - 1, False: 0}


def test_a_card_pulled_out_while_its_folder_is_walked_loses_nothing(
    library: Library,
    reader: Reader,
    media: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It goes after it was found there, and before it is listed, which an empty mount point then is."""
    reader.put_in("A")
    fill(media / "own", 200)
    watch(library, media)
    real = os.scandir
    opened = []

    def scandir(place: bytes) -> object:
        if place == os.fsencode(reader.place):
            opened.append(place)
            if len(opened) == 3:  # looked at, crossed, listed
                reader.take_out()
        return real(place)

    monkeypatch.setattr("photofind.core.disk.scan.os.scandir", scandir)
    assert sync(library).removed == 0
    monkeypatch.undo()
    assert len(opened) >= 3
    assert sum(states(library).values()) == COUNT + 200


def test_a_card_that_hangs_once_it_is_to_be_taken_up_costs_the_folder_around_nothing(
    library: Library, reader: Reader, media: Path
) -> None:
    reader.put_in("A")
    watch(library, media)
    reader.take_out()
    reader.put_in("B")
    write_card(media / "more", (1, 2, 3), 2)

    def read(place: bytes, records: Iterator[T]) -> Iterator[T | None]:
        if place == os.fsencode(reader.place):
            raise TimeoutError("it hangs")
        return records

    results = [one for one in library.folders.sync(library.folders.all()[0], read) if one is not None]
    assert [(one.online, one.added) for one in results] == [(True, 2)]
    assert sync(library).added == COUNT, "once it answers"


def test_what_a_bare_mount_point_holds_is_not_another_drive(library: Library, reader: Reader, media: Path) -> None:
    shutil.copytree(reader.cards["B"], reader.place, dirs_exist_ok=True)
    reader.put_in("A")
    watch(library, media)
    of_a = ids(library, online=True)
    reader.take_out()
    sync(library)
    embed(library)
    assert len(library.folders.all()) == 1
    reader.put_in("A")
    sync(library)
    assert embed(library) == 0
    assert of_a == ids(library, online=True)


def test_a_place_that_never_held_photos_is_not_told_of_when_it_is_empty(
    library: Library,
    reader: Reader,
    media: Path,
) -> None:
    shutil.rmtree(reader.cards["A"] / "DCIM")
    write_card(reader.cards["A"], (1, 2, 3), 0)
    (reader.cards["A"] / "notes.txt").touch()
    reader.put_in("A")
    watch(library, media)
    reader.take_out()
    sync(library)
    assert library.folders.all()[0].not_followed == ()
