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
from photofind.background.wire import MalformedError, Wire
from photofind.core.records.arrays import Ids, Vectors
from photofind.core.vectors.hnsw import load_hnsw

_log = logging.getLogger(__name__)
# Who waits longer is answered exactly instead.
_PATIENCE_SECONDS = 0.1
_MOST_LATE = 3


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What a child tells of the graph it has loaded; None instead where there is none that matches."""

    rows: int
    newest_label: int
    seq: int


@dataclass(frozen=True, slots=True)
class _Question:
    number: int
    vector: Vectors
    k: int


@dataclass(frozen=True, slots=True)
class _Removed:
    labels: Ids


@dataclass(frozen=True, slots=True)
class _Answer:
    number: int
    found: tuple[Ids, Vectors] | None
    rows: int


_MOST_BYTES = 1 << 30
_ASKED: Wire[_Question | _Removed] = Wire(_Question | _Removed, _MOST_BYTES)
_TOLD: Wire[_Loaded | _Answer | None] = Wire(_Loaded | _Answer | None, _MOST_BYTES)
_GONE = (MalformedError, EOFError, OSError)


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
        self.is_unfit = False

    def is_ready(self) -> bool:
        """Tell, without waiting, whether the graph is loaded.

        `is_lost` tells that it will not be, `is_unfit` that this is because none matches its manifest.
        """
        try:
            if not self._connection.poll():
                return False
            loaded = _TOLD.receive(self._connection)
        except _GONE:
            self.is_lost = True
            return False
        if not isinstance(loaded, _Loaded):
            self.is_lost = self.is_unfit = True
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
            _ASKED.send(self._connection, _Question(self._questions, vector, k))
            while self._connection.poll(_PATIENCE_SECONDS):
                answer = _TOLD.receive(self._connection)
                if isinstance(answer, _Answer) and answer.number == self._questions:
                    self._rows, self._late = answer.rows, 0
                    return answer.found
        except _GONE as error:
            _log.warning("the process with the HNSW graph has died: %r", error)
            self.is_lost = True
            return None
        self._late += 1
        self.is_lost = self._late >= _MOST_LATE
        return None

    def hide(self, labels: Ids) -> None:
        """Leave removed embeddings out of all answers."""
        try:
            _ASKED.send(self._connection, _Removed(labels))
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
        _TOLD.send(connection, None)
        return
    _TOLD.send(connection, _Loaded(len(graph), graph.newest_label, graph.seq))
    while True:
        try:
            match _ASKED.receive(connection):
                case _Question(number, vector, k):
                    _TOLD.send(connection, _Answer(number, graph.search(vector, k), len(graph)))
                case _Removed(labels):
                    graph.hide(labels)
        except (EOFError, OSError):
            return
