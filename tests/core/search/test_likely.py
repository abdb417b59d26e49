"""Where the line between likely and unlikely is drawn, reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from photofind.core.records.query import MAX_CHARACTERS
from photofind.core.search.query import clean_text, likely_line

# Of these the middle is 0.1 and a robust deviation 0.014826, so that three of them end at 0.14448.
ORDINARY = (0.08, 0.09, 0.1, 0.11, 0.12)


@pytest.mark.parametrize(
    ("ordinary", "scores", "likely"),
    [
        pytest.param(ORDINARY, (0.16, 0.1446, 0.1443, 0.1), 2, id="what stands out by three deviations"),
        pytest.param(ORDINARY, (0.2, 0.1501, 0.1499, 0.145), 2, id="half of the best one's lead, where that is more"),
        pytest.param(ORDINARY, (0.144, 0.143), 0, id="nothing stands out"),
        pytest.param((0.1,) * 5, (0.105, 0.1031, 0.1029), 2, id="photos all alike: a thousandth is a deviation"),
        pytest.param(
            (0.6, 0.7, 0.8, 0.9, 1.0), (0.99, 0.951, 0.949), 2, id="three quarters of the way to 1 are enough"
        ),
        pytest.param((-0.1, 0.0, 0.0, 0.1), (0.3, 0.24, 0.1), 2, id="below nought too"),
        pytest.param((0.1, 0.1, 0.1, 0.1, 0.9), (0.9, 0.6, 0.4), 2, id="one stray does not move the line"),
        pytest.param(ORDINARY, (), 0, id="no hits"),
        pytest.param((), (0.9, 0.8), 0, id="nothing to compare with"),
    ],
)
def test_the_line(ordinary: tuple[float, ...], scores: tuple[float, ...], likely: int) -> None:
    line = likely_line(max(scores, default=0.0), np.array(ordinary, np.float32))
    assert sum(score >= line for score in scores) == likely


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("  blue \n\t sky ", "blue sky"),
        ("blue\x00sky", "blue sky"),
        ("blue\ud800sky", "blue sky"),
        ("blue\ue000sky", "blue sky"),
        ("東京 🙂 é", "東京 🙂 é"),
        ("\u3000", ""),
        ("a" * (MAX_CHARACTERS - 1) + " b", "a" * (MAX_CHARACTERS - 1)),
        ("b" * MAX_CHARACTERS, "b" * MAX_CHARACTERS),
        ("b" * (MAX_CHARACTERS + 1), "b" * MAX_CHARACTERS),
        (" " * 19_999 + "ab", "a"),
    ],
)
def test_what_is_typed_is_tidied_and_bounded(typed: str, asked: str) -> None:
    assert clean_text(typed) == asked
