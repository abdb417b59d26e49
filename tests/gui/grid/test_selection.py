"""Picking photos as in a file manager."""

from __future__ import annotations

import numpy as np

from photofind.gui.grid.selection import Selection

IDS = np.array([10, 7, 42, 3, 5], dtype=np.int64)


def test_a_range_runs_in_the_order_shown_in_both_directions() -> None:
    selection = Selection()
    selection.pick(42)
    selection.extend(5, IDS)
    assert selection.ordered(IDS) == [42, 3, 5]
    selection.extend(10, IDS)
    assert selection.ordered(IDS) == [10, 7, 42]


def test_toggling_adds_and_takes_away() -> None:
    selection = Selection()
    selection.pick(7)
    selection.toggle(3)
    selection.toggle(7)
    assert selection.ordered(IDS) == [3]


def test_all_includes_what_is_not_loaded() -> None:
    many = np.arange(1_000_000)
    selection = Selection()
    selection.pick_all(many)
    assert len(selection) == 1_000_000


def test_another_order_keeps_the_same_photos_picked() -> None:
    selection = Selection()
    selection.pick(7)
    selection.toggle(5)
    selection.keep(np.array([99, 5, 10], dtype=np.int64))
    assert selection.ordered(np.array([99, 5, 10], dtype=np.int64)) == [5]
    assert selection.current == 5


def test_a_range_without_a_start_is_one_photo() -> None:
    selection = Selection()
    selection.extend(42, IDS)
    assert selection.ordered(IDS) == [42]
