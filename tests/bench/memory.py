"""What the real program holds in memory at rest, with 100,000 embedded photos and a model that is ready for words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from photofind.core.library import Library
from tests.bench import vectors as shapes
from tests.bench.fitted import fit
from tests.bench.libraries import fill_library
from tests.bench.models import make_model_folder
from tests.bench.report import Result, report

_ROWS = 100_000
_BOUND_MIB = 700
# At rest is what has not changed by a hundredth for so long; it loads the model before.
_REST_SECONDS, _MOST_SECONDS = 8.0, 120.0
_LEAST_SECONDS = 20.0


def main() -> None:
    """Fill a library, open the window on it, and read what the system says when it has come to rest."""
    with tempfile.TemporaryDirectory() as directory:
        library = Path(directory) / "library"
        engine = _fill(library, Path(directory) / "model")
        program = subprocess.Popen(
            [sys.executable, "-m", "photofind", "--library", str(library)],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        try:
            _wait_for_rest(program.pid)
            own = _resident_mib(program.pid)
            everything = own + sum(map(_resident_mib, _children(program.pid)))
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait(20)
    name = f"memory.{_ROWS}.idle"
    report(Result(f"{name} {engine}", own, "MiB", bound="<=", bound_value=_BOUND_MIB))
    report(Result(f"{name}.with_children", everything, "MiB"))


def _fill(directory: Path, model: Path) -> str:
    make_model_folder(model, "ViT-B-32-256")
    engines = fit(model, directory)
    library = Library(directory)
    library.models.use(str(model))
    fill_library(library, shapes.clustered(_ROWS))
    library.close()
    return str(engines.texts)


def _wait_for_rest(pid: int) -> None:
    start = changed = time.monotonic()
    last = 0.0
    while time.monotonic() - changed < _REST_SECONDS or time.monotonic() - start < _LEAST_SECONDS:
        if time.monotonic() - start > _MOST_SECONDS:
            raise RuntimeError("the program did not come to rest")
        now = sum(_resident_mib(each) for each in [pid, *_children(pid)])
        if abs(now - last) > 0.01 * last:
            last, changed = now, time.monotonic()
        time.sleep(0.5)


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    family = [tuple(map(int, line.split())) for line in listed.splitlines()]
    return [child for child, parent in family if parent == pid]


def _resident_mib(pid: int) -> float:
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True).stdout
    return int(shown or 0) / 1024  # nothing where it has just ended
