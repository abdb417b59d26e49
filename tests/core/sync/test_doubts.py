"""How much may vanish at once before it is doubted, and which folders may be watched beside which."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photofind.core.errors import PhotofindError
from photofind.core.photos.ends import hash_of, read_ends
from photofind.core.records.photos import Folder, KnownPhoto
from photofind.core.sync.folders import find_watched, refuse_overlap
from photofind.core.sync.likeness import compare
from photofind.core.sync.presence import is_doubtful


@pytest.mark.parametrize(
    ("lost", "known", "share", "doubtful"),
    [
        (0, 0, 0.2, False),
        (0, 10, 0.2, False),
        (1, 1, 0.2, True),
        (10, 10, 1.0, True),
        (9, 10, 0.2, False),
        (49, 60, 0.2, False),
        (50, 60, 0.2, True),
        (50, 250, 0.2, False),
        (51, 250, 0.2, True),
        (51, 250, 0.25, False),
        (60, 61, 1.0, False),
    ],
)
def test_all_of_a_folder_or_fifty_and_more_than_the_share_are_doubted(
    lost: int, known: int, share: float, doubtful: bool
) -> None:
    assert is_doubtful(lost, known, share) is doubtful


@pytest.mark.parametrize(
    ("same", "other", "absent", "proven", "likely"),
    [
        (1, 0, 0, True, True),
        (1, 1, 0, False, True),
        (2, 1, 0, True, True),
        (1, 0, 1, False, True),
        (3, 1, 1, True, True),
        (0, 9, 0, False, True),
        (1, 9, 0, False, True),
        (1, 10, 0, False, False),
        (10, 10, 0, False, False),
        (11, 10, 0, True, True),
        (0, 0, 3, False, False),
        (0, 0, 0, False, False),
    ],
)
def test_more_photos_must_be_the_same_than_are_others_or_not_there(
    tmp_path: Path, same: int, other: int, absent: int, proven: bool, likely: bool
) -> None:
    known = []
    for number in range(same + other + absent):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(b"content %03d" % number)
        known.append(KnownPhoto(os.fsencode(path.name), 11, 0, read_ends(os.fsencode(path)), b"hash"))
        if number >= same + other:
            path.unlink()
        elif number >= same:
            path.write_bytes(b"another %03d" % number)
    found = compare(known, os.fsencode(tmp_path))
    assert (found.is_proven, found.is_likely) == (proven, likely)


def test_of_whole_contents_no_more_is_read_than_a_moment_allows(tmp_path: Path) -> None:
    """As of a library of before, which does not know what files begin and end with."""
    size = 16 << 20
    content_hash = hash_of(bytes(size))
    for number in range(6):
        with open(tmp_path / f"{number}.tif", "wb") as file:
            file.truncate(size)
    known = [KnownPhoto(b"%d.tif" % number, size, 0, b"", content_hash) for number in range(6)]
    found = compare(known, os.fsencode(tmp_path))
    assert (found.alike, found.unsure, found.other) == (4, 2, 0)


def folder(path: str) -> Folder:
    return Folder(1, os.fsencode(path), True, 0, 0, 0)


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        ("/photos/2019", "folder_known"),
        ("/photos/2019/05", "folder_inside_other"),
        ("/photos", "folder_around_other"),
        ("/photos/201", None),
        ("/photos/2019b", None),
        ("/photos/2020", None),
    ],
)
def test_no_folder_is_watched_twice(wanted: str, key: str | None) -> None:
    watched = [folder("/else/where"), folder("/photos/2019")]
    if key is None:
        refuse_overlap(os.fsencode(wanted), watched, Path(wanted))
        return
    with pytest.raises(PhotofindError) as refused:
        refuse_overlap(os.fsencode(wanted), watched, Path(wanted))
    assert refused.value.sentence.key == key
    said = str(refused.value)
    assert wanted in said
    assert key == "folder_known" or "/photos/2019" in said


def test_a_watched_folder_is_found_by_any_path_that_leads_there(tmp_path: Path) -> None:
    real, other = tmp_path / "real", tmp_path / "other"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    watched = [folder(str(other)), folder(str(real))]
    for path in (real, tmp_path / "link", tmp_path / "." / "real"):
        assert find_watched(watched, os.fsencode(path)) is watched[1]
    with pytest.raises(PhotofindError) as refused:
        find_watched(watched, os.fsencode(tmp_path / "nowhere"))
    assert refused.value.sentence.key == "folder_unknown"
    assert "nowhere" in str(refused.value)
