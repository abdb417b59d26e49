"""Nearest vectors of one model: exact over the matrix, or HNSW for large libraries; one function chooses.

A cache over the catalog's embeddings that may be deleted at any time. `catch_up` brings it up to
date in slices; until then a search covers what is there and says so.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from photofind.core.catalog.embeddings import Embeddings
from photofind.core.records.arrays import Ids, Vectors
from photofind.core.records.searching import Searching
from photofind.core.sentences.sentence import Sentence
from photofind.core.vectors.exact import CODES_FROM_ROWS, Comparison, best, find_nearest
from photofind.core.vectors.graph_state import STALE_SHARE, GraphState
from photofind.core.vectors.hnsw import drop_file, drop_hnsw, hnsw_is_damaged, read_saved_graph
from photofind.core.vectors.matrix import REMOVED, Matrix
from photofind.core.vectors.products import multiply

_log = logging.getLogger(__name__)
Kind = Literal["exact", "hnsw"]

# From so many on a graph is built and tried. Up to there exact search answers within 25 ms on two cores and misses
# nothing, and a graph would take 2.3 KB of memory a photo (`docs/decisions.md`).
HNSW_FROM_ROWS = 1_500_000
# HNSW answers slow down with the square of what is asked for; beyond this, exact is as fast.
_HNSW_MOST = 2_000
# With more rows than that removed the matrix is filled again.
_MOST_REMOVED = 0.2
_ROWS_A_STEP = 4_096
_ORDINARY_ROWS = 2_048


def choose_search(rows: int, k: int, graph_rows: int, *, is_filtered: bool) -> Kind:
    """Choose how to search `rows` vectors for the `k` nearest among all, or among some where it is filtered.

    Exact unless HNSW is both faster and as good: any filter is exact, because a graph loses
    what the filter leaves (recall 0.54 with a 1 % filter, 1.0 exact).
    """
    if is_filtered:
        return "exact"
    covered = graph_rows >= (1 - STALE_SHARE) * rows
    return "hnsw" if rows >= HNSW_FROM_ROWS and k <= _HNSW_MOST and covered else "exact"


class Graph(Protocol):
    """An HNSW graph, wherever it lies: vectors with labels up to `newest_label`, removals up to `seq` left out."""

    newest_label: int
    seq: int

    def __len__(self) -> int:
        """Return how many vectors its answers come from."""
        ...

    def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors] | None:
        """Return labels [k] and cosines [k], best first; None where it cannot."""
        ...

    def hide(self, labels: Ids) -> None:
        """Leave removed embeddings out of all answers."""
        ...


class Asked:
    """One unit vector float32 [dim] that is searched for, among all or some labels."""

    def __init__(self, matrix: Matrix, graph: Graph | None, vector: Vectors, among: Ids | None) -> None:
        self._matrix = matrix
        self._graph = graph
        self._vector = vector
        self._is_filtered = among is not None
        self._exact = Comparison(matrix, vector, None if among is None else matrix.rows_of(np.sort(among)))

    def nearest(self, k: int) -> tuple[Ids, Vectors]:
        """Return labels and cosines, best first, of the `k` nearest."""
        if self._graph is not None and self._chosen(k) == "hnsw":
            found = self._graph.search(self._vector, k)
            if found is not None:
                return self._add_newer(k, *found, self._graph.newest_label)
        return self._exact.nearest(k)

    def labels_from(self, line: float) -> Ids:
        """Return the labels of all with this cosine or more, as `Comparison.labels_from`."""
        return self._exact.labels_from(line)

    def _chosen(self, k: int) -> Kind:
        rows, graph_rows = len(self._matrix) - self._matrix.removed, len(self._graph) if self._graph else 0
        return choose_search(rows, k, graph_rows, is_filtered=self._is_filtered)

    def _add_newer(self, k: int, labels: Ids, scores: Vectors, newest: int) -> tuple[Ids, Vectors]:
        """Merge the graph's answer with an exact one over the rows that came after it was built."""
        start = int(np.searchsorted(self._matrix.labels, newest, "right"))
        newer = find_nearest(self._matrix, self._vector, k, np.arange(start, len(self._matrix)))
        return best(np.concatenate([labels, newer[0]]), np.concatenate([scores, newer[1]]), k)


