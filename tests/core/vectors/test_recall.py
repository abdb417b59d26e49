"""What the chosen search finds among 200,000 vectors, whatever they are: all of the nearest 100."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from photofind.core.records.arrays import Ids, Vectors
from tests.core.vectors.shapes import clustered, uniform, with_copies
from tests.core.vectors.test_vector_index import DIM, Shelf
from tests.core.vectors.test_vector_index import shelf as shelf

ROWS, HITS = 200_000, 100
Shape = Callable[[np.random.Generator, int, int], Vectors]


@pytest.mark.parametrize(
    "shape", [clustered, uniform, with_copies], ids=["structured", "unstructured", "100,000 copies of one photo"]
)
def test_all_of_the_nearest_hundred_are_found(shelf: Shelf, shape: Shape) -> None:
    rng = np.random.default_rng(20261201)
    vectors = shape(rng, ROWS, DIM)
    labels = shelf.add(vectors)
    index = shelf.open()
    index.catch_up(float("inf"))
    index.flush()
    assert index.make_codes(float("inf"))
    some = np.sort(rng.choice(ROWS, ROWS // 100, replace=False))
    words = 0.4 * vectors[some[:5]] + uniform(rng, 5, DIM)
    for query in (*vectors[some[:5]], *words / np.linalg.norm(words, axis=1, keepdims=True)):
        assert recall(index.search(query, HITS), vectors, labels, query) >= 0.999
        found = index.search(query, HITS, labels[some])
        assert recall(found, vectors[some], labels[some], query) == 1


def recall(found: tuple[Ids, Vectors], vectors: Vectors, labels: Ids, query: Vectors) -> float:
    """Return which share of the nearest was found, each once; copies are as near as each other."""
    scores = vectors @ query
    least = np.sort(scores)[-HITS] - 1e-5
    near = set(labels[scores >= least].tolist())
    assert len(set(found[0].tolist())) == HITS
    return len(near & set(found[0].tolist())) / HITS
