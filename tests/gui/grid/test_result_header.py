"""The line above the grid tells how many photos were found by what, whatever part of them is shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from photofind.core.records.answers import SearchResult
from photofind.core.records.query import Query
from photofind.gui.grid.layout import GridLayout
from photofind.gui.grid.result_header import ResultHeader

ANSWER = SearchResult(
    Query(text="norway"),
    np.arange(1, 1_001),
    np.zeros(1_000, np.float32),
    np.zeros(1_000, np.uint8),
    likely=0,
    searched=150_000,
    total=150_000,
    model="tiny",
    seconds=0.01,
)


@pytest.mark.parametrize(
    ("named", "by_looks", "title"),
    [
        (25, 0, "25 by name, date or words"),
        (1, 1, "1 by name, date or words · 1 likely match"),
        (100_000, 12, "100,000 by name, date or words · 12 likely matches"),
        (0, 12, "12 likely matches"),
        (0, 0, "No likely match; these come closest"),
    ],
)
def test_it_tells_what_was_found_by_name_and_what_by_looks(qtbot: QtBot, named: int, by_looks: int, title: str) -> None:
    header = ResultHeader()
    qtbot.addWidget(header)
    header.describe(replace(ANSWER, named=named, likely=named + by_looks), "", indexing=False)
    assert header.title.text() == title


def test_there_is_no_line_where_more_are_likely_than_shown() -> None:
    assert not GridLayout(width=800, count=1_000, likely=100_000, wanted_edge=200).has_divider
