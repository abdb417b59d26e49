"""What a benchmark reports: one measurement a line, as JSON, with the machine it was made on."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """A measured value; where `peer_value` is given, the bound is one on their ratio."""

    name: str
    value: float
    unit: str
    bound: Literal["<=", ">="] | None = None
    bound_value: float | None = None
    peer: str | None = None
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.peer_value is None else self.value / self.peer_value

    @property
    def holds(self) -> bool | None:
        if self.bound_value is None:
            return None
        measured = self.value if self.ratio is None else self.ratio
        return measured <= self.bound_value if self.bound == "<=" else measured >= self.bound_value


def report(result: Result) -> None:
    """Print a result at once, so that it is seen while the next one is measured."""
    line = {
        "name": result.name,
        "value": _shorten(result.value),
        "unit": result.unit,
        "peer": result.peer,
        "peer_value": _shorten(result.peer_value),
        "ratio": _shorten(result.ratio),
        "bound": result.bound,
        "bound_value": result.bound_value,
        "holds": result.holds,
        "machine": describe_machine(),
    }
    sys.stdout.write(json.dumps({key: value for key, value in line.items() if value is not None}) + "\n")
    sys.stdout.flush()


def _shorten(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


@cache
def describe_machine() -> str:
    """Return processor, cores and memory in words."""
    return f"{_processor()}, {os.cpu_count()} cores, {_memory_bytes() / 2**30:.0f} GiB"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:  # not Linux
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory_bytes() -> int:
    names = ("SC_PHYS_PAGES", "SC_PAGE_SIZE")
    if not hasattr(os, "sysconf") or any(name not in os.sysconf_names for name in names):
        return 0
    return os.sysconf(names[0]) * os.sysconf(names[1])


def interleave(rounds: int, *measures: Callable[[], T]) -> list[list[T]]:
    """Measure in turns, one list of values for each; a busy moment then meets all of them."""
    values = [[measure() for measure in measures] for _ in range(rounds)]
    return [list(column) for column in zip(*values, strict=True)]


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return float(np.median(values))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` percent of the values do not exceed."""
    return float(np.percentile(values, share))
