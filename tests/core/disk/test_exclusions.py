"""What the person wants left out: by pattern, by place, with a preview that keeps its word."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from photofind.core.disk import scan as scan_module
from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from photofind.core.disk.scan import scan_folder
from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.pictures import COLORS, write_photo

PLACES = (
    "a.jpg",
    "b.PNG",
    "Screenshots/shot.png",
    "trip/day 1/a.jpg",
    "trip/day 2/b.jpg",
    "trip/export/small.jpg",
    "work/export/small.jpg",
    "work/Äpfel [1].jpg",
)


@pytest.fixture
def root(library: Library, tmp_path: Path) -> Path:
    """A watched folder with a tree of embedded photos."""
    root = tmp_path / "photos"
    for seed, path in enumerate(PLACES):
        write_photo(root / path, list(COLORS.values())[seed], (40, 30), seed)
    library.folders.add(root)
    sync(library)
    embed(library)
    return root


def scan(root: Path, *patterns: str, folders: tuple[Path, ...] = ()) -> set[str]:
    exclusions = Exclusions(patterns, tuple(os.fsencode(folder) for folder in folders))
    return {os.fsdecode(path) for found in scan_folder(os.fsencode(root), exclusions) for path, *_ in found.photos}


def shown(library: Library, root: Path) -> dict[str, int]:
    photos = library.search.photos(library.search.answer(Query()).photo_ids.tolist())
    return {os.fsdecode(os.path.relpath(photo.path, os.fsencode(root))): photo.id for photo in photos}


@pytest.mark.parametrize(
    ("pattern", "dropped"),
    [
        ("a.jpg", {"a.jpg", "trip/day 1/a.jpg"}),
        ("A.JPG", {"a.jpg", "trip/day 1/a.jpg"}),
        ("*.png", {"b.PNG", "Screenshots/shot.png"}),
        ("screenshots", {"Screenshots/shot.png"}),
        ("Screen*", {"Screenshots/shot.png"}),
        ("export", {"trip/export/small.jpg", "work/export/small.jpg"}),
        (" export/ ", {"trip/export/small.jpg", "work/export/small.jpg"}),
        ("trip/export", {"trip/export/small.jpg"}),
        ("/trip/export/", {"trip/export/small.jpg"}),
        ("trip/day*", {"trip/day 1/a.jpg", "trip/day 2/b.jpg"}),
        ("trip/day ?", {"trip/day 1/a.jpg", "trip/day 2/b.jpg"}),
        ("day [2-9]", {"trip/day 2/b.jpg"}),
        ("*/export", {"trip/export/small.jpg", "work/export/small.jpg"}),
        ("?.jpg", {"a.jpg", "trip/day 1/a.jpg", "trip/day 2/b.jpg"}),
        ("Äpfel*", {"work/Äpfel [1].jpg"}),
        ("äpfel*", {"work/Äpfel [1].jpg"}),
        ("A\u0308PFEL*", {"work/Äpfel [1].jpg"}),  # as macOS writes names
        ("*[[]1].jpg", {"work/Äpfel [1].jpg"}),
        ("xport", set()),
        ("trip/day", set()),
        ("", set()),
        ("   ", set()),
        ("/", set()),
        ("[", set()),
        ("*", set(PLACES)),
    ],
)
def test_a_pattern_drops_what_it_names(root: Path, pattern: str, dropped: set[str]) -> None:
    assert set(PLACES) - scan(root, pattern) == dropped


@pytest.mark.parametrize(
    ("folder", "dropped"),
    [
        ("trip", {path for path in PLACES if path.startswith("trip/")}),
        ("trip/day 1", {"trip/day 1/a.jpg"}),
        ("tri", set()),
        ("../photos2", set()),
    ],
)
def test_an_excluded_folder_is_left_out_by_its_place(root: Path, folder: str, dropped: set[str]) -> None:
    assert set(PLACES) - scan(root, folders=(root / folder,)) == dropped


@pytest.mark.parametrize(
    ("path", "is_dropped"),
    [
        (".hidden/a.jpg", True),
        (".hidden.jpg", True),
        ("trip/@eaDir/a.jpg", True),
        ("#recycle/a.jpg", True),
        (".Trash-1000/files/a.jpg", True),
        ("$RECYCLE.BIN/S-1-5/a.jpg", True),
        ("System Volume Information/a.jpg", True),
        ("Old.photoslibrary/originals/0/a.jpg", True),
        ("Catalog Previews.lrdata/0/a.jpg", True),
        ("app/Cache/a.jpg", True),
        ("LOST+FOUND/a.jpg", True),
        ("Cache memory/a.jpg", False),
        ("geocaches/a.jpg", False),
        ("lrdata/a.jpg", False),
        ("recycle/a.jpg", False),
        ("...a.jpg/b.jpg", True),
        ("a.hidden/b.jpg", False),
    ],
)
def test_what_is_left_out_by_itself(path: str, is_dropped: bool) -> None:
    assert DEFAULT_EXCLUSIONS.filter_for(b"/photos").drops(os.fsencode(path)) == is_dropped


def test_scan_and_filter_agree(root: Path) -> None:
    """The watcher asks the filter about a path, the scan walks: both must say the same."""
    for pattern in ("export", "trip/day*", "*.png", "?.jpg", "*"):
        left_out = Exclusions((pattern,)).filter_for(os.fsencode(root))
        assert {path for path in PLACES if not left_out.drops(os.fsencode(path))} == scan(root, pattern)


def test_a_name_that_is_no_text_can_be_excluded(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff\xfe"
    os.mkdir(odd)
    write_photo(tmp_path / "a.jpg").rename(os.fsdecode(odd + b"/a.jpg"))
    assert scan(tmp_path) == {os.fsdecode(b"\xff\xfe/a.jpg")}
    assert scan(tmp_path, folders=(Path(os.fsdecode(odd)),)) == set()
    assert scan(tmp_path, os.fsdecode(b"\xff*")) == set()


@pytest.mark.parametrize("exclusions", [("export",), ("trip/day*", "*.png"), ("*",), ()])
def test_the_preview_is_what_the_sync_then_drops(library: Library, root: Path, exclusions: tuple[str, ...]) -> None:
    chosen = Exclusions((*DEFAULT_EXCLUSIONS.patterns, *exclusions), (os.fsencode(root / "work"),))
    before = shown(library, root)
    preview = library.folders.preview_exclusions(chosen)
    assert shown(library, root) == before, "a preview changes nothing"
    assert library.folders.exclusions() == DEFAULT_EXCLUSIONS
    library.folders.set_exclusions(chosen)
    sync(library)
    after = shown(library, root)
    assert preview.total == 8
    assert preview.dropped == 8 - len(after)
    assert {os.fsdecode(os.path.relpath(path, os.fsencode(root))) for path in preview.examples} == set(before) - set(
        after
    )
    assert all(folder.online and folder.missing == 0 for folder in library.folders.all()), "left out, not lost"


def test_taking_an_exclusion_back_brings_its_photos_back_unchanged(library: Library, root: Path) -> None:
    before = shown(library, root)
    library.folders.set_exclusions(Exclusions(("export", "*.png"), (os.fsencode(root / "work"),)))
    assert sync(library).removed == 5
    assert len(shown(library, root)) == 3
    library.folders.set_exclusions(DEFAULT_EXCLUSIONS)
    sync(library)
    assert shown(library, root) == before
    assert embed(library) == library.embedding.counts.pending == 0
    assert library.care.check(repair=False) == []


def test_exclusions_are_remembered(tmp_path: Path) -> None:
    chosen = Exclusions(("*.png", os.fsdecode(b"\xff*")), (b"/photos/\xfe",))
    library = Library(tmp_path / "library")
    library.folders.set_exclusions(chosen)
    library.close()
    again = Library(tmp_path / "library")
    assert again.folders.exclusions() == chosen
    again.close()


def test_an_excluded_folder_moves_along_with_its_located_folder(library: Library, root: Path) -> None:
    library.folders.set_exclusions(Exclusions((), (os.fsencode(root / "trip"), b"/another/place")))
    sync(library)
    place = root.parent / "new"
    root.rename(place)
    library.folders.locate(os.fsencode(root), place)
    assert library.folders.exclusions().folders == (os.fsencode(place / "trip"), b"/another/place")
    assert not sync(library).changed
    assert "trip/day 1/a.jpg" not in shown(library, place)


def test_a_photo_moved_out_of_an_excluded_folder_is_known_again(library: Library, root: Path) -> None:
    library.folders.set_exclusions(Exclusions(("export",)))
    before = shown(library, root)
    sync(library)
    (root / "trip/export/small.jpg").rename(root / "chosen.jpg")
    sync(library)
    assert embed(library) == 0
    assert shown(library, root)["chosen.jpg"] == before["trip/export/small.jpg"]


def test_a_photo_moved_into_an_excluded_folder_is_no_longer_shown(library: Library, root: Path) -> None:
    library.folders.set_exclusions(Exclusions(("export",)))
    sync(library)
    (root / "a.jpg").rename(root / "trip/export/a.jpg")
    assert sync(library).removed == 1
    assert "a.jpg" not in {Path(path).name for path in shown(library, root) if "day" not in path}


# Placeholders of cloud drives


def with_flag(stat: os.stat_result, attribute: str, value: int) -> SimpleNamespace:
    """Return what another system's stat would give: this one's knows no such flag."""
    named = {name: getattr(stat, name) for name in dir(stat) if name.startswith("st_")}
    return SimpleNamespace(**{**named, attribute: value})


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("st_flags", 0x40000000),
        ("st_file_attributes", 0x1000),
        ("st_file_attributes", 0x40000),
        ("st_file_attributes", 0x400000 | 0x20),
    ],
)
def test_placeholders_are_counted_not_opened_and_taken_when_they_arrive(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch, attribute: str, value: int
) -> None:
    write_photo(root / "cloud" / "later.jpg", seed=50)
    write_photo(root / "cloud" / "too.jpg", seed=51)
    in_cloud = {b"later.jpg", b"too.jpg"}
    real = scan_module._stat_file

    def stat_file(entry: os.DirEntry[bytes]) -> object:
        if entry.name in in_cloud:
            return with_flag(entry.stat(), attribute, value)
        return real(entry)

    monkeypatch.setattr(scan_module, "_stat_file", stat_file)
    monkeypatch.setattr(scan_module, "_TELLS_PLACEHOLDERS", True)
    assert sync(library).added == 0
    assert library.folders.all()[0].in_cloud == 2
    assert library.embedding.pending(10) == []
    in_cloud.remove(b"too.jpg")
    assert sync(library).added == 1
    assert library.folders.all()[0].in_cloud == 1
    assert embed(library) == 1
    assert "cloud/too.jpg" in shown(library, root)
