"""What becomes of photos while their folder is walked, for minutes maybe, holds against what the walk says of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from photofind.core.library import Library
from tests.core.sync.watched_folders import many as many
from tests.core.sync.watched_folders import shown, the_folder
from tests.inside import catalog_of

T = TypeVar("T")


def test_a_photo_that_is_deleted_after_the_walk_saw_it_stays_deleted(library: Library, many: Path) -> None:
    (photo,) = (photo for photo in shown(library).values() if photo.path.endswith(b"small/7.jpg"))
    is_deleted = False

    def read(_place: bytes, records: Iterator[T], /) -> Iterator[T]:
        nonlocal is_deleted
        for record in list(records):  # the disk is far ahead of what is compared with the catalog
            if not is_deleted and getattr(record, "photos", None):
                Path(photo.path.decode()).unlink()
                catalog_of(library).scanned.hide([photo.id])
                is_deleted = True
            yield record

    for _ in library.folders.sync(the_folder(library), read):
        pass

    assert is_deleted
    assert photo.path not in shown(library)
    assert len(shown(library)) == 99
