"""A graph is built, grows by what is new, and is tried each time; whatever ends that leaves the old one or none."""

from __future__ import annotations

import json
import time
from pathlib import Path

import hnswlib
import numpy as np
import pytest

from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors import admission, building, vector_index
from photofind.core.vectors.building import build_hnsw
from photofind.core.vectors.exact import find_nearest
from photofind.core.vectors.hnsw import Hnsw, load_hnsw
from photofind.core.vectors.manifest import write_manifest
from photofind.core.vectors.vector_index import VectorIndex
from tests.core.vectors.test_vector_index import DIM, SPEC, Shelf, nearest, unit
from tests.core.vectors.test_vector_index import shelf as shelf
from tests.core.vectors.tried_graphs import let_trial_be, saved_graph

ROWS = 3_000


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_index, "HNSW_FROM_ROWS", 1_000)


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The labels that hnswlib is given."""
    given: list[int] = []

    class Watched(hnswlib.Index):  # type: ignore[misc]
        def add_items(self, vectors: Vectors, labels: Ids, num_threads: int) -> None:
            given.extend(labels.tolist())
            super().add_items(vectors, labels, num_threads=num_threads)

    monkeypatch.setattr(hnswlib, "Index", Watched)
    return given


def build(index: VectorIndex) -> None:
    assert index.catch_up(10)
    index.flush()
    build_hnsw(index.directory, SPEC.model_id, DIM)


def load(index: VectorIndex) -> Hnsw | None:
    return load_hnsw(index.directory, index.library, SPEC.model_id, DIM)


def search(index: VectorIndex, vector: Vectors, k: int) -> list[int]:
    graph = load(index)
    assert graph is not None
    found = graph.search(vector, k)
    assert found is not None
    return [int(label) for label in found[0]]


@pytest.fixture
def index(shelf: Shelf) -> VectorIndex:
    """An index over three thousand vectors with a graph."""
    shelf.add(unit(ROWS))
    index = shelf.open()
    build(index)
    return index


def test_how_far_it_is_is_told(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "_ROWS_A_STEP", 100)
    shelf.add(unit(400))
    index = shelf.open()
    index.catch_up(10)
    index.flush()
    shares: list[float] = []
    build_hnsw(index.directory, SPEC.model_id, DIM, shares.append)
    assert shares == [0, 0.25, 0.5, 0.75]


def test_it_grows_by_what_is_new_alone_and_finds_that(index: VectorIndex, shelf: Shelf, added: list[int]) -> None:
    new = unit(500, seed=8)
    labels = shelf.add(new)
    build(index)
    assert added == labels.tolist()
    everything, all_labels = np.concatenate([unit(ROWS), new]), np.arange(1, ROWS + 501)
    for query in (new[3], unit(ROWS)[7]):
        expected = nearest(everything, all_labels, query, 100)
        assert len(set(search(index, query, 100)) & set(expected)) >= 99
    saved = saved_graph(index)
    assert (saved.count, saved.newest_label) == (ROWS + 500, ROWS + 500)
    assert saved.trial is not None
    assert saved.trial.rows == ROWS + 500, "it was tried again"


def test_what_was_removed_since_is_not_in_the_grown_one(index: VectorIndex, shelf: Shelf, added: list[int]) -> None:
    shelf.catalog.photos.delete(range(1, 301))
    shelf.add(unit(400, seed=8))
    build(index)
    build(index)  # those that are left out already are no hindrance
    assert len(added) == 400
    assert saved_graph(index).count == ROWS + 100
    assert min(search(index, unit(ROWS)[0], 1_000)) > 300


def test_one_that_is_mostly_stepping_stones_is_built_from_nothing(
    index: VectorIndex, shelf: Shelf, added: list[int]
) -> None:
    shelf.catalog.photos.delete(range(1, 801))
    build(index)
    assert len(added) == ROWS - 800


def test_one_of_the_version_before_is_tried_and_nothing_is_built_again(index: VectorIndex, added: list[int]) -> None:
    content = json.loads((index.directory / "hnsw.json").read_text())["content"]
    del content["trial"]
    write_manifest(index.directory / "hnsw.json", {**content, "format": 2})
    assert index.wants_graph()
    assert not index.may_load_graph()
    assert not index.graph_is_damaged()
    before = search(index, unit(1)[0], 20)
    build(index)
    assert added == []
    assert saved_graph(index).trial is not None
    assert search(index, unit(1)[0], 20) == before


@pytest.mark.parametrize("where", ["save_index", "try_graph", "drop_hnsw", "put_in_place", "write_saved_graph"])
def test_whatever_ends_its_growth_leaves_the_old_one_or_none(
    index: VectorIndex, shelf: Shelf, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a kill would, right before each of the steps."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    shelf.add(unit(500, seed=8))
    old = saved_graph(index)
    with monkeypatch.context() as patch:
        patch.setattr(hnswlib.Index if where == "save_index" else building, where, die)
        with pytest.raises(KeyboardInterrupt):
            build(index)
    again = shelf.open()
    again.catch_up(10)
    assert not again.graph_is_damaged()
    assert again.search(unit(500, seed=8)[3], 1)[0].tolist() == [ROWS + 4], "searched exactly meanwhile"
    graph = load(again)
    if where in ("put_in_place", "write_saved_graph"):
        assert graph is None
    else:
        assert saved_graph(again) == old
        assert graph is not None
    build(again)
    assert saved_graph(again).count == ROWS + 500


# The verdict


@pytest.fixture
def slow_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few candidates are asked for, and comparing every vector takes long, as both do in a library of millions."""

    def find(*question: object) -> tuple[Ids, Vectors]:
        time.sleep(0.01)
        return find_nearest(*question)  # type: ignore[arg-type]

    for name, value in {"find_nearest": find, "_ASKED": 20, "_JUDGED": 10, "_EFS": (40, 50, 60)}.items():
        monkeypatch.setattr(admission, name, value)


