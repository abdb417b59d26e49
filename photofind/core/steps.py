"""Long work in steps of a slice at most, so that a search can come between; whoever wants it in one go finishes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")
# Each step says which share of the work is done, where that is known.
Steps = Generator[float | None, None, T]

# Of the 0.15 s that a search may have to wait.
_SLICE_SECONDS: Final = 0.08
_FIRST, _MOST = 50, 5_000


def finish(steps: Steps[T]) -> T:
    """Do all steps and return the result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def in_slices(items: Sequence[T], act: Callable[[Sequence[T]], object]) -> Steps[None]:
    """Act on as many items at once as fill a slice, learnt from those before."""
    start, count = 0, _FIRST
    while start < len(items):
        part = items[start : start + count]
        began = time.monotonic()
        act(part)
        seconds = max(time.monotonic() - began, 1e-4)
        start += len(part)
        count = int(max(1, min(_MOST, 2 * count, count * _SLICE_SECONDS / seconds)))
        yield start / len(items)
