"""What it costs to read again what files say: bytes and processor time a photo, photos a second, bytes kept of each."""

from __future__ import annotations

import io
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.facts import FactsReading
from photofind.background.indexing.pace import SLICE_SECONDS
from photofind.core.library import Library
from photofind.core.photos.facts.reading import BYTES_A_READ, read_facts
from tests.bench.report import Result, median, report
from tests.core.photos.facts.made import bag, exif, heic, jpeg, xmp
from tests.inside import catalog_of, sql

_PHOTOS, _ROUNDS = 4_000, 200
_PIXELS = 3_000_000  # bytes of a photo that are not its head


class _Counted(io.FileIO):
    """A file that counts what is read of it."""

    count = 0

    def readinto(self, buffer: Any, /) -> int | None:
        read = super().readinto(buffer)
        self.count += read or 0
        return read


def main() -> None:
    """Read heads of photos as cameras and programs write them, then a library's again."""
    with tempfile.TemporaryDirectory() as directory:
        photos = Path(directory) / "photos"
        photos.mkdir()
        _read_heads(photos)
        _read_library(photos, Path(directory) / "library")


def _content(number: int) -> dict[str, bytes]:
    says = exif(
        {0x010F: "Canon", 0x0110: "Canon EOS 80D"},
        {
            0x9003: f"2007:06:30 18:{number % 60:02}:17",
            0x829D: 2.8,
            0x829A: 0.004,
            0x8827: 200,
            0xA434: "EF 50mm f/1.8",
        },
        {1: "N", 2: (59.0, 54.0, 50.0), 3: "E", 4: (10.0, number % 60, 8.0)},
    )
    packet = xmp(bag("dc:subject", "holiday", f"word{number % 500}"), bag("Iptc4xmpExt:PersonInImage", "Anna"))
    return {"jpeg": jpeg(says, packet), "heic": heic(says.tobytes()[6:], packet)}


def _read_heads(folder: Path) -> None:
    for kind, head in _content(0).items():
        path = folder / f"head.{kind}"
        path.write_bytes(head + os.urandom(_PIXELS))
        seconds, counts = [], []
        for _ in range(_ROUNDS):
            start = time.process_time()
            with io.BufferedReader(file := _Counted(path), BYTES_A_READ) as reader:
                read_facts(reader, os.fsencode(path), 0)
            seconds.append(time.process_time() - start)
            counts.append(file.count)
        report(Result(f"facts.{kind}.bytes_read", median(counts), "bytes"))
        report(Result(f"facts.{kind}.processor", median(seconds), "s"))
        path.unlink()


def _read_library(photos: Path, directory: Path) -> None:
    for number in range(_PHOTOS):
        (photos / f"IMG_{number:05}.jpg").write_bytes(_content(number)["jpeg"])
    library, decoder = Library(directory), Decoder()
    folder = library.folders.add(photos)
    for _ in library.folders.sync(folder):
        pass
    with sql(library).atomic():
        sql(library).execute("UPDATE photo SET width = 4, height = 3, state = 1")
    before = _pages(library)
    reading, start = FactsReading(library, decoder, SLICE_SECONDS), time.monotonic()
    slices = []
    while library.facts.pending:
        begun = time.monotonic()
        reading.step()
        slices.append(time.monotonic() - begun)
    seconds = time.monotonic() - start
    decoder.stop()
    catalog_of(library).words.rebuild()
    report(Result("facts.again", _PHOTOS / seconds, "photos/s"))
    report(Result("facts.longest_slice", max(slices), "s", bound="<=", bound_value=0.3))
    report(Result("facts.kept", (_pages(library) - before) / _PHOTOS, "bytes a photo, words included"))
    library.close()


def _pages(library: Library) -> int:
    count, size = (sql(library).execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(count * size)
