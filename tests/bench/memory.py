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
from tests.bench.models import make_model_folder
from tests.bench.report import Result, report

_ROWS, _SEARCHES = 100_000, 20


def main() -> None:
    """Fill the library in this process and open it in a fresh one, which is then measured."""
    with tempfile.TemporaryDirectory() as directory:
        model = make_model_folder(Path(directory) / "model", "ViT-B-32-256")
        library = Library(Path(directory) / "library")
        library.use_model(str(model))
        fill_library(library, shapes.clustered(_ROWS))
        library.close()
        index = library.answering.index
        build_hnsw(index.directory, index.spec.model_id, index.spec.dim)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            similar, words = pool.submit(_search, library.directory).result(200)
    report(Result(f"memory.{_ROWS}.find_similar", similar, "MiB"))
    report(Result(f"memory.{_ROWS}.model_loaded_and_words", words, "MiB"))


def _search(directory: Path) -> tuple[float, float]:
    """Return the most memory held after finding similar photos, and after loading the model for words."""
    library = Library(directory)
    library.catch_up(float("inf"))
    for number in range(_SEARCHES):
        library.search(Query(photo_id=1 + number * _ROWS // _SEARCHES))
    similar = _peak_mib()
    for number in range(_SEARCHES):
        library.search(Query(text=f"a photo of {number} dogs"))
    library.close()
    return similar, _peak_mib()


def _peak_mib() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
