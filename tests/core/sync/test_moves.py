"""A photo that was renamed, moved, swapped or replaced keeps its identity and its embedding."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photofind.core.library import Library
from photofind.core.records.photos import Folder, Photo
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from tests.core.sync.test_scan_and_sync import embed, sync
from tests.inside import answering_of, sql
from tests.mounts import mounted_tmpfs
from tests.pictures import COLORS, write_photo

ALL = list("abcdefgh")


@pytest.fixture
def root(library: Library, tmp_path: Path) -> Path:
    """A watched folder of eight embedded photos: a.jpg to h.jpg."""
    return fill(library, tmp_path / "photos", ALL)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Path]:
    """A drive of its own, mounted."""
    with mounted_tmpfs(tmp_path / "drive") as place:
        yield place


def fill(library: Library, folder: Path, stems: list[str]) -> Path:
    for seed, stem in enumerate(stems):
        write_photo(folder / f"{stem}.jpg", list(COLORS.values())[seed % 8], (40, 30), seed=hash_of(folder) + seed)
    library.folders.add(folder)
    sync(library)
    embed(library)
    return folder


def hash_of(folder: Path) -> int:
    return sum(os.fsencode(folder.name))


def shown(library: Library) -> list[Photo]:
    return library.search.photos(library.search.answer(Query()).photo_ids.tolist())


def ids(library: Library) -> dict[str, int]:
    """Return photo id by path below the test's folder, of everything that is shown."""
    photos = shown(library)
    above = os.path.dirname(photos[0].folder) if photos else b""
    return {os.fsdecode(os.path.relpath(photo.path, above)): photo.id for photo in photos}


def moved(before: dict[str, int], *moves: tuple[str, str]) -> dict[str, int]:
    """Return what is shown once these paths have become those, at the same moment."""
    after = {path: photo_id for path, photo_id in before.items() if path not in dict(moves)}
    return after | {to: before[path] for path, to in moves}


def vectors(library: Library) -> dict[int, bytes]:
    found = ((i, answering_of(library).embeddings.vector_of(i)) for i in ids(library).values())
    return {i: vector.tobytes() for i, vector in found if vector is not None}


def content(library: Library, photo_id: int) -> bytes:
    """Return what a photo's file holds, by its path in the library."""
    return Path(os.fsdecode(library.search.photos([photo_id])[0].path)).read_bytes()


# Inside one folder


def rename_one(root: Path) -> None:
    (root / "a.jpg").rename(root / "z.jpg")


def change_case_only(root: Path) -> None:
    (root / "a.jpg").rename(root / "A.JPG")


def swap_two(root: Path) -> None:
    (root / "a.jpg").rename(root / "aside")
    (root / "b.jpg").rename(root / "a.jpg")
    (root / "aside").rename(root / "b.jpg")


def turn_three_round(root: Path) -> None:
    (root / "a.jpg").rename(root / "aside")
    for name, to in (("c.jpg", "a.jpg"), ("b.jpg", "c.jpg"), ("aside", "b.jpg")):
        (root / name).rename(root / to)


def move_up_a_chain(root: Path) -> None:
    for name, to in (("c.jpg", "new.jpg"), ("b.jpg", "c.jpg"), ("a.jpg", "b.jpg")):
        (root / name).rename(root / to)


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        (rename_one, [("a", "z.jpg")]),
        (change_case_only, [("a", "A.JPG")]),
        (swap_two, [("a", "b.jpg"), ("b", "a.jpg")]),
        (turn_three_round, [("a", "b.jpg"), ("b", "c.jpg"), ("c", "a.jpg")]),
        (move_up_a_chain, [("a", "b.jpg"), ("b", "c.jpg"), ("c", "new.jpg")]),
    ],
)
def test_renamed_photos_keep_id_and_vector(
    library: Library, root: Path, change: Callable[[Path], None], moves: list[tuple[str, str]]
) -> None:
    before, vectors_before = ids(library), vectors(library)
    files = {photo_id: content(library, photo_id) for photo_id in before.values()}
    change(root)
    result = sync(library)
    assert (result.moved, result.added, result.updated, result.removed, result.missing) == (len(moves), 0, 0, 0, 0)
    assert embed(library) == 0
    assert ids(library) == moved(before, *((f"photos/{old}.jpg", f"photos/{new}") for old, new in moves))
    assert vectors(library) == vectors_before
    assert {photo_id: content(library, photo_id) for photo_id in files} == files
    assert not sync(library).changed
    assert library.care.check(repair=False) == []


