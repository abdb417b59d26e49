"""What the bound on noise promises for a library that is much larger than the pictures that a trial takes."""

from __future__ import annotations

import numpy as np

from photofind.core.encoders.gate import EIGHT_BITS


def test_nine_of_the_ten_best_stay_among_a_hundred_thousand() -> None:
    """What the bound on noise promises, whatever the few trial pictures say."""
    rng = np.random.default_rng(0)
    same = []
    for _ in range(20):
        scores = rng.normal(size=100_000)
        off = scores + EIGHT_BITS.noise * rng.normal(size=len(scores))
        best, found = (np.argpartition(-each, 10)[:10] for each in (scores, off))
        same.append(len(np.intersect1d(best, found)) / 10)
    assert np.mean(same) > 0.87
