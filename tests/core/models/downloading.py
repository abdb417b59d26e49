"""Downloads of the tests' own model, for the tests of what comes between it and its hub."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from photofind.core.models import offered as models
from photofind.core.models.download import get_model
from photofind.core.models.outage import Patience
from tests.hub import SHORT, SMALL, WEIGHTS
from tests.tiny_clip import TINY_CLIP

SIZE = (TINY_CLIP / WEIGHTS).stat().st_size


def download(
    models_dir: Path, model: models.Model = SMALL, stop_after: int | None = None, patience: Patience = SHORT
) -> bool:
    """Download until so many bytes are there."""
    is_stopped = threading.Event()

    def count(so_far: int, total: int) -> None:
        if stop_after is not None and so_far > stop_after:
            is_stopped.set()
            time.sleep(0.2)  # longer than it takes to be noticed

    return get_model(model, models_dir, count, is_stopped.is_set, patience=patience)


def left_in(models_dir: Path) -> list[str]:
    return sorted(path.name for path in models_dir.iterdir() if path.name != ".lock")


def part_of(models_dir: Path, name: str = WEIGHTS) -> Path:
    return models_dir / ".small.part" / name
