"""What an older photofind could not open, or in part only, is opened by a newer one by itself, once."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from photofind.background.decoding.decoder import Decoder
from photofind.core.library import Library
from photofind.core.photos.ends import hash_of
from photofind.core.photos.formats import packages
from photofind.core.records.decoded import OPENER_VERSION
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from tests.background.indexing.test_facts_reading import work
from tests.core.catalog.old_libraries import IN_ENGLISH, put_down
from tests.inside import sql
from tests.seen import red_and_blue

pytestmark = pytest.mark.usefixtures("counted")


def photoshop() -> bytes:
    """Return a Photoshop file of 16 bits, which no photofind of before could read."""
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 40, 60, 16, 3)
    return head + bytes(12) + b"\0\0" + b"\xff\xff" * 40 * 60 + bytes(2 * 2 * 40 * 60)


def png_with_a_bad_text() -> bytes:
    out = io.BytesIO()
    red_and_blue().save(out, "PNG")
    png, text = out.getvalue(), b"tEXtComment\0hello"
    return png[:33] + struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text) ^ 1) + png[33:]


# By the reason that the old library has for them: what is of a kind that can be read now, and what is not.
PHOTOS = {
    "i.jpg": photoshop(),  # JPEG XL
    "k.jpg": photoshop(),  # cannot be decoded
    "letter.jpg": b"Dear Sir",  # not a picture
    "e.jpg": photoshop(),  # the file is too big
    "a.jpg": photoshop(),  # no permission
    "w.jpg": png_with_a_bad_text(),  # parts look wrong
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Put down the library, those of its photos that are tried, and forget the others."""
    folder = tmp_path / "photos"
    folder.mkdir()
    catalog = put_down(IN_ENGLISH[-1], tmp_path / "old")
    catalog.execute("UPDATE folder SET path = ?, volume = NULL, device = NULL", [os.fsencode(folder)])
    names = ", ".join(f"x'{name.encode().hex()}'" for name in PHOTOS)
    catalog.execute(f"DELETE FROM photo WHERE path NOT IN ({names})")
    catalog.execute("DELETE FROM unreadable_directory")
    for name, content in PHOTOS.items():
        (folder / name).write_bytes(content)
        stat = os.stat(folder / name)
        place = stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev, hash_of(content)
        catalog.execute(
            "UPDATE photo SET size = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, device = ?, "
            "content_hash = CASE state WHEN 1 THEN ? END WHERE path = ?",
            (*place, os.fsencode(name)),
        )
    catalog.commit()
    catalog.close()
    return tmp_path / "old"


def problems(library: Library) -> dict[str, str]:
    return {os.fsdecode(os.path.basename(p.path)): p.reason.key for p in library.care.problems()}


def found(library: Library) -> set[str]:
    return {photo.name for photo in library.search.photos(library.search.answer(Query()).photo_ids.tolist())}


def opened(library: Library) -> list[tuple[str, float | None]]:
    rows = sql(library).execute("SELECT CAST(path AS TEXT), failed_since FROM photo WHERE state = 2 ORDER BY path")
    return list(rows)


def test_it_is_opened_where_that_can_be_done_now(old: Path, decoder: Decoder) -> None:
    with Library(old) as library:
        assert set(problems(library)) == set(PHOTOS)
        since = dict(opened(library))
        work(library, decoder)
        assert problems(library) == {
            "letter.jpg": "picture_unknown",
            "e.jpg": "file_too_big",
            "a.jpg": "file_not_permitted",
        }
        assert found(library) == {"i.jpg", "k.jpg", "w.jpg"}
        assert dict(opened(library)) == {name: since[name] for name in ("letter.jpg", "e.jpg", "a.jpg")}


def test_it_is_tried_once(old: Path, decoder: Decoder) -> None:
    with Library(old) as library:
        work(library, decoder)
    with Library(old) as library:
        assert library.care.retry_outgrown(1_000) == 0
        assert "embedding" not in work(library, decoder)


def test_it_is_tried_after_a_kill_in_the_middle(old: Path, decoder: Decoder) -> None:
    with Library(old) as library:
        assert library.care.retry_outgrown(2) == 2
    with Library(old) as library:
        work(library, decoder)
        assert found(library) == {"i.jpg", "k.jpg", "w.jpg"}


def test_what_is_away_is_tried_when_it_is_back(old: Path, tmp_path: Path, decoder: Decoder) -> None:
    (tmp_path / "photos").rename(tmp_path / "away")
    with Library(old) as library:
        work(library, decoder)
        assert set(problems(library)) == set(PHOTOS), "what is wrong with them is still told"
        (tmp_path / "away").rename(tmp_path / "photos")
        work(library, decoder)
        assert found(library) == {"i.jpg", "k.jpg", "w.jpg"}


@pytest.mark.parametrize("is_there", [True, False])
def test_what_needs_a_package_is_opened_once_that_is_there(
    old: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda name: name if is_there else None)
    reasons = {"i.jpg": Sentence("tiff_needs_package", kind="16-bit Lab"), "k.jpg": Sentence("raw_needs_package")}
    with Library(old) as library:
        for name, reason in reasons.items():
            sql(library).execute(
                "UPDATE photo SET reason = ?, tried_by = ? WHERE path = ?",
                [reason.to_text(), OPENER_VERSION, name.encode()],
            )
    with Library(old) as library:
        work(library, decoder)
        assert found(library) == ({"i.jpg", "k.jpg", "w.jpg"} if is_there else {"w.jpg"})
        assert set(reasons) & set(problems(library)) == (set() if is_there else set(reasons))


def test_what_this_photofind_could_not_open_is_not_tried_again(tmp_path: Path, decoder: Decoder) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "letter.jpg").write_bytes(b"Dear Sir")
    Image.new("RGB", (60, 40), "green").save(tmp_path / "photos" / "green.jpg")
    with Library(tmp_path / "new") as library:
        library.folders.add(tmp_path / "photos")
        work(library, decoder)
        assert problems(library) == {"letter.jpg": Sentence("picture_unknown").key}
        assert library.care.retry_outgrown(1_000) == 0
