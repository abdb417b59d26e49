"""A library that knew date, camera and place alone opens, loses nothing, and learns the rest in the background."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from queue import SimpleQueue

import pytest

from photofind.background.decoding.child import FactsAnswer
from photofind.background.decoding.decoder import Decoder
from photofind.core.disk.volumes import volume_of
from photofind.core.library import Library
from photofind.core.photos.ends import hash_of
from photofind.core.records.query import Query
from tests.background.indexing.test_facts_reading import known, labels, said, work
from tests.core.catalog.old_libraries import SCHEMAS, put_down
from tests.core.photos.facts.made import bag, exif, jpeg, xmp
from tests.inside import sql

pytestmark = pytest.mark.usefixtures("counted")

YEAR_2024 = 1_704_067_200
(SCHEMA_4,) = (path for path in SCHEMAS if path.stem == "schema_4")
# The photos of that library, which are told by their fingerprints.
PHOTOS = {
    "beach red.jpg": jpeg(exif({0x010F: "Maker", 0x0110: "Maker One"}, {0x9003: "2007:06:30 18:45:17"})),
    "blue.jpg": jpeg(exif(details={0x9003: "2007/06/30 18:45:17"})),
    "green.jpg": jpeg(exif({0x0132: "2019:01:01 10:00:00", 0x0131: "GIMP 2.10"})),
    "IMG-20230527-WA0087.jpg": jpeg(),
    "tagged.jpg": jpeg(exif(details={0x9003: "2011:11:11 11:11:11"}), xmp(bag("dc:subject", "lighthouse"))),
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Put down the library and its photos, where they have always been as far as it knows."""
    folder = tmp_path / "photos"
    folder.mkdir()
    catalog = put_down(SCHEMA_4, tmp_path / "old")
    volume = volume_of(os.fsencode(folder))
    where = os.fsencode(folder), volume.id, volume.device
    catalog.execute("UPDATE folder SET path = ?, volume = ?, device = ?", where)
    for name, content in {**PHOTOS, "letter.jpg": b"Dear Sir"}.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, (YEAR_2024, YEAR_2024))
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


def vectors(database: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(database) as catalog:
        rows = catalog.execute("SELECT label, photo_id, vector FROM embedding ORDER BY label").fetchall()
    catalog.close()
    return rows


def test_a_library_of_before_learns_the_facts_and_keeps_all_it_had(old: Path, decoder: Decoder) -> None:
    before = vectors(old / "catalog.sqlite")
    assert len(before) == 5
    with Library(old) as library:
        assert library.facts.pending == 5
        assert known(library)["blue.jpg"].taken is None
        assert [str(problem.reason) for problem in library.care.problems()] == [
            "This is not a picture that photofind can read."
        ]
        stages = work(library, decoder)
        assert "reading" in stages
        assert library.embedding.counts.embedded == 5
        assert library.facts.pending == 0
        photos = known(library)
        assert {name: (photo.taken, photo.taken_from) for name, photo in photos.items() if name != "green.jpg"} == {
            "beach red.jpg": ("2007-06-30T18:45:17", "exif"),
            "blue.jpg": ("2007-06-30T18:45:17", "exif"),
            "IMG-20230527-WA0087.jpg": ("2023-05-27", "name"),
            "tagged.jpg": ("2011-11-11T11:11:11", "exif"),
        }
        assert photos["green.jpg"].taken_from == "file", "a program wrote that date, not a camera"
        assert said(library) == {"lighthouse"}
        assert len(labels(library)) == 5
        found = library.search.answer(Query(text="2007"))
        assert {photo.name for photo in library.search.photos(found.photo_ids[: found.likely].tolist())} == {
            "beach red.jpg",
            "blue.jpg",
        }
    assert vectors(old / "catalog.sqlite") == before


def test_it_goes_on_where_it_was_ended(old: Path, decoder: Decoder) -> None:
    with Library(old) as library:
        (due, *_) = library.facts.due(1, [])
        answered: SimpleQueue[FactsAnswer] = SimpleQueue()
        decoder.read_facts(due.path, answered.put)
        library.facts.store([(due, answered.get(timeout=60))])
    with Library(old) as library:
        assert library.facts.pending == 4
        assert due.id not in {photo.id for photo in library.facts.due(9, [])}


def test_its_order_is_by_the_dates_that_were_learnt(old: Path, decoder: Decoder) -> None:
    with Library(old) as library:
        work(library, decoder)
        names = [photo.name for photo in library.search.photos(library.search.answer(Query()).photo_ids.tolist())]
        assert names[:3] == ["green.jpg", "IMG-20230527-WA0087.jpg", "tagged.jpg"]
        assert sql(library).execute("SELECT count(*) FROM photo WHERE words_due").fetchone() == (0,)
