"""Folders without permission, and links that lead nowhere: nothing is deleted, and nothing hidden beside them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from photofind.core.library import Library
from tests.core.sync.test_scan_and_sync import sync
from tests.core.sync.watched_folders import badged, fill, shown, watch

NOBODY = 65534


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
        assert [problem.path for problem in library.care.problems()] == [os.fsencode(anyones / "closed")]
        assert library.folders.accept_missing(os.fsencode(anyones)) == 0, "nobody knows whether they are there"
    assert len(shown(library)) == 5


@pytest.mark.parametrize("kind", ["circle", "through a file", "into a closed folder"])
def test_a_dead_link_hides_no_photo_beside_it(library: Library, anyones: Path, kind: str) -> None:
    fill(anyones, 5)
    link = anyones / "2x.jpg"
    (anyones / "closed").mkdir(mode=0)
    link.symlink_to({"circle": "2x.jpg", "through a file": "1.jpg/a", "into a closed folder": "closed/a.jpg"}[kind])
    library.folders.add(anyones)
    (anyones / "closed").chmod(0o700 if kind != "into a closed folder" else 0)
    with as_nobody():
        assert sync(library).added == 5
    assert link.is_symlink()