def test_a_renamed_directory_takes_its_photos_along(library: Library, root: Path) -> None:
    shutil.copytree(root, root / "trip" / "day 1")
    for path in root.glob("trip/day 1/*.jpg"):
        path.write_bytes(path.read_bytes() + b"more")
    sync(library)
    embed(library)
    before = ids(library)
    (root / "trip").rename(root / "Lisbon")
    result = sync(library)
    assert (result.moved, result.added, result.removed) == (8, 0, 0)
    assert embed(library) == 0
    assert ids(library) == {path.replace("/trip/", "/Lisbon/"): photo_id for path, photo_id in before.items()}
    assert len(library.search.answer(Query(text="lisbon")).photo_ids) == 8, "found by the new name of their folder"
    assert len(library.search.answer(Query(text="trip")).photo_ids) == 0


def test_a_rename_over_a_known_photo_keeps_the_one_that_stays(library: Library, root: Path) -> None:
    before = ids(library)
    (root / "a.jpg").replace(root / "b.jpg")
    sync(library)
    assert embed(library) == 0
    del before["photos/b.jpg"]
    assert ids(library) == moved(before, ("photos/a.jpg", "photos/b.jpg"))
    assert library.care.check(repair=False) == []


def test_an_atomic_save_keeps_the_identity_and_embeds_the_new_content(library: Library, root: Path) -> None:
    before = ids(library)
    write_photo(root / ".a.tmp.jpg", COLORS["white"], (40, 30), seed=99).replace(root / "a.jpg")
    result = sync(library)
    assert (result.updated, result.added, result.removed) == (1, 0, 0)
    assert embed(library) == 1
    assert ids(library) == before


def test_a_save_that_keeps_the_old_file_beside_tells_both_apart(library: Library, root: Path) -> None:
    before = ids(library)
    (root / "a.jpg").rename(root / "a (original).jpg")
    write_photo(root / "a.jpg", COLORS["white"], (40, 30), seed=99)
    sync(library)
    assert embed(library) == 1
    after = ids(library)
    assert after.pop("photos/a.jpg") not in before.values()
    assert after == moved(before, ("photos/a.jpg", "photos/a (original).jpg"))


def test_another_file_of_the_same_size_is_not_taken_for_the_renamed_one(library: Library, root: Path) -> None:
    before = ids(library)
    size, times = (root / "a.jpg").stat().st_size, (root / "a.jpg").stat()
    (root / "a.jpg").rename(root.parent / "kept elsewhere.jpg")
    decoy = write_photo(root / "decoy.jpg", COLORS["white"], (10, 10), seed=5)
    decoy.write_bytes(decoy.read_bytes().ljust(size, b"\1"))
    os.utime(decoy, ns=(times.st_atime_ns, times.st_mtime_ns))
    result = sync(library)
    assert (result.moved, result.added, result.removed) == (0, 1, 1)
    assert embed(library) == 1
    assert ids(library)["photos/decoy.jpg"] != before["photos/a.jpg"]


def test_hard_linked_twins_are_not_guessed_between(library: Library, root: Path) -> None:
    """Both names are the same file: which of them the old name became, nobody can tell."""
    os.link(root / "a.jpg", root / "y.jpg")
    (root / "a.jpg").rename(root / "z.jpg")
    result = sync(library)
    assert (result.moved, result.added) == (0, 2)
    assert embed(library) == 0
    assert {path for path in ids(library) if path[-5] in "ayz"} == {"photos/y.jpg", "photos/z.jpg"}
    assert len(set(ids(library).values())) == 9


def test_a_renamed_photo_that_vanished_before_takes_up_where_it_was(library: Library, root: Path) -> None:
    before = ids(library)
    (root / "a.jpg").rename(root.parent / "aside.jpg")
    assert sync(library).removed == 1
    (root.parent / "aside.jpg").rename(root / "z.jpg")
    assert sync(library).moved == 1
    assert embed(library) == 0
    assert ids(library) == moved(before, ("photos/a.jpg", "photos/z.jpg"))


