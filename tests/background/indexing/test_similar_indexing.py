"""Embedding for Find similar in the background: after everything else, between searches, and through a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from photofind.background.indexing.similar import SimilarIndexing
from photofind.core.library import Library
from photofind.core.records.query import Query
from tests import CHECKOUT as ROOT
from tests.background.test_worker import Window
from tests.background.test_worker import window as window
from tests.core.embedding.changing_models import labels_given, watch_scenes, write_scenes
from tests.core.embedding.similar_model import second
from tests.core.encoders.tiny_models import make_tiny_similar_model
from tests.inside import thumbnails_of

PHOTOS = 120


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_tiny_similar_model(tmp_path / "twins")


@pytest.fixture
def fitted(model: Path, tmp_path: Path) -> Path:
    """The model, in a library for which it was fitted to this computer already: by torch as it is."""
    from photofind.core.encoders.engines import Engines, engines_dir, write_engines
    from photofind.core.encoders.model_folder import read_model_folder

    directory = engines_dir(tmp_path / "library" / "models", read_model_folder(model).spec.model_id)
    directory.mkdir(parents=True)
    write_engines(directory, Engines("torch fp32", "torch fp32", {"torch fp32": 100.0}, {}, 200))
    return model


@pytest.fixture
def unseen(tmp_path: Path, fitted: Path) -> Path:
    """A closed library of 120 scenes that a model for Find similar is to see."""
    library = Library(tmp_path / "library")
    watch_scenes(library, tmp_path / "scenes", PHOTOS)
    library.models.use(str(fitted))
    library.close()
    return library.directory


def see_all(library: Library) -> None:
    similar = SimilarIndexing(library, 0.15)
    while not similar.is_done:
        similar.step()
    similar.stop()


def run_until(directory: Path, seen: int) -> None:
    """Embed in another process and kill it at once when so many photos are done."""
    command = [sys.executable, "-m", "tests.background.indexing.see_in_child", str(directory)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    done = 0
    for line in child.stdout:
        done = int(line)
        if done >= seen:
            break
    child.kill()
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    assert done >= seen


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_it_goes_on_after_each_kill_and_embeds_nothing_twice(unseen: Path) -> None:
    for seen in (8, 60, 100):
        run_until(unseen, seen)
    library = Library(unseen)
    library.search.catch_up(10)
    assert second(library).embeddings.count() >= 100
    assert library.search.answer(Query(photo_id=1)).model == "quick look", "it has not seen all of them"
    see_all(library)
    assert labels_given(library) == 2 * PHOTOS, "every photo was embedded once for each model"
    assert library.search.answer(Query(photo_id=1)).model == "twins"
    assert library.care.check(repair=False) == []
    library.close()


def wait_for_second(window: Window, photos: int) -> None:
    window.run_until(
        lambda: window.progress[-1].state == "idle" and window.progress[-1].similar == photos, "the second model"
    )


@pytest.mark.usefixtures("every_slice_is_told")
def test_photos_are_seen_once_nothing_else_is_to_be_done_and_the_status_says_so(
    window: Window, fitted: Path, tmp_path: Path
) -> None:
    window.do(lambda library: library.models.use(str(fitted)))
    window.do(lambda library: library.folders.add(write_scenes(tmp_path / "scenes", PHOTOS)))
    window.run_until(lambda: window.progress[-1].state == "similar", "the second model")
    first = window.progress[-1]
    assert (first.embedded, first.pending, first.model, first.next_model) == (PHOTOS, 0, "quick look", None)
    wait_for_second(window, PHOTOS)
    told = [p.similar for p in window.progress if p.state == "similar"]
    assert told == sorted(told)
    assert told[0] < PHOTOS
    assert window.ask(Query(photo_id=1)).model == "twins"
    assert window.ask(Query(text="red")).model == "quick look"
    assert window.ask(Query(picture=tmp_path / "scenes" / "07.jpg")).model == "twins"


def test_what_comes_later_is_seen_too(window: Window, fitted: Path, folder: Path, tmp_path: Path) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    window.do(lambda library: library.models.use(str(fitted)))
    wait_for_second(window, 8)
    (write_scenes(tmp_path / "scenes", 1) / "00.jpg").rename(folder / "new.jpg")
    window.worker.sync()
    wait_for_second(window, 9)
    assert window.names(Query(picture=folder / "new.jpg"))[0] == "new.jpg"


def test_a_pause_holds_it_and_searches_go_on(window: Window, fitted: Path, tmp_path: Path) -> None:
    window.do(lambda library: library.folders.add(write_scenes(tmp_path / "scenes", PHOTOS)))
    window.wait_idle(PHOTOS)
    window.worker.pause()
    window.do(lambda library: library.models.use(str(fitted)))
    window.run_until(lambda: window.progress[-1].state == "paused", "the pause")
    assert window.ask(Query(photo_id=1)).model == "quick look"
    seen = len(window.progress)
    time.sleep(1.2)
    assert window.do(lambda library: second(library).embeddings.count()) == 0
    assert {p.state for p in window.progress[seen:]} <= {"paused"}
    window.worker.resume()
    wait_for_second(window, PHOTOS)


@pytest.mark.usefixtures("every_slice_is_told")
def test_it_is_switched_off_in_the_middle(window: Window, fitted: Path, tmp_path: Path) -> None:
    window.do(lambda library: library.folders.add(write_scenes(tmp_path / "scenes", PHOTOS)))
    window.wait_idle(PHOTOS)
    window.do(lambda library: library.models.use(str(fitted)))
    window.run_until(lambda: window.progress[-1].state == "similar" and window.progress[-1].similar > 0, "some of them")
    window.do(lambda library: library.models.stop_using(str(fitted)))
    window.run_until(lambda: window.progress[-1].state == "idle" and window.progress[-1].similar == 0, "the end of it")
    assert window.ask(Query(photo_id=1)).model == "quick look"
    window.do(lambda library: library.models.use(str(fitted)))
    wait_for_second(window, PHOTOS)


def test_it_is_fitted_to_this_computer_before_it_sees_the_photos(window: Window, model: Path, folder: Path) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    window.do(lambda library: library.models.use(str(model)))
    window.run_until(lambda: window.progress[-1].state == "fitting", "the fitting")
    assert window.ask(Query(text="red")).model == "quick look"
    wait_for_second(window, 8)
    assert window.do(lambda library: second(library).engines() is not None)


@pytest.mark.usefixtures("every_slice_is_told")
def test_quitting_while_it_sees_photos_is_quick(window: Window, fitted: Path, tmp_path: Path) -> None:
    window.do(lambda library: library.folders.add(write_scenes(tmp_path / "scenes", PHOTOS)))
    window.wait_idle(PHOTOS)
    window.do(lambda library: library.models.use(str(fitted)))
    window.run_until(lambda: window.progress[-1].state == "similar", "the second model")
    start = time.monotonic()
    assert window.session.stop()
    assert time.monotonic() - start < 3.0


def test_its_image_side_leaves_the_memory_after_a_rest(
    window: Window, fitted: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.do(lambda library: library.models.use(str(fitted)))
    wait_for_second(window, 8)
    assert window.do(lambda library: second(library).is_loaded) is True
    monkeypatch.setattr("photofind.background.upkeep._KEEP_IMAGES_SECONDS", 0.0)
    window.run_until(lambda: window.do(lambda library: second(library).is_loaded) is False, "the rest")
    assert window.ask(Query(photo_id=1)).model == "twins"


def test_a_picture_that_cannot_be_seen_does_not_keep_it_busy(
    window: Window, fitted: Path, folder: Path, tmp_path: Path
) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    window.do(lambda library: thumbnails_of(library).put([(3, b"nothing that could be shown")]))
    window.do(lambda library: library.models.use(str(fitted)))
    wait_for_second(window, 7)
    seen = len(window.progress)
    time.sleep(1.5)
    assert {p.state for p in window.progress[seen:]} <= {"idle"}


@pytest.fixture
def library(tmp_path: Path, unseen: Path) -> Iterator[Library]:
    opened = Library(unseen)
    yield opened
    opened.close()


def test_there_is_nothing_to_do_without_such_a_model(library: Library, fitted: Path) -> None:
    library.models.stop_using(str(fitted))
    similar = SimilarIndexing(library, 0.15)
    assert similar.is_done
    assert (similar.step(), similar.count(), similar.images_per_second) == (None, 0, None)
    similar.rest()
    similar.stop()
