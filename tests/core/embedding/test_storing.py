"""Between opening photos and storing them other work is done: what it found of their files counts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from photofind.core.library import Library
from photofind.core.photos.images import decode_photo
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.work import PendingPhoto
from photofind.core.steps import finish
from tests.core.sync.test_scan_and_sync import embed, names, sync
from tests.inside import sql
from tests.pictures import write_photo

T = TypeVar("T")
Opened = list[tuple[PendingPhoto, DecodedPhoto]]


def open_pending(library: Library) -> Opened:
    spec = library.embedding.decoding_spec
    return [(photo, decode_photo(photo.path, spec)) for photo in library.embedding.pending(100)]


def content_of(library: Library, name: str) -> bytes:
    query = "SELECT content_hash FROM photo WHERE id = ?"
    return bytes(sql(library).execute(query, [names(library)[name]]).fetchone()[0])


def test_a_photo_that_was_edited_since_it_was_opened_is_opened_again(library: Library, tmp_path: Path) -> None:
    photo = tmp_path / "photos" / "one.jpg"
    write_photo(photo, (200, 0, 0))
    library.folders.add(photo.parent)
    sync(library)
    red = open_pending(library)
    write_photo(photo, (0, 0, 200))
    os.utime(photo, (1_600_000_000, 1_600_000_000))
    assert sync(library).updated == 1
    assert library.embedding.store(red).embedded == 0
    assert library.embedding.counts.pending == 1
    assert embed(library) == 1
    assert content_of(library, "one.jpg") != red[0][1].content_hash


def test_a_photo_that_was_moved_while_a_copy_of_it_was_stored_stays_where_it_is(
    library: Library, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    write_photo(photos / "one.jpg", (200, 0, 0))
    library.folders.add(photos)
    sync(library)
    embed(library)
    before = names(library)["one.jpg"]
    (photos / "copy.jpg").write_bytes((photos / "one.jpg").read_bytes())
    sync(library)
    copy = open_pending(library)
    (photos / "one.jpg").rename(photos / "moved.jpg")

    def then_look_through(_place: bytes, records: Iterator[T], /) -> Iterator[T | None]:
        found = list(records)
        assert sync(library).moved == 1
        yield from found

    finish(library.embedding.storing(copy, then_look_through))
    assert names(library)["moved.jpg"] == before
    assert names(library).keys() == {"moved.jpg", "copy.jpg"}
