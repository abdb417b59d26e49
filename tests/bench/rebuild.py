"""What a search notices of the HNSW graph being built over 100,000 vectors: on the real library thread, end to end."""

from __future__ import annotations

import queue
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np

from photofind.background.session import Session
from photofind.core.library import Library
from photofind.core.records.answers import SearchResult
from photofind.core.records.query import Query
from photofind.core.records.searching import Trial
from photofind.core.vectors import vector_index
from tests.bench import vectors as shapes
from tests.bench.libraries import fill_library
from tests.bench.models import make_model_folder
from tests.bench.report import Result, percentile, report
from tests.inside import answering_of

_ROWS = 100_000
_QUERIES = 300
_MOST_SECONDS = 240.0


def main() -> None:
    """Ask without a graph and without building, while it is built and taken over, then of the graph, passed or not."""
    with tempfile.TemporaryDirectory() as directory:
        library = Library(Path(directory) / "library")
        library.models.use(str(make_model_folder(Path(directory) / "model", "ViT-B-32-256")))
        fill_library(library, shapes.clustered(_ROWS))
        library.close()
        before = _ask(library.directory, lambda asked, _: asked >= _QUERIES)
        with patch.object(vector_index, "HNSW_FROM_ROWS", _ROWS), patch.object(Trial, "is_passed", True):
            during = _ask(library.directory, lambda _, kind: kind == "hnsw")
            after = _ask(library.directory, lambda asked, kind: kind == "hnsw" and asked >= _QUERIES)
    name = f"search.{_ROWS}.while_building"
    peer = "before building"
    report(Result(f"{name}.p95", percentile(during, 95), "ms", "<=", 2, peer, percentile(before, 95)))
    report(Result(f"{name}.worst", max(during), "ms", bound="<=", bound_value=100))
    report(Result(f"{name}.searches", len(during), "searches"))
    report(Result(f"search.{_ROWS}.end_to_end.p95", percentile(after[-_QUERIES:], 95), "ms"))


def _ask(library_dir: Path, is_done: Callable[[int, str], bool]) -> list[float]:
    """Find similar photos, one after the other as a person might, until it is done; return the milliseconds of each."""
    posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    ignored: list[object] = []
    session = Session(
        library_dir,
        posted.put,
        on_progress=ignored.append,
        on_notice=ignored.append,
        on_changed=lambda: None,
        on_folders=ignored.append,
    )
    session.start()
    try:
        return _ask_session(session, posted, is_done)
    finally:
        session.stop()


def _ask_session(
    session: Session, posted: queue.SimpleQueue[Callable[[], None]], is_done: Callable[[int, str], bool]
) -> list[float]:
    kinds: list[str] = []
    rng, times = np.random.default_rng(5), [0.0]
    deadline = time.monotonic() + _MOST_SECONDS
    while not is_done(len(times), kinds[-1] if kinds else "") and time.monotonic() < deadline:
        answers: list[SearchResult] = []
        start = time.perf_counter()
        session.worker.search(
            Query(photo_id=int(rng.integers(1, _ROWS)), limit=100), answers.append, lambda sentence: None
        )
        while not answers:
            posted.get(timeout=60)()
        times.append(1000 * (time.perf_counter() - start))
        session.worker.do(lambda library: answering_of(library).index.kind, kinds.append, lambda sentence: None)
        time.sleep(0.02)
    return times[20:]  # the first ones read the files
