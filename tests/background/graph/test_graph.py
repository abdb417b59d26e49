"""The graph in processes of its own: built when idle, served, lost, built again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import SpawnProcess
from pathlib import Path

import numpy as np
import pytest

from photofind.background.graph.builder import GraphBuilder
from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.embeddings import Embeddings
from photofind.core.disk.volumes import volume_of
from photofind.core.records.arrays import Ids, Vectors
from photofind.core.records.models import Spec
from photofind.core.records.searching import Trial
from photofind.core.vectors import graph_state, vector_index
from photofind.core.vectors.vector_index import VectorIndex
from tests.inside import sql

SPEC = Spec("graph", "graph", 32, 224)
ROWS = 2_000


@pytest.fixture
def vectors() -> Vectors:
    return noise(ROWS, 3)


def noise(rows: int, seed: int) -> Vectors:
    made = np.random.default_rng(seed).normal(size=(rows, SPEC.dim))
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    yield catalog
    catalog.close()


@pytest.fixture
def index(catalog: Catalog, tmp_path: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch) -> VectorIndex:
    """An index that is large enough to want a graph and has none; every graph passes its trial."""
    monkeypatch.setattr(vector_index, "HNSW_FROM_ROWS", 1_000)
    monkeypatch.setattr(Trial, "is_passed", True)
    embeddings = catalog.embeddings(SPEC)
    embeddings.enrol()
    catalog.folders.add(b"/photos", volume_of(b"/"))
    add(catalog, 1, vectors)
    return open_index(tmp_path, embeddings)


def add(catalog: Catalog, first: int, vectors: Vectors) -> None:
    """Add embedded photos; the numbers of the photos, and of their labels, go on from `first`."""
    ids = range(first, first + len(vectors))
    with sql(catalog).atomic():
        sql(catalog).conn.executemany(
            "INSERT INTO photo (id, folder_id, path, size, mtime_ns, ctime_ns, inode, device, state, sort_time) "
            "VALUES (?, 1, ?, 1, 1, 1, ?, 1, 1, 1)",
            ((i, b"%d.jpg" % i, i) for i in ids),
        )
        catalog.embeddings(SPEC).put(ids, vectors)


def open_index(directory: Path, embeddings: Embeddings) -> VectorIndex:
    index = VectorIndex(directory / "vectors", embeddings)
    assert index.catch_up(60)
    return index


@pytest.fixture
def builder() -> Iterator[GraphBuilder]:
    builder = GraphBuilder()
    yield builder
    builder.stop()


def wait_for_graph(builder: GraphBuilder, index: VectorIndex) -> None:
    run_until(lambda: work(builder, index))


def work(builder: GraphBuilder, index: VectorIndex) -> bool:
    builder.serve(index, index.attach_graph)
    builder.build(index)
    return index.has_graph


def kind(index: VectorIndex) -> str:
    return index.kind


def run_until(is_done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not is_done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def nearest(index: VectorIndex, vector: Vectors) -> Ids:
    return index.search(vector, 10)[0]


def children() -> list[int]:
    return [int(pid) for pid in Path("/proc/self/task").joinpath(str(os.getpid()), "children").read_text().split()]


def test_a_graph_is_built_served_and_found_again_at_the_next_start(
    builder: GraphBuilder, index: VectorIndex, catalog: Catalog, tmp_path: Path, vectors: Vectors
) -> None:
    exact = nearest(index, vectors[7])
    wait_for_graph(builder, index)
    assert kind(index) == "hnsw"
    assert nearest(index, vectors[7])[0] == exact[0]
    assert len(set(nearest(index, vectors[7])) & set(exact)) >= 9
    builder.stop()
    assert kind(index) == "exact"
    again = open_index(tmp_path, catalog.embeddings(SPEC))
    assert not again.has_graph, "nothing is loaded before it is asked for"
    run_until(lambda: work(builder, again))
    assert nearest(again, vectors[9])[0] == 10


def test_what_is_removed_is_left_out_of_the_graphs_answers(
    builder: GraphBuilder, index: VectorIndex, catalog: Catalog, vectors: Vectors
) -> None:
    wait_for_graph(builder, index)
    catalog.photos.delete([8])
    index.catch_up(60)
    assert kind(index) == "hnsw"
    assert nearest(index, vectors[7])[0] != 8


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="the processes are looked up in /proc")
def test_a_graph_process_that_dies_or_hangs_costs_no_answer(
    builder: GraphBuilder, index: VectorIndex, vectors: Vectors
) -> None:
    exact = nearest(index, vectors[7])
    before = set(children())
    wait_for_graph(builder, index)
    (server,) = set(children()) - before
    os.kill(server, signal.SIGSTOP)
    start = time.monotonic()
    assert nearest(index, vectors[7]).tolist() == exact.tolist()
    assert time.monotonic() - start < 1
    os.kill(server, signal.SIGCONT)
    assert nearest(index, vectors[11])[0] == 12, "the late answer to the question before is not taken for this one's"
    os.kill(server, signal.SIGKILL)
    assert nearest(index, vectors[7]).tolist() == exact.tolist()
    builder.serve(index, index.attach_graph)
    assert kind(index) == "exact"
    assert not set(children()) - before


def test_where_no_process_can_be_started_search_stays_exact(
    builder: GraphBuilder, index: VectorIndex, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def refuse(self: object) -> None:
        tried.append(self)
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(SpawnProcess, "start", refuse)
    assert not any(work(builder, index) for _ in range(3))
    assert len(tried) == 1, "one try a start"
    assert kind(index) == "exact"
    assert nearest(index, vectors[7])[0] == 8


def test_a_graph_that_does_not_pass_its_trial_never_answers(
    builder: GraphBuilder, index: VectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trial, "is_passed", False)
    shares: list[float | None] = []

    def has_tried() -> bool:
        assert not work(builder, index)
        shares.append(index.graph_share)
        return (index.directory / "hnsw.json").exists() and index.graph_share is None

    run_until(has_tried)
    assert 0.0 in shares, "it was told that one is built"
    assert not index.wants_graph()
    assert not any(work(builder, index) for _ in range(5))
    assert not (index.directory / "hnsw.bin").exists()
    assert index.explain().kind == kind(index) == "exact"


def test_a_graph_grows_while_the_old_one_answers(
    builder: GraphBuilder, index: VectorIndex, catalog: Catalog, tmp_path: Path
) -> None:
    wait_for_graph(builder, index)
    assert index.explain().kind == "hnsw"
    new = noise(400, 4)
    add(catalog, ROWS + 1, new)
    assert index.catch_up(60)
    assert index.wants_graph()

    def has_grown() -> bool:
        assert work(builder, index)
        return not index.wants_graph()

    run_until(has_grown)
    assert kind(index) == "hnsw"
    assert nearest(index, new[5])[0] == ROWS + 6


def test_killed_while_it_grows_the_old_one_is_there_at_the_next_start(
    builder: GraphBuilder, index: VectorIndex, catalog: Catalog, tmp_path: Path
) -> None:
    wait_for_graph(builder, index)
    add(catalog, ROWS + 1, noise(400, 4))
    assert index.catch_up(60)
    work(builder, index)
    assert index.graph_share is not None, "a child has begun"
    builder.stop()
    again = open_index(tmp_path, catalog.embeddings(SPEC))
    assert not again.graph_is_damaged()
    run_until(lambda: work(builder, again))
    assert nearest(again, noise(400, 4)[5])[0] == ROWS + 6


def test_where_memory_is_short_nothing_is_built_or_loaded_until_there_is_more(
    builder: GraphBuilder, index: VectorIndex, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(children())
    with monkeypatch.context() as patch:
        patch.setattr(graph_state, "available_memory", lambda: 100_000)
        assert not any(work(builder, index) for _ in range(3))
        assert "MB of memory" in str(index.explain().why)
        assert set(children()) == before
    wait_for_graph(builder, index)
    builder.stop()
    again = open_index(tmp_path, catalog.embeddings(SPEC))
    with monkeypatch.context() as patch:
        patch.setattr(graph_state, "available_memory", lambda: 100_000)
        assert not any(work(builder, again) for _ in range(3))
        assert set(children()) == before
    wait_for_graph(builder, again)


@pytest.mark.parametrize("name", ["hnsw.bin", "hnsw.json"])
def test_a_damaged_graph_is_built_again(
    builder: GraphBuilder,
    index: VectorIndex,
    catalog: Catalog,
    tmp_path: Path,
    vectors: Vectors,
    name: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wait_for_graph(builder, index)
    builder.stop()
    file = index.directory / name
    file.write_bytes(file.read_bytes()[:-1] + b"\xa5")
    again = open_index(tmp_path, catalog.embeddings(SPEC))
    wait_for_graph(builder, again)
    assert len(caplog.messages) <= 1, "it is not told again and again"
    assert nearest(again, vectors[9])[0] == 10


def test_rebuilding_the_vector_index_ends_the_old_graph(
    builder: GraphBuilder, index: VectorIndex, vectors: Vectors
) -> None:
    wait_for_graph(builder, index)
    index.rebuild()
    assert kind(index) == "exact"
    assert nearest(index, vectors[7])[0] == 8
    wait_for_graph(builder, index)
    assert kind(index) == "hnsw"
