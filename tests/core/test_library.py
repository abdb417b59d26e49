from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.models.offered import downloadable
from photofind.core.photos.images import decode_photo
from photofind.core.places import models_dir
from photofind.core.records.answers import SearchResult, Why
from photofind.core.records.query import Query
from photofind.core.search.query import clean_text, likely_line
from photofind.core.vectors.vector_index import VectorIndex
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import answering_of, indexing_of, thumbnails_of
from tests.pictures import COLORS, grain, write_photo
from tests.tiny_clip import TINY_CLIP


@pytest.fixture
def filled(library: Library, folder: Path) -> Library:
    """A library whose eight coloured photos are embedded with quick look."""
    library.folders.add(folder)
    sync(library)
    embed(library)
    return library


def found(library: Library, query: Query) -> list[str]:
    return shown(library, library.search.answer(query))


def shown(library: Library, result: SearchResult) -> list[str]:
    return [photo.name for photo in library.search.photos(result.photo_ids.tolist())]


# Answers


@pytest.mark.parametrize("color", ["red", "green", "blue", "yellow", "purple", "orange"])
def test_words_find_the_right_photo_first(library: Library, tmp_path: Path, color: str) -> None:
    for number, value in enumerate(COLORS.values()):
        write_photo(tmp_path / "unnamed" / f"{number}.jpg", value, seed=number)
    library.folders.add(tmp_path / "unnamed")
    sync(library)
    embed(library)
    result = library.search.answer(Query(text=color))
    assert shown(library, result)[0] == f"{list(COLORS).index(color)}.jpg"
    assert result.likely >= 1
    assert result.whys[0] == Why.LOOKS


def test_no_query_shows_the_newest_first(library: Library, tmp_path: Path) -> None:
    for number, name in enumerate(("old", "middle", "new")):
        path = write_photo(tmp_path / "dated" / f"{name}.jpg", seed=number)
        os.utime(path, (1_000_000 * number, 1_000_000 * number))
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2025:01:01 12:00:00"
    grain((1, 2, 3)).save(tmp_path / "dated" / "taken.jpg", exif=exif)
    os.utime(tmp_path / "dated" / "taken.jpg", (5, 5))
    library.folders.add(tmp_path / "dated")
    sync(library)
    embed(library)
    result = library.search.answer(Query())
    assert shown(library, result) == ["taken.jpg", "new.jpg", "middle.jpg", "old.jpg"]
    assert set(result.whys.tolist()) == {Why.NEWEST}
    assert np.isnan(result.scores).all()
    assert result.likely == 0


def test_find_similar_leaves_the_photo_itself_out(filled: Library, folder: Path) -> None:
    write_photo(folder / "red too.jpg", COLORS["red"], seed=99)
    sync(filled)
    embed(filled)
    red = filled.search.answer(Query(text="red")).photo_ids
    similar = filled.search.answer(Query(photo_id=int(red[0])))
    assert red[0] not in similar.photo_ids
    assert similar.photo_ids[0] == red[1]
    assert similar.scores[0] > 0.9


def test_a_picture_from_outside_finds_its_likes(filled: Library, tmp_path: Path) -> None:
    path = write_photo(tmp_path / "query.png", COLORS["blue"], (500, 200), seed=5)
    picture = decode_photo(os.fsencode(path), filled.models.answering.spec)
    assert shown(filled, filled.search.answer(Query(picture=path), picture))[0] == "blue.jpg"


def test_names_folders_cameras_and_dates_are_found_beside_looks(library: Library, tmp_path: Path) -> None:
    root = tmp_path / "Archive"
    exif = Image.Exif()
    exif[271], exif[272], exif[306] = "FUJIFILM", "X-T5", "2019:07:04 10:00:00"
    write_photo(root / "Lisbon 2018" / "IMG_0001.jpg", COLORS["white"], seed=1)
    write_photo(root / "Grüße.jpg", COLORS["black"], seed=2)
    grain(COLORS["blue"], seed=3).save(root / "x.jpg", exif=exif)
    for seed in range(30):
        write_photo(root / "rest" / f"DSC{seed:04}.jpg", COLORS["green"], (40, 30), seed=seed + 10)
    library.folders.add(root)
    sync(library)
    embed(library)
    for words, name in {
        "lisbon": "IMG_0001.jpg",
        "lisb": "IMG_0001.jpg",
        "lisbon 0001": "IMG_0001.jpg",
        "gruße": "Grüße.jpg",
        "grüße": "Grüße.jpg",
        "fujifilm": "x.jpg",
        "july 2019": "x.jpg",
    }.items():
        result = library.search.answer(Query(text=words))
        assert shown(library, result)[0] == name, words
        assert result.whys[0] == Why.NAME
        assert result.likely == 1
    assert found(library, Query(text="lisbon fujifilm")) == [], "all words must fit"
    assert len(found(library, Query(text="dsc"))) == 30, "names answer, however common"


