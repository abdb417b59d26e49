"""How evenly the event loop of the real window runs while a CLIP model is loaded and embeds photos."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from photofind.core.library import Library
from tests.bench.models import make_model_folder
from tests.bench.photos import write_photos
from tests.bench.report import Result, percentile, report

_PHOTOS = 500
_SIZE = (1600, 1200)
_MOST_SECONDS = 150


def main() -> None:
    """Prepare a library here; the program runs in a fresh process, which has to import torch itself."""
    with tempfile.TemporaryDirectory() as directory:
        gaps, embedded = _watch(_prepare(Path(directory)))
    embedding, loading = gaps["embedding"], gaps["loading"]
    report(Result("heartbeat.embedding.p99", percentile(embedding, 99), "ms", bound="<=", bound_value=10))
    report(Result("heartbeat.embedding.worst", max(embedding), "ms", bound="<=", bound_value=60))
    report(Result("heartbeat.loading.worst", max(loading), "ms", bound="<=", bound_value=300))
    report(Result("heartbeat.embedded", embedded, "photos"))


def _prepare(directory: Path) -> Path:
    photos = write_photos(directory / "photos", _PHOTOS, _SIZE)
    model = make_model_folder(directory / "model", "ViT-B-32-256")
    library = Library(directory / "library")
    library.models.use(str(model))
    library.folders.add(photos)
    library.close()
    return library.directory


def _watch(library_dir: Path) -> tuple[dict[str, list[float]], int]:
    """Return the gaps between beats in milliseconds by the state they fell into, and the photos embedded."""
    command = [sys.executable, "-m", "tests.bench.watched_window", "--library", str(library_dir)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, timeout=_MOST_SECONDS, check=True)
    seen = json.loads(done.stdout)
    return seen["gaps"], seen["embedded"]
