"""A file system that deals out numbers beyond all bounds: each costs itself, never the scan, never another folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photofind.core.disk import scan as scanning
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.photos.images import decode_photo
from photofind.core.records.query import Query
from tests.core.sync.test_scan_and_sync import embed, names, sync
from tests.inside import sql
from tests.mounts import unmount_below
from tests.pictures import write_colors, write_photo

HUGE = 1 << 63
FIELDS = ("st_ino", "st_dev", "st_size", "st_mtime_ns", "st_ctime_ns")


class Stat:
    """A file's stat with some numbers of it replaced."""

    def __init__(self, real: os.stat_result, replaced: dict[str, int]) -> None:
        self._real, self._replaced = real, replaced

    def __getattr__(self, name: str) -> Any:
        return self._replaced[name] if name in self._replaced else getattr(self._real, name)


Say = Callable[[dict[str, int]], None]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Say:
    """Let every file's stat say these numbers, in the walk and when it is opened."""
    said: dict[str, int] = {}
    stat_file, fstat = scanning._stat_file, os.fstat

    def stat_entry(entry: os.DirEntry[bytes]) -> Any:
        real = stat_file(entry)
        return real and Stat(real, said)

    monkeypatch.setattr(scanning, "_stat_file", stat_entry)
    monkeypatch.setattr("photofind.core.photos.file.os.fstat", lambda file: Stat(fstat(file), said))

    def set_to(numbers: dict[str, int]) -> None:
        said.clear()
        said.update(numbers)

    return set_to


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("number", [HUGE, 2 * HUGE - 1, 1 << 100, -HUGE - 1, -1])
def test_an_absurd_number_costs_itself_and_never_the_scan(
    library: Library, folder: Path, say: Say, field: str, number: int
) -> None:
    say({field: number})
    library.folders.add(folder)
    assert sync(library).added == 8
    assert (sync(library).updated, sync(library).added) == (0, 0), "the same file is the same at the next look"
    if field == "st_size":
        with pytest.raises(PhotofindError):  # a problem of that file, with a reason
            decode_photo(os.fsencode(folder / "red.jpg"), library.embedding.decoding_spec)
        return
    assert embed(library) == 8
    assert len(names(library)) == library.search.answer(Query(text="red")).total == 8


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=st.dictionaries(st.sampled_from(FIELDS), st.integers(-(1 << 70), 1 << 70)))
def test_no_stat_stops_a_scan(
    tmp_path_factory: pytest.TempPathFactory, say: Say, folder: Path, numbers: dict[str, int]
) -> None:
    say(numbers)
    with Library(tmp_path_factory.mktemp("absurd") / "library") as library:
        library.folders.add(folder)
        assert sync(library).added == 8
        assert sync(library).updated == 0


def test_a_rename_is_known_by_a_huge_inode(library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stat_file = scanning._stat_file

    def stat_entry(entry: os.DirEntry[bytes]) -> Any:
        real = stat_file(entry)
        return real and Stat(real, {"st_ino": real.st_ino + HUGE})

    monkeypatch.setattr(scanning, "_stat_file", stat_entry)
    library.folders.add(folder)
    sync(library)
    embed(library)
    before = names(library)
    (folder / "red.jpg").rename(folder / "crimson.jpg")
    assert sync(library).moved == 1
    assert names(library)["crimson.jpg"] == before["red.jpg"]


@pytest.fixture
def mergerfs(tmp_path: Path) -> Iterator[Path]:
    """A real mergerfs of two drives, which deals out inodes of 64 bits."""
    if shutil.which("mergerfs") is None:
        pytest.skip("mergerfs is not installed")
    drives = [write_colors(tmp_path / "one"), tmp_path / "two"]
    write_photo(drives[1] / "late.jpg", seed=99)
    (place := tmp_path / "merged").mkdir()
    options = "use_ino,inodecalc=path-hash"
    done = subprocess.run(
        ["mergerfs", "-o", options, ":".join(map(str, drives)), place], capture_output=True, text=True, check=False
    )
    if done.returncode or not os.path.ismount(place):
        pytest.skip(f"nothing can be mounted by FUSE here: {done.stderr.strip()}")
    yield place
    unmount_below(tmp_path)


def test_a_mergerfs_is_watched_beside_other_folders(library: Library, tmp_path: Path, mergerfs: Path) -> None:
    inodes = [path.stat().st_ino for path in mergerfs.iterdir()]
    assert max(inodes) >= HUGE, "of nine, one is that large unless chance will have it once in 500 times"
    library.folders.add(mergerfs)
    library.folders.add(write_colors(tmp_path / "beside"))
    assert sync(library).added == 17
    assert embed(library) == 9, "what lies in both is embedded once"
    assert sync(library).updated == 0
    assert [folder.photos for folder in library.folders.all()] == [9, 8]
    kept = {row[0] for row in sql(library).execute("SELECT inode FROM photo")}
    assert {inode - 2 * HUGE for inode in inodes if inode >= HUGE} <= kept
