"""A small library of each schema that was released, as SQL: what a photofind of that time had made."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from photofind.core.catalog.thumbnails import Thumbnails

SCHEMAS = sorted(Path(__file__).parent.glob("schema_*.sql"), key=lambda path: path.name)
# Those whose reasons are told in English, before they had keys.
IN_ENGLISH = [path for path in SCHEMAS if path.stem == "schema_3"]


def put_down(schema: Path, directory: Path) -> sqlite3.Connection:
    """Make a library of that schema in a new folder; return its catalog, to be closed."""
    directory.mkdir()
    catalog = sqlite3.connect(directory / "catalog.sqlite")
    catalog.executescript(schema.read_text("utf-8"))
    thumbnails = Thumbnails(directory / "thumbnails.sqlite")
    thumbnails.put((row[0], b"a thumbnail") for row in catalog.execute("SELECT id FROM photo WHERE state = 1"))
    thumbnails.close()
    return catalog
