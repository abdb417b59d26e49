"""Build the HNSW graph of a large library in a child process, when nothing else is to be done."""

from __future__ import annotations

import logging
import multiprocessing
from multiprocessing.process import BaseProcess
from pathlib import Path

from photofind.background.decoder_child import lower_priority
from photofind.core.hnsw import build_hnsw
from photofind.core.vector_index import VectorIndex

_log = logging.getLogger(__name__)


class GraphBuilder:
    """At most one child that builds a graph; used on the library thread."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._index: VectorIndex | None = None
        self._has_failed = False

    def work(self, index: VectorIndex) -> None:
        """Start building where the index wants it, or take over what a child has finished."""
        if self._process is None:
            if index.wants_graph() and not self._has_failed:
                self._start(index)
        elif not self._process.is_alive():
            self._finish()

    def stop(self) -> None:
        """End the child; what it has written so far does not count."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def _start(self, index: VectorIndex) -> None:
        index.flush()
        self._index = index
        context = multiprocessing.get_context("spawn")
        arguments = (index.directory, index.spec.model_id, index.spec.dim)
        self._process = context.Process(target=_build, args=arguments, name="photofind graph", daemon=True)
        self._process.start()

    def _finish(self) -> None:
        if self._process is None or self._index is None:
            return
        self._process.join()
        if self._process.exitcode == 0:
            self._index.load_graph()
        else:
            # Search stays exact; one try a start, so that a full disk is not hammered.
            _log.warning("building the HNSW graph failed (exit code %s)", self._process.exitcode)
            self._has_failed = True
        self._process = self._index = None


def _build(directory: Path, model_id: str, dim: int) -> None:
    lower_priority()
    build_hnsw(directory, model_id, dim)
