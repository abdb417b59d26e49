"""The watcher on real folders and mounts: whatever makes watching deaf, a change is still told."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from photofind.core.disk import volumes
from photofind.core.disk.exclusions import Exclusions
from photofind.core.records.photos import Folder
from tests.background.watching.watching import SECONDS, SETTLED, Heard, Mounts, wait_for
from tests.background.watching.watching import heard as heard
from tests.background.watching.watching import mounts as mounts
from tests.background.watching.watching import root as root
from tests.background.watching.watching import soon as soon

# What is a change

CHANGES: dict[str, Callable[[Path], object]] = {
    "created": lambda root: (root / "new.jpg").write_bytes(b"new"),
    "rewritten": lambda root: (root / "beach.jpg").write_bytes(b"other"),
    "deleted": lambda root: (root / "trip" / "hill.jpg").unlink(),
    "renamed over": lambda root: os.replace(root / "beach.jpg", root / "trip" / "hill.jpg"),
    "case changed": lambda root: (root / "beach.jpg").rename(root / "Beach.JPG"),
    "directory moved out": lambda root: (root / "trip").rename(root.parent / "elsewhere"),
    "directory moved in": lambda root: (root.parent / "outside").rename(root / "inside"),
    "directories made": lambda root: (root / "a" / "b").mkdir(parents=True),
    "name that is no text": lambda root: open(os.fsencode(root) + b"/caf\xe9\n.jpg", "wb").close(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_of_change_makes_a_folder_dirty(heard: Heard, root: Path, change: str) -> None:
    (root.parent / "outside").mkdir()
    heard.watch_and_settle(root)
    assert heard.hears(lambda: CHANGES[change](root))


def test_a_photo_in_a_directory_just_moved_in_or_made_is_heard(heard: Heard, root: Path) -> None:
    (root.parent / "outside" / "deep").mkdir(parents=True)
    heard.watch_and_settle(root)
    (root.parent / "outside").rename(root / "inside")
    (root / "made" / "deep").mkdir(parents=True)
    heard.settle()
    assert heard.hears(lambda: (root / "inside" / "deep" / "a.jpg").touch())
    assert heard.hears(lambda: (root / "made" / "deep" / "a.jpg").touch())


def test_looking_at_photos_is_no_change(heard: Heard, root: Path) -> None:
    heard.watch_and_settle(root)
    for path in root.rglob("*.jpg"):
        path.read_bytes()
    list(root.rglob("*"))
    time.sleep(SETTLED)
    assert not heard.dirty


def test_what_is_left_out_does_not_make_a_folder_dirty(heard: Heard, root: Path) -> None:
    for name in (".hidden", "@eaDir", "private"):
        (root / name / "deep").mkdir(parents=True)
    exclusions = Exclusions(folders=(os.fsencode(root / "private"),))
    heard.watch_and_settle(root, exclusions=exclusions)
    for name in (".hidden", "@eaDir", "private"):
        (root / name / "deep" / "a.jpg").write_bytes(b"a")
        os.replace(root / name / "deep" / "a.jpg", root / name / "b.jpg")
        (root / name / "b.jpg").unlink()
    (root / ".beach.jpg.part").write_bytes(b"sand")
    time.sleep(SETTLED)
    assert not heard.dirty
    assert heard.hears(lambda: os.replace(root / ".beach.jpg.part", root / "beach.jpg"))

    heard.watch(root, exclusions=Exclusions())
    assert heard.hears(lambda: (root / "private" / "now.jpg").touch())


def test_only_the_folders_asked_for_are_watched(heard: Heard, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    heard.watch_and_settle(root, other)
    heard.watch(root)
    heard.settle()
    (other / "a.jpg").touch()
    assert heard.hears(lambda: (root / "a.jpg").touch())
    assert set(heard.dirty) == {1}

    heard.watch(other)  # the same folder of the library, found at another place
    heard.settle()
    (root / "b.jpg").touch()
    time.sleep(SETTLED)
    assert not heard.dirty
    assert heard.hears(lambda: (other / "b.jpg").touch())


# What comes and goes


def test_a_folder_that_is_missing_is_watched_when_it_comes(heard: Heard, tmp_path: Path) -> None:
    late = tmp_path / "late"
    heard.watch(late)
    time.sleep(SETTLED)
    assert not heard.dirty
    assert heard.hears(late.mkdir)
    heard.settle()
    assert heard.hears(lambda: (late / "a.jpg").touch())
    assert not heard.notices


def test_a_folder_that_goes_is_told_once_and_watched_when_it_is_back(heard: Heard, root: Path) -> None:
    heard.watch_and_settle(root)
    assert heard.hears(lambda: root.rename(root.parent / "away"))
    time.sleep(SETTLED)
    assert heard.dirty == [1]
    assert heard.hears(lambda: (root.parent / "away").rename(root))
    heard.settle()
    assert heard.hears(lambda: (root / "trip" / "a.jpg").touch())


@pytest.mark.parametrize("goes", ["renamed", "deleted"])
def test_a_folder_replaced_by_another_is_watched(root: Path, goes: str) -> None:
    heard = Heard(look_seconds=0.5)  # so that it is never found missing
    heard.watch_and_settle(root)

    def replace() -> None:
        if goes == "renamed":
            root.rename(root.parent / "away")
        else:
            shutil.rmtree(root)
        (root / "trip").mkdir(parents=True)

    assert heard.hears(replace)
    heard.settle()
    assert heard.hears(lambda: (root / "a.jpg").touch())
    assert heard.hears(lambda: (root / "trip" / "a.jpg").touch())
    heard.watcher.stop()


def test_a_drive_that_goes_and_comes_is_watched(heard: Heard, tmp_path: Path, mounts: Mounts) -> None:
    root = tmp_path / "drive"
    mounts.tmpfs(root)
    (root / "trip").mkdir()
    heard.watch_and_settle(root)
    assert heard.hears(lambda: mounts.unmount(root))
    heard.settle()
    assert heard.hears(lambda: mounts.tmpfs(root))
    heard.settle()
    assert heard.hears(lambda: (root / "a.jpg").touch())


def test_a_drive_mounted_again_between_two_looks_is_watched(tmp_path: Path, mounts: Mounts) -> None:
    """The same drive looks the same as before, but the watches ended with the mount."""
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("there is no mkfs.ext4 here")
    image, root = tmp_path / "image", tmp_path / "drive"
    with image.open("wb") as file:
        file.truncate(4 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True)
    root.mkdir()
    mounts.mount("-o", "loop", image, root)
    heard = Heard(look_seconds=1.0)
    heard.watch_and_settle(root)
    before = volumes.volume_of(os.fsencode(root))

    def mount_again() -> None:
        mounts.unmount(root)
        mounts.mount("-o", "loop", image, root)

    assert heard.hears(mount_again)
    assert volumes.volume_of(os.fsencode(root)) == before
    heard.settle()
    assert heard.hears(lambda: (root / "a.jpg").touch())
    heard.watcher.stop()


def test_a_drive_mounted_over_the_folder_or_below_it_is_watched(heard: Heard, root: Path, mounts: Mounts) -> None:
    heard.watch_and_settle(root)
    for place in (root / "trip", root):
        assert heard.hears(lambda place=place: mounts.tmpfs(place))  # type: ignore[misc]
        heard.settle()
        assert heard.hears(lambda place=place: (place / "a.jpg").touch())  # type: ignore[misc]
        heard.settle()
    for place in (root, root / "trip"):
        assert heard.hears(lambda place=place: mounts.unmount(place))  # type: ignore[misc]
        heard.settle()
        assert heard.hears(lambda place=place: (place / "b.jpg").touch())  # type: ignore[misc]
        heard.settle()


def test_another_directory_bound_over_the_folder_is_watched(
    heard: Heard, root: Path, tmp_path: Path, mounts: Mounts
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    heard.watch_and_settle(root)
    assert heard.hears(lambda: mounts.mount("--bind", other, root))
    heard.settle()
    assert heard.hears(lambda: (other / "a.jpg").touch())


def test_a_drive_that_hangs_holds_up_nothing_else(
    heard: Heard, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, answers, find = tmp_path / "server", threading.Event(), volumes.volume_of
    hanging.mkdir()
    heard.watch_and_settle(root, hanging)

    def volume_of(path: bytes) -> volumes.Volume:
        if path == os.fsencode(hanging):
            answers.wait(SECONDS)
        return find(path)

    monkeypatch.setattr(volumes, "volume_of", volume_of)
    time.sleep(0.3)
    assert heard.hears(lambda: (root / "a.jpg").touch())
    started = time.monotonic()
    heard.watch(root)
    heard.watcher.watch([], Exclusions())
    heard.watch(root, hanging)
    heard.watcher.stop(0.5)
    assert time.monotonic() - started < 0.7
    answers.set()


# Where links lead


@pytest.mark.parametrize("change", ["created", "deleted", "directories made"])
def test_a_change_behind_a_followed_link_is_heard(heard: Heard, root: Path, change: str) -> None:
    far = root.parent / "far"
    shutil.copytree(root, far)
    (root / "link").symlink_to(far)
    (root / "again").symlink_to(far)
    watch_with_links(heard, root, b"again", b"link")
    assert heard.hears(lambda: CHANGES[change](far))


def test_a_link_whose_place_goes_and_comes_back_is_heard_and_watched_again(heard: Heard, root: Path) -> None:
    far = root.parent / "far"
    far.mkdir()
    (root / "link").symlink_to(far)
    watch_with_links(heard, root, b"link")
    assert heard.hears(lambda: far.rename(root.parent / "away"))
    assert heard.hears(lambda: (root.parent / "away").rename(far))
    assert heard.hears(lambda: (far / "new.jpg").write_bytes(b"new"))


def test_what_is_left_out_behind_a_link_is_not_heard(heard: Heard, root: Path) -> None:
    far = root.parent / "far"
    (far / "raw").mkdir(parents=True)
    (root / "link").symlink_to(far)
    watch_with_links(heard, root, b"link", exclusions=Exclusions(("link/raw",)))
    assert not heard.hears(lambda: (far / "raw" / "new.jpg").write_bytes(b"new"))
    assert heard.hears(lambda: (far / "new.jpg").write_bytes(b"new"))


def watch_with_links(heard: Heard, root: Path, *links: bytes, exclusions: Exclusions | None = None) -> None:
    folder = Folder(1, os.fsencode(root), True, 0, 0, 0, links=links)
    heard.watcher.watch([folder], exclusions or Exclusions())
    wait_for(lambda: heard.dirty == [1], "the first look")
    heard.settle()
