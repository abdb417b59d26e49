"""A photo may be called anything that the disk allows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photofind.core.library import Library
from photofind.core.records.names import display_name
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.odd_names import ODD_NAMES, byte_names
from tests.pictures import COLORS, write_photo

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes for a name")


@pytest.fixture
def odd(library: Library, tmp_path: Path) -> bytes:
    """A watched folder, itself oddly named, of one embedded photo for each odd name."""
    odd = os.fsencode(tmp_path) + b"/odd \xff\n\xe2\x80\xae%20"
    os.mkdir(odd)
    for seed, name in enumerate(ODD_NAMES.values()):
        photo = write_photo(tmp_path / "made.jpg", list(COLORS.values())[seed % 8], (40, 30), seed)
        os.rename(photo, os.path.join(odd, name))
    library.folders.add(Path(os.fsdecode(odd)))
    sync(library)
    embed(library)
    return odd


def shown(library: Library) -> dict[bytes, int]:
    return {photo.path: photo.id for photo in library.search.photos(library.search.answer(Query()).photo_ids.tolist())}


def paths(odd: bytes) -> set[bytes]:
    return {os.path.join(odd, name) for name in ODD_NAMES.values()}


def run(library: Library, *arguments: str | bytes | Path) -> bytes:
    """Run the real program on a library that is open here for writing."""
    command = [sys.executable, "-m", "photofind", "--library", library.directory, *arguments]
    done = subprocess.run(command, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def test_every_odd_name_is_indexed_and_found(library: Library, odd: bytes) -> None:
    assert shown(library).keys() == paths(odd)
    assert library.care.problems() == []
    found = library.search.photos(library.search.answer(Query(text="red", limit=100)).photo_ids.tolist())
    assert {photo.path for photo in found} == paths(odd)
    for path, photo_id in shown(library).items():
        assert os.path.exists(path)
        assert library.search.photos([photo_id])[0].path == path
    assert not sync(library).changed
    assert library.care.check(repair=False) == []


def test_what_is_shown_of_an_odd_name_cannot_mislead(library: Library, odd: bytes) -> None:
    for photo in library.search.photos(list(shown(library).values())):
        assert photo.name
        assert photo.name.isprintable(), "no newline, no override of the reading direction"
        assert photo.name.endswith((".jpg", ".JPG"))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("two lines", "newline"),
        ("family", "emoji"),
        ("Grüße", "composed"),
        ("Grüße", "decomposed"),
        ("gruße", "decomposed"),
        ("rf", "a leading dash"),
        ("100 20", "what addresses are made of"),
        ("drop table", "for a database"),
        ("caf", "another encoding"),
    ],
)
def test_odd_names_are_found_by_the_words_in_them(library: Library, odd: bytes, words: str, name: str) -> None:
    ids = library.search.answer(Query(text=words)).photo_ids[:2].tolist()
    found = {photo.path for photo in library.search.photos(ids)}
    assert os.path.join(odd, ODD_NAMES[name]) in found


def test_the_command_line_gives_every_path_as_it_is(library: Library, odd: bytes) -> None:
    document = json.loads(run(library, "search", "red", "--limit", "100", "--json"))
    assert {os.fsencode(hit["path"]) for hit in document["hits"]} == paths(odd)
    assert {os.fsencode(hit["folder"]) for hit in document["hits"]} == {odd}
    printed = run(library, "search", "red", "--limit", "100")
    for path in paths(odd):
        assert path + b"\n" in printed
    assert json.loads(run(library, "folders", "--json"))["folders"][0]["path"] == os.fsdecode(odd)
    assert odd in run(library, "folders")


def test_problems_name_odd_files_as_they_are(library: Library, odd: bytes) -> None:
    for path in paths(odd):
        with open(path, "wb") as file:
            file.write(b"no picture: " + path)
    sync(library)
    library.embedding.store([(photo, Sentence("picture_unknown")) for photo in library.embedding.pending(100)])
    assert {problem.path for problem in library.care.problems()} == paths(odd)
    document = json.loads(run(library, "problems", "--json"))
    assert {os.fsencode(problem["path"]) for problem in document["problems"]} == paths(odd)
    printed = run(library, "problems")
    assert all(path in printed for path in paths(odd))


def test_odd_files_may_be_asked_for_on_the_command_line(library: Library, odd: bytes) -> None:
    path = os.path.join(odd, ODD_NAMES["a leading dash"])
    document = json.loads(run(library, "similar", path, "--limit", "1", "--json"))
    assert os.fsencode(document["hits"][0]["path"]) == path


def test_renames_between_odd_names_keep_the_identity(library: Library, odd: bytes) -> None:
    before = shown(library)
    names = list(ODD_NAMES.values())
    os.rename(os.path.join(odd, names[-1]), os.path.join(odd, b"aside"))
    for name, to in zip(names[-2::-1], names[:0:-1], strict=True):
        os.rename(os.path.join(odd, name), os.path.join(odd, to))
    os.rename(os.path.join(odd, b"aside"), os.path.join(odd, names[0]))
    result = sync(library)
    assert (result.moved, result.added, result.removed) == (len(names), 0, 0)
    assert embed(library) == 0
    turned = dict(zip([os.path.join(odd, name) for name in names], names[1:] + names[:1], strict=True))
    assert shown(library) == {os.path.join(odd, turned[path]): photo_id for path, photo_id in before.items()}


def test_names_that_differ_only_in_how_they_are_written_are_different_photos(library: Library, odd: bytes) -> None:
    ids = shown(library)
    assert len({ids[os.path.join(odd, ODD_NAMES[name])] for name in ("composed", "decomposed")}) == 2
    assert len({ids[os.path.join(odd, ODD_NAMES[name])] for name in ("lower case", "upper case")}) == 2


def test_any_bytes_make_a_name(library: Library, tmp_path: Path) -> None:
    root = tmp_path / "any"
    first = write_photo(root / "stays.jpg", size=(40, 30))
    library.folders.add(root)
    sync(library)
    embed(library)
    here = os.fsencode(root)

    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.booleans(), byte_names), min_size=1, max_size=8, unique_by=lambda pair: pair[1]))
    def any_bytes_make_a_name(places: list[tuple[bool, bytes]]) -> None:
        wanted = {b"stays.jpg"} | {b"sub/" + name if deeper else name for deeper, name in places}
        os.mkdir(here + b"/sub")
        for name in wanted - {b"stays.jpg"}:
            shutil.copyfile(first, os.path.join(here, name))
        sync(library)
        assert embed(library) == 0
        found = library.search.photos(library.search.answer(Query(text="red", limit=100)).photo_ids.tolist())
        assert {photo.path for photo in found} == shown(library).keys() == {os.path.join(here, name) for name in wanted}
        assert all(display_name(photo.path).isprintable() for photo in found)
        for name in wanted - {b"stays.jpg"}:
            os.unlink(os.path.join(here, name))
        os.rmdir(here + b"/sub")
        sync(library)
        assert shown(library).keys() == {os.fsencode(first)}

    any_bytes_make_a_name()
    assert library.care.check(repair=False) == []
