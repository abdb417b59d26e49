"""How soon the window is there, and its first answer: from the start of the process, with few photos and with many."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from photofind.core.library import Library
from photofind.core.places import models_dir
from tests.bench import vectors as shapes
from tests.bench.fitted import fit
from tests.bench.libraries import fill_library
from tests.bench.models import make_model_folder
from tests.bench.report import Result, interleave, median, report

_ROUNDS = 9
_BOUND = 0.5
_ROWS, _BOUND_LARGE = 100_000, 1.2
_WORDS_ROUNDS, _WORDS_BOUND, _WORDS_OVER_WINDOW = 5, 0.6, 1.5


def main() -> None:
    """Measure both in turns; the first round of each only warms the system's file cache."""
    with tempfile.TemporaryDirectory() as directory:
        library = str(Path(directory) / "empty")
        torch_in_window: list[bool] = []
        paints, imports = interleave(_ROUNDS + 1, lambda: open_window(library, torch_in_window)[0], _import_torch)
        large = _fill(Path(directory) / "large")
        empty, full = interleave(
            _ROUNDS + 1,
            lambda: open_window(library, torch_in_window)[1],
            lambda: open_window(large, torch_in_window)[1],
        )
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
    report(
        Result(
            f"startup.{_ROWS}.first_answer",
            median(full[1:]),
            "s",
            bound="<=",
            bound_value=_BOUND_LARGE,
            peer="empty library",
            peer_value=median(empty[1:]),
        )
    )
    report(Result("startup.torch_imported_before_paint", sum(torch_in_window), "times", bound="<=", bound_value=0))
    _measure_words()


def _measure_words() -> None:
    """Measure the first answer to words, with a model fitted to this computer and with torch."""
    with tempfile.TemporaryDirectory() as directory:
        model = make_model_folder(Path(directory) / "model", "ViT-B-32-256")
        fitted = Path(directory) / "fitted"
        engine = fit(model, fitted).texts
        library = Library(fitted)
        library.models.use(str(model))
        fill_library(library, shapes.clustered(_ROWS))
        library.close()
        by_torch = Path(shutil.copytree(fitted, Path(directory) / "by torch"))
        shutil.rmtree(models_dir(by_torch))
        quick, slow = interleave(_WORDS_ROUNDS + 1, lambda: _ask_window(fitted), lambda: _ask_window(by_torch))
    over_window, starts = zip(*quick[1:], strict=True)
    _, torch_starts = zip(*slow[1:], strict=True)
    report(
        Result(
            f"startup.{_ROWS}.words_after_window {engine}",
            median(over_window),
            "s",
            bound="<=",
            bound_value=_WORDS_OVER_WINDOW,
        )
    )
    report(
        Result(
            f"startup.{_ROWS}.words {engine}",
            median(starts),
            "s",
            bound="<=",
            bound_value=_WORDS_BOUND,
            peer="torch",
            peer_value=median(torch_starts),
        )
    )


def _ask_window(library: Path) -> tuple[float, float]:
    """Return the seconds until the real program answers words, after its window was painted and in all."""
    command = [sys.executable, "-m", "tests.bench.first_words", "--library", str(library)]
    start = time.monotonic()
    done = subprocess.run(
        command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, stdout=subprocess.PIPE, timeout=120, check=True
    )
    painted, answered = done.stdout.split()
    return float(answered) - float(painted), float(answered) - start


def _fill(directory: Path) -> str:
    """Make a library of many embedded photos and close it; return where it lies."""
    library = Library(directory)
    fill_library(library, shapes.uniform(_ROWS, dim=library.models.answering.spec.dim))
    library.close()
    return str(directory)


def open_window(library: str, torch_in_window: list[bool]) -> tuple[float, float]:
    """Return the seconds until the real program has painted its window, and until it has shown the newest photos."""
    command = [sys.executable, "-m", "tests.bench.first_paint", "--library", library]
    start = time.monotonic()
    done = subprocess.run(
        command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, stdout=subprocess.PIPE, timeout=60, check=True
    )
    painted, has_torch, answered = done.stdout.split()
    torch_in_window.append(has_torch == b"True")
    return float(painted) - start, float(answered) - start


def _import_torch() -> float:
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", "import torch"], timeout=60, check=True)
    return time.monotonic() - start
