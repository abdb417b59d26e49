"""Photos by their names and dates: how long a query takes, what the index takes, and how long it takes to fill.

Beside it FTS5's own index of three letters each, and the index of words that libraries had before.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from photofind.core.catalog.catalog import Catalog
from photofind.core.search.names import find_named
from photofind.core.search.understand import understand
from tests.bench.report import Result, report
from tests.core.search.named_library import Named, insert_named
from tests.inside import sql

_SIZES = (100_000, 1_000_000)
_TYPED = ("1273", "lisbon", "IMG_2019", "20190704", "norway garden", "July 2019", "may", "4", "zzzq", "jpg")
_COMMON = "jpg"
_TIMES = 9
_PLACES = ("Norway", "Lisbon", "Garden", "Wedding", "Hiking", "Birthday", "Berlin", "Tokyo", "Kitchen", "Summer", "Zoo")
_OLD = "fts5(words, tokenize = 'unicode61 remove_diacritics 2')"
_TRIGRAM = "fts5(words, tokenize = 'trigram', detail = none)"


def main() -> None:
    """Measure for each size of library; times are of the processor, each the median of nine."""
    for size in _SIZES:
        with tempfile.TemporaryDirectory() as directory:
            catalog = Catalog(Path(directory) / "catalog.sqlite")
            insert_named(catalog, islice(_photos(), size))
            _measure(catalog, size)
            catalog.close()


def _photos() -> Iterator[Named]:
    """Yield photos as cameras and phones name them, in folders as people do."""
    chance, number = random.Random(1), 0
    while True:
        year, month = chance.randint(2004, 2025), chance.randint(1, 12)
        folder = f"{year}/{year}-{month:02} {chance.choice(_PLACES)} {chance.choice(_PLACES)} {number % 1_000}"
        for _ in range(chance.randint(20, 180)):
            number += 1
            day, second = chance.randint(1, 28), chance.randint(0, 59)
            stamp = f"{year}{month:02}{day:02}_12{chance.randint(0, 59):02}{second:02}"
            name = chance.choice(
                (f"IMG_{number % 10_000:04}.JPG", f"DSC{number % 100_000:05}.JPG", f"IMG_{stamp}_{number % 100:02}.jpg")
            )
            taken = f"{year}-{month:02}-{day:02}T12:00:{second:02}"
            yield Named(f"{folder}/{name}", taken, camera="Canon EOS 6D")


def _measure(catalog: Catalog, size: int) -> None:
    before = _bytes(catalog)
    start = time.process_time()
    catalog.words.rebuild()
    report(Result(f"names.{size}.fill", time.process_time() - start, "s of processor"))
    ours = (_bytes(catalog) - before) / size
    old, _ = _peer(catalog, size, _OLD)
    report(Result(f"names.{size}.bytes", ours, "bytes a photo", peer="words, as before", peer_value=old))
    report(Result(f"names.{size}.more_bytes", ours - old, "bytes a photo", "<=", 60))
    trigram, seconds = _peer(catalog, size, _TRIGRAM)
    report(Result(f"names.{size}.bytes", ours, "bytes a photo", peer="FTS5 trigram", peer_value=trigram))
    report(Result(f"names.{size}.fts5_trigram jpg", seconds * 1000, "ms, ids alone"))
    for typed in _TYPED:
        asked = understand(typed, "en")
        spent = _median(lambda asked=asked: find_named(catalog, asked))  # type: ignore[misc]
        bound = (20 if typed != _COMMON else 250) * size / _SIZES[0]
        found = len(find_named(catalog, asked))
        report(Result(f"names.{size}.find {typed} ({found})", spent * 1000, "ms", "<=", bound))


def _peer(catalog: Catalog, size: int, table: str) -> tuple[float, float]:
    """Return what another index of the same names takes, in bytes a photo, and how long it takes to find most of it."""
    db = sql(catalog)
    before = _bytes(catalog)
    with db.atomic():
        db.execute(f"CREATE VIRTUAL TABLE peer USING {table}")
        db.execute(
            "INSERT INTO peer (rowid, words) SELECT id, 'photos/' || CAST(path AS TEXT) || ' ' || camera || "
            "CASE WHEN ? THEN substr(taken, 1, 4) || ' ' || substr(taken, 1, 10) || ' January' ELSE '' END FROM photo",
            [table == _OLD],
        )
    taken = (_bytes(catalog) - before) / size
    seconds = _median(lambda: db.execute("SELECT rowid FROM peer WHERE peer MATCH 'jpg'").fetchall())
    with db.atomic():
        db.execute("DROP TABLE peer")
    return taken, seconds


def _bytes(catalog: Catalog) -> int:
    """Return how many bytes of the file are in use."""
    pages, free, size = (
        int(sql(catalog).execute(f"PRAGMA {what}").fetchone()[0])
        for what in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _median(action: Callable[[], object]) -> float:
    spent = []
    for _ in range(_TIMES):
        start = time.process_time()
        action()
        spent.append(time.process_time() - start)
    return float(np.median(spent))
