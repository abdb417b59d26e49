"""How many bytes a thousand photos take in the catalog and in the thumbnails' file: why these are two files."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from photofind.core.catalog.database import CATALOG_FILE, THUMBNAILS_FILE
from photofind.core.library import Library
from photofind.core.photos.images import decode_photo
from photofind.core.records.decoded import DecodedPhoto
from tests.bench.photos import write_photos
from tests.bench.report import Result, report

_DECODED, _PHOTOS = 10, 1_000


def main() -> None:
    """Store a thousand photos with quick look, ten decoded ones again and again under other contents."""
    with tempfile.TemporaryDirectory() as directory:
        library = Library(Path(directory) / "library")
        decoded = _decode(write_photos(Path(directory) / "decoded", _DECODED, (2000, 1500)), library)
        library.folders.add(_make_photos(Path(directory) / "photos"))
        (folder,) = library.folders.all()
        for _ in library.folders.sync(folder):
            pass
        pending = library.embedding.pending(_PHOTOS)
        library.embedding.store(
            [(p, replace(decoded[n % _DECODED], content_hash=os.urandom(16))) for n, p in enumerate(pending)]
        )
        library.close()
        for name, file in (("catalog", CATALOG_FILE), ("thumbnails", THUMBNAILS_FILE)):
            size = (library.directory / file).stat().st_size
            report(Result(f"catalog_size.{name}", size * 1000 / len(pending), "bytes per 1,000 photos"))


def _decode(photos: Path, library: Library) -> list[DecodedPhoto]:
    return [decode_photo(os.fsencode(path), library.embedding.decoding_spec) for path in sorted(photos.iterdir())]


def _make_photos(folder: Path) -> Path:
    folder.mkdir()
    for number in range(_PHOTOS):
        (folder / f"IMG_2024_{number:04}.jpg").touch()
    return folder
