"""Search alone: exact, HNSW and filters by library size, and from how many rows on the graph is worth having."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors.building import build_hnsw
from photofind.core.vectors.hnsw import Hnsw, load_hnsw
from photofind.core.vectors.vector_index import VectorIndex
from tests.bench import first_pass
from tests.bench import vectors as shapes
from tests.bench.libraries import open_index
from tests.bench.report import Result, interleave, median, percentile, report

_SIZES = (10_000, 20_000, 50_000, 100_000)
_UNIFORM_ROWS = 20_000
_FIRST_PASS_SIZES = (100_000, 1_000_000)
_QUERIES = 100
_K = 100
# What the window asks for at first.
_K_WINDOW = 1_001
_FILTERS = (0.001, 0.01, 0.1)

Search = Callable[[Vectors, int], Ids]


def main() -> None:
    """Measure every size in turn; the targets are those of the largest."""
    for rows in _SIZES:
        with tempfile.TemporaryDirectory() as directory:
            _measure_size(Path(directory), shapes.clustered(rows), is_largest=rows == _SIZES[-1])
    with tempfile.TemporaryDirectory() as directory:
        vectors = shapes.uniform(_UNIFORM_ROWS)
        graph, _ = _build(open_index(Path(directory), vectors))
        queries = shapes.uniform(_QUERIES, 1)
        recall = _recall(_by_graph(graph), vectors, queries)
        report(Result(f"search.{_UNIFORM_ROWS}.uniform.hnsw_recall", recall, "share"))
    _measure_precisions()
    first_pass.measure(_UNIFORM_ROWS, shapes.uniform)
    for rows in _FIRST_PASS_SIZES:
        first_pass.measure(rows)


def _measure_size(directory: Path, vectors: Vectors, *, is_largest: bool) -> None:
    rows = len(vectors)
    index = open_index(directory, vectors)
    chosen = vectors[np.random.default_rng(2).choice(rows, _QUERIES)]
    queries = np.concatenate([shapes.near(chosen[::2]), shapes.like_words(chosen[1::2])])
    if is_largest:
        _measure_filters(index, vectors, queries)
    # The index has no graph yet, so what it answers now is exact.
    exact = _by_index(index)
    graph, seconds = _build(index)
    report(Result(f"search.{rows}.hnsw_build", seconds, "s"))
    for k in (_K, _K_WINDOW):
        exact_times, graph_times = _time_searches(queries, k, exact, _by_graph(graph))
        name, peer = f"search.{rows}.hnsw.k{k}", "exact search"
        report(Result(name, median(graph_times), "ms", peer=peer, peer_value=median(exact_times)))
    if is_largest:
        _measure_targets(index, graph, vectors, queries)


def _by_index(index: VectorIndex, among: Ids | None = None) -> Search:
    """Return an index's search as it is used: labels, best first."""
    return lambda query, k: index.search(query, k, among)[0]


def _by_graph(graph: Hnsw) -> Search:
    def search(query: Vectors, k: int) -> Ids:
        found = graph.search(query, k)
        return np.empty(0, np.int64) if found is None else found[0]

    return search


def _build(index: VectorIndex) -> tuple[Hnsw, float]:
    start = time.perf_counter()
    build_hnsw(index.directory, index.spec.model_id, index.spec.dim)
    seconds = time.perf_counter() - start
    graph = load_hnsw(index.directory, index.library, index.spec.model_id, index.spec.dim)
    if graph is None:
        raise RuntimeError("the graph that was just built does not load")
    return graph, seconds


def _time_searches(queries: Vectors, k: int, *searches: Search) -> list[list[float]]:
    """Return the milliseconds of every query, one list for each search; all searches meet every query in turn."""
    return interleave(len(queries), *(_query_timer(search, queries, k) for search in searches))


def _query_timer(search: Search, queries: Vectors, k: int) -> Callable[[], float]:
    left = iter(queries)
    return lambda: _milliseconds(lambda: search(next(left), k))


def _milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - start)


def _measure_targets(index: VectorIndex, graph: Hnsw, vectors: Vectors, queries: Vectors) -> None:
    """Measure the search as the window gets it, and what a graph would miss."""
    (times,) = _time_searches(queries, _K, _by_index(index))
    report(Result(f"search.{len(vectors)}.p95", percentile(times, 95), "ms", bound="<=", bound_value=10))
    half = len(queries) // 2
    for name, some in (("pictures", queries[:half]), ("words", queries[half:])):
        recall = _recall(_by_graph(graph), vectors, some)
        report(Result(f"search.{len(vectors)}.hnsw_recall.{name}", recall, "share", bound=">=", bound_value=0.99))


def _recall(search: Search, vectors: Vectors, queries: Vectors) -> float:
    """Return which share of the true nearest is found, on average."""
    halves = vectors.astype(np.float16).astype(np.float32)  # as the catalog keeps them
    shares = []
    for query in queries:
        true = np.argsort(-(halves @ query))[:_K] + 1
        shares.append(len(np.intersect1d(true, search(query, _K))) / _K)
    return float(np.mean(shares))


def _measure_filters(index: VectorIndex, vectors: Vectors, queries: Vectors) -> None:
    rng = np.random.default_rng(3)
    for share in _FILTERS:
        among = np.sort(rng.choice(len(vectors), int(share * len(vectors)), replace=False)) + 1
        filtered, whole = _time_searches(queries, _K, _by_index(index, among), _by_index(index))
        name, peer = f"search.{len(vectors)}.filter_{100 * share:g}%", "unfiltered exact search"
        report(Result(name, median(filtered), "ms", "<=", 1, peer, median(whole)))
        recall = np.mean([_filter_recall(index, vectors, query, among) for query in queries])
        report(Result(f"{name}.recall", float(recall), "share", bound=">=", bound_value=1))


def _filter_recall(index: VectorIndex, vectors: Vectors, query: Vectors, among: Ids) -> float:
    scores = vectors[among - 1].astype(np.float16).astype(np.float32) @ query
    true = among[np.argsort(-scores)[:_K]]
    return len(np.intersect1d(true, index.search(query, _K, among)[0])) / len(true)


def _measure_precisions() -> None:
    """Measure why the matrix is kept in single precision."""
    single = shapes.clustered(_SIZES[-1])
    half = single.astype(np.float16)
    query, query_half = single[7], half[7]
    by_half, by_single = interleave(
        7, lambda: _milliseconds(lambda: half @ query_half), lambda: _milliseconds(lambda: single @ query)
    )
    name = f"search.{len(single)}.multiply_half_precision"
    report(Result(name, median(by_half), "ms", peer="the same in single precision", peer_value=median(by_single)))
