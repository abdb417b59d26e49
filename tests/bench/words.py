"""Words over 100,000 photos, on the real library thread: warm, again, while photos are embedded; and cold."""

from __future__ import annotations

import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from photofind.background.session import Session
from photofind.core.library import Library
from photofind.core.places import models_dir
from photofind.core.records.answers import SearchResult
from photofind.core.records.progress import Progress
from photofind.core.records.query import Query
from tests.bench import vectors as shapes
from tests.bench.fitted import fit
from tests.bench.libraries import fill_library
from tests.bench.models import make_model_folder
from tests.bench.photos import write_photos
from tests.bench.report import Result, interleave, median, percentile, report

_ROWS, _COLD_ROUNDS, _QUERIES = 100_000, 5, 60
_REST_SECONDS = 3.0
_PHOTOS, _SIZE = 60, (4000, 3000)
_THINGS = ("dog", "cat", "house", "boat", "tree", "child", "bridge", "flower", "car", "mountain", "window", "street")
_PLACES = ("on the beach", "at night", "in the snow", "beside a lake", "in the garden", "under a blue sky")


def main() -> None:
    """Fill two libraries, one without what fits the model to this computer, and ask both."""
    with tempfile.TemporaryDirectory() as directory:
        work_dir = Path(directory)
        model = make_model_folder(work_dir / "model", "ViT-B-32-256")
        fitted = work_dir / "fitted"
        engine = fit(model, fitted).texts
        library = Library(fitted)
        library.models.use(str(model))
        fill_library(library, shapes.clustered(_ROWS))
        library.close()
        by_torch = Path(shutil.copytree(fitted, work_dir / "by torch"))
        shutil.rmtree(models_dir(by_torch))
        quick, slow = interleave(_COLD_ROUNDS + 1, lambda: _ask_cold(fitted), lambda: _ask_cold(by_torch))
        name = f"words.{_ROWS}"
        report(Result(f"{name}.cold_process {engine}", median(quick[1:]), "s", "<=", 0.6, "torch", median(slow[1:])))
        with _session(fitted) as ask:
            ask("warm up")
            texts = [f"a {thing} {place}" for place in _PLACES for thing in _THINGS][:_QUERIES]
            warm, again = [[ask(text) for text in texts] for _ in range(2)]
        report(Result(f"{name}.warm.p95", percentile(warm, 95), "ms", bound="<=", bound_value=60))
        report(Result(f"{name}.repeated.p95", percentile(again, 95), "ms", bound="<=", bound_value=10))
        photos = write_photos(work_dir / "photos", _PHOTOS, _SIZE)
        with _session(fitted, photos) as ask:
            busy = [ask(f"{text} {number}") for number in range(2) for text in texts]
        report(Result(f"{name}.while_embedding.p95", percentile(busy, 95), "ms", bound="<=", bound_value=250))


def _ask_cold(library: Path) -> float:
    """Return the seconds of a whole cold `photofind search`."""
    command = [sys.executable, "-m", "photofind", "--library", str(library), "search", "a dog on the beach"]
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, timeout=120)
    return time.perf_counter() - start


@contextmanager
def _session(library: Path, photos: Path | None = None) -> Iterator[Callable[[str], float]]:
    """Run the library thread, embedding `photos` if any; yields what asks it for words and returns the milliseconds."""
    posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    told: list[Progress] = []
    session = Session(
        library,
        posted.put,
        on_progress=told.append,
        on_notice=lambda sentence: None,
        on_changed=lambda: None,
        on_folders=lambda folders: None,
    )
    session.start()

    def wait_for(state: str) -> None:
        while not told or told[-1].state != state:
            posted.get(timeout=120)()

    def ask(text: str) -> float:
        answers: list[SearchResult] = []
        start = time.perf_counter()
        session.worker.search(Query(text=text, limit=100), answers.append, lambda sentence: None)
        while not answers:
            posted.get(timeout=60)()
        return 1000 * (time.perf_counter() - start)

    try:
        wait_for("idle")
        ask("")  # the newest, as the window does; after that it is read which photo each vector is of
        time.sleep(_REST_SECONDS)
        if photos is not None:
            session.worker.do(lambda library: library.folders.add(photos), lambda folder: None, lambda sentence: None)
            wait_for("embedding")
        yield ask
    finally:
        session.stop()
