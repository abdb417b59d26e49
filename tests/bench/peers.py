"""photofind against rclip itself: `make bench-peers`. The same photos, the same weights, whole processes in turns.

rclip gets photofind's random weights in single precision, the only engine it has; photofind its fastest engine, which
is chosen beforehand as the window does it in the background.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from photofind.core.encoders.engines import Engines, engines_dir
from photofind.core.encoders.fitting import fit_model
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.library import Library
from photofind.core.places import models_dir
from photofind.core.records.arrays import Vectors
from tests.bench import vectors as shapes
from tests.bench.models import make_model_folder
from tests.bench.photos import write_photos
from tests.bench.rclip import Rclip, run_program
from tests.bench.report import Result, interleave, median, report
from tests.inside import answering_of, sql

_PHOTOS, _SIZE = 64, (4000, 3000)
_INDEX_ROUNDS, _INDEX_BOUND = 3, 3
_ROWS, _SMALL = 10_000, (64, 48)
_SEARCH_ROUNDS, _SEARCH_BOUND = 7, 1
_QUERY, _HITS = "a dog on the beach", 10
_ARCHITECTURE = "ViT-B-32-256"

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class _Model:
    """A model folder, and what was decided for it on this computer, with the files, before anything is measured."""

    path: Path
    engines: Engines
    files: Path


def main() -> None:
    """Compare with the `rclip` named on the command line."""
    with tempfile.TemporaryDirectory() as directory:
        work_dir = Path(directory).resolve()  # rclip knows photos by the path that the system calls its folder
        path, files = make_model_folder(work_dir / _ARCHITECTURE, _ARCHITECTURE), work_dir / "engines"
        model = _Model(path, fit_model(path, files, None), files)
        rclip = Rclip(Path(sys.argv[1]).absolute(), work_dir / "rclip", path)
        _compare_indexing(work_dir, model, rclip)
        _compare_searches(work_dir, model, rclip)


def _compare_indexing(work_dir: Path, model: _Model, rclip: Rclip) -> None:
    photos = write_photos(work_dir / "photos", _PHOTOS, _SIZE)
    # rclip indexes only to answer; a picture is the question that adds least, as words need the other tower as well.
    question = write_photos(work_dir / "question", 1, _SMALL) / "00000.jpg"
    used: list[str] = []
    ours, theirs = interleave(
        _INDEX_ROUNDS,
        lambda: _index(work_dir, model, photos, used),
        lambda: _index_by_rclip(rclip, photos, question),
    )
    report(
        Result(
            "peers.index.12_megapixels",
            median(ours),
            "images/s",
            bound=">=",
            bound_value=_INDEX_BOUND,
            peer=rclip.version,
            peer_value=median(theirs),
        )
    )
    is_chosen = float(used[-1] == model.engines.images)
    report(Result(f"peers.index.engine.{used[-1]}", is_chosen, "1 if the fastest", bound=">=", bound_value=1))


def _index(work_dir: Path, model: _Model, photos: Path, used: list[str]) -> float:
    """Index photos into a new library; return images a second, and add what embedded them to `used`."""
    library = _make_library(Path(tempfile.mkdtemp(dir=work_dir)), model)
    library.folders.add(photos)
    library.close()
    seconds, result = _time(lambda: _photofind(library.directory, "index"))
    if result["embedded"] != _PHOTOS:
        raise RuntimeError(f"photofind embedded {result['embedded']} of {_PHOTOS} photos")
    used.append(result["engine"])
    return _PHOTOS / seconds


def _index_by_rclip(rclip: Rclip, photos: Path, question: Path) -> float:
    rclip.forget()
    seconds, _ = _time(lambda: rclip.search(photos, str(question), 1, index=True))
    if rclip.count() != _PHOTOS:
        raise RuntimeError(f"rclip embedded {rclip.count()} of {_PHOTOS} photos")
    return _PHOTOS / seconds


def _compare_searches(work_dir: Path, model: _Model, rclip: Rclip) -> None:
    photos, vectors = _write_small_photos(work_dir), shapes.clustered(_ROWS)
    library = _make_library(work_dir / "library", model)
    _fill(library, photos, vectors)
    rclip.fill(sorted(photos.iterdir()), vectors)
    found: list[set[str]] = []
    ours, theirs = interleave(
        _SEARCH_ROUNDS,
        lambda: _search(lambda: _ask(library.directory), found),
        lambda: _search(lambda: rclip.search(photos, _QUERY, _HITS), found),
    )
    name = f"peers.search.{_ROWS}"
    report(Result(name, median(ours), "s", "<=", _SEARCH_BOUND, rclip.version, median(theirs)))
    report(Result(f"{name}.same_best_{_HITS}", len(set.intersection(*found)), "photos"))
    imported = _count_imports_of_torch(library.directory)
    report(Result(f"{name}.torch_imported", imported, "times", bound="<=", bound_value=0))


def _write_small_photos(work_dir: Path) -> Path:
    """Write files that are photos, and differ by what follows the picture's end."""
    photos = work_dir / "small"
    picture = (write_photos(work_dir / "one", 1, _SMALL) / "00000.jpg").read_bytes()
    photos.mkdir()
    for number in range(_ROWS):
        (photos / f"{number:05}.jpg").write_bytes(picture + number.to_bytes(4, "big"))
    return photos


def _fill(library: Library, photos: Path, vectors: Vectors) -> None:
    """Take photos in by name, the vectors float32 [n, dim] as theirs, and close the library."""
    for _ in library.folders.sync(library.folders.add(photos)):
        pass
    ids = [row[0] for row in sql(library).execute("SELECT id FROM photo ORDER BY path")]
    with sql(library).atomic():
        answering_of(library).embeddings.put(ids, vectors)
        sql(library).execute("UPDATE photo SET state = 1")
    library.search.catch_up(float("inf"))
    library.close()


def _search(ask: Callable[[], list[str]], found: list[set[str]]) -> float:
    """Return the seconds an answer takes; add its photos to `found`."""
    seconds, paths = _time(ask)
    if len(paths) != _HITS:
        raise RuntimeError(f"{len(paths)} of {_HITS} photos were found")
    found.append(set(paths))
    return seconds


def _ask(library: Path) -> list[str]:
    return [hit["path"] for hit in _photofind(library, "search", _QUERY, "--limit", str(_HITS))["hits"]]


def _count_imports_of_torch(library: Path) -> int:
    command = [sys.executable, "-X", "importtime", "-m", "photofind", "--library", str(library), "search", _QUERY]
    lines = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr.splitlines()
    return sum(line.rpartition("|")[2].strip() == "torch" for line in lines)


def _make_library(directory: Path, model: _Model) -> Library:
    """Make a library without photos that uses the model, its engines in place."""
    target = engines_dir(models_dir(directory), read_model_folder(model.path).spec.model_id)
    shutil.copytree(model.files, target, copy_function=os.link)  # so that nothing is left to be written while measuring
    library = Library(directory)
    library.models.use(str(model.path))
    return library


def _photofind(library: Path, *arguments: str) -> Any:
    """Run a command as a process of its own; return the document that it prints."""
    command = [sys.executable, "-m", "photofind", "--library", str(library), *arguments, "--json"]
    return json.loads(run_program(command))


def _time(action: Callable[[], _Answer]) -> tuple[float, _Answer]:
    start = time.perf_counter()
    answer = action()
    return time.perf_counter() - start, answer


if __name__ == "__main__":
    main()
