"""A whole path typed or pasted: what of it is a photo's name, which begins with its watched folder."""

from __future__ import annotations

import os

import pytest

from photofind.core.search.understand import without_place

HOME = os.path.join(os.path.abspath(os.sep), "home", "anna")
PHOTOS, OF_2019, OTHERS = (
    os.path.join(HOME, *parts) for parts in (("Photos",), ("Photos", "2019"), ("Photos of others",))
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ((PHOTOS, "a.jpg"), ("Photos", "a.jpg")),
        ((PHOTOS, "2018", "a.jpg"), ("Photos", "2018", "a.jpg")),
        ((OF_2019, "a.jpg"), ("2019", "a.jpg")),
        ((OTHERS, "a.jpg"), ("Photos of others", "a.jpg")),
        ((PHOTOS,), ("Photos",)),
    ],
)
def test_the_innermost_watched_folder_begins_the_name(path: tuple[str, ...], name: tuple[str, ...]) -> None:
    folders = [os.fsencode(folder) for folder in (OTHERS, PHOTOS, OF_2019)]
    assert without_place(os.path.join(*path), folders).strip(os.sep) == os.path.join(*name)


def test_a_path_of_no_watched_folder_stays_whole() -> None:
    elsewhere = os.path.join(HOME, "Photos of mine", "a.jpg")
    assert without_place(elsewhere, [os.fsencode(PHOTOS)]) == elsewhere
