"""How soon the window is there: from the start of the process to the end of the first paint."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from tests.bench.report import Result, interleave, median, report

_ROUNDS = 9
_BOUND = 0.5


def main() -> None:
    """Measure both in turns; the first round of each only warms the system's file cache."""
    with tempfile.TemporaryDirectory() as library:
        torch_in_window: list[bool] = []
        paints, imports = interleave(_ROUNDS + 1, lambda: _open_window(library, torch_in_window), _import_torch)
    report(
        Result(
            "startup.first_paint",
            median(paints[1:]),
            "s",
            bound="<=",
            bound_value=_BOUND,
            peer="import torch",
            peer_value=median(imports[1:]),
        )
    )
    report(Result("startup.torch_imported_before_paint", sum(torch_in_window), "times", bound="<=", bound_value=0))


def _open_window(library: str, torch_in_window: list[bool]) -> float:
    """Return the seconds until the real program has painted its window."""
    command = [sys.executable, "-m", "tests.bench.first_paint", "--library", library]
    start = time.monotonic()
    done = subprocess.run(
        command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, stdout=subprocess.PIPE, timeout=60, check=True
    )
    painted, has_torch = done.stdout.split()
    torch_in_window.append(has_torch == b"True")
    return float(painted) - start


def _import_torch() -> float:
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", "import torch"], timeout=60, check=True)
    return time.monotonic() - start
