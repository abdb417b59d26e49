"""What a library holds that must never be lost or done again, read beside photofind's own code."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

# The embedding's label, which is given once, and the content that it shows.
Done = tuple[int, bytes]

_FINISHED = """
    SELECT p.id, e.label, p.content_hash FROM photo p JOIN embedding e ON e.photo_id = p.id
    JOIN thumbnails.thumbnail t ON t.photo_id = p.id WHERE p.state = 1
"""


def finished_photos(library: Path) -> dict[int, Done]:
    """Return what photos that are done, thumbnail included, have by their id.

    The library must not be in use; it is read in a copy, so that nothing is mended by looking.
    """
    with tempfile.TemporaryDirectory() as place:
        for file in library.glob("*.sqlite*"):
            shutil.copy(file, place)
        if not (Path(place) / "thumbnails.sqlite").exists():
            return {}
        with closing(sqlite3.connect(Path(place) / "catalog.sqlite")) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'embedding'").fetchone():
                return {}
            db.execute("ATTACH ? AS thumbnails", [str(Path(place) / "thumbnails.sqlite")])
            if not db.execute("SELECT 1 FROM thumbnails.sqlite_master WHERE name = 'thumbnail'").fetchone():
                return {}
            return {photo: (label, content) for photo, label, content in db.execute(_FINISHED)}


def lost_or_done_again(before: dict[int, Done], after: dict[int, Done]) -> list[int]:
    """Return photos that were done and are not any more, or have another embedding of the same content."""
    return [i for i, done in before.items() if i not in after or (after[i] != done and after[i][1] == done[1])]


@contextmanager
def _reading(library: Path) -> Iterator[sqlite3.Connection]:
    uri = f"{(library / 'catalog.sqlite').absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=5)) as db:
        yield db


def count_embedded(library: Path) -> int:
    """Return how many photos are done in a library that another process may be writing; 0 before there is one."""
    try:
        with _reading(library) as db:
            return int(db.execute("SELECT count(*) FROM photo WHERE state = 1 AND gone_since IS NULL").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
