"""How fast it goes: photos a second over the last seconds, and how many of them fill a slice."""

from __future__ import annotations

import time
from collections import deque

# How long a search may have to wait for the work at hand, and how long a slice is where nobody searches.
SLICE_SECONDS = 0.15
UNATTENDED_SLICE_SECONDS = 1.0
_MOST_A_SLICE = 256
_RATE_WINDOW_SECONDS = 20.0


class Rate:
    """Images per second over the last twenty seconds."""

    def __init__(self) -> None:
        self._stored: deque[tuple[float, int]] = deque()

    def add(self, images: int) -> None:
        """Count images stored just now."""
        now = time.monotonic()
        self._stored.append((now, images))
        while now - self._stored[0][0] > _RATE_WINDOW_SECONDS:
            self._stored.popleft()

    @property
    def per_second(self) -> float | None:
        """The rate, None until there are two moments to compare."""
        if len(self._stored) < 2:
            return None
        seconds = self._stored[-1][0] - self._stored[0][0]
        return sum(images for _, images in list(self._stored)[1:]) / seconds if seconds > 0 else None


class BatchSize:
    """How many images fill a slice of so many seconds, learnt from those before."""

    def __init__(self, slice_seconds: float) -> None:
        self._slice_seconds = slice_seconds
        self.images = 8

    def learn(self, images: int, seconds: float) -> None:
        """Grow or shrink to the slice; the first one, which loads the model, tells nothing."""
        if images < self.images or seconds > 20 * self._slice_seconds:
            return
        whole = self.images * self._slice_seconds / max(seconds, 1e-4)
        self.images = int(max(1, min(_MOST_A_SLICE, 2 * self.images, (self.images + whole) / 2 + 0.5)))
