"""What the tests of presence share: a folder of many photos, a drive, and what is shown of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from photofind.core.library import Library
from photofind.core.records.photos import Folder, Photo
from photofind.core.records.query import Query
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.mounts import mounted_tmpfs
from tests.pictures import COLORS, write_photo


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


def fill(folder: Path, count: int) -> None:
    for number in range(count):
        write_photo(
            folder / f"{number}.jpg", list(COLORS.values())[number % 8], (16, 12), sum(folder.name.encode()) + number
        )


def watch(library: Library, folder: Path) -> Path:
    library.folders.add(folder)
    sync(library)
    embed(library)
    return folder


def shown(library: Library) -> dict[bytes, Photo]:
    """Return everything that is shown, by path."""
    return {photo.path: photo for photo in library.search.photos(library.search.answer(Query()).photo_ids.tolist())}


def badged(library: Library) -> int:
    return sum(not photo.online for photo in shown(library).values())


def the_folder(library: Library) -> Folder:
    (folder,) = library.folders.all()
    return folder
