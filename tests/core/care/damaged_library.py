"""Open damaged copies of a library, each in a child process of its own, and say what came of it.

Run as a program: a template folder and a list of damages come on standard input, a list of outcomes goes out. The
children are forked from one process that has loaded everything, so that a case takes little and a crash has a name.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.vectors.building import build_hnsw
from photofind.core.vectors.hnsw import load_hnsw
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.core.vectors.tried_graphs import PASSED, let_trial_be
from tests.inside import answering_of
from tests.pictures import COLORS, write_photo

MATRIX = ("vectors/1/manifest.json", "vectors/1/labels", "vectors/1/vectors")
GRAPH = ("vectors/1/hnsw.json", "vectors/1/hnsw.bin")
CATALOG = ("catalog.sqlite", "catalog.seal")


@dataclass(frozen=True)
class Damage:
    """What is done to a file: cut to `place` bytes, one byte changed there, a page zeroed there, or deleted."""

    file: str
    kind: str
    place: int = 0
    mask: int = 0
    is_unclean: bool = False  # as after a crash: nothing but SQLite itself can tell


@dataclass(frozen=True)
class Outcome:
    """How a child ended: by a `signal`, with a `traceback`, with a sentence, or with answers."""

    damage: Damage
    signal: int = 0
    traceback: str = ""
    refused: str = ""
    answers: dict[str, Any] | None = None


def make_library(directory: Path, seed: int = 0) -> Path:
    """Make a library of 24 coloured photos with its caches and a graph; return its folder."""
    for number in range(24):
        name, color = list(COLORS.items())[number % 8]
        write_photo(directory / "photos" / f"{name} {number}.jpg", color, (160, 120), seed + number)
    library = Library(directory / "library")
    library.folders.add(directory / "photos")
    sync(library)
    embed(library)
    answering_of(library).index.flush()
    index = answering_of(library).index
    build_hnsw(index.directory, index.spec.model_id, index.spec.dim)
    let_trial_be(index, PASSED)
    library.close()
    return directory / "library"


def answers(library: Library) -> dict[str, Any]:
    """Return what a person sees: photos like one of them, photos for a word, and what the graph says."""
    names = {photo.name: photo.id for photo in library.search.photos(range(1, 100))}
    asked = names["red 0.jpg"]
    similar = library.search.answer(Query(photo_id=asked, limit=10))
    text = library.search.answer(Query(text="green", limit=10))
    index = answering_of(library).index
    graph = load_hnsw(index.directory, index.library, index.spec.model_id, index.spec.dim)
    vector = answering_of(library).embeddings.vector_of(asked)
    assert vector is not None
    return {
        "similar": [photo.name for photo in library.search.photos(similar.photo_ids.tolist())],
        "scores": np.round(similar.scores, 3).tolist(),
        "text": [photo.name for photo in library.search.photos(text.photo_ids.tolist())],
        "graph": None if graph is None else graph.search(vector, 5)[0].tolist(),  # type: ignore[index]
        "embedded": library.embedding.counts.embedded,
    }


def apply(damage: Damage, library: Path) -> None:
    """Damage one file of a library."""
    if damage.is_unclean:
        (library / "catalog.seal").unlink()
    path = library / damage.file
    if damage.kind == "missing":
        path.unlink()
        return
    content = bytearray(path.read_bytes())
    match damage.kind:
        case "cut":
            del content[damage.place :]
        case "flip":
            content[damage.place] ^= damage.mask
        case "zero":
            content[damage.place : damage.place + 4096] = bytes(len(content[damage.place : damage.place + 4096]))
    path.write_bytes(content)


def open_and_ask(directory: Path) -> dict[str, Any]:
    """Start with a library, damaged or not, as the program does; PhotofindError where it says so."""
    with Library(directory) as library:
        sync(library)
        embed(library)
        library.search.catch_up(60)
        return answers(library)


def try_all(template: Path, damages: list[Damage]) -> list[Outcome]:
    """Try damages in a process beside this one, which a crash cannot reach."""
    asked = json.dumps({"template": str(template), "damages": [asdict(damage) for damage in damages]})
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.care.damaged_library"],
        input=asked.encode(),
        capture_output=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    return [Outcome(damage, **outcome) for damage, outcome in zip(damages, told, strict=True)]


def _try(template: Path, work: Path, damage: Damage) -> dict[str, Any]:
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(template, work)
    apply(damage, work)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            told: dict[str, Any] = {"answers": open_and_ask(work)}
        except PhotofindError as error:
            told = {"refused": str(error)}
        except BaseException:  # noqa: BLE001 - whatever it is, it is told
            told = {"traceback": traceback.format_exc()}
        os.write(writing, json.dumps(told).encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as file:
        said = file.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    return dict(json.loads(said))


def _main() -> None:
    asked = json.load(sys.stdin)
    template = Path(asked["template"])
    work = template.parent / "damaged"
    print(json.dumps([_try(template, work, Damage(**damage)) for damage in asked["damages"]]))  # noqa: T201


if __name__ == "__main__":
    _main()
