"""A library of a million photos under `.bench/`, made once by bulk SQL and kept between runs; some 7 GB.

Its files are there, and empty: looks at the disk find all of them unchanged. Its vectors are in clusters, its names,
folders and dates as cameras and people make them, many of the dates alike. The newest have thumbnails.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from photofind.core.catalog.embeddings import Embeddings
from photofind.core.library import Library
from photofind.core.records.facts import READER_VERSION
from tests.bench import vectors as shapes
from tests.bench.fitted import fit
from tests.bench.models import make_model_folder
from tests.bench.photos import write_photos
from tests.inside import answering_of, catalog_of, sql, thumbnails_of

PHOTOS = 1_000_000
# Of so many tiles there are thumbnails; the others are grey.
THUMBNAILS = 20_000
_A_FOLDER = 250
_DIRECTORY = Path(".bench") / "million"
# Count up where what is made here changes.
_MADE_AS = "1"
_PART = 50_000
_MOST_BYTES = 12 << 30
_PLACES = ("Norway", "Lisbon", "Garden", "Wedding", "Hiking", "Birthday", "Berlin", "Tokyo", "Kitchen", "Summer", "Zoo")
_CAMERAS = ("Canon EOS 6D", "Pixel 6", "NIKON D750", None)
_DAY, _DAYS, _FROM = 86_400, 7_300, 1_072_915_200  # twenty years from 2004 on


def million_library() -> Path:
    """Return where the library of a million photos lies; it is made where it is not there yet, which takes minutes."""
    made = _DIRECTORY / "made"
    if not made.exists() or made.read_text() != _MADE_AS:
        shutil.rmtree(_DIRECTORY, ignore_errors=True)
        _DIRECTORY.mkdir(parents=True)
        if shutil.disk_usage(_DIRECTORY).free < _MOST_BYTES:
            raise SystemExit(f"A library of a million photos needs {_MOST_BYTES >> 30} GiB of room in {_DIRECTORY}.")
        _make()
        made.write_text(_MADE_AS)
    return library_dir()


def library_dir() -> Path:
    """Return where the library lies."""
    return (_DIRECTORY / "library").absolute()


def photos_dir() -> Path:
    """Return where its files lie."""
    return (_DIRECTORY / "photos").absolute()


def empty_library() -> Path:
    """Return where an empty library with the same model lies, to compare with."""
    return (_DIRECTORY / "empty").absolute()


def _make() -> None:
    model = make_model_folder(_DIRECTORY / "model", "ViT-B-32-256").absolute()
    for directory in (empty_library(), library_dir()):
        fit(model, directory) if directory == empty_library() else shutil.copytree(empty_library(), directory)
        library = Library(directory)
        library.models.use(str(model))
        library.close()
    _tell("files")
    _make_files(photos_dir())
    library = Library(library_dir())
    folder = library.folders.add(photos_dir())
    _tell("rows")
    for _ in library.folders.sync(folder):
        pass
    _embed(library)
    library.close()


def _make_files(root: Path) -> None:
    chance = random.Random(1)
    for number in range(PHOTOS // _A_FOLDER):
        year, month = 2004 + number * 20 * _A_FOLDER // PHOTOS, chance.randint(1, 12)
        place = " ".join(chance.choices(_PLACES, k=2))
        folder = root / str(year) / f"{year}-{month:02} {place} {number}"
        folder.mkdir(parents=True)
        for file in range(_A_FOLDER):
            os.close(os.open(folder / f"IMG_{(number * _A_FOLDER + file) % 10_000:04}.JPG", os.O_CREAT | os.O_WRONLY))


def _embed(library: Library) -> None:
    """Write what opening and embedding the photos would have: all that a query or a tile asks for."""
    catalog, embeddings = catalog_of(library), answering_of(library).embeddings
    embeddings.enrol()
    rng = np.random.default_rng(2)
    with sql(catalog).atomic():
        sql(catalog).conn.executemany(
            "UPDATE photo SET state = 1, width = 4000, height = 3000, facts_version = ?, camera = ?, sort_time = ?, "
            "taken = strftime('%Y-%m-%dT%H:%M:%S', ?, 'unixepoch') WHERE id = ?",
            _rows(rng),
        )
    _tell("vectors")
    for start in range(0, PHOTOS, _PART):
        with sql(catalog).atomic():
            sql(catalog).conn.executemany(
                "INSERT INTO embedding (model, photo_id, vector, crc) VALUES (?, ?, ?, ?)", _vectors(embeddings, start)
            )
    _tell("words and thumbnails")
    catalog.words.rebuild()
    newest = catalog.newest.all()[:THUMBNAILS].tolist()
    jpegs = _thumbnails()
    thumbnails_of(library).put((photo_id, jpegs[photo_id % len(jpegs)]) for photo_id in newest)
    _tell("vector index")
    library.search.catch_up(float("inf"))
    answering_of(library).index.make_codes(float("inf"))


def _rows(rng: np.random.Generator) -> Iterator[tuple[int, str | None, float, float, int]]:
    """Yield what an opened photo's row has; bursts of a second are alike, and so is a day of scans."""
    days = np.sort(rng.integers(0, _DAYS, PHOTOS))
    seconds = rng.integers(0, _DAY // 20, PHOTOS) * 20
    for number, (day, second) in enumerate(zip(days.tolist(), seconds.tolist(), strict=True), 1):
        taken = float(_FROM + day * _DAY + second)
        yield READER_VERSION, _CAMERAS[number // _A_FOLDER % len(_CAMERAS)], taken, taken, number


def _vectors(embeddings: Embeddings, start: int) -> Iterator[tuple[int, int, bytes, int]]:
    vectors = shapes.clustered(_PART, seed=start).astype(np.float16)
    for photo_id, vector in enumerate(vectors, start + 1):
        blob = vector.tobytes()
        yield embeddings.model, photo_id, blob, zlib.crc32(blob)


def _thumbnails() -> list[bytes]:
    """Return JPEGs as large as thumbnails are."""
    jpegs = []
    for path in sorted(write_photos(_DIRECTORY / "drawn", 100, (384, 288)).iterdir()):
        buffer = io.BytesIO()
        Image.open(path).save(buffer, "JPEG", quality=85)
        jpegs.append(buffer.getvalue())
    return jpegs


def _tell(what: str) -> None:
    sys.stderr.write(f"A library of a million photos is being made: {what}\n")
