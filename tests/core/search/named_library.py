"""Libraries of photos that have names, dates and words but were never opened: what is asked of names needs no more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import volume_of
from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.inside import catalog_of, sql

_PHOTO = (
    "INSERT INTO photo (folder_id, path, size, mtime_ns, ctime_ns, inode, device, state, sort_time, width, height, "
    "taken, camera, content_hash) VALUES (?, ?, 1, 1, 1, 1, 1, 1, ?, 60, 40, ?, ?, x'00')"
)


class Named(NamedTuple):
    """A photo as its row has it; `said` is what its file says of itself, one saying a line."""

    path: str
    taken: str | None = None
    said: str = ""
    camera: str | None = None


def insert_named(of: Library | Catalog, photos: Iterable[Named | str], folder: str = "/pictures/photos") -> None:
    """Insert photos, the last one the newest; their words are not written."""
    catalog = of if isinstance(of, Catalog) else catalog_of(of)
    folder_id = catalog.folders.add(os.fsencode(folder), volume_of(b"/"))
    first = catalog.photos.highest_id() + 1
    rows = [Named(photo) if isinstance(photo, str) else photo for photo in photos]
    with sql(catalog).atomic():
        sql(catalog).conn.executemany(
            _PHOTO,
            (
                (folder_id, os.fsencode(photo.path), float(number), photo.taken, photo.camera)
                for number, photo in enumerate(rows, first)
            ),
        )
        said = ((number, photo.said) for number, photo in enumerate(rows, first) if photo.said)
        sql(catalog).conn.executemany("INSERT INTO said VALUES (?, ?)", said)


def add_named(of: Library | Catalog, photos: Iterable[Named | str], folder: str = "/pictures/photos") -> None:
    """Insert photos with their words, the last one the newest."""
    insert_named(of, photos, folder)
    (of if isinstance(of, Catalog) else catalog_of(of)).words.rebuild()


def write_words(catalog: Catalog, photo_ids: Iterable[int]) -> None:
    """Write the words of photos, some at a time."""
    ids = list(photo_ids)
    for start in range(0, len(ids), 100):
        catalog.words.write(ids[start : start + 100])


def named(library: Library, text: str, limit: int = 1_000) -> list[str]:
    """Return the paths, in their folder, of the photos that words find by name or date, in order."""
    result = library.search.answer(Query(text=text, limit=limit))
    return paths(library, result.photo_ids[: result.named].tolist())


def paths(library: Library, photo_ids: Sequence[int]) -> list[str]:
    """Return the paths of photos in their folders."""
    return [os.fsdecode(os.path.relpath(photo.path, photo.folder)) for photo in library.search.photos(photo_ids)]
