"""The long tests are dealt out to thirds: each to one, thirds that take alike, the next commit the next third."""

from __future__ import annotations

import pytest

from tests import long_thirds
from tests.long_thirds import THIRDS, chosen_third, split

SECONDS = {f"test {number}": float(seconds) for number, seconds in enumerate([200, 120, 100, 90, 60, 40, *[15] * 30])}


def test_each_test_is_in_one_third_and_thirds_take_alike() -> None:
    thirds = split(SECONDS)
    assert set(thirds) == set(SECONDS)
    taken = [sum(SECONDS[name] for name in SECONDS if thirds[name] == third) for third in range(THIRDS)]
    assert max(taken) - min(taken) <= 15


def test_the_order_in_which_tests_are_found_changes_nothing() -> None:
    assert split(SECONDS) == split(dict(reversed(SECONDS.items())))


def test_three_commits_in_a_row_run_all(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = []
    for number in (141, 142, 143):
        monkeypatch.setattr(long_thirds, "commit_number", lambda number=number: number)
        chosen.append(chosen_third("commit"))
    assert sorted(third for third in chosen if third is not None) == [0, 1, 2]


def test_without_a_commit_all_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_thirds, "_git", lambda *_: None)
    assert chosen_third("commit") is None


def test_a_third_can_be_asked_for() -> None:
    assert (chosen_third("1"), chosen_third(None)) == (1, None)
