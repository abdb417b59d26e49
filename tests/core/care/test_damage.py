"""Whatever happens to the library's files: no crash, no traceback, the right answer or one sentence."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from photofind.core.library import Library
from tests.core.care.damaged_library import CATALOG, GRAPH, MATRIX, Damage, Outcome, make_library, try_all

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the children of these tests are forked")
PAGE = 4096


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("damage"))


@pytest.fixture(scope="module")
def sound(template: Path) -> Outcome:
    """What the undamaged library answers."""
    outcome = try_all(template, [Damage("library.lock", "cut")])[0]
    assert outcome.answers is not None, outcome
    assert outcome.answers["graph"] is not None
    return outcome


def size(template: Path, file: str) -> int:
    return (template / file).stat().st_size


def cuts(template: Path, file: str, count: int, random_count: int) -> list[Damage]:
    """Return cuts at every byte of a small file, else beside every page's end and at random places."""
    length = size(template, file)
    if length < 1024:
        places = list(range(length))
    else:
        ends = range(0, length, PAGE)
        places = [place for end in ends for place in (end - 1, end, end + 1) if 0 <= place < length]
        places += random.Random(file).sample(range(length), random_count)
    return [Damage(file, "cut", place) for place in random.Random(file).sample(places, min(count, len(places)))]


def flips(template: Path, files: Sequence[str], count: int, *, is_unclean: bool = False) -> list[Damage]:
    chance = random.Random(count)
    chosen = [chance.choice(files) for _ in range(count)]
    return [
        Damage(file, "flip", chance.randrange(size(template, file)), 1 << chance.randrange(8), is_unclean)
        for file in chosen
    ]


def judge(outcomes: list[Outcome], sound: Outcome) -> None:
    """Fail for a crash, a traceback or a wrong answer; a damaged cache must never cost an answer at all."""
    for outcome in outcomes:
        assert not outcome.signal, outcome
        assert not outcome.traceback, f"{outcome.damage}\n{outcome.traceback}"
        if outcome.damage.file in MATRIX + GRAPH:
            assert outcome.answers is not None, outcome
        if outcome.answers is None:
            assert "is damaged" in outcome.refused or "not indexed yet" in outcome.refused, outcome
            continue
        assert sound.answers is not None
        expected = dict(sound.answers)
        if outcome.answers["graph"] is None:  # left out, to be built again
            expected["graph"] = None
        if not outcome.damage.is_unclean:
            assert outcome.answers == expected, outcome.damage


# The short version


def test_changed_bytes_are_never_believed(template: Path, sound: Outcome) -> None:
    judge(try_all(template, flips(template, MATRIX + GRAPH + CATALOG, 15)), sound)


def test_a_file_that_was_cut_off_is_never_believed(template: Path, sound: Outcome) -> None:
    damages = [damage for file in MATRIX + GRAPH + CATALOG for damage in cuts(template, file, 2, 10)]
    judge(try_all(template, damages), sound)


def test_zeroed_and_missing_files_are_noticed(template: Path, sound: Outcome) -> None:
    files = MATRIX + GRAPH + CATALOG
    damages = [Damage(file, kind) for file in files for kind in ("zero", "missing")]
    judge(try_all(template, damages), sound)


def test_a_damaged_catalog_after_a_crash_ends_in_a_sentence_at_worst(template: Path, sound: Outcome) -> None:
    damages = flips(template, CATALOG[:1], 8, is_unclean=True)
    damages += [Damage("catalog.sqlite", "cut", place, is_unclean=True) for place in (0, 100, PAGE, 10 * PAGE)]
    judge(try_all(template, damages), sound)


@pytest.mark.parametrize("files", [GRAPH, MATRIX, MATRIX + GRAPH], ids=["graph", "matrix", "both"])
def test_another_librarys_caches_are_not_taken(
    template: Path, sound: Outcome, tmp_path: Path, files: Sequence[str]
) -> None:
    other = make_library(tmp_path / "other", seed=100)
    swapped = tmp_path / "swapped" / "library"
    shutil.copytree(template, swapped)
    for file in files:
        shutil.copyfile(other / file, swapped / file)
    outcome = try_all(swapped, [Damage("library.lock", "cut")])[0]
    assert outcome.answers is not None, outcome
    assert outcome.answers == {**(sound.answers or {}), "graph": None if files != MATRIX else sound.answers["graph"]}  # type: ignore[index]


# The long one


@pytest.mark.long(seconds=10)
@pytest.mark.parametrize("part", range(5))
def test_five_hundred_changed_bytes(template: Path, sound: Outcome, part: int) -> None:
    damages = flips(template, MATRIX + GRAPH + CATALOG, 500)[part::5]
    judge(try_all(template, damages), sound)


@pytest.mark.long(seconds=16)
@pytest.mark.parametrize("part", range(3))
def test_changed_bytes_of_the_catalog_after_a_crash(template: Path, sound: Outcome, part: int) -> None:
    judge(try_all(template, flips(template, CATALOG[:1], 500, is_unclean=True)[part::3]), sound)


@pytest.mark.long(seconds=22)
@pytest.mark.parametrize("file", MATRIX + GRAPH + CATALOG)
def test_every_place_a_file_may_be_cut_at(template: Path, sound: Outcome, file: str) -> None:
    judge(try_all(template, cuts(template, file, 400, 200)), sound)


@pytest.mark.long(seconds=5)
def test_every_place_a_catalog_may_be_cut_at_in_a_crash(template: Path, sound: Outcome) -> None:
    damages = [Damage(cut.file, cut.kind, cut.place, is_unclean=True) for cut in cuts(template, CATALOG[0], 400, 200)]
    judge(try_all(template, damages), sound)


def test_a_catalog_that_is_written_another_way_than_before_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a disk that was full for a moment refused the write-ahead log when the library was made."""
    with monkeypatch.context() as patch:
        patch.setattr("sqlite_utils.Database.enable_wal", lambda _: None)
        Library(tmp_path).close()
    for _ in range(3):
        Library(tmp_path).close()
