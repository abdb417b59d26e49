"""The HNSW graph in a child process of its own: it loads the file, and answers searches over a pipe.

hnswlib holds Python's lock while it reads a file, 240 ms for 100,000 x 512, in which neither a
search nor the window would go on; and it crashes on what it does not expect (chroma#7238). Here
neither can happen to anybody else. A question and its answer take 0.2 ms more by the pipe.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from photofind.background.child_process import start_connected
from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors.hnsw import load_hnsw

_log = logging.getLogger(__name__)
# Who waits longer is answered exactly instead.
_PATIENCE_SECONDS = 0.1
_MOST_LATE = 3


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What a child tells of the graph it has loaded."""

    rows: int
    newest_label: int
    seq: int


@dataclass(frozen=True, slots=True)
class _Question:
    number: int
    vector: Vectors
    k: int


@dataclass(frozen=True, slots=True)
class _Answer:
    number: int
    found: tuple[Ids, Vectors] | None
    rows: int


class GraphServer:
    """A child process with a loaded graph; the parent's side, used on the library thread."""

    def __init__(self, directory: Path, library: str, model_id: str, dim: int) -> None:
        """Start the child, which loads the graph; OSError where the system has no memory or no process left."""
        self._child, self._connection = start_connected(
            "graph", _serve, directory, library, model_id, dim, priority="normal"
        )
        self._rows = 0
        self._questions = 0
        self._late = 0
        self.newest_label = 0
        self.seq = 0
        self.is_lost = False

    def is_ready(self) -> bool:
        """Tell, without waiting, whether the graph is loaded; `is_lost` tells that there is none that matches."""
        try:
            if not self._connection.poll():
                return False
            loaded: _Loaded | None = self._connection.recv()
        except (EOFError, OSError):
            loaded = None
        if loaded is None:
            self.is_lost = True
            return False
        self._rows, self.newest_label, self.seq = loaded.rows, loaded.newest_label, loaded.seq
        return True

    def __len__(self) -> int:
        """Return how many vectors its answers come from."""
        return 0 if self.is_lost else self._rows

    def search(self, vector: Vectors, k: int) -> tuple[Ids, Vectors] | None:
        """Return labels [k] and cosines [k] of about the nearest, best first; None where it cannot within 0.1 s."""
        self._questions += 1
        try:
            self._connection.send(_Question(self._questions, vector, k))
            while self._connection.poll(_PATIENCE_SECONDS):
                answer: _Answer = self._connection.recv()
                if answer.number == self._questions:
                    self._rows, self._late = answer.rows, 0
                    return answer.found
        except (EOFError, OSError) as error:
            _log.warning("the process with the HNSW graph has died: %r", error)
            self.is_lost = True
            return None
        self._late += 1
        self.is_lost = self._late >= _MOST_LATE
        return None

    def hide(self, labels: Ids) -> None:
        """Leave removed embeddings out of all answers."""
        try:
            self._connection.send(labels)
        except OSError:
            self.is_lost = True

    def stop(self) -> None:
        """End the child."""
        self._child.stop()
        self._connection.close()


def _serve(connection: Connection, directory: Path, library: str, model_id: str, dim: int) -> None:
    """Load the graph and answer until the parent closes the connection or dies."""
    graph = load_hnsw(directory, library, model_id, dim)
    if graph is None:
        connection.send(None)
        return
    connection.send(_Loaded(len(graph), graph.newest_label, graph.seq))
    while True:
        try:
            asked: _Question | Ids = connection.recv()
            if isinstance(asked, _Question):
                connection.send(_Answer(asked.number, graph.search(asked.vector, asked.k), len(graph)))
            else:
                graph.hide(asked)
        except (EOFError, OSError):
            return
