"""What files say is read again in the background: where an older photofind read it, and where it has changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from queue import SimpleQueue

import pytest

from photofind.background.decoding.child import FactsAnswer
from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.pipeline import Pipeline
from photofind.core.library import Library
from photofind.core.records.photos import Photo
from photofind.core.records.progress import State
from photofind.core.records.query import Query
from tests.core.photos.facts.made import bag, exif, jpeg, xmp
from tests.inside import sql

pytestmark = pytest.mark.usefixtures("counted")

ORIGINAL = 0x9003
NAMES = ("first.jpg", "second.jpg", "third.jpg")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for n, name in enumerate(NAMES):
        (folder / name).write_bytes(
            jpeg(exif(details={ORIGINAL: f"200{n}:06:30 18:45:17"}), xmp(bag("dc:subject", f"word{n}")))
        )
    return folder


def work(library: Library, decoder: Decoder) -> list[State]:
    """Do all that is to be done; return the stages."""
    pipeline = Pipeline(library, decoder, is_attended=False, on_begin=lambda _: None, on_notice=lambda _: None)
    pipeline.syncs.ask(folder.id for folder in library.folders.all())
    stages: list[State] = []
    while stages[-1:] != ["idle"] and len(stages) < 500:
        stages.append(pipeline.step().stage)
    pipeline.stop()
    return stages


def forget_facts(library: Library) -> None:
    """Make the library one of a photofind that knew no facts."""
    with sql(library).atomic():
        for statement in (
            "UPDATE photo SET facts_version = 0, taken = NULL, words_due = FALSE",
            "DELETE FROM facts",
            "DELETE FROM tagged",
            "DELETE FROM said",
        ):
            sql(library).execute(statement)


def known(library: Library) -> dict[str, Photo]:
    ids = library.search.answer(Query()).photo_ids.tolist()
    return {photo.name: photo for photo in library.search.photos(ids)}


def labels(library: Library) -> list[tuple[int, int]]:
    return sql(library).execute("SELECT label, photo_id FROM embedding ORDER BY label").fetchall()


def said(library: Library) -> set[str]:
    return {row[0] for row in sql(library).execute("SELECT words FROM said")}


def test_an_old_library_learns_the_new_facts_and_embeds_nothing_again(
    library: Library, photos: Path, decoder: Decoder
) -> None:
    library.folders.add(photos)
    assert "reading" not in work(library, decoder)
    assert library.facts.pending == 0
    forget_facts(library)
    before = labels(library)
    assert library.facts.pending == 3
    assert "reading" in work(library, decoder)
    assert library.facts.pending == 0
    assert [known(library)[name].taken for name in NAMES] == [f"200{n}-06-30T18:45:17" for n in range(3)]
    assert said(library) == {"word0", "word1", "word2"}
    assert labels(library) == before
    assert "reading" not in work(library, decoder)


def test_photos_that_are_away_wait_until_they_are_back(library: Library, photos: Path, decoder: Decoder) -> None:
    library.folders.add(photos)
    work(library, decoder)
    forget_facts(library)
    away = photos.rename(photos.with_name("away"))
    work(library, decoder)
    assert library.facts.pending == 3
    away.rename(photos)
    work(library, decoder)
    assert library.facts.pending == 0
    assert len(said(library)) == 3


def test_what_was_read_before_an_end_is_not_read_again(library: Library, photos: Path, decoder: Decoder) -> None:
    library.folders.add(photos)
    work(library, decoder)
    forget_facts(library)
    (due, *_) = library.facts.due(1, [])
    answered: SimpleQueue[FactsAnswer] = SimpleQueue()
    decoder.read_facts(due.path, answered.put)
    library.facts.store([(due, answered.get(timeout=60))])
    assert library.facts.pending == 2
    assert due.id not in {photo.id for photo in library.facts.due(5, [])}


def test_a_changed_sidecar_is_noticed_at_the_next_look(library: Library, photos: Path, decoder: Decoder) -> None:
    library.folders.add(photos)
    work(library, decoder)
    sidecar = photos / "second.xmp"
    sidecar.write_bytes(xmp(bag("dc:subject", "lighthouse")))
    work(library, decoder)
    assert said(library) == {"word0", "lighthouse\nword1", "word2"}
    sidecar.write_bytes(xmp(bag("dc:subject", "harbour", "boats")))
    work(library, decoder)
    assert said(library) == {"word0", "harbour\nboats\nword1", "word2"}
    sidecar.unlink()
    stages = work(library, decoder)
    assert said(library) == {"word0", "word1", "word2"}
    assert "embedding" not in stages
    assert "reading" not in work(library, decoder)


def test_a_changed_picasa_file_is_about_all_photos_beside_it_alone(
    library: Library, photos: Path, decoder: Decoder
) -> None:
    (photos / "below").mkdir()
    (photos / "below" / "deep.jpg").write_bytes(jpeg(packet=xmp(bag("dc:subject", "deep"))))
    library.folders.add(photos)
    work(library, decoder)
    (photos / ".picasa.ini").write_text("[second.jpg]\nkeywords=lighthouse\n[deep.jpg]\nkeywords=wrong\n")
    work(library, decoder)
    assert said(library) == {"word0", "lighthouse\nword1", "word2", "deep"}


def test_a_photo_that_gets_a_dated_name_gets_its_date(library: Library, photos: Path, decoder: Decoder) -> None:
    (photos / "scan.jpg").write_bytes(jpeg())
    library.folders.add(photos)
    work(library, decoder)
    assert known(library)["scan.jpg"].taken_from == "file"
    (photos / "scan.jpg").rename(photos / "2003-04-05 scan.jpg")
    work(library, decoder)
    photo = known(library)["2003-04-05 scan.jpg"]
    assert (photo.taken, photo.taken_from) == ("2003-04-05", "name")


def test_what_cannot_be_read_now_keeps_what_was_known(library: Library, photos: Path, decoder: Decoder) -> None:
    library.folders.add(photos)
    work(library, decoder)
    with sql(library).atomic():
        sql(library).execute("UPDATE photo SET facts_version = 0")
    shutil.copy(photos / "first.jpg", photos.parent / "kept")
    os.remove(photos / "first.jpg")
    os.mkdir(photos / "first.jpg")  # it opens no more, and is no file any more
    pipeline = Pipeline(library, decoder, is_attended=False, on_begin=lambda _: None, on_notice=lambda _: None)
    for _ in range(100):
        if pipeline.step().stage == "idle":
            break
    pipeline.stop()
    assert library.facts.pending == 1
    assert said(library) == {"word0", "word1", "word2"}
