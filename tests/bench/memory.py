"""What the process holds in memory with an open library of 100,000 embedded photos, after some searches."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from photofind.core.hnsw import build_hnsw
from photofind.core.library import Library
from photofind.core.records import Query
from tests.bench import vectors as shapes
from tests.bench.libraries import fill_library
from tests.bench.report import Result, report

_ROWS, _SEARCHES = 100_000, 20


def main() -> None:
    """Fill the library in another process, so that this one holds nothing but what it is measured for."""
    with tempfile.TemporaryDirectory() as directory:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            pool.submit(_fill, Path(directory)).result(250)
        library = Library(Path(directory) / "library")
        library.catch_up(float("inf"))
        for number in range(_SEARCHES):
            library.search(Query(photo_id=1 + number * _ROWS // _SEARCHES))
        report(Result(f"memory.{_ROWS}.find_similar", _peak_mib(), "MiB"))
        for number in range(_SEARCHES):
            library.search(Query(text=f"a photo of {number} dogs"))
        report(Result(f"memory.{_ROWS}.model_loaded_and_words", _peak_mib(), "MiB"))
        library.close()


def _fill(directory: Path) -> None:
    from tests.bench.models import make_model_folder  # imports torch, which the measured process must not

    library = Library(directory / "library")
    library.use_model(str(make_model_folder(directory / "model", "ViT-B-32-256")))
    fill_library(library, shapes.clustered(_ROWS))
    library.close()
    index = library.answering.index
    build_hnsw(index.directory, index.spec.model_id, index.spec.dim)


def _peak_mib() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