def noise(rows: int) -> Vectors:
    """Return vectors without any structure."""
    made = np.random.default_rng(0).normal(size=(rows, DIM))
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def copies(rows: int) -> Vectors:
    """Return vectors of which two thirds are one and the same: a graph of them falls apart (hnswlib#373)."""
    made = np.concatenate([unit(rows // 3), np.repeat(unit(1, 7), rows - rows // 3, axis=0)])
    return made[np.random.default_rng(0).permutation(rows)]


def test_one_over_photos_as_they_are_passes(shelf: Shelf, slow_exact: None) -> None:
    shelf.add(unit(ROWS))
    index = shelf.open()
    build(index)
    assert index.may_load_graph()
    assert not index.wants_graph()
    assert index.explain().kind == "hnsw"


@pytest.mark.parametrize("vectors", [noise(8_000), copies(12_000)], ids=["without structure", "copies"])
def test_one_that_does_not_find_enough_never_answers(shelf: Shelf, slow_exact: None, vectors: Vectors) -> None:
    shelf.add(vectors)
    index = shelf.open()
    build(index)
    trial = saved_graph(index).trial
    assert trial is not None
    assert trial.recall < 0.99
    assert trial.graph_ms < trial.exact_ms
    assert not index.may_load_graph()
    assert not index.wants_graph()
    assert index.explain().kind == "exact"
    assert "a graph finds only" in str(index.explain().why)


def test_of_one_that_did_not_pass_only_that_is_kept(index: VectorIndex, shelf: Shelf) -> None:
    index.drop_useless_graph()  # three thousand are compared faster than any graph answers
    assert not (index.directory / "hnsw.bin").exists()
    assert saved_graph(index).trial is not None
    assert not index.graph_is_damaged()
    assert load(index) is None
    assert not index.wants_graph()
    shelf.add(unit(ROWS, seed=8))
    index.catch_up(10)
    assert index.wants_graph(), "it is tried again when there is twice as much"
    build(index)
    assert saved_graph(index).count == 2 * ROWS


def test_of_one_that_is_not_needed_any_more_nothing_is_kept(
    index: VectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a library whose graph was built when smaller ones had some, or that has lost many photos."""
    monkeypatch.setattr(vector_index, "HNSW_FROM_ROWS", ROWS + 1)
    index.drop_useless_graph()
    assert list(index.directory.glob("hnsw*")) == []
    assert not index.wants_graph()
    assert index.explain().kind == "exact"


def test_a_damaged_manifest_is_damage_even_where_the_graph_is_gone(index: VectorIndex) -> None:
    index.drop_useless_graph()
    manifest = index.directory / "hnsw.json"
    manifest.write_text(manifest.read_text().replace(str(ROWS), str(ROWS + 1)))
    assert index.graph_is_damaged()
    assert index.wants_graph()


def test_rebuilding_the_index_throws_the_graph_away_too(index: VectorIndex, shelf: Shelf) -> None:
    """What was wrong with the matrix that it was made of would be in it."""
    index.rebuild()
    assert list(index.directory.glob("hnsw*")) == []
    assert index.wants_graph()


def test_a_reader_throws_no_graph_away(index: VectorIndex, shelf: Shelf, tmp_path: Path) -> None:
    let_trial_be(index, None)
    shelf.open(read_only=True).rebuild()
    assert load(index) is not None
