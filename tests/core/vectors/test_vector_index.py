from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import hnswlib
import numpy as np
import pytest

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import volume_of
from photofind.core.records.arrays import Ids, Vectors
from photofind.core.records.models import Spec
from photofind.core.vectors import vector_index
from photofind.core.vectors.building import build_hnsw
from photofind.core.vectors.hnsw import load_hnsw
from photofind.core.vectors.manifest import read_manifest
from photofind.core.vectors.matrix import Matrix
from photofind.core.vectors.vector_index import VectorIndex, choose_search
from tests.core.vectors.tried_graphs import PASSED, let_trial_be
from tests.inside import sql

DIM = 32
SPEC = Spec("model-a", "a", DIM, 8)


def unit(n: int, seed: int = 0) -> Vectors:
    """Return n unit vectors with the clusters and the low inner dimension that embeddings have."""
    rng = np.random.default_rng(seed)
    basis = np.random.default_rng(1).normal(size=(8, DIM))
    vectors = rng.normal(size=(n, 8)) @ basis + 0.1 * rng.normal(size=(n, DIM))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


def nearest(vectors: Vectors, labels: Ids, query: Vectors, k: int) -> list[int]:
    order = np.argsort(-(vectors @ query), kind="stable")[:k]
    return [int(label) for label in labels[order]]


