"""A million photos: how soon they are there, are found, scroll, are looked through, and how much memory that takes.

The library is made at the first run, under `.bench/`, and kept (`million_library`).
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from photofind.background.session import Session
from photofind.core.library import Library
from photofind.core.records.answers import SearchResult
from photofind.core.records.progress import Progress
from photofind.core.records.query import Query
from tests.bench import vectors as shapes
from tests.bench.million_library import PHOTOS, empty_library, million_library, photos_dir
from tests.bench.processes import MemoryWatch
from tests.bench.report import Result, interleave, median, percentile, report
from tests.bench.rescan import rescan, walk
from tests.bench.startup import open_window
from tests.inside import answering_of, catalog_of, sql

_MIB_BOUND = 700
_SEARCH_MS, _FILTER_MS, _NEWEST_MS, _SCROLL_MS = 25, 5, 50, 8
_OPEN_BOUND, _SCAN_BOUND = 1.3, 3
_OPENINGS, _SCANS, _QUERIES, _REREADS = 5, 3, 100, 9
_FILTERED = 0.01
_REST_SECONDS = 5.0
_K = 100
_WORDS = ("1273", "lisbon", "norway garden", "20190704", "zzzq", "a dog on the beach")
_MOST_SECONDS = 1_200.0


def main() -> None:
    """Measure on the library of a million, and beside it on an empty one."""
    library = million_library()
    _measure_opening(library)
    _measure_vectors(library)
    _measure_newest(library)
    _measure_questions(library)
    _measure_scan(library)
    _measure_window(library)


def _measure_opening(library: Path) -> None:
    torch: list[bool] = []
    empty, full = interleave(
        _OPENINGS + 1, lambda: open_window(str(empty_library()), torch), lambda: open_window(str(library), torch)
    )
    for place, name in enumerate(("first_window", "first_answer")):
        ours, peer = median([each[place] for each in full[1:]]), median([each[place] for each in empty[1:]])
        report(Result(f"million.{name}", ours, "s", "<=", _OPEN_BOUND, "empty library", peer))


def _measure_vectors(directory: Path) -> None:
    """Measure the search of vectors alone, of all and of one in a hundred."""
    rng = np.random.default_rng(4)
    with Library(directory) as library:
        library.search.catch_up(float("inf"))
        model = answering_of(library)
        model.index.make_codes(float("inf"))  # where the library was made before there were any
        some = [model.embeddings.vector_of(int(i)) for i in rng.integers(1, PHOTOS, _QUERIES)]
        vectors = np.stack([vector for vector in some if vector is not None])
        queries = np.concatenate([shapes.near(vectors[::2]), shapes.like_words(vectors[1::2])])
        labels = np.sort(rng.choice(PHOTOS, int(_FILTERED * PHOTOS), replace=False)) + 1
        left, filtered = iter(queries), iter(queries)
        index = model.index
        all_times, some_times = interleave(
            len(queries),
            lambda: _milliseconds(lambda: index.search(next(left), _K)),
            lambda: _milliseconds(lambda: index.search(next(filtered), _K, labels)),
        )
    report(Result("million.vectors.p95", percentile(all_times[5:], 95), "ms", "<=", _SEARCH_MS))
    report(Result("million.vectors.filter_1%.p95", percentile(some_times[5:], 95), "ms", "<=", _FILTER_MS))


def _measure_newest(directory: Path) -> None:
    """Measure the newest photos as they are first asked for, and again after something was written."""
    first, written = [], []
    for turn in range(2 * (_REREADS // 2)):
        with Library(directory) as library:  # each anew, so that nothing is known yet
            catalog = catalog_of(library)
            first.append(_milliseconds(catalog.newest.at_once))
            catalog.newest.all()
            with sql(catalog).atomic():
                shift = [1 - 2 * (turn % 2)]
                sql(catalog).execute("UPDATE photo SET sort_time = sort_time + ? WHERE id % 9973 = 7", shift)
            written.append(_milliseconds(catalog.newest.at_once))
    report(Result("million.newest.first", median(first), "ms", "<=", _NEWEST_MS))
    report(Result("million.newest.after_100_were_written", median(written), "ms", "<=", _NEWEST_MS))


def _measure_questions(library: Path) -> None:
    """Measure whole queries on the library's thread, as the window asks them."""
    rng = np.random.default_rng(5)
    with _session(library) as ask:
        newest = [ask(Query())[0] for _ in range(_REREADS)]
        soon = [ask(Query(photo_id=int(i)))[0] for i in rng.integers(1, PHOTOS, _QUERIES)]
        time.sleep(_REST_SECONDS)  # in which it is read which photo each vector is of
        photos = [ask(Query(photo_id=int(i)))[0] for i in rng.integers(1, PHOTOS, _QUERIES)]
        words = {text: [ask(Query(text=text))[0] for _ in range(_REREADS)] for text in _WORDS}
    report(Result("million.ask.newest", median(newest), "ms", "<=", _NEWEST_MS))
    report(Result("million.ask.photo.in_the_first_seconds.p95", percentile(soon[5:], 95), "ms", "<=", _SEARCH_MS))
    report(Result("million.ask.photo.p95", percentile(photos, 95), "ms", "<=", _SEARCH_MS))
    report(Result("million.ask.photo.median", median(photos), "ms"))
    for text, times in words.items():
        report(Result(f"million.ask.words {text}, again", median(times), "ms", "<=", _SEARCH_MS))


