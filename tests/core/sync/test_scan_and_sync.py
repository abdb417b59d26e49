from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from photofind.core.disk.scan import scan_folder
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.photos.images import decode_photo, size_thumbnail
from photofind.core.records.photos import Folder
from photofind.core.records.query import Query
from photofind.core.records.work import SyncResult
from photofind.core.sentences.sentence import Sentence
from tests.hanging_disk import hanging_disk
from tests.inside import sql, thumbnails_of
from tests.pictures import COLORS, write_colors, write_photo


def scan(root: Path) -> set[bytes]:
    return {path for directory in scan_folder(os.fsencode(root)) for path, *_ in directory.photos}


def sync(library: Library, folder: Folder | None = None) -> SyncResult:
    total = SyncResult()
    for watched in [folder] if folder else library.folders.all():
        for step in library.folders.sync(watched):
            if step is not None:
                total = SyncResult(
                    total.online and step.online,
                    total.added + step.added,
                    total.updated + step.updated,
                    total.moved + step.moved,
                    total.removed + step.removed,
                    total.missing + step.missing,
                )
    return total


def embed(library: Library) -> int:
    """Embed all that is pending, from originals and thumbnails; return how many photos were really encoded."""
    encoded = 0
    while True:
        photos = library.embedding.pending(100)
        decoded = [(photo, decode_photo(photo.path, library.embedding.decoding_spec)) for photo in photos]
        encoded += library.embedding.store(decoded).embedded
        due = library.embedding.due_thumbnails(100, ())
        sized = [(one, size_thumbnail(one.jpeg, one.size, library.embedding.decoding_spec)) for one in due]
        encoded += library.embedding.store_from_thumbnails(sized).embedded
        if not photos and not due:
            return encoded


def names(library: Library) -> dict[str, int]:
    """Return photo id by file name of everything that is shown."""
    ids = library.search.answer(Query()).photo_ids.tolist()
    return {photo.name: photo.id for photo in library.search.photos(ids)}


@pytest.fixture
def watched(library: Library, folder: Path) -> Folder:
    """A watched folder of eight photos, all embedded."""
    watched = library.folders.add(folder)
    sync(library)
    assert embed(library) == 8
    return watched


# Scanning


def test_only_photos_are_found_at_any_depth(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.JPEG", "deep/er/c.heic", "d.txt", "e.jpg.part", ".hidden.jpg", "noending"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert scan(tmp_path) == {b"a.jpg", b"b.JPEG", b"deep/er/c.heic"}


@pytest.mark.parametrize(
    "name", [".trash", "@eaDir", "$RECYCLE.BIN", "Photos Library.photoslibrary", "node_modules", "LOST+FOUND"]
)
def test_folders_of_the_system_and_of_other_programs_are_left_out(tmp_path: Path, name: str) -> None:
    write_photo(tmp_path / name / "a.jpg")
    assert scan(tmp_path) == set()


@pytest.mark.parametrize(
    "name",
    [
        b"\xff\xfe.jpg",
        "smile 😀.jpg".encode(),
        b"two\nlines.jpg",
        b"-rf.jpg",
        b"a%20b#c?.jpg",
        "ü.jpg".encode(),
        "\u202egpj.jpg".encode(),
    ],
)
def test_any_file_name_is_found_stored_and_given_back(library: Library, tmp_path: Path, name: bytes) -> None:
    root = tmp_path / "odd"
    root.mkdir()
    source = write_photo(tmp_path / "source.jpg")
    os.rename(source, os.path.join(os.fsencode(root), name))
    library.folders.add(root)
    sync(library)
    embed(library)
    photo = library.search.photos(library.search.answer(Query()).photo_ids.tolist())[0]
    assert photo.path == os.path.join(os.fsencode(root), name)
    assert photo.name.isprintable()


def test_a_link_loop_ends_and_a_broken_link_is_nothing(tmp_path: Path) -> None:
    write_photo(tmp_path / "a.jpg")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "a.jpg")
    assert scan(tmp_path) == {b"a.jpg", b"link.jpg"}


# Adding folders


def test_folders_that_cannot_be_watched_are_refused_with_a_sentence(
    library: Library, watched: Folder, folder: Path
) -> None:
    (folder / "inner").mkdir()
    cases = {
        folder / "nowhere": "There is no folder",
        folder / "red.jpg": "There is no folder",
        folder: "already in the library",
        folder / "inner": "lies inside",
        folder.parent: "remove it first",
    }
    for path, sentence in cases.items():
        with pytest.raises(PhotofindError, match=sentence):
            library.folders.add(path)
    assert len(library.folders.all()) == 1