class Shelf:
    """A catalog with photos and embeddings, and vector indexes over it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.catalog = Catalog(path / "catalog.sqlite")
        self.embeddings = self.catalog.embeddings(SPEC)
        self.embeddings.enrol()
        self.folder = self.catalog.folders.add(b"/photos", volume_of(b"/"))
        self.count = 0

    def add(self, vectors: Vectors) -> Ids:
        first = self.count + 1
        self.count += len(vectors)
        ids = list(range(first, self.count + 1))
        with sql(self.catalog).atomic():
            sql(self.catalog).conn.executemany(
                "INSERT INTO photo (id, folder_id, path, size, mtime_ns, ctime_ns, inode, device, sort_time, state) "
                "VALUES (?, ?, ?, 1, 1, 1, 1, 1, 1, 1)",
                ((i, self.folder, b"%d.jpg" % i) for i in ids),
            )
            return self.embeddings.put(ids, vectors)

    def open(self, **options: bool) -> VectorIndex:
        return VectorIndex(self.path / "vectors", self.catalog.embeddings(SPEC), **options)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.catalog.close()


# The matrix


def test_rows_survive_closing_and_are_not_read_twice(tmp_path: Path) -> None:
    vectors, labels = unit(5000), np.arange(1, 5001)
    matrix = Matrix(tmp_path, "l", "m", DIM)
    matrix.append(labels, vectors)
    matrix.append(labels + 5000, unit(5000, 1))
    matrix.flush()
    again = Matrix(tmp_path, "l", "m", DIM)
    assert len(again) == 10_000
    assert again.newest_label == 10_000
    np.testing.assert_allclose(again.scores(vectors[7])[:5000], vectors @ vectors[7], atol=1e-5)


def test_an_unflushed_tail_is_searched_too(tmp_path: Path) -> None:
    vectors = unit(100)
    matrix = Matrix(tmp_path, "l", "m", DIM)
    for n in range(100):
        matrix.append(np.array([n + 1]), vectors[n : n + 1])
    assert int(np.argmax(matrix.scores(vectors[42]))) == 42
    assert matrix.scores_of(vectors[42], np.array([42, 3]))[0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", ["vectors", "labels", "manifest.json"])
@pytest.mark.parametrize("damage", ["truncated", "flipped", "zeroed", "missing"])
def test_a_damaged_cache_is_thrown_away(tmp_path: Path, name: str, damage: str) -> None:
    matrix = Matrix(tmp_path, "l", "m", DIM)
    matrix.append(np.arange(1, 301), unit(300))
    matrix.flush()
    file = tmp_path / name
    data = bytearray(file.read_bytes())
    if damage == "missing":
        file.unlink()
    elif damage == "truncated":
        file.write_bytes(data[: len(data) // 2])
    else:
        middle = len(data) // 2
        data[middle : middle + 8] = (
            bytes(8) if damage == "zeroed" else bytes(b ^ 0x55 for b in data[middle : middle + 8])
        )
        file.write_bytes(data)
    assert len(Matrix(tmp_path, "l", "m", DIM)) == 0


def test_a_manifest_with_one_changed_digit_is_refused(tmp_path: Path) -> None:
    matrix = Matrix(tmp_path, "l", "m", DIM)
    matrix.append(np.arange(1, 301), unit(300))
    matrix.seq = 7
    matrix.remove(np.array([5, 6]))
    matrix.flush()
    manifest = (tmp_path / "manifest.json").read_text()
    for old, new in (('"seq": 7', '"seq": 8'), ("[5, 6]", "[5, 8]")):
        assert old in manifest
        (tmp_path / "manifest.json").write_text(manifest.replace(old, new))
        with pytest.raises(ValueError, match="checksum"):
            read_manifest(tmp_path / "manifest.json")
    assert len(Matrix(tmp_path, "l", "m", DIM)) == 0


def test_another_models_cache_is_not_taken(tmp_path: Path) -> None:
    matrix = Matrix(tmp_path, "l", "m", DIM)
    matrix.append(np.arange(1, 11), unit(10))
    matrix.flush()
    for other in (("l", "another", DIM), ("l", "m", DIM * 2), ("another", "m", DIM)):
        shutil.copytree(tmp_path, tmp_path.with_name("copy"))
        assert len(Matrix(tmp_path.with_name("copy"), *other)) == 0
        shutil.rmtree(tmp_path.with_name("copy"))
    assert len(Matrix(tmp_path, "l", "m", DIM)) == 10


def test_an_interrupted_append_is_overwritten(tmp_path: Path) -> None:
    """The rows were written but not yet the manifest: the next append goes over them."""
    matrix = Matrix(tmp_path, "l", "m", DIM)
    matrix.append(np.arange(1, 11), unit(10))
    matrix.flush()
    for name in ("vectors", "labels"):
        with open(tmp_path / name, "ab") as file:
            file.write(b"\xff" * 1000)
    again = Matrix(tmp_path, "l", "m", DIM)
    assert len(again) == 10
    again.append(np.arange(11, 21), unit(10, 2))
    again.flush()
    final = Matrix(tmp_path, "l", "m", DIM)
    assert len(final) == 20
    np.testing.assert_allclose(final.scores(unit(1)[0])[10:], unit(10, 2) @ unit(1)[0], atol=1e-5)


# Exact search


def test_exact_search_equals_a_plain_sort(shelf: Shelf) -> None:
    vectors = unit(500)
    labels = shelf.add(vectors)
    index = shelf.open()
    assert index.catch_up(10)
    found, scores = index.search(vectors[3], 20)
    assert found.tolist() == nearest(vectors, labels, vectors[3], 20)
    assert np.all(np.diff(scores) <= 0)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 1.0])
def test_a_filter_never_costs_recall(shelf: Shelf, share: float) -> None:
    vectors = unit(2000)
    labels = shelf.add(vectors)
    index = shelf.open()
    index.catch_up(10)
    chosen = np.random.default_rng(2).choice(2000, max(1, int(2000 * share)), replace=False)
    found, _ = index.search(vectors[0], 20, among=labels[chosen])
    assert set(found.tolist()) == set(nearest(vectors[chosen], labels[chosen], vectors[0], 20))


def test_more_is_asked_for_than_there_is(shelf: Shelf) -> None:
    shelf.add(unit(3))
    index = shelf.open()
    index.catch_up(10)
    assert len(index.search(unit(1)[0], 100)[0]) == 3


def test_an_empty_library_has_no_hits(shelf: Shelf) -> None:
    index = shelf.open()
    assert index.catch_up(10)
    assert len(index.search(unit(1)[0], 10)[0]) == 0
    assert len(index.ordinary_scores(unit(1)[0])) == 0


def test_removed_and_replaced_embeddings_are_never_found_again(shelf: Shelf) -> None:
    vectors = unit(50)
    labels = shelf.add(vectors)
    index = shelf.open()
    index.catch_up(10)
    index.flush()
    shelf.catalog.photos.delete([1])
    new_labels = shelf.embeddings.put([2], vectors[0:1])
    for opened in (index, shelf.open(), shelf.open(read_only=True)):
        opened.catch_up(10)
        found, _ = opened.search(vectors[0], 50)
        assert labels[0] not in found
        assert labels[1] not in found
        assert found[0] == new_labels[0]
        assert len(opened) == 49
    assert new_labels[0] > labels.max()


def test_a_cache_of_another_catalog_is_replaced(shelf: Shelf) -> None:
    """A restored backup of the catalog must not be searched with newer vectors."""
    shelf.add(unit(20))
    index = shelf.open()
    index.catch_up(10)
    index.flush()
    with sql(shelf.catalog).atomic():
        sql(shelf.catalog).execute("DROP TRIGGER embedding_removed")
        sql(shelf.catalog).execute("DELETE FROM embedding WHERE photo_id > 5")
    again = shelf.open()
    again.catch_up(10)
    assert len(again) == 5


def test_what_cannot_be_ranked_is_refused(shelf: Shelf) -> None:
    for bad in (np.full((1, DIM), np.nan), np.zeros((1, DIM)), np.full((1, DIM), 3.0)):
        with pytest.raises(ValueError, match="unit length"):
            shelf.embeddings.put([1], bad.astype(np.float32))


# HNSW


def test_the_choice_of_search() -> None:
    many = 2_000_000
    for few in (1_000, 1_000_000):
        assert choose_search(few, 100, few, is_filtered=False) == "exact"
    assert choose_search(many, 100, many, is_filtered=False) == "hnsw"
    assert choose_search(many, 100, 0, is_filtered=False) == "exact", "no graph yet"
    assert choose_search(many, 100, many // 2, is_filtered=False) == "exact", "the graph is stale"
    assert choose_search(many, 100, many, is_filtered=True) == "exact"
    assert choose_search(many, 50_000, many, is_filtered=False) == "exact"


@pytest.fixture
def graph(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> tuple[Shelf, Vectors, Ids]:
    """A shelf of 3,000 vectors whose index wants a graph, and has one."""
    monkeypatch.setattr(vector_index, "HNSW_FROM_ROWS", 1_000)
    vectors = unit(3000)
    labels = shelf.add(vectors)
    index = shelf.open()
    index.catch_up(10)
    index.flush()
    assert index.wants_graph()
    build_hnsw(index.directory, SPEC.model_id, DIM)
    return shelf, vectors, labels


def open_with_graph(shelf: Shelf) -> VectorIndex:
    index = shelf.open()
    index.catch_up(10)
    saved = load_hnsw(index.directory, index.library, SPEC.model_id, DIM)
    assert saved is not None
    let_trial_be(index, PASSED)
    index.attach_graph(saved)
    return index


def test_hnsw_ranks_like_exact_search(graph: tuple[Shelf, Vectors, Ids]) -> None:
    shelf, vectors, labels = graph
    index = open_with_graph(shelf)
    assert index.kind == "hnsw"
    assert not index.wants_graph()
    hits = total = 0
    for query in unit(50, seed=9):
        found, scores = index.search(query, 100)
        expected = nearest(vectors, labels, query, 100)
        hits += len(set(found.tolist()) & set(expected))
        total += 100
        assert np.all(np.diff(scores) <= 0)
    assert hits / total >= 0.99


def test_what_came_after_the_graph_is_found_exactly(graph: tuple[Shelf, Vectors, Ids]) -> None:
    shelf, _, _ = graph
    late = unit(100, seed=20)
    labels = shelf.add(late)
    index = open_with_graph(shelf)
    assert index.kind == "hnsw"
    found, scores = index.search(late[5], 10)
    assert found[0] == labels[5]
    assert scores[0] == pytest.approx(1, abs=1e-3)


def test_what_was_removed_is_not_in_the_graphs_answers(graph: tuple[Shelf, Vectors, Ids]) -> None:
    shelf, vectors, labels = graph
    live = open_with_graph(shelf)
    shelf.catalog.photos.delete(range(1, 201))
    for index in (live, open_with_graph(shelf)):
        index.catch_up(10)
        found, _ = index.search(vectors[0], 100)
        assert len(found) == 100
        assert not set(found.tolist()) & set(labels[:200].tolist())


@pytest.mark.parametrize("name", ["hnsw.bin", "hnsw.json"])
@pytest.mark.parametrize("damage", ["truncated", "flipped", "header", "missing", "empty"])
def test_a_damaged_graph_is_never_loaded(graph: tuple[Shelf, Vectors, Ids], name: str, damage: str) -> None:
    shelf, vectors, labels = graph
    file = shelf.path / "vectors" / name
    data = bytearray(file.read_bytes())
    match damage:
        case "missing":
            file.unlink()
        case "truncated":
            file.write_bytes(data[:-100] if len(data) > 500 else data[:-5])
        case "empty":
            file.write_bytes(b"")
        case "header":
            data[3] ^= 0xFF
            file.write_bytes(data)
        case _:
            data[len(data) // 2] ^= 0x01
            file.write_bytes(data)
    assert load_hnsw(shelf.path / "vectors", shelf.embeddings.library(), SPEC.model_id, DIM) is None
    index = shelf.open()
    index.catch_up(10)
    assert index.kind == "exact"
    assert index.search(vectors[3], 10)[0].tolist() == nearest(vectors, labels, vectors[3], 10)


def test_a_graph_of_another_model_or_size_is_not_loaded(graph: tuple[Shelf, Vectors, Ids]) -> None:
    directory, library = graph[0].path / "vectors", graph[0].embeddings.library()
    assert load_hnsw(directory, library, SPEC.model_id, DIM) is not None
    assert load_hnsw(directory, library, "another", DIM) is None
    assert load_hnsw(directory, library, SPEC.model_id, DIM * 2) is None
    assert load_hnsw(directory, "another library", SPEC.model_id, DIM) is None


def test_a_short_write_does_not_replace_a_good_graph(
    graph: tuple[Shelf, Vectors, Ids], monkeypatch: pytest.MonkeyPatch
) -> None:
    """hnswlib reports nothing when the disk is full; the size tells."""
    directory = graph[0].path / "vectors"
    before = json.loads((directory / "hnsw.json").read_text())

    class ShortIndex(hnswlib.Index):  # type: ignore[misc]
        def save_index(self, path: str) -> None:
            super().save_index(path)
            with open(path, "r+b") as file:
                file.truncate(1000)

    monkeypatch.setattr(hnswlib, "Index", ShortIndex)
    with pytest.raises(OSError, match="full"):
        build_hnsw(directory, SPEC.model_id, DIM)
    monkeypatch.undo()
    assert json.loads((directory / "hnsw.json").read_text()) == before
    assert load_hnsw(directory, graph[0].embeddings.library(), SPEC.model_id, DIM) is not None
