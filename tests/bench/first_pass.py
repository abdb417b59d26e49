"""What a first pass over one byte a number is worth, against NumPy over all numbers, and how much it leaves to do."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors.exact import best, find_nearest
from photofind.core.vectors.matrix import Matrix
from tests.bench import vectors as shapes
from tests.bench.report import Result, interleave, report

_ROWS_A_STEP = 20_000
_QUERIES, _ROUNDS = 8, 3
_ASKED = (100, 1_001, 20_000)
# So long NumPy's threads may stay awake after a product, and take processor time from what is measured next.
_REST_SECONDS = 0.1

Shape = Callable[[int, int], Vectors]
_Times = npt.NDArray[np.float64]  # [2]


def measure(rows: int, shape: Shape = shapes.clustered) -> None:
    """Measure a matrix of so many vectors; the least time of each query counts, as other work only adds to it."""
    name = f"search.{rows}.{shape.__name__}"
    with tempfile.TemporaryDirectory() as directory:
        matrix = Matrix(Path(directory), "bench", "bench", shapes.DIM)
        _fill(matrix, rows, shape)
        start = time.process_time()
        while not matrix.make_codes(float("inf")):
            pass
        report(Result(f"{name}.codes_made", time.process_time() - start, "s of processor"))
        size, peer_size = (_bytes(Path(directory), *names) for names in (("codes", "scales"), ("vectors",)))
        report(Result(f"{name}.codes_bytes", size / 2**20, "MiB", peer="vectors", peer_value=peer_size / 2**20))
        vectors = np.memmap(Path(directory) / "vectors", np.float32, "r", shape=(rows, shapes.DIM))
        _measure_errors(f"{name}.codes", matrix, vectors, _queries(matrix, shape))
        for k in _ASKED:
            _measure_asked(f"{name}.codes.k{k}", matrix, vectors, _queries(matrix, shape), k)


def _fill(matrix: Matrix, rows: int, shape: Shape) -> None:
    for first in range(0, rows, _ROWS_A_STEP):
        vectors = shape(min(_ROWS_A_STEP, rows - first), first).astype(np.float16).astype(np.float32)
        matrix.append(np.arange(first, first + len(vectors)) + 1, vectors)
    matrix.flush()


def _bytes(directory: Path, *names: str) -> int:
    return sum((directory / name).stat().st_size for name in names)


def _queries(matrix: Matrix, shape: Shape) -> Vectors:
    if shape is not shapes.clustered:
        return shape(_QUERIES, 1)
    chosen = matrix.take(np.random.default_rng(2).choice(len(matrix), _QUERIES))
    return np.concatenate([shapes.near(chosen[::2]), shapes.like_words(chosen[1::2])])


def _measure_errors(name: str, matrix: Matrix, vectors: Vectors, queries: Vectors) -> None:
    """Measure by how much of what is possible the codes err, at worst and on average."""
    shares = []
    for query in queries:
        spare = matrix.spare(query)
        off = np.abs(vectors @ query - (matrix.most(query) - spare))
        shares.append(off[spare > 0] / spare[spare > 0])
    worst, usual = float(np.max(shares)), float(np.mean(shares))
    report(Result(f"{name}.worst_error", worst, "share of what is possible", "<=", 6 / shapes.DIM**0.5))
    report(Result(f"{name}.mean_error", usual, "share of what is possible"))


def _measure_asked(name: str, matrix: Matrix, vectors: Vectors, queries: Vectors, k: int) -> None:

    def by_codes(query: Vectors) -> Ids:
        return find_nearest(matrix, query, k)[0]

    def by_numpy(query: Vectors) -> Ids:
        return best(matrix.labels, vectors @ query, k)[0]

    least: list[list[_Times]] = []
    for query in queries:
        timers = [partial(_time, search, query) for search in (by_codes, by_numpy)]
        least.append([np.min(times, axis=0) for times in interleave(_ROUNDS, *timers)])
    (wall, processor), (peer_wall, peer_processor) = np.median(least, axis=0).tolist()
    peer = "NumPy, single precision"
    report(Result(name, wall, "ms", peer=peer, peer_value=peer_wall))
    report(Result(f"{name}.processor", processor, "ms", "<=", 1, peer, peer_processor))
    recalls = [len(np.intersect1d(by_codes(query), by_numpy(query))) / min(k, len(matrix)) for query in queries]
    report(Result(f"{name}.recall", float(np.mean(recalls)), "share", ">=", 0.999))


def _time(search: Callable[[Vectors], Ids], query: Vectors) -> _Times:
    """Return the milliseconds that went by, and those of processor time, which other work leaves as they are."""
    time.sleep(_REST_SECONDS)
    wall, processor = time.perf_counter(), time.process_time()
    search(query)
    return 1000 * np.array([time.perf_counter() - wall, time.process_time() - processor])
