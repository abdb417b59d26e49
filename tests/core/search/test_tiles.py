"""The tiles of the grid: which are read, what stands in them, and files that go, come, or are others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from photofind.core.catalog.database import CATALOG_FILE, THUMBNAILS_FILE
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.photos import Photo, Tile
from photofind.core.search.tiles import Tiles
from tests.core.sync.test_scan_and_sync import embed, names, sync
from tests.inside import thumbnails_of


@pytest.fixture
def colors(library: Library, folder: Path) -> dict[str, int]:
    """The ids by name of eight photos that the library has embedded."""
    library.folders.add(folder)
    sync(library)
    embed(library)
    return names(library)


@pytest.fixture
def tiles(library: Library) -> Iterator[Tiles]:
    """The library's tiles, not opened yet."""
    with closing(Tiles(library.directory)) as tiles:
        yield tiles


@pytest.fixture
def copy(tmp_path: Path, library: Library, colors: dict[str, int]) -> Path:
    """A copy of the library that nothing else has open."""
    library.close()
    return shutil.copytree(library.directory, tmp_path / "copy")


@pytest.fixture
def copied(copy: Path) -> Iterator[Tiles]:
    """The tiles of the copy, not opened yet."""
    with closing(Tiles(copy)) as tiles:
        yield tiles


def shown(tiles: list[Tile]) -> dict[str, bool]:
    """Return by name whether there is a picture in the tile."""
    return {tile.photo.name: tile.thumbnail is not None for tile in tiles}


def test_each_photo_that_there_is_has_its_tile(tiles: Tiles, colors: dict[str, int]) -> None:
    assert tiles.open()
    assert shown(tiles.read([colors["red.jpg"], 12345, colors["blue.jpg"]])) == {"red.jpg": True, "blue.jpg": True}
    (red,) = tiles.read([colors["red.jpg"]])
    assert red.thumbnail is not None
    r, g, b = red.thumbnail.mean(axis=(0, 1))
    assert r > max(g, b) + 50


def test_photos_are_read_without_their_thumbnails(tiles: Tiles, colors: dict[str, int]) -> None:
    assert tiles.open()
    assert [photo.name for photo in tiles.photos([colors["green.jpg"], 12345])] == ["green.jpg"]


def test_a_thumbnail_that_is_missing_or_damaged_costs_that_one(
    library: Library, tiles: Tiles, colors: dict[str, int]
) -> None:
    thumbnails_of(library).put([(colors["red.jpg"], b"no picture")])
    thumbnails_of(library).remove([colors["blue.jpg"]])
    assert tiles.open()
    asked = [colors[name] for name in ("red.jpg", "blue.jpg", "green.jpg")]
    assert shown(tiles.read(asked)) == {"red.jpg": False, "blue.jpg": False, "green.jpg": True}


def test_where_nothing_is_open_there_are_no_tiles(tiles: Tiles, colors: dict[str, int]) -> None:
    assert tiles.read([colors["red.jpg"]]) == []
    assert tiles.photos([colors["red.jpg"]]) == []


@pytest.mark.parametrize("missing", [CATALOG_FILE, THUMBNAILS_FILE])
def test_a_library_without_one_of_its_files_is_opened_when_it_is_there(
    copy: Path, copied: Tiles, colors: dict[str, int], missing: str
) -> None:
    (copy / missing).rename(copy / "away")
    assert not copied.open()
    assert copied.read([colors["red.jpg"]]) == []
    (copy / "away").rename(copy / missing)
    assert copied.open()
    assert shown(copied.read([colors["red.jpg"]])) == {"red.jpg": True}


@pytest.mark.parametrize("replaced", [CATALOG_FILE, THUMBNAILS_FILE])
def test_a_file_that_another_one_took_the_place_of_is_read_anew(
    tmp_path: Path, copy: Path, copied: Tiles, colors: dict[str, int], replaced: str
) -> None:
    with closing(Library(tmp_path / "empty")) as empty:
        pass
    assert copied.open()
    assert shown(copied.read([colors["red.jpg"]])) == {"red.jpg": True}
    (empty.directory / replaced).replace(copy / replaced)
    assert copied.open()
    assert shown(copied.read([colors["red.jpg"]])) == ({} if replaced == CATALOG_FILE else {"red.jpg": False})


def test_a_file_that_is_the_same_is_not_opened_again(tiles: Tiles, colors: dict[str, int]) -> None:
    assert tiles.open()
    files = tiles._files
    assert tiles.open()
    assert tiles._files is files


@pytest.mark.parametrize("read", [Tiles.read, Tiles.photos])
def test_what_is_damaged_is_said_and_read_again_once_it_is_mended(
    copy: Path, copied: Tiles, colors: dict[str, int], read: Callable[[Tiles, list[int]], list[Tile] | list[Photo]]
) -> None:
    file = copy / CATALOG_FILE
    content = file.read_bytes()
    assert copied.open()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(PhotofindError):
        read(copied, [colors["red.jpg"]])
    assert read(copied, [colors["red.jpg"]]) == []
    file.write_bytes(content)
    assert copied.open()
    assert len(read(copied, [colors["red.jpg"]])) == 1