# Between folders


@pytest.mark.parametrize("first", ["source", "target"])
def test_a_photo_moved_between_folders_keeps_its_identity(
    library: Library, root: Path, tmp_path: Path, first: str
) -> None:
    other = fill(library, tmp_path / "other", ["k", "l"])
    before, vectors_before = ids(library), vectors(library)
    (root / "a.jpg").rename(other / "a2.jpg")
    source, target = library.folders.all()
    results = [sync(library, folder) for folder in ([source, target] if first == "source" else [target, source])]
    assert [result.added for result in results] == [0, 0]
    assert embed(library) == 0
    assert ids(library) == moved(before, ("photos/a.jpg", "other/a2.jpg"))
    assert vectors(library) == vectors_before
    assert library.search.photos([before["photos/a.jpg"]])[0].folder == os.fsencode(other)


def test_hard_linked_twins_in_another_folder_are_both_shown(library: Library, root: Path, tmp_path: Path) -> None:
    other = fill(library, tmp_path / "other", ["k", "l"])
    os.link(root / "a.jpg", other / "y.jpg")
    (root / "a.jpg").rename(other / "z.jpg")
    sync(library)
    assert embed(library) == 0
    shown = ids(library)
    assert {"other/y.jpg", "other/z.jpg"} < set(shown)
    assert "photos/a.jpg" not in shown
    assert len(set(shown.values())) == len(shown) == 11


def test_a_folder_emptied_into_another_is_empty_not_away(library: Library, root: Path, tmp_path: Path) -> None:
    """Its record was read before its photos were found in the other one."""
    other = fill(library, tmp_path / "other", ["k", "l"])
    before = ids(library)
    target, source = library.folders.all()
    for photo in list(other.iterdir()):
        photo.rename(root / photo.name)
    sync(library, target)
    sync(library, source)
    assert [folder.online for folder in library.folders.all()] == [True, True]
    assert ids(library) == moved(before, ("other/k.jpg", "photos/k.jpg"), ("other/l.jpg", "photos/l.jpg"))
    assert embed(library) == 0


@pytest.mark.parametrize("first", ["source", "target"])
def test_a_move_to_another_drive_keeps_the_identity(library: Library, root: Path, drive: Path, first: str) -> None:
    """Across file systems a move is a copy with another inode: the content tells, once it is read."""
    fill(library, drive, ["k", "l"])
    before, vectors_before = ids(library), vectors(library)
    shutil.move(root / "a.jpg", drive / "a.jpg")
    (drive / "sub").mkdir()
    shutil.copyfile(root / "b.jpg", drive / "sub" / "b.jpg")  # without its time
    (root / "b.jpg").unlink()
    source, target = library.folders.all()
    for folder in [source, target] if first == "source" else [target, source]:
        sync(library, folder)
    assert embed(library) == 0
    sync(library)
    assert ids(library) == moved(before, ("photos/a.jpg", "drive/a.jpg"), ("photos/b.jpg", "drive/sub/b.jpg"))
    assert vectors(library) == vectors_before
    assert library.care.check(repair=False) == []


def test_a_copy_on_another_drive_leaves_the_original_what_it_is(library: Library, root: Path, drive: Path) -> None:
    fill(library, drive, ["k"])
    before = ids(library)
    shutil.copy2(root / "a.jpg", drive / "a.jpg")
    sync(library)
    assert embed(library) == 0
    after = ids(library)
    assert after.pop("drive/a.jpg") not in before.values()
    assert after == before


def test_a_file_of_the_same_numbers_on_another_drive_is_another_photo(
    library: Library, tmp_path: Path, drive: Path
) -> None:
    """Fresh drives deal out the same inodes; only the device tells the new file from the one that is gone."""
    fill(library, drive, ["a"])
    with mounted_tmpfs(tmp_path / "second" / "card") as card:
        fill(library, card, ["b"])
        one, two = drive / "one.bmp", card / "two.bmp"
        numbers = write_dated(one, "red")
        sync(library)
        embed(library)
        before = {photo.name: photo.id for photo in shown(library)}
        assert write_dated(two, "blue") == numbers
        one.unlink()
        sync(library)
        assert embed(library) == 1
        after = {photo.name: photo.id for photo in shown(library)}
        assert after.pop("two.bmp") not in before.values()
        assert after == {name: photo_id for name, photo_id in before.items() if name != "one.bmp"}