class VectorIndex:
    """The vector index of one model; usable from the thread that owns the catalog."""

    def __init__(self, directory: Path, embeddings: Embeddings, *, read_only: bool = False) -> None:
        self.directory = directory
        self._read_only = read_only
        self._embeddings = embeddings
        self.spec = embeddings.spec
        self.library = embeddings.library()
        self._matrix = Matrix(directory, self.library, self.spec.model_id, self.spec.dim, read_only=read_only)
        self._read_to = 0
        self._graph: Graph | None = None
        # Set by who looks after the graph: how much of one is built by now, and whether that, or reading it, failed.
        self.graph_share: float | None = None
        self.has_graph_failed = False
        self._is_verified = False
        # Rows spread over all, and what they were taken from: gathering them costs half as much as a whole search.
        self._ordinary: tuple[tuple[int, int], Vectors] = (0, 0), np.empty((0, self.spec.dim), np.float32)
        self._drop_what_cannot_be()

    def _drop_what_cannot_be(self) -> None:
        """Start anew where the cache is ahead of its catalog, which was put back from a copy, or too far behind."""
        knows_removals = self._embeddings.removal_log().knows_since(self._matrix.seq)
        if self._matrix.newest_label > self._embeddings.newest_label() or not knows_removals:
            self._start_anew()

    def __len__(self) -> int:
        """Return how many embeddings a search covers."""
        return len(self._matrix) - self._matrix.removed

    @property
    def kind(self) -> Kind:
        """How an unfiltered search is answered now."""
        return choose_search(len(self), 100, self._graph_rows(), is_filtered=False)

    def _graph_rows(self) -> int:
        return len(self._graph) if self._graph else 0

    # Keeping up with the catalog

    def catch_up(self, seconds: float) -> bool:
        """Take in what the catalog has gained and lost, for about so long; tell whether all is in.

        A cache that turns out not to belong to this catalog, or is mostly removed rows, starts anew.
        """
        deadline = time.monotonic() + seconds
        seq, labels = self._embeddings.removed_after(self._matrix.seq)
        if len(labels):
            self._matrix.remove(labels)
            if self._graph:
                self._graph.hide(labels)
        self._matrix.seq = seq
        if self._matrix.removed > _MOST_REMOVED * len(self._matrix):
            self._start_anew()
        while True:
            read = self._embeddings.after(max(self._read_to, self._matrix.newest_label), _ROWS_A_STEP)
            self._matrix.append(read.labels, read.vectors)
            self._read_to = max(self._read_to, read.reached)
            if read.is_all:
                self._check_rows()
                return True
            if time.monotonic() > deadline:
                return False

    def _check_rows(self) -> None:
        """Start anew, once, where the cache holds other rows than the catalog."""
        if self._is_verified:
            return
        self._is_verified = True
        if not self.matches():
            _log.warning("the vector index does not match the catalog and is filled again")
            self.rebuild()

    def matches(self) -> bool:
        """Tell whether the cache holds just the embeddings that the catalog has."""
        return self._matrix.count_and_sum() == self._embeddings.count_and_sum()

    def _start_anew(self) -> None:
        self._matrix.clear()
        self._matrix.seq, self._read_to = self._embeddings.removal_log().newest, 0

    def rebuild(self) -> None:
        """Throw the caches away and read every vector from the catalog again."""
        self._graph = None
        if not self._read_only:
            drop_hnsw(self.directory)  # what was wrong with the matrix may be in it
        self._start_anew()
        self.catch_up(float("inf"))

    def flush(self) -> None:
        """Write what is only in memory to the cache files."""
        self._matrix.flush()

    def make_codes(self, seconds: float) -> bool:
        """Make what large libraries are searched faster with, for about so long; tell whether all is made."""
        return len(self) < CODES_FROM_ROWS or self._matrix.make_codes(seconds)

    # The graph

    @property
    def is_large(self) -> bool:
        """Whether a graph may answer faster than comparing every vector."""
        return len(self) >= HNSW_FROM_ROWS

    def wants_graph(self) -> bool:
        """Tell whether a graph over the matrix is to be built, grown or tried now."""
        return self.is_large and self._graph_state().is_due

    def may_load_graph(self) -> bool:
        """Tell whether there is a saved graph that has passed its trial, and the memory for it."""
        return self.is_large and self._graph_state().may_answer

    def explain(self) -> Searching:
        """Say what answers an unfiltered search in the window, and why."""
        if not self.is_large:
            return Searching("exact", Sentence("search_is_small", rows=HNSW_FROM_ROWS))
        return self._graph_state().explain()

    def _graph_state(self) -> GraphState:
        rows, dim, answering = len(self), self.spec.dim, None if self._graph is None else len(self._graph)
        saved = read_saved_graph(self.directory, self.library, self.spec.model_id, dim)
        return GraphState(rows, dim, saved, answering, self.graph_share, self.has_graph_failed)

    @property
    def has_graph(self) -> bool:
        """Whether a graph answers."""
        return self._graph is not None

    def attach_graph(self, graph: Graph) -> None:
        """Let a graph answer from now on, unless it knows embeddings that the catalog never had."""
        is_known = graph.newest_label <= self._matrix.newest_label
        if is_known and self._embeddings.removal_log().knows_since(graph.seq):
            graph.hide(self._embeddings.removed_after(graph.seq)[1])
            self._graph = graph

    def detach_graph(self) -> None:
        """Search exactly from now on."""
        self._graph = None

    def graph_is_damaged(self) -> bool:
        """Tell whether there is a saved graph that is not what was written, or not of this library."""
        return hnsw_is_damaged(self.directory, self.library, self.spec.model_id, self.spec.dim)

    def drop_graph(self) -> None:
        """Throw the saved graph away; search is exact until it is built again."""
        self._graph = None
        drop_hnsw(self.directory)

    def drop_useless_graph(self) -> None:
        """Throw a saved graph away that nobody needs or can read, or has not passed; what came of its trial is kept."""
        state = self._graph_state()
        if state.saved is None or not self.is_large:
            self.drop_graph()
        elif state.is_refused:
            self._graph = None
            drop_file(self.directory)

    # Searching

    def search(self, vector: Vectors, k: int, among: Ids | None = None) -> tuple[Ids, Vectors]:
        """Return labels and cosines, best first, of the `k` nearest to a unit vector float32 [dim].

        `among`: labels to choose from; recall is then 1.
        """
        return self.ask(vector, among).nearest(k)

    def ask(self, vector: Vectors, among: Ids | None = None) -> Asked:
        """Begin a search for a unit vector float32 [dim], among all or some labels; good until something changes."""
        return Asked(self._matrix, self._graph, vector, among)

    def scores_of(self, vector: Vectors, labels: Ids) -> Vectors:
        """Return the cosines of these labels' embeddings; NaN for those a search does not cover yet."""
        known = np.isin(labels, self._matrix.labels)
        scores = np.full(len(labels), np.nan, np.float32)
        scores[known] = self._matrix.scores_of(vector, self._matrix.rows_of(labels[known]))
        scores[scores == REMOVED] = np.nan
        return scores

    def ordinary_scores(self, vector: Vectors) -> Vectors:
        """Return the cosines of up to 2,048 embeddings spread over the library: what an ordinary score is."""
        rows = len(self._matrix)
        if not rows:
            return np.empty(0, np.float32)
        if self._ordinary[0] != (rows, self._matrix.newest_label):
            spread = np.unique(np.linspace(0, rows - 1, min(_ORDINARY_ROWS, rows)).astype(np.int64))
            self._ordinary = (rows, self._matrix.newest_label), self._matrix.take(spread)
        return multiply(self._ordinary[1], slice(None), vector)