def test_a_folder_reached_by_another_way_is_the_same(library: Library, watched: Folder, folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    with pytest.raises(PhotofindError, match="already"):
        library.folders.add(link)


def test_a_sibling_with_a_longer_name_is_not_inside(library: Library, watched: Folder, folder: Path) -> None:
    write_photo(folder.parent / "photos2" / "a.jpg", COLORS["red"], seed=99)
    library.folders.add(folder.parent / "photos2")
    assert sync(library).added == 1


def test_a_removed_folder_leaves_nothing_but_the_files(library: Library, watched: Folder, folder: Path) -> None:
    library.folders.remove(watched.path)
    assert names(library) == {}
    assert library.search.answer(Query(text="red")).photo_ids.size == 0
    assert thumbnails_of(library).ids() == set()
    assert len(list(folder.iterdir())) == 8


# Syncing


def test_an_unchanged_folder_changes_nothing(library: Library, watched: Folder) -> None:
    assert not sync(library).changed
    assert library.embedding.counts.pending == 0


def test_new_changed_and_vanished_photos_are_told_apart(library: Library, watched: Folder, folder: Path) -> None:
    write_photo(folder / "new.jpg", COLORS["red"], seed=50)
    write_photo(folder / "blue.jpg", COLORS["orange"], seed=51)
    (folder / "green.jpg").unlink()
    result = sync(library)
    assert (result.added, result.updated, result.removed) == (1, 1, 1)
    assert embed(library) == 2
    assert "green.jpg" not in names(library)
    orange = library.search.photos(library.search.answer(Query(text="orange")).photo_ids[:2].tolist())
    assert {photo.name for photo in orange} == {"blue.jpg", "orange.jpg"}


def test_a_touched_photo_is_not_embedded_again(library: Library, watched: Folder, folder: Path) -> None:
    os.utime(folder / "red.jpg", (1, 1))
    assert sync(library).updated == 1
    assert embed(library) == 0
    assert library.embedding.counts.embedded == 8


@pytest.mark.parametrize("change", ["file", "directory", "into another folder"])
def test_a_moved_photo_keeps_its_identity(library: Library, watched: Folder, folder: Path, change: str) -> None:
    before = names(library)
    other = folder.parent / "other"
    other.mkdir()
    write_photo(other / "stays.jpg", COLORS["white"], seed=70)
    library.folders.add(other)
    sync(library)
    embed(library)
    if change == "file":
        (folder / "red.jpg").rename(folder / "rot.jpg")
        expected = "rot.jpg"
    elif change == "directory":
        (folder / "sub").mkdir()
        (folder / "red.jpg").rename(folder / "sub" / "red.jpg")
        sync(library)
        (folder / "sub").rename(folder / "holiday")
        expected = "red.jpg"
    else:
        (folder / "red.jpg").rename(other / "red.jpg")
        expected = "red.jpg"
    result = sync(library)
    assert result.added == 0
    assert embed(library) == 0
    assert names(library)[expected] == before["red.jpg"]
    hits = library.search.answer(Query(text="red"))
    assert library.search.photos(hits.photo_ids[:1].tolist())[0].name == expected


def test_a_photo_copied_and_deleted_keeps_its_identity(library: Library, watched: Folder, folder: Path) -> None:
    """A move across drives is a copy with another inode; the content tells."""
    before = names(library)
    (folder / "red.jpg").rename(folder.parent / "aside.jpg")
    sync(library)
    shutil.copy(folder.parent / "aside.jpg", folder / "back.jpg")
    assert sync(library).added == 1
    assert embed(library) == 0
    assert names(library)["back.jpg"] == before["red.jpg"]
    assert library.embedding.counts.photos == 8


def test_a_copy_takes_over_the_embedding(library: Library, watched: Folder, folder: Path) -> None:
    shutil.copy(folder / "red.jpg", folder / "red again.jpg")
    sync(library)
    assert embed(library) == 0
    hits = library.search.photos(library.search.answer(Query(text="red")).photo_ids[:2].tolist())
    assert {photo.name for photo in hits} == {"red.jpg", "red again.jpg"}


def test_a_photo_that_comes_back_is_there_at_once(library: Library, watched: Folder, folder: Path) -> None:
    aside = folder.parent / "aside.jpg"
    (folder / "red.jpg").rename(aside)
    assert sync(library).removed == 1
    aside.rename(folder / "red.jpg")
    sync(library)
    assert embed(library) == 0
    assert "red.jpg" in names(library)


# Absence is not deletion


def test_a_missing_folder_is_offline_and_still_searchable(library: Library, watched: Folder, folder: Path) -> None:
    folder.rename(folder.parent / "unplugged")
    assert not sync(library).online
    assert not library.folders.all()[0].online
    assert library.embedding.counts.offline == 8
    hit = library.search.photos(library.search.answer(Query(text="red")).photo_ids[:1].tolist())[0]
    assert (hit.name, hit.online) == ("red.jpg", False)
    (folder.parent / "unplugged").rename(folder)
    assert sync(library).online
    assert embed(library) == 0
    assert library.embedding.counts.offline == 0


def test_an_empty_mount_point_is_offline_not_deleted(library: Library, watched: Folder, folder: Path) -> None:
    folder.rename(folder.parent / "unplugged")
    folder.mkdir()
    assert not sync(library).online
    assert len(names(library)) == 8


def test_all_of_many_photos_vanishing_at_once_are_missing_not_deleted(library: Library, tmp_path: Path) -> None:
    root = tmp_path / "many"
    for seed in range(25):
        write_photo(root / f"{seed}.jpg", COLORS["red"], (40, 30), seed)
    (root / "readme.txt").write_text("left behind")
    library.folders.add(root)
    sync(library)
    embed(library)
    for photo in root.glob("*.jpg"):
        photo.unlink()
    result = sync(library)
    assert (result.online, result.removed, result.missing) == (True, 0, 25)
    assert len(names(library)) == 25
    assert library.folders.all()[0].missing == library.embedding.counts.offline == 25


def test_an_unreadable_directory_is_a_problem_and_keeps_its_photos(
    library: Library, watched: Folder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_photo(folder / "private" / "a.jpg", seed=80)
    sync(library)
    embed(library)
    real_scandir = os.scandir

    def scandir(path: bytes) -> object:  # root, whom nothing is forbidden, runs tests too
        if os.fsencode(path).endswith(b"private"):
            raise PermissionError(13, "Permission denied")
        return real_scandir(path)

    monkeypatch.setattr(os, "scandir", scandir)
    sync(library)
    assert "a.jpg" in names(library)
    assert library.care.problems()[0].path.endswith(b"private")
    assert str(library.care.problems()[0].reason) == "The folder cannot be opened: Permission denied."
    monkeypatch.undo()
    sync(library)
    assert library.care.problems() == []


def test_a_photo_that_vanishes_while_it_is_read_is_no_problem(library: Library, watched: Folder, folder: Path) -> None:
    write_photo(folder / "short.jpg", seed=90)
    sync(library)
    photo = library.embedding.pending(1)[0]
    (folder / "short.jpg").unlink()
    library.embedding.store([(photo, None)])
    assert library.care.problems() == []
    assert library.embedding.pending(10) == []
    assert len(names(library)) == 8


def test_a_drive_unplugged_while_it_is_read_is_offline(library: Library, watched: Folder, folder: Path) -> None:
    write_photo(folder / "late.jpg", seed=91)
    sync(library)
    photo = library.embedding.pending(1)[0]
    folder.rename(folder.parent / "unplugged")
    assert library.embedding.store([(photo, None)]).to_sync == {watched.id}
    assert library.embedding.pending(10) == []
    assert library.folders.all()[0].online, "the next sync decides"
    sync(library)
    assert not library.folders.all()[0].online
    (folder.parent / "unplugged").rename(folder)
    sync(library)
    assert library.folders.all()[0].missing == 0
    assert embed(library) == 1


def test_what_has_been_gone_for_a_month_is_forgotten(
    library: Library, watched: Folder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "red.jpg").unlink()
    sync(library)
    library.folders.forget_gone()
    assert len(thumbnails_of(library).ids()) == 8
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 31 * 24 * 3600)
    library.folders.forget_gone()
    assert len(thumbnails_of(library).ids()) == 7


def test_of_a_folder_that_is_away_nothing_is_forgotten(
    library: Library, watched: Folder, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.folders.add(write_colors(tmp_path / "more"))
    (folder / "red.jpg").unlink()
    sync(library)
    folder.rename(tmp_path / "away")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 31 * 24 * 3600)
    library.folders.forget_gone()
    assert sql(library).execute("SELECT count(*) FROM photo").fetchone() == (16,)


def test_a_failed_photo_is_tried_again_only_when_it_changes(library: Library, folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"no picture")
    library.folders.add(folder)
    sync(library)
    photo = next(p for p in library.embedding.pending(20) if p.path.endswith(b"broken.jpg"))
    library.embedding.store([(photo, Sentence("picture_unknown"))])
    sync(library)
    assert photo.id not in {p.id for p in library.embedding.pending(20)}
    assert [problem.path for problem in library.care.problems()] == [photo.path]
    write_photo(folder / "broken.jpg", seed=60)
    sync(library)
    assert photo.id in {p.id for p in library.embedding.pending(20)}
    assert library.care.problems() == []


def test_copying_colors_makes_the_same_files(tmp_path: Path) -> None:
    """The helper that the tests above rest on is deterministic."""
    first, second = write_colors(tmp_path / "a"), write_colors(tmp_path / "b")
    assert (first / "red.jpg").read_bytes() == (second / "red.jpg").read_bytes()


def test_a_walk_asks_nothing_of_the_disk_before_it_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made on the thread that owns the library and done on another."""
    with hanging_disk(tmp_path, monkeypatch) as disk:
        disk.hang()
        start = time.monotonic()
        scan_folder(os.fsencode(tmp_path), watched=[os.fsencode(tmp_path / "other")])
        assert time.monotonic() - start < 5
        assert not disk.asked