def test_a_drive_connected_again_has_another_number(library: Library, root: Path, tmp_path: Path) -> None:
    fill(library, tmp_path / "other", ["k"])
    before = ids(library)
    sql(library).execute("UPDATE photo SET device = 7")
    (root / "a.jpg").rename(tmp_path / "other" / "a.jpg")
    sync(library)
    assert (embed(library), ids(library)["other/a.jpg"]) == (0, before["photos/a.jpg"])


def write_dated(path: Path, color: str) -> tuple[int, int, int]:
    """Write a photo of one size and time; return its inode, size and time."""
    write_photo(path, COLORS[color], (40, 30))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


# Content


def test_copies_of_a_known_photo_share_its_embedding(library: Library, root: Path) -> None:
    for number in range(3):
        shutil.copyfile(root / "a.jpg", root / f"copy {number}.jpg")
    sync(library)
    assert embed(library) == 0
    shown = ids(library)
    found = vectors(library)
    assert len({found[shown[f"photos/{name}.jpg"]] for name in ("a", "copy 0", "copy 1", "copy 2")}) == 1


def test_new_exact_copies_are_embedded_once(library: Library, tmp_path: Path) -> None:
    """All of them come in one slice, so none of them is known yet."""
    first = write_photo(tmp_path / "p" / "1.jpg", size=(40, 30))
    for number in range(2, 6):
        shutil.copyfile(first, first.with_name(f"{number}.jpg"))
    library.folders.add(first.parent)
    sync(library)
    assert embed(library) == 1
    assert len(ids(library)) == 5
    assert library.care.check(repair=False) == []


def test_of_two_vanished_twins_none_is_guessed(library: Library, root: Path) -> None:
    shutil.copyfile(root / "a.jpg", root / "twin.jpg")
    sync(library)
    embed(library)
    before = ids(library)
    content = (root / "a.jpg").read_bytes()
    (root / "a.jpg").unlink()
    (root / "twin.jpg").unlink()
    (root / "back.jpg").write_bytes(content)
    sync(library)
    assert embed(library) == 0, "its content is known all the same"
    assert ids(library)["photos/back.jpg"] not in before.values()


def test_a_photo_restored_beside_its_broken_and_deleted_original_is_searchable(library: Library, root: Path) -> None:
    """The deleted row remembers the content it had before it broke, and that it could not be read."""
    whole = (root / "a.jpg").read_bytes()
    (root / "a.jpg").write_bytes(b"broken")
    sync(library)
    library.embedding.store([(photo, Sentence("picture_unknown")) for photo in library.embedding.pending(9)])
    (root / "a.jpg").unlink()
    sync(library)
    (root / "restored.jpg").write_bytes(whole)
    sync(library)
    embed(library)
    assert "photos/restored.jpg" in ids(library)
    assert library.care.problems() == []
    assert library.embedding.counts.failed == 0


def test_words_follow_a_move_at_once(library: Library, root: Path) -> None:
    (root / "a.jpg").rename(root / "lighthouse.jpg")
    sync(library)
    found = library.search.photos(library.search.answer(Query(text="lighthouse")).photo_ids.tolist())
    assert [photo.name for photo in found] == ["lighthouse.jpg"]


def test_a_sync_left_halfway_changes_nothing(library: Library, root: Path) -> None:
    """Nothing is written before the walk has ended: photos are not lost by half a look."""
    before = ids(library)
    (root / "deep").mkdir()
    (root / "a.jpg").rename(root / "deep" / "a.jpg")
    (root / "b.jpg").unlink()
    folder: Folder = library.folders.all()[0]
    steps = library.folders.sync(folder)
    assert next(steps) is None
    del steps
    assert ids(library) == before
    sync(library)
    assert ids(library)["photos/deep/a.jpg"] == before["photos/a.jpg"]
    assert "photos/b.jpg" not in ids(library)
