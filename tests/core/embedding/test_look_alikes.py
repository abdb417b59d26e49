"""A second model for Find similar: what it finds, when it answers, and that no other model notices it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.photos.images import decode_photo
from photofind.core.records.arrays import Pixels, Vectors
from photofind.core.records.query import Query
from tests.core.embedding.changing_models import change_to, ids, watch_scenes
from tests.core.embedding.similar_model import (
    PHOTOS,
    asked,
    has_vector,
    id_of,
    save_near_copy,
    second,
    see_photos,
    state,
)
from tests.core.embedding.similar_model import made as made
from tests.core.embedding.similar_model import model as model
from tests.core.embedding.similar_model import ready as ready
from tests.core.embedding.similar_model import scenes as scenes
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import look_alikes_of, sql, thumbnails_of
from tests.pictures import write_photo
from tests.tiny_clip import TINY_CLIP
from tests.written import written_error

# What it finds


def test_near_copies_are_found_by_it_and_words_are_left_to_the_other(ready: Library, scenes: Path) -> None:
    save_near_copy(scenes / "05.jpg", scenes / "copy.jpg")
    words = ready.search.answer(Query(text="red"))
    sync(ready)
    embed(ready)
    see_photos(ready)
    answer = ready.search.answer(Query(photo_id=id_of(ready, "copy.jpg")))
    assert (answer.model, answer.searched) == ("twins", PHOTOS + 1)
    assert answer.photo_ids[0] == id_of(ready, "05.jpg")
    assert answer.likely >= 1
    after = ready.search.answer(Query(text="red"))
    assert after.model == words.model == "quick look"
    assert [i for i in after.photo_ids if i != id_of(ready, "copy.jpg")] == words.photo_ids.tolist()


def test_a_picture_from_outside_is_seen_as_its_thumbnail(ready: Library, scenes: Path) -> None:
    path = os.fsencode(scenes / "07.jpg")
    picture = decode_photo(path, ready.models.answering.spec)
    answer = ready.search.answer(Query(picture=scenes / "07.jpg"), picture)
    assert (answer.model, answer.photo_ids[0]) == ("twins", id_of(ready, "07.jpg"))
    assert answer.scores[0] > 0.9999, "both sides are the very same thumbnail"


def test_copies_share_one_vector(library: Library, scenes: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(PHOTOS):
        shutil.copy(scenes / f"{number:02}.jpg", scenes / f"copy {number:02}.jpg")
    sync(library)
    embed(library)
    encoded = []
    encode = LearnedEncoder.encode_images

    def count(encoder: LearnedEncoder, images: Pixels) -> Vectors:
        encoded.append(len(images))
        return encode(encoder, images)

    monkeypatch.setattr(LearnedEncoder, "encode_images", count)
    library.models.use(str(model))
    assert len(see_photos(library, batch=3)) == 2 * PHOTOS
    assert sum(encoded) == PHOTOS
    embeddings = second(library).embeddings
    one, other = (embeddings.vector_of(id_of(library, name)) for name in ("03.jpg", "copy 03.jpg"))
    assert one is not None
    assert np.array_equal(one, other)  # type: ignore[arg-type]


# When it answers


def test_until_it_has_seen_every_photo_the_other_model_answers_all(library: Library, scenes: Path, model: Path) -> None:
    library.models.use(str(model))
    first = see_photos(library, most_steps=2)
    assert len(first) == 16
    assert asked(library, first[0]) == "quick look"
    picture = decode_photo(os.fsencode(scenes / "07.jpg"), library.models.answering.spec)
    assert library.search.answer(Query(picture=scenes / "07.jpg"), picture).model == "quick look"
    assert not state(library, model).answers
    see_photos(library)
    assert asked(library, first[0]) == "twins"
    assert library.search.answer(Query(picture=scenes / "07.jpg"), picture).model == "twins"
    assert state(library, model).answers


def test_a_photo_that_has_just_come_is_asked_of_the_other_model(ready: Library, scenes: Path) -> None:
    save_near_copy(scenes / "05.jpg", scenes / "new.jpg")
    sync(ready)
    embed(ready)
    new = id_of(ready, "new.jpg")
    assert asked(ready, new) == "quick look"
    assert asked(ready, id_of(ready, "05.jpg")) == "twins", "the others are not asked of two models in turns"
    assert see_photos(ready) == [new]
    assert asked(ready, new) == "twins"


def test_after_a_large_folder_came_the_other_model_answers_until_it_was_seen(ready: Library, tmp_path: Path) -> None:
    watch_scenes(ready, tmp_path / "more", PHOTOS)
    assert asked(ready, 1) == "quick look", "it would miss half of them"
    see_photos(ready)
    assert asked(ready, 1) == "twins"
    assert ready.search.answer(Query(photo_id=1)).searched == 2 * PHOTOS


def test_what_was_seen_is_not_seen_again_after_a_restart(tmp_path: Path, model: Path) -> None:
    library = Library(tmp_path / "library")
    watch_scenes(library, tmp_path / "scenes", PHOTOS)
    library.models.use(str(model))
    first = see_photos(library, most_steps=1)
    library.close()
    again = Library(tmp_path / "library")
    assert sorted(first + see_photos(again)) == list(range(1, PHOTOS + 1))
    again.close()
    for read_only in (True, False):
        last = Library(tmp_path / "library", read_only=read_only)
        last.search.catch_up(10)
        assert asked(last, 3) == "twins"
        last.close()


def test_a_library_without_photos_is_settled_at_once(library: Library, model: Path, tmp_path: Path) -> None:
    library.models.use(str(model))
    assert see_photos(library) == []
    watch_scenes(library, tmp_path / "scenes", PHOTOS)
    picture = decode_photo(os.fsencode(tmp_path / "scenes" / "07.jpg"), library.models.answering.spec)
    assert library.search.answer(Query(picture=b""), picture).model == "quick look", "it has not seen them yet"
    assert len(see_photos(library)) == PHOTOS
    assert library.search.answer(Query(picture=b""), picture).model == "twins"


# What is due


def test_a_changed_photo_is_seen_again(ready: Library, scenes: Path) -> None:
    changed = id_of(ready, "04.jpg")
    before = second(ready).embeddings.vector_of(changed)
    write_photo(scenes / "04.jpg", (10, 200, 30), size=(640, 480))
    sync(ready)
    assert see_photos(ready) == [], "its thumbnail is still that of the old picture"
    embed(ready)
    assert asked(ready, changed) == "quick look"
    assert see_photos(ready) == [changed]
    after = second(ready).embeddings.vector_of(changed)
    assert before is not None
    assert after is not None
    assert float(before @ after) < 0.999


def test_a_photo_that_changes_while_its_thumbnail_is_decoded_gets_no_wrong_vector(
    library: Library, scenes: Path, model: Path
) -> None:
    library.models.use(str(model))
    (late, *_) = look_alikes_of(library).due(1, ())
    photo = library.search.photos([late.photo_id])[0]
    write_photo(Path(os.fsdecode(photo.path)), (10, 200, 30), size=(640, 480))
    sync(library)
    size = second(library).spec.size
    look_alikes_of(library).store([(late, np.zeros((size, size, 3), np.uint8))])
    assert not has_vector(library, late.photo_id)


def test_photos_that_are_gone_are_left_out_and_seen_when_they_are_back(
    library: Library, scenes: Path, model: Path, tmp_path: Path
) -> None:
    (scenes / "trip").mkdir()
    (scenes / "02.jpg").rename(scenes / "trip" / "02.jpg")
    sync(library)
    embed(library)
    gone = ids(library)["trip/02.jpg"]
    (scenes / "trip").rename(tmp_path / "trip")
    sync(library)
    library.models.use(str(model))
    assert gone not in see_photos(library)
    assert asked(library, id_of(library, "05.jpg")) == "twins"
    (tmp_path / "trip").rename(scenes / "trip")
    sync(library)
    assert library.embedding.counts.pending == 0, "it is back as it was"
    assert see_photos(library) == [gone]


@pytest.mark.parametrize("jpeg", [None, b"", b"\xff\xd8\xff nothing that could be shown"])
def test_a_photo_without_a_sound_thumbnail_is_passed_over_until_that_is_mended(
    library: Library, scenes: Path, model: Path, jpeg: bytes | None
) -> None:
    broken = id_of(library, "02.jpg")
    thumbnails_of(library).put([(broken, jpeg)]) if jpeg is not None else thumbnails_of(library).remove([broken])
    library.models.use(str(model))
    assert len(see_photos(library, most_steps=50)) == PHOTOS - 1
    assert look_alikes_of(library).is_finished, "it is not tried for ever"
    assert look_alikes_of(library).is_ready
    assert library.care.problems() == []
    assert asked(library, broken) == "quick look"
    if jpeg is None:
        library.care.check(repair=True)
        embed(library)
        assert see_photos(library) == [broken]


def test_what_is_still_being_decoded_has_not_been_seen(library: Library, scenes: Path, model: Path) -> None:
    library.models.use(str(model))
    on_the_way = look_alikes_of(library).due(PHOTOS, ())
    assert len(on_the_way) == PHOTOS
    for _ in range(3):
        assert look_alikes_of(library).due(PHOTOS, [one.photo_id for one in on_the_way]) == []
        assert not look_alikes_of(library).is_finished
        assert not look_alikes_of(library).is_ready


def test_what_could_not_be_written_is_due_again(
    library: Library, scenes: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.models.use(str(model))
    with monkeypatch.context() as broken:
        broken.setattr(LearnedEncoder, "encode_images", refuse)
        with pytest.raises(PhotofindError):
            see_photos(library)
    assert not look_alikes_of(library).is_ready
    assert sorted(see_photos(library)) == list(range(1, PHOTOS + 1))


def refuse(encoder: LearnedEncoder, images: Pixels) -> Vectors:
    raise written_error("This cannot be.")


def test_it_goes_on_while_the_other_model_is_changed(ready: Library) -> None:
    ready.models.use(str(TINY_CLIP))
    assert asked(ready, 3) == "twins"
    change_to(ready, TINY_CLIP)
    assert look_alikes_of(ready).is_finished is False, "something was written"
    assert see_photos(ready) == [], "but nothing that it lacks"
    assert (asked(ready, 3), ready.search.answer(Query(text="a red circle")).model) == ("twins", "tiny_clip")


# Damage


def damage(library: Library, photo_id: int) -> None:
    db = sql(library)
    db.execute(
        "UPDATE embedding SET vector = zeroblob(64) WHERE photo_id = ? AND model = ?",
        [photo_id, second(library).embeddings.model],
    )
    db.conn.commit()


def test_a_damaged_vector_is_made_again_and_the_photo_waits_for_nothing(ready: Library) -> None:
    damage(ready, 3)
    assert asked(ready, 3) == "quick look"
    assert ready.embedding.counts.pending == 0
    assert see_photos(ready) == [3]
    assert asked(ready, 3) == "twins"


def test_a_check_finds_and_mends_its_damage(ready: Library) -> None:
    assert ready.care.check(repair=False) == []
    damage(ready, 3)
    (found,) = ready.care.check(repair=False)
    assert (str(found.what), found.count) == ("damaged embeddings", 1)
    (mended,) = ready.care.check(repair=True)
    assert (str(mended.what), mended.repaired) == ("damaged embeddings", True)
    assert ready.embedding.counts.pending == 0
    assert see_photos(ready) == [3]
    assert ready.care.check(repair=False) == []


def test_a_check_mends_its_vector_index(tmp_path: Path, model: Path) -> None:
    library = Library(tmp_path / "library")
    watch_scenes(library, tmp_path / "scenes", PHOTOS)
    library.models.use(str(model))
    see_photos(library)
    key = second(library).embeddings.model
    library.close()
    assert [*(tmp_path / "library" / "vectors" / str(key)).iterdir()], "what is in memory is written at the end"
    again = Library(tmp_path / "library")
    again.search.catch_up(10)
    sql(again).execute("DELETE FROM embedding WHERE model = ? AND photo_id = 3", [key])
    sql(again).execute("DELETE FROM removed_vector")
    sql(again).conn.commit()
    (found,) = again.care.check(repair=True)
    assert str(found.what) == "the vector index does not fit the catalog"
    assert again.care.check(repair=False) == []
    again.close()
