"""The HNSW graph by itself, and which graphs an index takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors import vector_index
from photofind.core.vectors.building import build_hnsw
from photofind.core.vectors.hnsw import Hnsw, load_hnsw
from photofind.core.vectors.matrix import Matrix
from photofind.core.vectors.vector_index import VectorIndex
from tests.core.vectors.test_vector_index import DIM, Shelf, unit
from tests.core.vectors.test_vector_index import shelf as shelf
from tests.core.vectors.tried_graphs import PASSED, let_trial_be

VECTORS = unit(200)
LABELS = np.arange(200) * 2 + 10


@pytest.fixture
def graph(tmp_path: Path) -> Hnsw:
    matrix = Matrix(tmp_path, "l", "m", DIM)
    matrix.append(LABELS, VECTORS)
    matrix.seq = 4
    matrix.flush()
    build_hnsw(tmp_path, "m", DIM)
    built = load_hnsw(tmp_path, "l", "m", DIM)
    assert built is not None
    return built


def search(graph: Hnsw, vector: Vectors, k: int) -> tuple[Ids, Vectors]:
    found = graph.search(vector, k)
    assert found is not None
    return found


@pytest.mark.parametrize("k", [1, 2, 50, 200, 1_000])
def test_as_many_are_found_as_are_asked_for_and_there(graph: Hnsw, k: int) -> None:
    labels, scores = search(graph, VECTORS[7], k)
    order = np.argsort(-(VECTORS @ VECTORS[7]), kind="stable")[:k]
    assert labels.tolist() == LABELS[order].tolist()
    np.testing.assert_allclose(scores, (VECTORS @ VECTORS[7])[order], atol=1e-5)
    assert [labels.dtype.name, scores.dtype.name] == ["int64", "float32"]


def test_nothing_asked_is_for_others_to_answer(graph: Hnsw) -> None:
    assert graph.search(VECTORS[7], 0) is None


def test_what_is_hidden_is_counted_out_once(graph: Hnsw) -> None:
    assert (len(graph), graph.newest_label, graph.seq) == (200, 408, 4)
    graph.hide(LABELS[[0, 199]])
    graph.hide(LABELS[[0]])
    graph.hide(np.array([11, 410, 10_000]))  # of which it has none
    assert len(graph) == 198
    labels, _ = search(graph, VECTORS[0], 1_000)
    assert sorted(labels.tolist()) == LABELS[1:199].tolist()


def test_a_graph_of_which_all_is_hidden_answers_nothing(graph: Hnsw) -> None:
    graph.hide(LABELS)
    assert len(graph) == 0
    assert graph.search(VECTORS[0], 5) is None


class Told:
    """Stands for a graph: what an index asks of one, and what it tells it."""

    def __init__(self, newest_label: int, seq: int) -> None:
        self.newest_label = newest_label
        self.seq = seq
        self.count = 10
        self.hidden: list[int] = []

    def __len__(self) -> int:
        return self.count

    def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors] | None:
        return None

    def hide(self, labels: Ids) -> None:
        self.hidden += labels.tolist()


def filled(shelf: Shelf) -> tuple[VectorIndex, Ids]:
    """Return an index over ten embeddings of which the first was removed, and their labels."""
    labels = shelf.add(unit(10))
    index = shelf.open()
    assert index.catch_up(10)
    shelf.catalog.photos.delete([1])
    assert index.catch_up(10)
    return index, labels


def test_a_graph_is_told_what_was_removed_since_it_was_built(shelf: Shelf) -> None:
    index, labels = filled(shelf)
    graph = Told(int(labels[-1]), 0)
    index.attach_graph(graph)
    assert index.has_graph
    assert graph.hidden == [labels[0]]
    shelf.catalog.photos.delete([2])
    index.catch_up(10)
    assert graph.hidden == [labels[0], labels[1]]
    index.detach_graph()
    assert not index.has_graph


def test_a_graph_of_what_the_catalog_never_had_is_not_taken(shelf: Shelf) -> None:
    index, labels = filled(shelf)
    index.attach_graph(Told(int(labels[-1]) + 1, 0))
    assert not index.has_graph
    index.attach_graph(Told(int(labels[-1]), 1_000_000))
    assert not index.has_graph


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_index, "HNSW_FROM_ROWS", 100)


@pytest.mark.parametrize(("photos", "in_graph", "is_wanted"), [(99, 0, False), (100, 89, True), (100, 90, False)])
def test_a_graph_is_wanted_again_when_it_lacks_a_tenth(
    shelf: Shelf, small: None, photos: int, in_graph: int, is_wanted: bool
) -> None:
    labels = shelf.add(unit(photos))
    index = shelf.open()
    index.catch_up(10)
    index.flush()
    build_hnsw(index.directory, index.spec.model_id, DIM)
    let_trial_be(index, PASSED)
    graph = Told(int(labels[-1]), 0)
    graph.count = in_graph
    index.attach_graph(graph)
    assert index.wants_graph() is is_wanted


def test_what_came_after_the_graph_is_added_and_nothing_twice(shelf: Shelf, small: None) -> None:
    vectors = unit(110)
    labels = shelf.add(vectors[:105])
    index = shelf.open()
    index.catch_up(10)
    index.flush()
    build_hnsw(index.directory, index.spec.model_id, DIM)
    labels = np.concatenate([labels, shelf.add(vectors[105:])])
    index.catch_up(10)
    saved = load_hnsw(index.directory, index.library, index.spec.model_id, DIM)
    assert saved is not None
    index.attach_graph(saved)
    assert index.kind == "hnsw"
    for row in (104, 105, 109):
        found, _ = index.search(vectors[row], 110)
        assert found[0] == labels[row]
        assert sorted(found.tolist()) == labels.tolist()


def test_a_saved_graph_is_sound_damaged_or_not_there(shelf: Shelf) -> None:
    shelf.add(unit(20))
    index = shelf.open()
    index.catch_up(10)
    index.flush()
    assert not index.graph_is_damaged()
    build_hnsw(index.directory, index.spec.model_id, DIM)
    let_trial_be(index, PASSED)
    assert not index.graph_is_damaged()
    file = index.directory / "hnsw.bin"
    file.write_bytes(file.read_bytes()[:-1] + b"\xa5")
    assert index.graph_is_damaged()
    index.attach_graph(Told(20, 0))
    index.drop_graph()
    assert not index.has_graph
    assert not index.graph_is_damaged()
    assert not file.exists()


def test_ordinary_scores_are_of_photos_spread_over_all(shelf: Shelf) -> None:
    vectors = unit(5_000)
    shelf.add(vectors)
    index = shelf.open()
    index.catch_up(60)
    rows = np.linspace(0, 4_999, 2_048).astype(int)
    for query in unit(2, 5):
        np.testing.assert_allclose(index.ordinary_scores(query), vectors[rows] @ query, atol=2e-3)


def test_ordinary_scores_follow_what_comes(shelf: Shelf) -> None:
    vectors = unit(4)
    index = shelf.open()
    for count in (1, 2, 4):
        shelf.add(vectors[shelf.count : count])
        index.catch_up(60)
        np.testing.assert_allclose(index.ordinary_scores(vectors[0]), vectors[:count] @ vectors[0], atol=2e-3)


def test_scores_of_labels_that_are_not_there_are_none(shelf: Shelf) -> None:
    index, labels = filled(shelf)
    asked = np.array([labels[3], 0, labels[5], 10_000], np.int64)
    scores = index.scores_of(unit(10)[3], asked)
    assert np.isnan(scores).tolist() == [False, True, False, True]
    assert scores[0] == pytest.approx(1, abs=1e-3)


def test_equal_scores_are_in_the_same_order_every_time(shelf: Shelf) -> None:
    vector = unit(1)
    labels = shelf.add(np.repeat(vector, 30, axis=0))
    index = shelf.open()
    index.catch_up(10)
    found, _ = index.search(vector[0], 100)
    assert found.tolist() == labels.tolist()
