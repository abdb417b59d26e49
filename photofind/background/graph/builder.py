"""Have the HNSW graph of a large library built when nothing else is to be done, and served once it is there.

The old graph answers until the new one is loaded; until there is one, and where a process dies, search is exact.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from photofind.background.child_process import Child
from photofind.background.graph.server import GraphServer
from photofind.core.log.nameless import Plain
from photofind.core.vectors.hnsw import build_hnsw
from photofind.core.vectors.vector_index import Graph, VectorIndex

_log = logging.getLogger(__name__)


class GraphBuilder:
    """At most one child that builds a graph, and one or two that serve one; used on the library thread."""

    def __init__(self) -> None:
        self._index: VectorIndex | None = None
        self._building: Child | None = None
        self._serving: GraphServer | None = None
        self._loading: GraphServer | None = None
        # Search stays exact then; one try a start, so that a full disk is not hammered.
        self._has_failed = False

    def serve(self, index: VectorIndex, attach: Callable[[Graph], None]) -> None:
        """Have a saved graph loaded, and `attach` it to the index once it is; returns at once."""
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
            self._take_over(self._loading, attach)

    def build(self, index: VectorIndex) -> None:
        """Start building where the index wants a graph, or have what a child has built loaded; returns at once."""
        if self._building is None:
            if self._loading is None and index.wants_graph() and not self._has_failed:
                self._start(index)
        elif self._building.has_ended:
            self._finish(index, self._building)

    def stop(self) -> None:
        """End the children; what is written of a graph so far does not count."""
        for child in (self._building, self._serving, self._loading):
            if child is not None:
                child.stop()
        if self._index is not None:
            self._index.detach_graph()
        self._building = self._serving = self._loading = self._index = None

    def _load(self, index: VectorIndex) -> None:
        if index.is_large:
            try:
                self._loading = GraphServer(index.directory, index.library, index.spec.model_id, index.spec.dim)
            except OSError as error:
                self._give_up(error)

    def _take_over(self, loaded: GraphServer, attach: Callable[[Graph], None]) -> None:
        if loaded.is_ready():
            attach(loaded)
            if self._serving is not None:
                self._serving.stop()
            self._serving, self._loading = loaded, None
        elif loaded.is_lost:
            loaded.stop()
            self._loading = None

    def _start(self, index: VectorIndex) -> None:
        index.flush()
        about = (index.directory, index.spec.model_id, index.spec.dim)
        try:
            self._building = Child("graph builder", build_hnsw, *about, priority="idle")
        except OSError as error:
            self._give_up(error)

    def _finish(self, index: VectorIndex, child: Child) -> None:
        self._building = None
        if child.exit_code == 0:
            self._load(index)
        else:
            self._give_up(Plain(f"its process ended with exit code {child.exit_code}"))

    def _give_up(self, reason: Plain | OSError) -> None:
        _log.warning("there is no HNSW graph: %s", reason)
        self._has_failed = True
