"""A file takes its place whole or not at all, whenever the program or the power ends."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from photofind.core.atomic_file import put_folder_in_place, put_in_place, write_atomically
from tests.power_cut import PowerCut

pytestmark = pytest.mark.skipif(os.name != "posix", reason="directories cannot be synced here")
OLD, NEW = b"the old content", b"the new content"


class CrashError(Exception):
    """The end of the program."""


def crash(*_: object) -> None:
    raise CrashError


def write_half(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content[: len(content) // 2])
    crash()


def second(call: Callable[[int], None]) -> Callable[[int], None]:
    """Return a call that crashes when it is made for the second time."""
    made: list[int] = []

    def counted(opened: int) -> None:
        made.append(opened)
        if len(made) == 2:
            crash()
        call(opened)

    return counted


@pytest.mark.parametrize(
    ("place", "name", "fault", "left"),
    [
        (Path, "write_bytes", write_half, OLD),
        (os, "fsync", crash, OLD),
        (os, "replace", crash, OLD),
        (os, "fsync", second(os.fsync), NEW),
    ],
    ids=["while writing", "before the sync", "before the rename", "after it"],
)
def test_a_crash_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: object, name: str, fault: object, left: bytes
) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(OLD)
    with monkeypatch.context() as patch:
        patch.setattr(place, name, fault)
        with pytest.raises(CrashError):
            write_atomically(path, NEW)
    assert path.read_bytes() == left
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW
    assert list(tmp_path.iterdir()) == [path]


def test_a_power_cut_takes_nothing_that_was_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = PowerCut(monkeypatch)
    write_atomically(tmp_path / "small.json", NEW)
    (tmp_path / "large.new").write_bytes(NEW)
    put_in_place(tmp_path / "large.new", tmp_path / "large")
    folder, old = tmp_path / "folder.part", tmp_path / "folder"
    for each, content in ((folder, NEW), (old, OLD)):
        each.mkdir()
        (each / "weights").write_bytes(content)
    put_folder_in_place(folder, old)
    assert (old / "weights").read_bytes() == NEW
    assert not folder.exists()
    assert cut.lost() == []


def test_without_a_sync_it_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = PowerCut(monkeypatch)
    (tmp_path / "file.new").write_bytes(NEW)
    (tmp_path / "file.new").rename(tmp_path / "file")
    assert cut.lost() == [f"{tmp_path}/file.new", f"the name {tmp_path}/file"]


def test_a_file_system_that_syncs_no_directories_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def refuse_directories(opened: int) -> None:
        if stat.S_ISDIR(os.fstat(opened).st_mode):
            raise OSError(22, "Invalid argument")
        sync(opened)

    monkeypatch.setattr(os, "fsync", refuse_directories)
    write_atomically(tmp_path / "file.json", NEW)
    assert (tmp_path / "file.json").read_bytes() == NEW
