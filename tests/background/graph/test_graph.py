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
from photofind.core.vectors import vector_index
from photofind.core.vectors.vector_index import VectorIndex
from tests.inside import sql

SPEC = Spec("graph", "graph", 32, 224)
ROWS = 2_000


@pytest.fixture
def vectors() -> Vectors:
    made = np.random.default_rng(3).normal(size=(ROWS, SPEC.dim))
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    yield catalog
    catalog.close()


@pytest.fixture
def index(catalog: Catalog, tmp_path: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch) -> VectorIndex:
    """An index that is large enough to want a graph and has none."""
    monkeypatch.setattr(vector_index, "HNSW_FROM_ROWS", 1_000)
    embeddings = catalog.embeddings(SPEC)
    embeddings.enrol()
    folder = catalog.folders.add(b"/photos", volume_of(b"/"))
    with sql(catalog).atomic():
        sql(catalog).conn.executemany(
            "INSERT INTO photo (id, folder_id, path, size, mtime_ns, ctime_ns, inode, device, state, sort_time) "
            "VALUES (?, ?, ?, 1, 1, 1, ?, 1, 1, 1)",
            ((i, folder, b"%d.jpg" % i, i) for i in range(1, ROWS + 1)),
        )
        embeddings.put(range(1, ROWS + 1), vectors)
    return open_index(tmp_path, embeddings)


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


def test_rebuilding_the_vector_index_ends_the_old_graph(
    builder: GraphBuilder, index: VectorIndex, vectors: Vectors
) -> None:
    wait_for_graph(builder, index)
    index.rebuild()
    assert kind(index) == "exact"
    assert nearest(index, vectors[7])[0] == 8
    wait_for_graph(builder, index)
    assert kind(index) == "hnsw"
