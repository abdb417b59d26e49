"""Files that are being written, and files that change while they are embedded."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing import settling as indexing_module
from photofind.background.indexing.originals import OriginalIndexing
from photofind.cli import index_all as index_all_module
from photofind.cli.index_all import IndexResult, index_all
from photofind.core.disk.scan import fingerprint
from photofind.core.library import Library
from photofind.core.records.query import Query
from tests.inside import sql
from tests.pictures import COLORS, write_photo


def sync(library: Library) -> None:
    for folder in library.folders.all():
        for _ in library.folders.sync(folder):
            pass


def run(library: Library, indexing: OriginalIndexing, seconds: float) -> None:
    """Index for so long, looking through the folders whenever that is asked for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        indexing.step(0.05)
        if indexing.take_to_sync():
            sync(library)


def finish(library: Library, indexing: OriginalIndexing) -> None:
    """Index until nothing is left to do, looking through the folders whenever that is asked for."""
    deadline = time.monotonic() + 60
    while True:
        indexing.step(0.05)
        if indexing.take_to_sync():
            sync(library)
        elif indexing.is_done:
            return
        assert time.monotonic() < deadline, "waited in vain for the end of the indexing"


def color_of(library: Library) -> int:
    """Return which channel is strongest in the only photo's thumbnail's neighbourhood: what was embedded last."""
    (photo_id,) = library.search.answer(Query()).photo_ids.tolist()
    scores = [float(library.search.answer(Query(text=color)).scores[0]) for color in ("red", "green", "blue")]
    assert library.search.photos([photo_id])
    return scores.index(max(scores))


def test_a_photo_that_is_copied_slowly_is_taken_once_it_is_whole(
    library: Library, decoder: Decoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing_module, "_SETTLE_SECONDS", 4.0)  # no part may take as long on a busy computer
    whole = write_photo(tmp_path / "elsewhere" / "a.jpg", COLORS["green"], (1600, 1200)).read_bytes()
    photos = tmp_path / "photos"
    photos.mkdir()
    library.folders.add(photos)
    parts = [whole[i * len(whole) // 8 : (i + 1) * len(whole) // 8] for i in range(8)]
    indexing = OriginalIndexing(library, decoder)
    with open(photos / "a.jpg", "wb", buffering=0) as file:
        for part in parts[:-1]:
            file.write(part)
            sync(library)
            run(library, indexing, 0.7)
            assert library.embedding.counts.embedded == library.embedding.counts.failed == 0, (
                "it is neither shown in part nor a problem"
            )
            assert not library.care.problems()
        file.write(parts[-1])
    sync(library)
    finish(library, indexing)
    assert library.embedding.counts.embedded == 1
    (photo,) = library.search.photos(library.search.answer(Query()).photo_ids.tolist())
    assert photo.flaw is None


def test_a_damaged_photo_that_is_left_alone_is_shown_as_far_as_it_goes(
    library: Library, decoder: Decoder, tmp_path: Path
) -> None:
    path = write_photo(tmp_path / "photos" / "a.jpg", COLORS["green"], (1600, 1200))
    path.write_bytes(path.read_bytes()[:-20_000])
    library.folders.add(path.parent)
    sync(library)
    indexing = OriginalIndexing(library, decoder)
    finish(library, indexing)
    assert library.embedding.counts.embedded == 1
    (photo,) = library.search.photos(library.search.answer(Query()).photo_ids.tolist())
    assert "too early" in str(photo.flaw)
    assert [problem.reason for problem in library.care.problems()] == [photo.flaw]


def test_a_photo_that_changed_after_the_scan_is_embedded_as_it_is_now(
    library: Library, decoder: Decoder, tmp_path: Path
) -> None:
    path = write_photo(tmp_path / "photos" / "a.jpg", COLORS["red"])
    library.folders.add(path.parent)
    sync(library)
    write_photo(path, COLORS["blue"], seed=5)
    indexing = OriginalIndexing(library, decoder)
    finish(library, indexing)
    assert color_of(library) == 2
    row = sql(library).execute("SELECT size, mtime_ns, ctime_ns, inode FROM photo").fetchone()
    assert row == fingerprint(os.stat(path))


def test_a_photo_that_changes_while_it_is_embedded_is_done_again(
    library: Library, decoder: Decoder, tmp_path: Path
) -> None:
    path = write_photo(tmp_path / "photos" / "a.jpg", COLORS["red"])
    library.folders.add(path.parent)
    sync(library)
    indexing = OriginalIndexing(library, decoder)
    store = library.embedding.storing

    def change_and_store(*arguments: object) -> object:
        if not library.embedding.counts.embedded:
            write_photo(path, COLORS["green"], seed=5)
        return store(*arguments)  # type: ignore[arg-type]

    library.embedding.storing = change_and_store  # type: ignore[method-assign, assignment]
    finish(library, indexing)
    sync(library)
    finish(library, indexing)
    assert color_of(library) == 1


def test_the_command_waits_for_a_photo_that_is_being_written(library: Library, tmp_path: Path) -> None:
    whole = write_photo(tmp_path / "elsewhere" / "a.jpg", COLORS["green"], (1600, 1200)).read_bytes()
    path = tmp_path / "photos" / "a.jpg"
    path.parent.mkdir()
    library.folders.add(path.parent)

    def write() -> None:
        with open(path, "wb", buffering=0) as file:
            for start in range(0, len(whole), len(whole) // 6 + 1):
                file.write(whole[start : start + len(whole) // 6 + 1])
                time.sleep(0.5)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.2)
    result = index_all(library)
    writer.join()
    assert (result.embedded, result.failed) == (1, 0)
    assert not library.care.problems()


def test_a_file_that_never_rests_is_a_problem_and_stops_nothing(
    library: Library, decoder: Decoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing_module, "_MOST_RESTS", 2)
    monkeypatch.setattr(indexing_module, "_SETTLE_SECONDS", 0.3)
    good = write_photo(tmp_path / "photos" / "good.jpg")
    growing = good.with_name("growing.jpg")
    growing.write_bytes(good.read_bytes()[:500])
    library.folders.add(good.parent)
    sync(library)
    indexing = OriginalIndexing(library, decoder)
    deadline = time.monotonic() + 20
    while library.embedding.counts.pending and time.monotonic() < deadline:
        with growing.open("ab") as file:
            file.write(b"\0")
        run(library, indexing, 0.2)
    assert (library.embedding.counts.embedded, library.embedding.counts.failed) == (1, 1)


def test_a_file_that_is_listed_but_never_opens_is_a_problem_and_stops_nothing(
    library: Library, decoder: Decoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As odd names on some network drives are: the directory lists what the server then does not find."""
    monkeypatch.setattr(indexing_module, "_MOST_RESTS", 2)
    monkeypatch.setattr(indexing_module, "_SETTLE_SECONDS", 0.2)
    path = write_photo(tmp_path / "photos" / "a.jpg")
    library.folders.add(path.parent)
    monkeypatch.setattr(decoder, "submit", lambda path, spec, on_answer: on_answer(None))
    result = index_with(library, decoder, monkeypatch)
    assert (result.embedded, result.failed) == (0, 1)
    assert [str(problem.reason) for problem in library.care.problems()] == [
        "The file is there, but it cannot be opened."
    ]


def index_with(library: Library, decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> IndexResult:
    monkeypatch.setattr(index_all_module, "Decoder", lambda: decoder)
    return index_all(library)
