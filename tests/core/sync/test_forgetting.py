"""Photos that the person deletes from inside photofind, and that come back when it is undone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.core.sync.watched_folders import badged, shown, the_folder
from tests.core.sync.watched_folders import many as many
from tests.inside import answering_of, sql


def ids_below(library: Library, folder: Path) -> list[int]:
    return [photo.id for path, photo in shown(library).items() if path.startswith(os.fsencode(folder))]


def likenesses(library: Library, photo_ids: list[int]) -> list[bytes]:
    vectors = [answering_of(library).embeddings.vector_of(i) for i in photo_ids]
    return [b"" if vector is None else vector.tobytes() for vector in vectors]


@pytest.fixture(params=["forgotten before the look", "looked at before they are forgotten"])
def trashed(request: pytest.FixtureRequest, library: Library, many: Path) -> list[int]:
    """Sixty of a hundred photos, moved to a trash and forgotten; their ids."""
    photo_ids = ids_below(library, many / "big")
    (many / "big").rename(many.parent / "trash")
    if request.param.startswith("looked"):
        assert sync(library).missing == 60
    library.folders.forget(photo_ids)
    return photo_ids


def test_sixty_of_a_hundred_are_not_held_back(library: Library, many: Path, trashed: list[int]) -> None:
    result = sync(library)
    assert (result.removed, result.missing, the_folder(library).missing, badged(library)) == (0, 0, 0, 0)
    assert len(shown(library)) == the_folder(library).photos == library.embedding.counts.photos == 40
    assert len(library.search.answer(Query(text="red", limit=200)).photo_ids) == 40
    assert library.search.photos(trashed) == []


def test_undo_brings_back_everything(library: Library, many: Path, trashed: list[int]) -> None:
    before = likenesses(library, trashed)
    assert all(before)
    sync(library)
    (many.parent / "trash").rename(many / "big")
    library.folders.bring_back(trashed)
    assert {photo.id for photo in library.search.photos(trashed)} == set(trashed)
    assert badged(library) == 0
    result = sync(library)
    assert (result.added, result.removed, result.missing) == (0, 0, 0)
    assert embed(library) == 0, "nothing is embedded anew"
    assert likenesses(library, trashed) == before
    assert sorted(ids_below(library, many / "big")) == sorted(trashed)
    assert library.care.check(repair=False) == []


def test_what_is_put_back_outside_photofind_comes_back_by_the_next_look(
    library: Library, many: Path, trashed: list[int]
) -> None:
    before = likenesses(library, trashed)
    sync(library)
    (many.parent / "trash").rename(many / "big")
    sync(library)
    assert sorted(ids_below(library, many / "big")) == sorted(trashed)
    assert (embed(library), likenesses(library, trashed)) == (0, before)


def test_a_photo_whose_file_was_not_deleted_after_all_comes_back(library: Library, many: Path) -> None:
    (photo_id,) = ids_below(library, many / "small" / "7.jpg")
    library.folders.forget([photo_id])
    assert len(shown(library)) == 99
    sync(library)
    assert ids_below(library, many / "small" / "7.jpg") == [photo_id]


def test_the_rest_that_vanishes_is_doubted_as_ever(library: Library, many: Path, trashed: list[int]) -> None:
    (many / "small").rename(many.parent / "aside")
    assert sync(library).missing == 40
    assert badged(library) == 40


def test_all_photos_of_a_folder_may_be_forgotten_and_come_back(library: Library, many: Path) -> None:
    everything = ids_below(library, many)
    many.rename(many.parent / "trash")
    many.mkdir()
    library.folders.forget(everything)
    result = sync(library)
    assert (result.online, result.removed, result.missing) == (True, 0, 0)
    assert shown(library) == {}
    many.rmdir()
    (many.parent / "trash").rename(many)
    library.folders.bring_back(everything)
    assert sync(library).online
    assert len(shown(library)) == 100


def test_what_was_forgotten_for_a_month_is_deleted(library: Library, many: Path, trashed: list[int]) -> None:
    with sql(library).atomic():
        sql(library).execute("UPDATE photo SET gone_since = gone_since - 31 * 86400")
    library.folders.forget_gone()
    assert sql(library)["embedding"].count == 40
    library.folders.bring_back(trashed)
    assert len(shown(library)) == 40
