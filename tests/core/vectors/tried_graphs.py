"""Trials of graphs that came out this way or that; real ones depend on how fast this computer is."""

from __future__ import annotations

from dataclasses import replace

from photofind.core.records.searching import Trial
from photofind.core.vectors.hnsw import SavedGraph, read_saved_graph, write_saved_graph
from photofind.core.vectors.vector_index import VectorIndex

PASSED = Trial(rows=100, ef=2_002, recall=0.9962, recall_all=0.98, graph_ms=2.5, exact_ms=12.25)
TOO_LITTLE = replace(PASSED, recall=0.9899)
TOO_SLOW = replace(PASSED, graph_ms=20.0)


def saved_graph(index: VectorIndex) -> SavedGraph:
    """Return what is told of the saved graph of an index."""
    saved = read_saved_graph(index.directory, index.library, index.spec.model_id, index.spec.dim)
    assert saved is not None
    return saved


def let_trial_be(index: VectorIndex, trial: Trial | None) -> None:
    """Have the saved graph of an index be one that was tried so, or not at all."""
    write_saved_graph(index.directory, replace(saved_graph(index), trial=trial))