def test_words_that_quick_look_does_not_know_say_so(filled: Library) -> None:
    result = filled.search.answer(Query(text="grandmother"))
    assert result.photo_ids.size == 0
    assert "does not know these words" in str(result.note)


def test_a_name_match_comes_before_looks_without_coming_twice(library: Library, tmp_path: Path) -> None:
    write_photo(tmp_path / "p" / "red wine.jpg", COLORS["white"], seed=1)
    write_photo(tmp_path / "p" / "1.jpg", COLORS["red"], seed=2)
    library.folders.add(tmp_path / "p")
    sync(library)
    embed(library)
    assert found(library, Query(text="red")) == ["red wine.jpg", "1.jpg"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07"])
def test_nothing_asked_is_the_newest(filled: Library, text: str) -> None:
    assert set(filled.search.answer(Query(text=text)).whys.tolist()) == {Why.NEWEST}


@pytest.mark.parametrize(
    "text",
    [
        "red " * 2500,
        "🌹🔴",
        'red" OR *',
        "NEAR(red)",
        "red\x00",
        "\ud83d",
        "-red",
        "(((",
        "'; DROP TABLE photo",
    ],
)
def test_odd_words_are_answered_without_harm(filled: Library, text: str) -> None:
    filled.search.answer(Query(text=text))
    assert len(found(filled, Query())) == 8


def test_the_limit_is_kept(filled: Library) -> None:
    assert len(found(filled, Query(text="red", limit=3))) == 3


def test_a_photo_that_is_not_embedded_yet_cannot_be_compared(filled: Library, folder: Path) -> None:
    write_photo(folder / "late.jpg", seed=44)
    sync(filled)
    photo = filled.embedding.pending(1)[0]
    with pytest.raises(PhotofindError, match="not indexed yet"):
        filled.search.answer(Query(photo_id=photo.id))


def test_answers_while_indexing_say_how_much_was_searched(library: Library, folder: Path) -> None:
    library.folders.add(folder)
    sync(library)
    part = library.embedding.pending(3)
    library.embedding.store([(photo, decode_photo(photo.path, library.embedding.decoding_spec)) for photo in part])
    result = library.search.answer(Query(text="white"))
    assert (result.searched, result.total) == (3, 8)


# What is kept


def test_everything_is_there_after_closing(tmp_path: Path, folder: Path) -> None:
    library = Library(tmp_path / "library")
    library.folders.add(folder)
    sync(library)
    embed(library)
    library.close()
    again = Library(tmp_path / "library")
    again.search.catch_up(10)
    assert again.embedding.counts.embedded == 8
    assert found(again, Query(text="red"))[0] == "red.jpg"
    assert len(thumbnails_of(again).get(again.search.answer(Query()).photo_ids.tolist())) == 8
    again.close()


@pytest.mark.parametrize("lost", ["vectors", "thumbnails.sqlite"])
def test_what_can_be_made_again_is(tmp_path: Path, folder: Path, lost: str) -> None:
    library = Library(tmp_path / "library")
    library.folders.add(folder)
    sync(library)
    embed(library)
    library.close()
    path = tmp_path / "library" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    again = Library(tmp_path / "library")
    again.search.catch_up(10)
    assert found(again, Query(text="red"))[0] == "red.jpg"
    assert again.care.check(repair=False) == []
    assert again.embedding.counts.pending == (0 if lost == "vectors" else 8), "all thumbnails are made again"
    assert embed(again) == 0, "known embeddings are taken over"
    assert again.care.check(repair=False) == []
    again.close()


def test_photos_are_never_written_to(library: Library, folder: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    library.folders.add(folder)
    sync(library)
    embed(library)
    library.search.answer(Query(text="red"))
    library.folders.remove(os.fsencode(folder))
    folder.chmod(0o755)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


def test_a_full_disk_says_so_and_loses_nothing(library: Library, folder: Path) -> None:
    library.folders.add(folder)
    sync(library)
    pages = thumbnails_of(library)._db.execute("PRAGMA page_count").fetchone()[0]
    thumbnails_of(library)._db.execute(f"PRAGMA max_page_count = {pages}")
    photos = library.embedding.pending(8)
    decoded = [(photo, decode_photo(photo.path, library.embedding.decoding_spec)) for photo in photos]
    with pytest.raises(PhotofindError, match="is full; free some space"):
        library.embedding.store(decoded)
    assert library.embedding.counts.pending == 8
    assert library.care.check(repair=False) == []
    thumbnails_of(library)._db.execute("PRAGMA max_page_count = 1000000")
    assert library.embedding.store(decoded).embedded == 8


def test_photos_of_a_folder_removed_meanwhile_are_dropped(filled: Library, folder: Path) -> None:
    write_photo(folder / "late.jpg", seed=44)
    sync(filled)
    on_the_way = [
        (photo, decode_photo(photo.path, filled.embedding.decoding_spec)) for photo in filled.embedding.pending(5)
    ]
    filled.folders.remove(os.fsencode(folder))
    assert filled.embedding.store(on_the_way).embedded == 0
    assert filled.care.check(repair=False) == []


# Models


def test_changing_the_model_keeps_the_old_one_answering(filled: Library) -> None:
    filled.models.use(str(TINY_CLIP))
    assert filled.models.answering.spec.name == "quick look"
    assert filled.embedding.counts.pending == 8
    photo = filled.embedding.pending(3)
    filled.embedding.store([(p, decode_photo(p.path, filled.embedding.decoding_spec)) for p in photo])
    assert not filled.models.finish_change()
    result = filled.search.answer(Query(text="red"))
    assert (result.model, shown(filled, result)[0], result.searched) == ("quick look", "red.jpg", 8)
    embed(filled)
    assert filled.models.finish_change()
    result = filled.search.answer(Query(text="red"))
    assert result.model != "quick look"
    assert result.searched == 8


def test_going_back_to_an_earlier_model_costs_nothing(filled: Library) -> None:
    filled.models.use(str(TINY_CLIP))
    embed(filled)
    filled.models.finish_change()
    filled.models.use("quick look")
    assert filled.embedding.counts.pending == 0
    assert filled.models.answering.spec.name == "quick look"
    assert found(filled, Query(text="red"))[0] == "red.jpg"


def test_a_change_of_model_survives_closing(tmp_path: Path, folder: Path) -> None:
    library = Library(tmp_path / "library")
    library.folders.add(folder)
    sync(library)
    embed(library)
    library.models.use(str(TINY_CLIP))
    library.close()
    again = Library(tmp_path / "library")
    again.search.catch_up(10)
    assert again.models.answering.spec.name == "quick look"
    assert embed(again) == 8
    assert again.models.finish_change()
    again.close()
    final = Library(tmp_path / "library")
    assert answering_of(final) is indexing_of(final)
    assert final.models.answering.reference == str(TINY_CLIP)
    final.close()


def test_a_library_that_was_asked_for_its_folders_alone_opens_no_vectors(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.close()
    monkeypatch.setattr(VectorIndex, "__init__", lambda *_about, **_how: pytest.fail("2 GB are read of a million"))
    again = Library(filled.directory)
    assert [folder.photos for folder in again.folders.all()] == [8]
    again.close()


def install(library: Library, name: str) -> Path:
    """Put the tests' model where a download would put one."""
    target = models_dir(library.directory) / name
    shutil.copytree(TINY_CLIP, target, ignore=shutil.ignore_patterns("*.py", "*.md", "__pycache__"))
    return target


def test_an_installed_model_is_used_by_itself_once(filled: Library) -> None:
    assert not filled.models.adopt_installed(), "there is none yet"
    install(filled, downloadable()[0].name)
    assert filled.models.adopt_installed()
    assert filled.models.indexing.reference == downloadable()[0].name
    assert (filled.embedding.counts.pending, filled.models.answering.spec.name) == (8, "quick look")
    assert not filled.models.adopt_installed()


def test_quick_look_stays_where_the_person_chose_it(filled: Library) -> None:
    install(filled, downloadable()[0].name)
    filled.models.use("quick look")
    assert not filled.models.adopt_installed()
    assert filled.models.indexing.spec.name == "quick look"


def test_a_damaged_model_is_not_used_by_itself(filled: Library) -> None:
    model = install(filled, downloadable()[0].name)
    (model / "open_clip_config.json").write_text("{")
    assert not filled.models.adopt_installed()
    install(filled, downloadable()[1].name)
    assert filled.models.adopt_installed()
    assert filled.models.indexing.reference == downloadable()[1].name


def test_an_unknown_model_is_refused_and_nothing_changes(filled: Library) -> None:
    with pytest.raises(PhotofindError, match="wibble"):
        filled.models.use("wibble")
    assert filled.embedding.counts.pending == 0


# The line between likely and less likely


def test_only_what_stands_out_is_likely() -> None:
    rng = np.random.default_rng(0)
    ordinary = rng.normal(0.18, 0.02, 2000).astype(np.float32)
    assert 0.21 < likely_line(0.34, ordinary) < 0.31
    assert likely_line(0.2, ordinary) > 0.2


def test_a_copy_is_likely_however_alike_the_library_is() -> None:
    """A burst in a library of similar photos: three deviations above its middle is more than 1."""
    ordinary = np.random.default_rng(0).normal(0.45, 0.2, 2000).astype(np.float32)
    assert 0.7 < likely_line(0.99, ordinary) < 0.98


def test_text_is_tidied() -> None:
    assert clean_text("  red \n\t rose\x00 ") == "red rose"
    assert clean_text(" \u3000 ") == ""
    assert len(clean_text("red " * 2500)) <= 1000
    assert clean_text("Blümchen 🌹") == "Blümchen 🌹"
