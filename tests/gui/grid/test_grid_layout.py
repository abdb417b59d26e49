"""The arithmetic of the grid."""

from __future__ import annotations

import timeit
from functools import partial
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from PySide6.QtGui import Qt

from photofind.gui.grid.layout import DIVIDER, GAP, MARGIN, SCROLL_BAR, GridLayout

layouts = st.builds(
    GridLayout,
    width=st.integers(120, 3000),
    count=st.integers(1, 500),
    likely=st.integers(0, 500),
    wanted_edge=st.integers(60, 400),
    captions=st.booleans(),
    right_to_left=st.booleans(),
)


@given(layouts, st.data())
def test_every_tile_is_found_where_it_is_painted(places: GridLayout, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, places.count - 1))
    rect = places.rect(row)
    assert places.row_at(rect.center()) == row
    assert row in places.rows_between(rect.top(), rect.top())
    assert rect.bottom() < places.height


@given(layouts)
def test_tiles_never_overlap_and_never_leave_the_width(places: GridLayout) -> None:
    rects = [places.rect(row) for row in range(min(places.count, 60))]
    for one, next_one in pairwise(rects):
        assert not one.intersects(next_one)
    if places.columns > 1:
        assert all(rect.left() >= 0 and rect.right() < places.width + SCROLL_BAR for rect in rects)


@given(layouts, st.data())
def test_every_key_leads_to_a_tile(places: GridLayout, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, places.count - 1))
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
        assert 0 <= places.row_beside(row, key, 700) < places.count


def test_the_divider_lies_between_likely_and_less_likely() -> None:
    places = GridLayout(width=1000, count=20, likely=3, wanted_edge=176)
    assert places.rect(2).bottom() < places.divider().top()
    assert places.divider().bottom() < places.rect(3).top()
    assert places.rect(3).left() == MARGIN
    assert places.rect(3).top() - places.rect(2).bottom() > DIVIDER


def test_no_divider_where_all_or_none_are_likely() -> None:
    for likely in (0, 20):
        assert not GridLayout(width=1000, count=20, likely=likely, wanted_edge=176).has_divider


def test_down_crosses_the_divider_in_the_same_column() -> None:
    places = GridLayout(width=1000, count=20, likely=3, wanted_edge=176)
    assert places.columns == 5
    assert places.row_beside(1, Qt.Key.Key_Down, 700) == 4
    assert places.row_beside(4, Qt.Key.Key_Up, 700) == 1
    assert places.row_beside(7, Qt.Key.Key_Up, 700) == 2  # The likely line is short.


def test_right_to_left_begins_at_the_right_and_left_goes_on() -> None:
    places = GridLayout(width=1000, count=20, likely=0, wanted_edge=176, right_to_left=True)
    assert places.rect(0).left() > places.rect(1).left()
    assert places.row_beside(0, Qt.Key.Key_Left, 700) == 1


def test_the_gap_between_tiles_has_no_photo() -> None:
    places = GridLayout(width=1000, count=20, likely=0, wanted_edge=176)
    assert places.row_at(places.rect(0).topRight() + QPoint(GAP // 2, 5)) is None


def lay_out(count: int) -> None:
    """Do all that showing, scrolling and pointing asks of the layout, in the middle of so many photos."""
    places = GridLayout(width=1000, count=count, likely=count // 2, wanted_edge=176)
    middle = places.height // 2
    seen = places.rows_between(middle, middle + 800)
    assert 20 <= len(seen) <= 40
    for row in seen:
        assert places.row_at(places.rect(row).center()) == row
    for key in (
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    ):
        places.row_beside(seen[0], key, 700)
    places.divider()


def test_a_million_photos_cost_what_a_thousand_do() -> None:
    thousand, million = (min(timeit.repeat(partial(lay_out, n), number=20, repeat=5)) for n in (1_000, 1_000_000))
    assert million < 3 * thousand
