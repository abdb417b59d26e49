"""Edits that keep a file's size and time, where inodes and what follows from them tell nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from photofind.core.disk.volumes import Volume
from photofind.core.library import Library
from photofind.core.photos import ends
from photofind.core.photos.ends import ends_of, read_ends
from photofind.core.sentences.sentence import Sentence
from photofind.core.sync import closer_look
from tests.core.sync.test_scan_and_sync import embed, names
from tests.core.sync.watched_folders import fill, the_folder, watch
from tests.inside import sql
from tests.pictures import COLORS, write_photo


@pytest.fixture
def fuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as on FUSE or FAT: inodes are dealt out anew at each mount."""
    monkeypatch.setattr(Volume, "has_stable_inodes", False)
    fill(tmp_path / "photos", 10)
    exif = Image.Exif()
    exif[0x0112] = 1
    Image.new("RGB", (60, 40), "red").save(tmp_path / "photos" / "turned.jpg", exif=exif)
    return tmp_path / "photos"


@pytest.fixture
def dishonest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system whose third time is always the second, as FAT's."""

    def fingerprint(found: os.stat_result) -> tuple[int, int, int, int]:
        return found.st_size, found.st_mtime_ns, found.st_mtime_ns, found.st_ino

    monkeypatch.setattr("photofind.core.disk.scan.fingerprint", fingerprint)


def turn(photo: Path) -> None:
    """Change the orientation in a photo's EXIF in place, and put its time back."""
    before, content = photo.stat(), bytearray(photo.read_bytes())
    place = content.index(b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x01")
    content[place + 9] = 6
    photo.write_bytes(content)
    os.utime(photo, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (photo.stat().st_size, photo.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def look(library: Library, *, closely: bool) -> int:
    """Compare the folder with the disk; return how many photos have changed."""
    return sum(step.updated for step in library.folders.sync(the_folder(library), closely=closely) if step is not None)


def sizes(library: Library) -> dict[str, tuple[int | None, int | None]]:
    return {
        name: (photo.width, photo.height) for name, i in names(library).items() for photo in library.search.photos([i])
    }


def test_an_edit_that_keeps_size_and_time_is_noticed_by_the_third_time(library: Library, fuse: Path) -> None:
    watch(library, fuse)
    assert sizes(library)["turned.jpg"] == (60, 40)
    turn(fuse / "turned.jpg")
    assert look(library, closely=False) == 1
    embed(library)
    assert sizes(library)["turned.jpg"] == (40, 60)
    assert look(library, closely=True) == 0


@pytest.mark.usefixtures("dishonest")
def test_where_no_time_tells_it_is_noticed_at_the_timed_look(library: Library, fuse: Path) -> None:
    watch(library, fuse)
    turn(fuse / "turned.jpg")
    assert look(library, closely=False) == 0
    assert look(library, closely=True) == 1
    embed(library)
    assert sizes(library)["turned.jpg"] == (40, 60)
    assert look(library, closely=True) == 0


@pytest.mark.usefixtures("dishonest")
def test_what_cannot_be_read_after_an_edit_is_not_told_again_and_again(library: Library, fuse: Path) -> None:
    watch(library, fuse)
    turn(fuse / "turned.jpg")
    assert look(library, closely=True) == 1
    library.embedding.store([(photo, Sentence("picture_undecodable")) for photo in library.embedding.pending(9)])
    assert [look(library, closely=True) for _ in range(3)] == [0, 0, 0]


@pytest.mark.usefixtures("dishonest")
def test_a_library_of_before_learns_first_and_notices_then(library: Library, fuse: Path) -> None:
    watch(library, fuse)
    with sql(library).atomic():
        sql(library).execute("UPDATE photo SET ends = NULL")
    assert look(library, closely=True) == 0
    turn(fuse / "turned.jpg")
    assert look(library, closely=True) == 1


@pytest.mark.usefixtures("dishonest")
def test_every_photo_has_its_turn_however_little_time_there_is(
    library: Library, fuse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(library, fuse)
    monkeypatch.setattr(closer_look, "_FILES_A_PART", 4)
    monkeypatch.setattr(closer_look, "_TIMED_SECONDS", -1.0)
    turn(fuse / "turned.jpg")
    assert sum(look(library, closely=True) for _ in range(4)) == 1
    assert sum(look(library, closely=True) for _ in range(4)) == 0


def test_a_drive_connected_again_is_looked_into_once_and_nothing_has_changed(library: Library, fuse: Path) -> None:
    watch(library, fuse)
    reads: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(closer_look, "read_ends", lambda path: reads.append(path) or read_ends(path))  # type: ignore[func-returns-value]
        with sql(library).atomic():
            sql(library).execute("UPDATE photo SET inode = inode + 1000, ctime_ns = 1")
        assert look(library, closely=False) == 0
        assert len(reads) == 11
        assert look(library, closely=False) == 0
        assert len(reads) == 11


def test_a_file_system_that_keeps_inodes_is_never_looked_into(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(library, folder)
    monkeypatch.setattr(closer_look, "read_ends", lambda _: pytest.fail("a file was opened"))
    assert look(library, closely=True) == 0


@pytest.mark.parametrize(
    "length", [0, 1, 1 << 14, (1 << 16) - 1, 1 << 16, (1 << 16) + 5, (1 << 16) + (1 << 14), 200_000]
)
def test_the_ends_of_a_file_are_those_of_its_content(tmp_path: Path, length: int) -> None:
    content = bytes(number * 7 % 251 for number in range(length))
    (tmp_path / "file").write_bytes(content)
    assert read_ends(os.fsencode(tmp_path / "file")) == ends_of(content)
    for place in {0, length - 1} if length else ():
        changed = bytearray(content)
        changed[place] ^= 1
        assert ends_of(bytes(changed)) != ends_of(content)
    assert len(ends_of(content)) == 8


def test_a_decoded_photo_knows_its_ends(library: Library, tmp_path: Path) -> None:
    path = write_photo(tmp_path / "photos" / "a.jpg", COLORS["red"])
    watch(library, path.parent)
    assert sql(library).execute("SELECT ends FROM photo").fetchall() == [(ends.ends_of(path.read_bytes()),)]