def _measure_scan(directory: Path) -> None:
    with Library(directory) as library:
        rescan(library)
        scans, walks = interleave(_SCANS, lambda: rescan(library), lambda: walk(os.fsencode(photos_dir())))
    report(Result("million.scan_unchanged", min(scans), "s", "<=", _SCAN_BOUND, "bare scandir + stat", min(walks)))


def _measure_window(library: Path) -> None:
    """Measure what all processes take in memory, at most and at rest, and how the window scrolls."""
    program = _Program(library)
    try:
        program.wait_for("idle")
        at_work, at_rest = program.memory.take_most(), program.memory.now()
        frames = program.wait_for("scrolled")
        program.wait_for("found")
        asked = program.memory.take_most()
    finally:
        program.end()
    report(Result("million.memory.at_rest", sum(at_rest.values()), "MiB anonymous", "<=", _MIB_BOUND))
    for number, mib in enumerate(sorted(at_rest.values(), reverse=True), 1):
        report(Result(f"million.memory.at_rest.process_{number}", mib, "MiB anonymous"))
    report(Result("million.memory.most_until_rest", at_work, "MiB anonymous", "<=", _MIB_BOUND))
    report(Result("million.memory.most_while_scrolling_and_searching", asked, "MiB anonymous", "<=", _MIB_BOUND))
    report(Result("million.scroll.p99", percentile(frames, 99), "ms a frame", "<=", _SCROLL_MS))
    report(Result("million.scroll.median", median(frames), "ms a frame"))
    report(Result("million.until_all_newest_are_shown", program.seconds_to_all, "s"))
    report(Result("million.until_idle", program.seconds_to("idle"), "s"))


class _Program:
    """The real program, what it has told, and what it takes."""

    def __init__(self, library: Path) -> None:
        command = [sys.executable, "-m", "tests.bench.million_window", "--library", str(library)]
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, stdout=subprocess.PIPE, text=True
        )
        self.memory = MemoryWatch(self._process.pid)
        self._told: list[dict[str, Any]] = []
        self._news = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            with self._news:
                self._told.append(json.loads(line))
                self._news.notify_all()

    def wait_for(self, what: str) -> Any:
        with self._news:
            if not self._news.wait_for(lambda: self._first(what) is not None, _MOST_SECONDS):
                raise RuntimeError(f"the program was not {what} in time")
        return (self._first(what) or {})["value"]

    def _first(self, what: str, value: object = None) -> dict[str, Any] | None:
        return next((one for one in self._told if one["what"] == what and value in (None, one["value"])), None)

    def seconds_to(self, what: str, value: object = None) -> float:
        told = self._first(what, value)
        return float("nan") if told is None else float(told["at"]) - self._began

    @property
    def seconds_to_all(self) -> float:
        return self.seconds_to("shown", PHOTOS)

    def end(self) -> None:
        self.memory.stop()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)


@contextmanager
def _session(library: Path) -> Iterator[Callable[[Query], tuple[float, SearchResult]]]:
    """Yield what asks a query on the library's thread, once that has nothing else to do: milliseconds and answer."""
    posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    states: list[Progress] = []
    ignored: list[object] = []
    session = Session(
        library,
        posted.put,
        on_progress=states.append,
        on_notice=ignored.append,
        on_changed=lambda: None,
        on_folders=ignored.append,
    )

    def ask(query: Query) -> tuple[float, SearchResult]:
        answers: list[SearchResult] = []
        start = time.perf_counter()
        session.worker.search(query, answers.append, lambda sentence: ignored.append(sentence))
        while not answers:
            posted.get(timeout=60)()
        return 1000 * (time.perf_counter() - start), answers[0]

    session.start()
    try:
        deadline = time.monotonic() + _MOST_SECONDS
        while not (states and states[-1].state == "idle"):
            posted.get(timeout=deadline - time.monotonic())()
        yield ask
    finally:
        session.stop()


def _milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - start)
