"""Signs in names and in what is typed: between words, alone, in the paths of the computer."""

from __future__ import annotations

import pytest

from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.core.search.named_library import add_named, named

# Signs


@pytest.mark.parametrize("typed", ["---", "...", "?!?", "/ /", "- / -", "   ", "\N{ZERO WIDTH JOINER}"])
def test_signs_alone_find_nobody(library: Library, typed: str) -> None:
    add_named(library, ["C++ meetup.jpg", "a -- b/c (1) & d.jpg"])
    assert library.search.answer(Query(text=typed)).named == 0 or not typed.strip()


@pytest.mark.parametrize(
    "typed", ["IMG_0042 (1).JPG", "IMG_0042(1).jpg", "img-0042-1", "IMG 0042 1", "a&b/IMG_0042 (1)", "a_b/img_0042_1"]
)
def test_however_many_signs_are_between_words_it_is_the_same_name(library: Library, typed: str) -> None:
    add_named(library, ["a & b/IMG_0042 (1).JPG", "IMG_0042.JPG", "IMG_00421.JPG"])
    assert named(library, typed)[0] == "a & b/IMG_0042 (1).JPG"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("_MG_1234.CR2", "_MG_1234"),
        ("_MG_1234.CR2", "mg_1234.cr2"),
        ("(new) photo!.jpg", "(new) photo!"),
        ("[2] ~x~/ -a- .png", "[2] ~x~/ -a- .png"),
        ("[2] ~x~/ -a- .png", "-a-"),
    ],
)
def test_a_name_that_begins_or_ends_with_signs_is_the_very_name(library: Library, name: str, typed: str) -> None:
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    add_named(library, [name, f"{stem} and more.cr2", f"{name.rsplit('.', 1)[0]}/x.jpg"])
    assert named(library, typed)[0] == name


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("IMG0042", "IMG_0042.jpg"),
        ("img0042.jpg", "IMG_0042.jpg"),
        ("DSC_01273", "DSC01273.jpg"),
        ("gopr-0001 scan0007", "GOPR0001/scan_0007.jpg"),
        ("MVC001F", "MVC-001F.jpg"),
        ("IMG0042-edited", "IMG_0042-edited.jpg"),
    ],
)
def test_letters_and_number_may_be_typed_together_or_apart(library: Library, typed: str, path: str) -> None:
    add_named(
        library,
        [
            *("IMG_0042-edited.jpg", "IMG_0042.jpg", "DSC01273.jpg", "GOPR0001/scan_0007.jpg", "MVC-001F.jpg"),
            *("map 1.jpg", "trip 42/IMG_0043.jpg"),
        ],
    )
    assert named(library, typed)[0] == path
    assert named(library, "P1") == [], "too little to be parted"


# Whole paths


def test_a_photo_is_found_by_its_path_on_the_computer(library: Library) -> None:
    add_named(library, ["Summer, 2019/Tom & Jerry's/a+b.jpg", "Summer, 2019/a+b.jpg", "x.jpg"])
    add_named(library, ["x.jpg"], "/pictures/photos/Inner one")
    for path in ("Summer, 2019/Tom & Jerry's/a+b.jpg", "x.jpg"):
        assert named(library, f"/pictures/photos/{path}") == [path]
    assert named(library, "/pictures/photos/Summer, 2019/") == [
        "Summer, 2019/a+b.jpg",
        "Summer, 2019/Tom & Jerry's/a+b.jpg",
    ]
    assert named(library, "/pictures/photos/Inner one/x.jpg") == ["x.jpg"]
    assert len(named(library, "/pictures/photos/Inner one")) == 1
    assert named(library, "/pictures/photos/none.jpg") == named(library, "/elsewhere/photos/x.jpg") == []


def test_a_path_in_a_folder_at_the_top_of_the_computer_is_found(library: Library) -> None:
    add_named(library, ["a/x.jpg"], "/")
    add_named(library, ["b/x.jpg"], "/top")
    assert named(library, "/a/x.jpg") == ["a/x.jpg"]
    assert named(library, "/top/b/x.jpg") == ["b/x.jpg"]
