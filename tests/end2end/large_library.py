"""A library so large that photofind builds a graph over its vectors, for some seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from photofind.core.library import Library
from tests.bench.libraries import fill_library
from tests.inside import thumbnails_of

_PHOTOS = 30_000
# Python code to run before photofind: what counts as large begins earlier.
EARLY_GRAPH = "from photofind.core.vectors import vector_index; vector_index.HNSW_FROM_ROWS = 1_000"


def make_large_library(directory: Path) -> None:
    """Fill a fresh library with photos that were never on a disk."""
    library = Library(directory)
    vectors = np.random.default_rng(1).normal(0, 1, (_PHOTOS, library.models.answering.spec.dim)).astype(np.float32)
    fill_library(library, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    thumbnails_of(library).put((photo, b"") for photo in range(1, _PHOTOS + 1))
    library.close()
