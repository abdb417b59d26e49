"""A change of model reads thumbnails where they are as good, and originals where they are not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.core.embedding.changing_models import (
    SAMPLE,
    change_to,
    embed_in_turns,
    ids,
    original_vector,
    similar,
    stand_ins,
    vector,
    watch_scenes,
    write_scenes,
)
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import indexing_of, sql, thumbnails_of, words_of
from tests.pictures import write_photo
from tests.tiny_clip import TINY_CLIP


@pytest.fixture
def scenes(library: Library, tmp_path: Path) -> Path:
    """Sixty scenes, embedded with quick look."""
    return watch_scenes(library, tmp_path / "scenes")


def rows(library: Library) -> list[tuple[object, ...]]:
    """Return all that is kept of the photos but their state, their words and thumbnails included."""
    photos = (
        sql(library)
        .execute(
            "SELECT p.id, p.path, content_hash, width, height, taken, camera, sort_time FROM photo p ORDER BY p.id"
        )
        .fetchall()
    )
    thumbnails = thumbnails_of(library).get([row[0] for row in photos])
    words = words_of(library)
    return [(*row, words[row[0]], thumbnails[row[0]]) for row in photos]


def spoil_thumbnails(library: Library, photo_ids: list[int]) -> None:
    """Let thumbnails show another photo."""
    jpegs = thumbnails_of(library).get(photo_ids)
    thumbnails_of(library).put(
        (i, jpegs[other]) for i, other in zip(photo_ids, photo_ids[1:] + photo_ids[:1], strict=True)
    )


def test_what_proves_equal_is_embedded_from_thumbnails_and_nothing_else_changes(library: Library, scenes: Path) -> None:
    before = rows(library)
    done = change_to(library, TINY_CLIP)
    assert (len(done.opened), len(done.from_thumbnail)) == (SAMPLE, 20)
    assert rows(library) == before
    for name, photo_id in ids(library).items():
        path = os.fsencode(scenes.parent / name)
        assert float(vector(library, photo_id) @ original_vector(library, path)) > 0.99
    assert library.embedding.counts.pending == 0
    assert library.care.check(repair=False) == []


def test_the_sample_is_spread_over_the_library(library: Library, scenes: Path) -> None:
    library.models.use(str(TINY_CLIP))
    sample = sorted(photo.id for photo in library.embedding.pending(SAMPLE))
    assert max(np.diff(sample)) <= 3
    assert (sample[0], sample[-1]) == (1, 60)


def test_where_thumbnails_show_something_else_originals_are_opened(library: Library, scenes: Path) -> None:
    spoil_thumbnails(library, list(ids(library).values()))
    done = change_to(library, TINY_CLIP)
    assert (len(done.opened), done.from_thumbnail) == (60, [])
    for name, photo_id in list(ids(library).items())[:5]:
        path = os.fsencode(scenes.parent / name)
        assert float(vector(library, photo_id) @ original_vector(library, path)) > 0.9999


@pytest.mark.parametrize(("strays", "from_thumbnail"), [(2, 20), (3, 0)])
def test_of_forty_photos_two_may_stray_and_not_three(
    library: Library, scenes: Path, strays: int, from_thumbnail: int
) -> None:
    library.models.use(str(TINY_CLIP))
    sample = [photo.id for photo in library.embedding.pending(SAMPLE)]
    spoil_thumbnails(library, sample[:strays])
    done = embed_in_turns(library)
    assert len(done.from_thumbnail) == from_thumbnail
    assert len(done.opened) == 60 - from_thumbnail


def test_what_a_thumbnail_is_too_small_for_is_opened(library: Library, scenes: Path) -> None:
    write_scenes(scenes / "panoramas", 3, (1300, 200))  # 384 x 59, and the model takes 64
    write_scenes(scenes / "small", 3, (320, 240))
    sync(library)
    embed(library)
    done = change_to(library, TINY_CLIP)
    opened = {name for name, photo_id in ids(library).items() if photo_id in done.opened}
    assert len([name for name in opened if name.startswith(("panoramas", "small"))]) == 6
    assert len(done.from_thumbnail) == 20


@pytest.mark.parametrize("is_sample", [False, True])
@pytest.mark.parametrize("jpeg", [None, b"", b"\xff\xd8\xff nothing that could be shown"])
def test_a_photo_without_a_sound_thumbnail_is_opened_and_gets_a_new_one(
    library: Library, scenes: Path, jpeg: bytes | None, is_sample: bool
) -> None:
    library.models.use(str(TINY_CLIP))
    sample = {photo.id for photo in library.embedding.pending(SAMPLE)}
    broken = min(sample if is_sample else set(ids(library).values()) - sample)
    before = thumbnails_of(library).get([broken])
    thumbnails_of(library).put([(broken, jpeg)]) if jpeg is not None else thumbnails_of(library).remove([broken])
    done = embed_in_turns(library)
    assert broken in done.opened
    assert thumbnails_of(library).get([broken]) == before
    assert library.models.finish_change()
    assert library.care.check(repair=False) == []


def test_exact_copies_share_one_vector(library: Library, scenes: Path) -> None:
    for number in range(60):
        (scenes / "copies").mkdir(exist_ok=True)
        shutil.copy(scenes / f"{number:02}.jpg", scenes / "copies")
    sync(library)
    assert embed(library) == 0
    library.models.use(str(TINY_CLIP))
    done = embed_in_turns(library)
    assert len(done.opened) + len(done.from_thumbnail) == 120
    known = ids(library)
    for number in range(60):
        one, other = (vector(library, known[f"{folder}/{number:02}.jpg"]) for folder in ("scenes", "copies"))
        assert np.array_equal(one, other)


def test_a_photo_that_changes_meanwhile_is_opened(library: Library, scenes: Path) -> None:
    library.models.use(str(TINY_CLIP))
    embed_in_turns(library, most_steps=1, batch=SAMPLE)
    late = library.embedding.due_thumbnails(60, ())
    assert len(late) == 20
    (name,) = (name for name, photo_id in ids(library).items() if photo_id == late[0].photo_id)
    changed, path = late[0].photo_id, scenes.parent / name
    write_photo(path, size=(800, 600), seed=3)
    sync(library)
    assert changed not in [one.photo_id for one in library.embedding.due_thumbnails(60, ())]
    library.embedding.store_from_thumbnails(
        [(one, np.zeros((64, 64, 3), np.uint8)) for one in late if one.photo_id == changed]
    )
    assert indexing_of(library).embeddings.vector_of(changed) is None, (
        "its thumbnail was read before the change was seen"
    )
    assert changed in embed_in_turns(library).opened
    now = original_vector(library, os.fsencode(path))
    assert float(vector(library, changed) @ now) > 0.9999


def test_a_new_photo_is_opened_while_others_are_not(library: Library, scenes: Path) -> None:
    library.models.use(str(TINY_CLIP))
    write_photo(scenes / "new.jpg", size=(800, 600))
    sync(library)
    done = change_to(library, TINY_CLIP)
    assert len(done.opened) == SAMPLE + 1
    assert ids(library)["scenes/new.jpg"] in done.opened


def test_names_are_found_while_the_model_changes(library: Library, scenes: Path) -> None:
    library.models.use(str(TINY_CLIP))
    result = library.search.answer(Query(text="scenes 07"))
    assert [photo.name for photo in library.search.photos(result.photo_ids[:1].tolist())] == ["07.jpg"]


# Drives that are away


@pytest.fixture
def away(library: Library, scenes: Path, tmp_path: Path) -> Path:
    """A second folder of thirty scenes whose drive is away; the first is there."""
    folder = watch_scenes(library, tmp_path / "drive" / "away", 30)
    folder.parent.rename(tmp_path / "unplugged")
    sync(library)
    return folder


def come_back(library: Library, away: Path) -> None:
    (away.parents[1] / "unplugged").rename(away.parent)
    sync(library)


def ids_of(library: Library, folder: Path) -> list[int]:
    return [photo_id for name, photo_id in ids(library).items() if name.startswith(f"{folder.name}/")]


def test_photos_that_are_away_are_embedded_from_thumbnails_for_good(library: Library, away: Path) -> None:
    done = change_to(library, TINY_CLIP)
    assert set(ids_of(library, away)) <= set(done.from_thumbnail)
    assert (library.embedding.counts.pending, stand_ins(library)) == (0, 0)
    come_back(library, away)
    assert library.embedding.pending(1) == []


def test_where_originals_are_needed_thumbnails_stand_in_until_the_drive_is_back(library: Library, away: Path) -> None:
    photos = ids_of(library, away)
    spoil_thumbnails(library, [i for i in ids(library).values() if i not in photos])
    done = change_to(library, TINY_CLIP)
    assert sorted(done.from_thumbnail) == sorted(photos)
    assert (library.embedding.counts.pending, library.embedding.counts.waiting, stand_ins(library)) == (30, 30, 30)
    from_thumbnails = {i: vector(library, i) for i in photos}
    assert all(set(similar(library, i)) for i in photos), "they are found by their looks"
    assert embed_in_turns(library).from_thumbnail == [], "once is enough"
    come_back(library, away)
    assert sorted(embed_in_turns(library).opened) == sorted(photos)
    assert (library.embedding.counts.pending, stand_ins(library)) == (0, 0)
    assert not any(np.array_equal(vector(library, i), from_thumbnails[i]) for i in photos)
    assert library.care.check(repair=False) == []


def test_a_library_on_a_drive_that_is_away_is_never_without_answers(library: Library, tmp_path: Path) -> None:
    folder = watch_scenes(library, tmp_path / "drive" / "away", 30)
    folder.parent.rename(tmp_path / "unplugged")
    sync(library)
    library.models.use(str(TINY_CLIP))
    assert library.models.answering.spec.name == "quick look", "the other one has no vector yet"
    done = embed_in_turns(library)
    assert (len(done.opened), len(done.from_thumbnail)) == (0, 30)
    assert library.models.finish_change()
    assert library.search.answer(Query(text="red")).searched == 30
    library.models.use("quick look")
    assert library.models.answering.spec.name == "quick look"
    assert (library.embedding.counts.pending, library.embedding.counts.embedded) == (0, 30)


def test_what_waits_for_its_drive_is_not_counted_as_work(library: Library, away: Path) -> None:
    spoil_thumbnails(library, [i for i in ids(library).values() if i not in ids_of(library, away)])
    library.models.use(str(TINY_CLIP))
    assert (library.embedding.counts.pending, library.embedding.counts.waiting) == (90, 30)
    embed_in_turns(library)
    assert (library.embedding.counts.pending, library.embedding.counts.waiting) == (30, 30)
