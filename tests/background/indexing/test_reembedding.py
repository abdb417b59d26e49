"""A change of model in the background: at full speed, between searches, and through a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photofind.background.decoding.child import Answer
from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.originals import OriginalIndexing
from photofind.background.indexing.thumbnails import ThumbnailIndexing
from photofind.core.library import Library
from photofind.core.records.models import Spec
from photofind.core.records.query import Query
from tests import CHECKOUT as ROOT
from tests.background.test_worker import Window
from tests.core.embedding.changing_models import SAMPLE, labels_given, watch_scenes, write_scenes
from tests.pictures import write_photo
from tests.tiny_clip import TINY_CLIP

PHOTOS = 120


@pytest.fixture
def changing(tiny_clip_fits: None, tmp_path: Path) -> Path:
    """A closed library of 120 scenes whose change of model has just been asked for."""
    library = Library(tmp_path / "library")
    watch_scenes(library, tmp_path / "scenes", PHOTOS)
    library.models.use(str(TINY_CLIP))
    library.close()
    return library.directory


def embed_all(library: Library, decoder: Decoder) -> None:
    indexing = OriginalIndexing(library, decoder)
    while not indexing.is_done:
        indexing.step(0.5)
    indexing.stop()


def run_until(directory: Path, embedded: int) -> None:
    """Embed in another process and kill it at once when so many photos are done."""
    command = [sys.executable, "-m", "tests.background.indexing.reembed_in_child", str(directory)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    done = 0
    for line in child.stdout:
        done = int(line)
        if done >= embedded:
            break
    child.kill()
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    assert done >= embedded


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_a_change_of_model_goes_on_after_each_kill_and_embeds_nothing_twice(changing: Path, decoder: Decoder) -> None:
    for embedded in (8, 45, 60, 80, 100):
        run_until(changing, embedded)
    library = Library(changing)
    library.search.catch_up(10)
    assert library.embedding.counts.embedded >= 100
    result = library.search.answer(Query(text="red"))
    assert (result.model, result.searched) == ("quick look", PHOTOS)
    embed_all(library, decoder)
    assert library.models.finish_change()
    assert labels_given(library) == 2 * PHOTOS, "every photo was embedded once for each model"
    assert library.search.answer(Query(text="red")).searched == PHOTOS
    assert library.care.check(repair=False) == []
    library.close()


def test_nothing_but_the_sample_is_opened(changing: Path, decoder: Decoder) -> None:
    library = Library(changing)
    opened: list[bytes] = []
    submit = decoder.submit

    def count(path: bytes, spec: Spec, on_answer: Callable[[Answer], None]) -> None:
        opened.append(path)
        submit(path, spec, on_answer)

    decoder.submit = count  # type: ignore[method-assign]
    embed_all(library, decoder)
    assert len(opened) == SAMPLE
    assert library.embedding.counts.pending == 0
    library.close()


def test_photos_that_come_during_the_change_are_embedded_too(changing: Path, decoder: Decoder, tmp_path: Path) -> None:
    library = Library(changing)
    indexing = OriginalIndexing(library, decoder)
    while library.embedding.counts.embedded < 50:
        indexing.step(0.5)
    for number in range(5):
        write_photo(tmp_path / "scenes" / f"new {number}.jpg", size=(800, 600), seed=number)
    for _ in library.folders.sync(library.folders.all()[0]):
        pass
    while not indexing.is_done:
        indexing.step(0.5)
    assert library.embedding.counts.embedded == PHOTOS + 5
    indexing.stop()
    library.close()


def test_what_is_decoded_ahead_is_forgotten_with_its_model(changing: Path, decoder: Decoder) -> None:
    library = Library(changing)
    indexing = OriginalIndexing(library, decoder)
    while library.embedding.counts.embedded < 60:
        indexing.step(0.5)
    library.models.cancel_change()
    indexing.restart()
    while not indexing.is_done:
        assert indexing.step(0.5) is None
    assert (library.embedding.counts.embedded, library.models.answering.spec.name) == (PHOTOS, "quick look")
    assert len(library.models.kept()) == 2
    indexing.stop()
    library.close()


def test_there_are_no_threads_where_nothing_is_done_from_thumbnails(library: Library, folder: Path) -> None:
    library.folders.add(folder)
    due, store = library.embedding.due_thumbnails, library.embedding.store_from_thumbnails
    thumbnails = ThumbnailIndexing(due, store, lambda: library.embedding.decoding_spec, 0.15)
    assert thumbnails.step() is None
    assert thumbnails.is_done


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    window = Window(tmp_path / "library")
    window.session.start()
    yield window
    window.session.stop()


@pytest.mark.usefixtures("tiny_clip_fits", "every_slice_is_told")
def test_a_change_is_cancelled_from_the_window(window: Window, tmp_path: Path) -> None:
    window.do(lambda library: library.folders.add(write_scenes(tmp_path / "scenes", PHOTOS)))
    window.wait_idle(PHOTOS)
    window.do(lambda library: library.models.use(str(TINY_CLIP)))
    window.run_until(lambda: 0 < window.progress[-1].embedded < PHOTOS, "the change")
    during = window.progress[-1]
    assert during.next_model == "tiny_clip"
    window.do(lambda library: library.models.cancel_change())
    window.wait_idle(PHOTOS)
    assert window.progress[-1].model == "quick look"
    assert window.progress[-1].next_model is None, "no change is going on"
    assert window.ask(Query(text="red")).searched == PHOTOS


def test_the_time_left_leaves_out_what_waits_for_its_drive(window: Window, tmp_path: Path) -> None:
    drive = write_scenes(tmp_path / "drive" / "away", PHOTOS)
    window.do(lambda library: library.folders.add(drive))
    window.worker.pause()
    window.run_until(lambda: window.progress[-1].pending == PHOTOS, "the scan")
    drive.parent.rename(tmp_path / "unplugged")
    window.worker.sync()
    window.do(lambda library: library.folders.add(write_scenes(tmp_path / "here", PHOTOS, seed=1)))
    window.run_until(lambda: window.progress[-1].pending == 2 * PHOTOS, "the other scan")
    window.worker.resume()
    window.run_until(lambda: window.progress[-1].embedded == PHOTOS, "what is there")
    told = [p for p in window.progress if p.seconds_left is not None and p.images_per_second]
    assert told
    for p in told:
        assert p.seconds_left == pytest.approx((p.pending - PHOTOS) / (p.images_per_second or 1))
