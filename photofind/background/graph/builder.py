"""Have the HNSW graph of a large library built when nothing else is to be done, and served once it has proved itself.

The old graph answers until the new one is loaded; until there is one, where it does not pass its trial, and where a
process dies, search is exact.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from photofind.background.child_process import Child, start_connected
from photofind.background.graph.server import GraphServer
from photofind.background.wire import MalformedError, Wire
from photofind.core.log.nameless import Plain
from photofind.core.vectors.building import build_hnsw
from photofind.core.vectors.vector_index import Graph, VectorIndex

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Built:
    """How much of the graph is built by now, 0 to 1; trying it and writing it come after."""

    share: float


_TOLD: Wire[_Built] = Wire(_Built, 1_000)


class GraphBuilder:
    """At most one child that builds a graph, and one or two that serve one; used on the library thread."""

    def __init__(self) -> None:
        self._index: VectorIndex | None = None
        self._building: tuple[Child, Connection] | None = None
        self._serving: GraphServer | None = None
        self._loading: GraphServer | None = None

    def serve(self, index: VectorIndex, attach: Callable[[Graph], None]) -> None:
        """Have a saved graph loaded, and `attach` it to the index once it is; returns at once."""
        if index is not self._index:
            self.stop()
            self._index = index
            index.drop_useless_graph()
        if self._serving is not None and (self._serving.is_lost or not index.has_graph):
            if self._serving.is_lost:  # one that died may die again
                _give_up(index, Plain("its process has died"))
            self._stop_serving(index)
        if self._loading is not None:
            self._take_over(index, self._loading, attach)
        elif self._serving is None and self._building is None and index.may_load_graph():
            self._load(index)

    def build(self, index: VectorIndex) -> None:
        """Start building where the index wants a graph, or have what a child has built loaded; returns at once."""
        if self._building is not None:
            self._follow(index, *self._building)
        elif self._loading is None and index.wants_graph():
            self._start(index)

    def stop(self) -> None:
        """End the children; what is written of a graph so far does not count."""
        if self._building is not None:
            self._building[0].stop()
            self._end_building()
        for server in (self._serving, self._loading):
            if server is not None:
                server.stop()
        if self._index is not None:
            self._index.detach_graph()
        self._serving = self._loading = self._index = None

    def _load(self, index: VectorIndex) -> None:
        try:
            self._loading = GraphServer(index.directory, index.library, index.spec.model_id, index.spec.dim)
        except OSError as error:
            _give_up(index, error)

    def _take_over(self, index: VectorIndex, loaded: GraphServer, attach: Callable[[Graph], None]) -> None:
        """Let a graph answer in place of the old one, once it is loaded; what cannot be one is built again."""
        if loaded.is_ready():
            self._stop_serving(index)
            attach(loaded)
            self._serving, self._loading = loaded, None
            if not index.has_graph:
                _log.warning("the HNSW graph is of another catalog, and is built again")
                index.drop_graph()
        elif loaded.is_lost:
            loaded.stop()
            self._loading = None
            if loaded.is_unfit:
                index.drop_graph()
            else:
                _give_up(index, Plain("its process has died"))

    def _stop_serving(self, index: VectorIndex) -> None:
        index.detach_graph()
        if self._serving is not None:
            self._serving.stop()
            self._serving = None

    def _start(self, index: VectorIndex) -> None:
        index.flush()
        about = (index.directory, index.spec.model_id, index.spec.dim)
        try:
            self._building = start_connected("graph builder", _build, *about, priority="idle")
            self._index, index.graph_share = index, 0.0
        except OSError as error:
            _give_up(index, error)

    def _follow(self, index: VectorIndex, child: Child, connection: Connection) -> None:
        with contextlib.suppress(MalformedError, EOFError, OSError):  # it has ended, well or not
            while connection.poll():
                index.graph_share = _TOLD.receive(connection).share
        if not child.has_ended:
            return
        self._end_building()
        if child.exit_code != 0:
            _give_up(index, Plain(f"its process ended with exit code {child.exit_code}"))
            return
        index.drop_useless_graph()
        if index.may_load_graph():
            self._load(index)

    def _end_building(self) -> None:
        if self._building is not None:
            self._building[1].close()
        if self._index is not None:
            self._index.graph_share = None
        self._building = None


def _give_up(index: VectorIndex, reason: Plain | OSError) -> None:
    """Leave search exact until the next start, so that a full disk is not hammered."""
    _log.warning("there is no HNSW graph: %s", reason)
    index.has_graph_failed = True


def _build(connection: Connection, directory: Path, model_id: str, dim: int) -> None:
    """Build or grow the graph, in a child; who is not there any more to be told ends it."""
    build_hnsw(directory, model_id, dim, lambda share: _TOLD.send(connection, _Built(share)))
