"""What becomes of photos while their folder is walked, for minutes maybe, holds against what the walk says of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from photofind.core.disk.reading import Read
from photofind.core.library import Library
from photofind.core.records.photos import Photo
from tests.core.sync.test_scan_and_sync import embed, sync
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


def one(library: Library, name: bytes) -> Photo:
    (photo,) = (photo for photo in shown(library).values() if photo.path.endswith(name))
    return photo


def and_then(act: Callable[[], object]) -> Read:
    """Return what reads a disk, and lets something happen whenever that has been read."""

    def read(_place: bytes, records: Iterator[T], /) -> Iterator[T]:
        has_photos = False
        for record in records:
            has_photos = has_photos or bool(getattr(record, "photos", None))
            yield record
        if has_photos:
            act()

    return read


def test_a_photo_that_is_put_back_after_the_walk_missed_it_stays(library: Library, many: Path, tmp_path: Path) -> None:
    photo = one(library, b"small/7.jpg")
    shutil.move(many / "small" / "7.jpg", tmp_path / "trashed.jpg")
    library.folders.forget([photo.id])

    def put_back() -> None:
        shutil.move(tmp_path / "trashed.jpg", many / "small" / "7.jpg")
        library.folders.bring_back([photo.id])

    for _ in library.folders.sync(the_folder(library), and_then(put_back)):
        pass

    assert one(library, b"small/7.jpg").id == photo.id
    assert len(shown(library)) == 100


def test_a_photo_that_is_known_again_by_its_content_after_the_walk_saw_its_file_stays(
    library: Library, many: Path
) -> None:
    photo = one(library, b"small/7.jpg")
    shutil.copyfile(many / "small" / "7.jpg", many / "big" / "moved.jpg")  # as where inodes are dealt out anew
    (many / "small" / "7.jpg").unlink()
    sync(library)

    for _ in library.folders.sync(the_folder(library), and_then(lambda: embed(library))):
        pass

    assert one(library, b"big/moved.jpg").id == photo.id
    assert len(shown(library)) == 100
