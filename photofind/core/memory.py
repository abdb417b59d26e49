"""How much memory there is to use."""

from __future__ import annotations

import psutil


def available_memory() -> int:
    """Return how many bytes programs could take now without anything being swapped out."""
    return int(psutil.virtual_memory().available)
