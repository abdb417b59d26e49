"""Have the HNSW graph of a large library built when nothing else is to be done, and served once it is there.

The old graph answers until the new one is loaded; until there is one, and where a process dies, search is exact.
"""

from __future__ import annotations

import logging
import multiprocessing
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

from photofind.background.child_process import begin_child, lower_priority
from photofind.background.graph.server import GraphServer
from photofind.core.vectors.hnsw import build_hnsw
from photofind.core.vectors.vector_index import VectorIndex

_log = logging.getLogger(__name__)


class GraphBuilder:
    """At most one child that builds a graph, and one or two that serve one; used on the library thread."""

    def __init__(self) -> None:
        self._index: VectorIndex | None = None
        self._builder: BaseProcess | None = None
        self._serving: GraphServer | None = None
        self._loading: GraphServer | None = None
        self._has_failed = False

    def serve(self, index: VectorIndex) -> None:
        """Have a saved graph loaded, and let it answer once it is; returns at once."""
        if index is not self._index:
            self.stop()
            self._index, self._has_failed = index, False
            self._load(index)
        if self._serving is not None and (self._serving.is_lost or not index.has_graph):
            self._has_failed = self._serving.is_lost  # one that died may die again
            index.detach_graph()
            self._serving.stop()
            self._serving = None
        if self._loading is not None:
            self._take_over(index, self._loading)

    def build(self, index: VectorIndex) -> None:
        """Start building where the index wants a graph, or have what a child has built loaded; returns at once."""
        if self._builder is None:
            if self._loading is None and index.wants_graph() and not self._has_failed:
                self._start(index)
        elif not self._builder.is_alive():
            self._finish(index, self._builder)

    def stop(self) -> None:
        """End the children; what a builder has written so far does not count."""
        if self._builder is not None:
            self._builder.kill()
            self._builder.join()
        for server in (self._serving, self._loading):
            if server is not None:
                server.stop()
        if self._index is not None:
            self._index.detach_graph()
        self._builder = self._serving = self._loading = self._index = None

    def _load(self, index: VectorIndex) -> None:
        if index.is_large:
            self._loading = GraphServer(index.directory, index.library, index.spec.model_id, index.spec.dim)

    def _take_over(self, index: VectorIndex, loaded: GraphServer) -> None:
        if loaded.is_ready():
            index.attach_graph(loaded)
            if self._serving is not None:
                self._serving.stop()
            self._serving, self._loading = loaded, None
        elif loaded.is_lost:
            loaded.stop()
            self._loading = None

    def _start(self, index: VectorIndex) -> None:
        index.flush()
        context = multiprocessing.get_context("spawn")
        arguments = (index.directory, index.spec.model_id, index.spec.dim)
        builder = context.Process(target=_build, args=arguments, name="photofind graph builder", daemon=True)
        try:
            builder.start()
        except OSError as error:  # no memory, or too many processes
            _log.warning("no HNSW graph is built: %s", error)
            self._has_failed = True
        else:
            self._builder = builder

    def _finish(self, index: VectorIndex, builder: BaseProcess) -> None:
        builder.join()
        self._builder = None
        if builder.exitcode == 0:
            self._load(index)
        else:
            # Search stays exact; one try a start, so that a full disk is not hammered.
            _log.warning("building the HNSW graph failed (exit code %s)", builder.exitcode)
            self._has_failed = True


def _build(directory: Path, model_id: str, dim: int) -> None:
    begin_child()
    lower_priority(nobody_waits=True)
    try:
        build_hnsw(directory, model_id, dim)
    except OSError as error:
        _log.warning("the HNSW graph cannot be written: %s", error)
        sys.exit(1)
