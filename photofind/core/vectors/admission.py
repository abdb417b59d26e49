"""Whether a graph may answer: it is tried against exact answers for pictures and words of this very library.

Pictures are vectors of the library itself, as Find similar asks. Words lie off the cloud of the pictures, in a cone of
their own (Liang et al., “Mind the Gap”, 2022), where a graph finds less; they are made of vectors of the library, moved
by one offset and noise each. A model's own vectors of words would need the model, which a child that builds has not,
and quick look knows few words.
"""

from __future__ import annotations

import time
from typing import Protocol

import numpy as np

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.records.searching import LEAST_RECALL, Trial
from photofind.core.vectors.exact import find_nearest
from photofind.core.vectors.matrix import Matrix

_QUERIES = 64  # of pictures, and of words
_JUDGED = 100
# What the window asks for at first, and never less.
_ASKED = 1_001
# Tried in turn; it must keep more than it is asked for.
_EFS = tuple(round(2 * _ASKED * 2 ** (step / 2)) for step in range(5))
# Shares of a word's vector: what it means, the offset of all words, its own noise.
_MEANING, _OFFSET, _NOISE = 0.4, 0.7, 0.5
# By so much two products of the same vectors may differ; copies of one photo are as good as each other.
_ROUNDING = 1e-5
# In more moments than these the computer may be busy with something else, which would be told of exact search first:
# that takes several cores.
_QUIET = 0.25
# A question and its answer take so much more by the pipe.
_PIPE_MS = 0.2


class Tried(Protocol):
    """A graph that keeps `ef` candidates at least while it searches."""

    ef: int

    def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors] | None:
        """Return labels [k] and cosines [k], best first; None where it cannot."""
        ...


def try_graph(graph: Tried, matrix: Matrix, rows: Ids) -> Trial:
    """Choose the least `ef` with which a graph over these rows finds enough, and leave the graph with it.

    Ends early where the graph is no faster than exact search: more candidates would only take longer.
    """
    queries = _queries(matrix, rows)
    for ef in _EFS:
        graph.ef = ef
        trial = _compare(graph, matrix, queries, len(rows))
        if trial.recall >= LEAST_RECALL or trial.graph_ms >= trial.exact_ms:
            break
    return trial


def _queries(matrix: Matrix, rows: Ids) -> Vectors:
    """Return the vectors [n, dim] of pictures, then as many of words."""
    rng = np.random.default_rng(len(rows))
    chosen = matrix.take(rng.choice(rows, 2 * _QUERIES))
    meaning, noise = chosen[_QUERIES:], rng.normal(size=(_QUERIES, matrix.dim))
    words = _MEANING * meaning + _OFFSET * _unit(rng.normal(size=matrix.dim)) + _NOISE * _unit(noise)
    return np.concatenate([chosen[:_QUERIES], _unit(words)])


def _compare(graph: Tried, matrix: Matrix, queries: Vectors, rows: int) -> Trial:
    """Ask both every query in turn, so that a busy moment meets both."""
    compared = np.array([_ask(graph, matrix, query) for query in queries])
    pictures, words = compared[:_QUERIES].mean(axis=0), compared[_QUERIES:].mean(axis=0)
    recall, recall_all = np.minimum(pictures, words)[:2].tolist()
    graph_ms, exact_ms = (1_000 * np.quantile(compared[:, 2:], _QUIET, axis=0)).tolist()
    return Trial(rows, graph.ef, recall, recall_all, graph_ms + _PIPE_MS, exact_ms)


def _ask(graph: Tried, matrix: Matrix, query: Vectors) -> tuple[float, float, float, float]:
    """Return the shares that the graph finds, of those judged and of all, and the seconds of graph and exact search."""
    started = time.perf_counter()
    found = graph.search(query, _ASKED)
    asked = time.perf_counter()
    _, true = find_nearest(matrix, query, _ASKED)
    seconds = asked - started, time.perf_counter() - asked
    scores = np.empty(0, np.float32) if found is None else found[1]
    return *(_share(scores, true[:count]) for count in (_JUDGED, _ASKED)), *seconds  # type: ignore[return-value]


def _share(found: Vectors, true: Vectors) -> float:
    """Return which share of the nearest was found; it counts how near they are, since copies are alike."""
    return min(1.0, float(np.count_nonzero(found >= true[-1] - _ROUNDING)) / len(true))


def _unit(vectors: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)
