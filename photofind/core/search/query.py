"""From what a person asks to a ranking: cleaning the words, and the line between likely and unlikely."""

from __future__ import annotations

import math
import unicodedata

import numpy as np

from photofind.core.records.arrays import Vectors
from photofind.core.records.query import MAX_CHARACTERS

# How far above the library's ordinary score a likely match lies, in robust standard deviations,
# and as a share of the best match's lead. A fixed cut fails, by query and by model (rclip#207).
_DEVIATIONS = 3.0
_SHARE_OF_LEAD = 0.5
# Three quarters of the way to a perfect match is always likely: photos of one library are often
# so alike that three deviations lie beyond 1.
_SHARE_OF_ALL = 0.75


def clean_text(text: str) -> str:
    """Return words with odd characters and spaces tidied, `MAX_CHARACTERS` at most; "" where nothing is asked."""
    visible = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Co") else " " for c in text[:20_000])
    return " ".join(visible.split())[:MAX_CHARACTERS].strip()


def likely_line(best: float, ordinary: Vectors) -> float:
    """Return the score from which a match is likely, given the best one and ordinary scores of the library.

    Likely is what stands out from this library's scores for this query; without any ordinary ones nothing is.
    """
    if not len(ordinary):
        return math.inf
    middle = float(np.median(ordinary))
    spread = max(1.4826 * float(np.median(np.abs(ordinary - middle))), 1e-3)
    outstanding = min(middle + _DEVIATIONS * spread, middle + _SHARE_OF_ALL * (1 - middle))
    return max(outstanding, middle + _SHARE_OF_LEAD * (best - middle))
