from __future__ import annotations

import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from photofind.background.session import Session
from photofind.core.encoders.engines import ENGINES
from photofind.core.library import Library
from photofind.core.records.answers import SearchResult
from photofind.core.records.arrays import Pixels
from photofind.core.records.photos import Folder, Tile
from photofind.core.records.progress import Progress
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from tests.inside import sql, thumbnails_of
from tests.pictures import COLORS, write_colors, write_photo
from tests.tiny_clip import TINY_CLIP

SECONDS = 180.0


def never(sentence: Sentence) -> None:
    """Take an error that must not come."""
    pytest.fail(str(sentence))


class Window:
    """Stands where the window stands: runs what is posted on its own thread and remembers what it was told."""

    def __init__(self, directory: Path) -> None:
        self.posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.progress: list[Progress] = []
        self.notices: list[Sentence] = []
        self.folders: list[list[Folder]] = []
        self.changes = 0
        self.thread = threading.get_ident()
        self.session = Session(
            directory,
            self.posted.put,
            on_progress=self.progress.append,
            on_notice=self.notices.append,
            on_changed=self._on_changed,
            on_folders=self.folders.append,
        )
        self.worker = self.session.worker

    def _on_changed(self) -> None:
        assert threading.get_ident() == self.thread
        self.changes += 1

    def run_until(self, is_done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not is_done():
            assert time.monotonic() < deadline, f"waited in vain for {what}; last: {self.progress[-1:]}"
            try:
                self.posted.get(timeout=0.05)()
            except queue.Empty:
                continue

    def ask(self, query: Query) -> SearchResult:
        answers: list[SearchResult] = []
        errors: list[Sentence] = []
        self.worker.search(query, answers.append, errors.append)
        self.run_until(lambda: bool(answers or errors), "an answer")
        assert not errors, errors
        return answers[0]

    def do(self, action: Callable[[Library], object]) -> object:
        results: list[object] = []
        errors: list[Sentence] = []
        self.worker.do(action, results.append, errors.append)
        self.run_until(lambda: bool(results or errors), "an action")
        return errors[0] if errors else results[0]

    def wait_idle(self, photos: int) -> None:
        self.run_until(
            lambda: bool(self.progress) and self.progress[-1].state == "idle" and self.progress[-1].embedded == photos,
            f"{photos} embedded photos",
        )

    def tiles(self, result: SearchResult) -> list[Tile]:
        found: list[list[Tile]] = []
        self.session.reader.request(result.photo_ids.tolist(), found.append)
        self.run_until(lambda: bool(found), "tiles")
        return found[0]

    def names(self, query: Query) -> list[str]:
        return [tile.photo.name for tile in self.tiles(self.ask(query))]


def install(model: Path) -> None:
    """Put the tests' model where a download would put one."""
    model.parent.mkdir(parents=True, exist_ok=True)
    made = model.with_name("unfinished")
    shutil.copytree(TINY_CLIP, made, ignore=shutil.ignore_patterns("*.py", "*.md", "__pycache__"))
    made.rename(model)


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    window = Window(tmp_path / "library")
    window.session.start()
    yield window
    start = time.monotonic()
    window.session.stop()
    assert time.monotonic() - start < 5


def test_a_new_folder_becomes_searchable_by_itself(window: Window, folder: Path) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    assert window.names(Query(text="red"))[0] == "red.jpg"
    assert window.changes >= 1
    last = window.progress[-1]
    assert (last.photos, last.pending, last.failed, last.device, last.engine) == (8, 0, 0, "CPU", "NumPy")
    assert "loading" not in {progress.state for progress in window.progress}, "quick look has nothing to load"


def test_thumbnails_come_with_the_rows(window: Window, folder: Path) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    tiles = window.tiles(window.ask(Query(text="blue", limit=1)))
    assert tiles[0].thumbnail is not None
    assert tiles[0].thumbnail.shape == (240, 320, 3)
    assert tiles[0].thumbnail.mean(axis=(0, 1)).argmax() == 2


def test_a_photo_put_into_the_folder_is_found_without_asking(window: Window, folder: Path) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    write_photo(folder / "sub" / "late.jpg", COLORS["red"], seed=77)
    window.wait_idle(9)
    assert set(window.names(Query(text="red"))[:2]) == {"red.jpg", "late.jpg"}
    (folder / "red.jpg").unlink()
    window.wait_idle(8)


def test_a_bad_file_is_a_problem_and_stops_nothing(window: Window, folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (folder / "empty.png").touch()
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    assert window.progress[-1].failed == 2
    problems = window.do(lambda library: {p.path.rsplit(b"/")[-1]: str(p.reason) for p in library.care.problems()})
    assert isinstance(problems, dict)
    assert problems[b"empty.png"] == "The file is empty."
    assert b"broken.jpg" in problems


def test_searching_while_indexing_comes_first_and_says_how_far_it_is(window: Window, tmp_path: Path) -> None:
    for number in range(60):
        write_photo(tmp_path / "many" / f"{number}.jpg", COLORS["green"], (2400, 1800), number)
    window.do(lambda library: library.folders.add(tmp_path / "many"))
    window.run_until(lambda: bool(window.progress) and window.progress[-1].embedded > 0, "the first photos")
    start = time.monotonic()
    result = window.ask(Query(text="green"))
    assert time.monotonic() - start < 2
    assert 0 < result.searched <= result.total == 60
    window.wait_idle(60)
    assert window.ask(Query(text="green")).searched == 60


def test_the_newest_search_replaces_one_that_waits(window: Window, folder: Path) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    answered: list[str] = []
    release = threading.Event()
    window.worker.do(lambda library: release.wait(10), lambda _: None, lambda _: None)
    for word in ("red", "green", "blue"):
        window.worker.search(Query(text=word), lambda result: answered.append(result.query.text), never)
    release.set()
    window.run_until(lambda: "blue" in answered, "the newest answer")
    assert answered == ["blue"]


def test_a_search_goes_before_actions_that_were_asked_for_earlier(window: Window) -> None:
    order: list[str] = []
    release = threading.Event()
    window.worker.do(lambda library: release.wait(10), lambda _: None, lambda _: None)
    window.worker.do(lambda library: None, lambda _: order.append("action"), never)
    window.worker.search(Query(), lambda result: order.append("search"), never)
    release.set()
    window.run_until(lambda: len(order) == 2, "both")
    assert order == ["search", "action"]
    assert window.do(lambda library: threading.current_thread().name) == "library"


def test_paused_means_searchable_but_not_embedding(window: Window, folder: Path) -> None:
    window.worker.pause()
    window.do(lambda library: library.folders.add(folder))
    window.run_until(
        lambda: bool(window.progress) and window.progress[-1].state == "paused" and window.progress[-1].pending == 8,
        "the pause",
    )
    time.sleep(0.5)
    assert window.ask(Query(text="red")).searched == 0
    window.worker.resume()
    window.wait_idle(8)


def test_a_picture_from_outside_and_a_pasted_one_are_searched_with(
    window: Window, folder: Path, tmp_path: Path
) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    picture = write_photo(tmp_path / "query.png", COLORS["purple"], (640, 200), seed=3)
    assert window.names(Query(picture=picture))[0] == "purple.jpg"
    assert window.names(Query(picture=picture.read_bytes()))[0] == "purple.jpg"
    errors: list[Sentence] = []
    window.worker.search(Query(picture=b"nonsense"), lambda _: None, errors.append)
    window.run_until(lambda: bool(errors), "the refusal")
    assert "not a picture" in str(errors[0])


def test_the_answer_shows_the_picture_it_was_asked_with(window: Window, folder: Path, tmp_path: Path) -> None:
    picture = write_photo(tmp_path / "query.png", COLORS["purple"], (640, 200), seed=3)
    shown = window.ask(Query(picture=picture)).picture
    assert shown is not None
    assert shown.shape == (120, 384, 3)
    assert np.abs(shown.mean(axis=(0, 1)) - COLORS["purple"]).max() < 5
    assert window.ask(Query(text="red")).picture is None


def test_a_whole_picture_is_opened_without_waiting_for_the_library(window: Window, tmp_path: Path) -> None:
    photo = write_photo(tmp_path / "wide.jpg", COLORS["red"], (5000, 1000))
    opened: list[Pixels] = []
    errors: list[Sentence] = []
    release = threading.Event()
    window.worker.do(lambda library: release.wait(SECONDS), lambda _: None, errors.append)
    window.worker.open_image(os.fsencode(photo), opened.append, errors.append)
    window.worker.open_image(os.fsencode(tmp_path / "nowhere.jpg"), opened.append, errors.append)
    window.run_until(lambda: bool(opened and errors), "the picture and the refusal")
    release.set()
    assert opened[0].shape == (819, 4096, 3)
    assert errors == [Sentence("file_gone")]


def test_a_folder_removed_while_it_is_indexed_is_gone_without_a_word(window: Window, tmp_path: Path) -> None:
    """The window offers Undo right after a folder was added."""
    root = tmp_path / "many"
    for number in range(40):
        write_photo(root / f"{number}.jpg", COLORS["blue"], (1600, 1200), number)
    window.do(lambda library: library.folders.add(root))
    window.do(lambda library: library.folders.remove(bytes(root)))
    window.wait_idle(0)
    window.do(lambda library: library.folders.add(root))
    window.run_until(lambda: window.progress[-1].embedded > 0, "the first photos")
    window.do(lambda library: library.folders.remove(bytes(root)))
    window.wait_idle(0)
    assert not [p.note for p in window.progress if p.state == "halted"]
    assert window.do(lambda library: library.care.check(repair=False)) == []


def test_a_scan_that_a_full_disk_stopped_goes_on_by_itself(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photofind.background.upkeep._HALT_SECONDS", 0.5)

    def limit(library: Library, pages: int) -> None:
        sql(library).execute(f"PRAGMA max_page_count = {pages}").fetchone()

    for number in range(300):
        write_photo(tmp_path / "many" / f"{number:0100}.jpg", COLORS["red"], (16, 12), number)
    used = window.do(lambda library: sql(library).execute("PRAGMA page_count").fetchone()[0])

    def add_on_a_full_disk(library: Library) -> None:
        library.folders.add(tmp_path / "many")
        limit(library, int(str(used)))

    window.do(add_on_a_full_disk)
    window.run_until(lambda: any(p.state == "halted" for p in window.progress), "the halt")
    window.do(lambda library: limit(library, 1_000_000))
    window.wait_idle(300)


def test_a_refusal_is_a_sentence(window: Window, tmp_path: Path) -> None:
    assert "There is no folder" in str(window.do(lambda library: library.folders.add(tmp_path / "nowhere")))


def test_a_mistake_of_ours_is_told_and_the_worker_lives(window: Window, caplog: pytest.LogCaptureFixture) -> None:
    assert "inside photofind" in str(window.do(lambda library: 1 // 0))
    assert "ZeroDivisionError" in caplog.text
    assert window.ask(Query()).photo_ids.size == 0


@pytest.mark.usefixtures("tiny_clip_fits")
def test_changing_the_model_in_the_background_never_shows_an_empty_answer(window: Window, folder: Path) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    window.do(lambda library: library.models.use(str(TINY_CLIP)))
    models = set()
    deadline = time.monotonic() + SECONDS
    while "quick look" in (model := window.ask(Query(text="red")).model) and time.monotonic() < deadline:
        models.add(model)
        assert window.ask(Query(text="red")).searched == 8
    window.wait_idle(8)
    assert window.ask(Query(text="red")).searched == 8
    assert window.progress[-1].next_model is None
    assert window.progress[-1].engine in ENGINES


@pytest.mark.usefixtures("tiny_clip_fits")
def test_an_installed_model_is_taken_into_use_by_itself(
    window: Window, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photofind.background.upkeep._LOOK_SECONDS", 0.2)
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    assert window.ask(Query(text="red")).model == "quick look"
    install(tmp_path / "library" / "models" / "small")
    window.run_until(lambda: any(p.next_model for p in window.progress), "the change of model")
    assert window.ask(Query(text="red")).searched == 8
    window.run_until(lambda: window.progress[-1].model == "small", "the model")
    window.wait_idle(8)
    assert window.notices == []
    window.do(lambda library: library.models.use("quick look"))
    window.run_until(lambda: window.progress[-1].model == "quick look", "quick look")
    time.sleep(1)
    assert window.do(lambda library: library.models.indexing.spec.name) == "quick look", "the person's choice is kept"


def test_a_library_in_use_halts_with_a_sentence(tmp_path: Path) -> None:
    first = Library(tmp_path / "library")
    window = Window(tmp_path / "library")
    window.session.start()
    window.run_until(lambda: bool(window.progress), "the refusal")
    assert window.progress[-1].state == "halted"
    assert "open in another photofind" in str(window.progress[-1].note)
    window.session.stop()
    first.close()


def test_a_full_disk_pauses_with_a_sentence_and_goes_on_by_itself(
    window: Window, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photofind.background.upkeep._HALT_SECONDS", 0.5)

    def fill(library: Library) -> None:
        pages = thumbnails_of(library)._db.execute("PRAGMA page_count").fetchone()[0]
        thumbnails_of(library)._db.execute(f"PRAGMA max_page_count = {pages}")

    window.do(fill)
    window.do(lambda library: library.folders.add(folder))
    window.run_until(lambda: any(p.state == "halted" for p in window.progress), "the halt")
    assert "is full; free some space" in next(str(p.note) for p in window.progress if p.state == "halted")
    window.do(lambda library: thumbnails_of(library)._db.execute("PRAGMA max_page_count = 1000000").fetchone())
    window.wait_idle(8)
    assert window.do(lambda library: library.care.check(repair=False)) == []


@pytest.mark.parametrize("moment", ["at once", "scanning", "embedding"])
def test_stopping_at_any_moment_is_quick_and_loses_nothing(tmp_path: Path, moment: str) -> None:
    root = tmp_path / "many"
    for number in range(30):
        write_photo(root / f"{number}.jpg", COLORS["blue"], (1600, 1200), number)
    window = Window(tmp_path / "library")
    window.session.start()
    if moment != "at once":
        window.do(lambda library: library.folders.add(root))
    if moment == "embedding":
        window.run_until(lambda: bool(window.progress) and window.progress[-1].embedded > 0, "the first photos")
    start = time.monotonic()
    window.session.stop()
    assert time.monotonic() - start < 3
    library = Library(tmp_path / "library")
    library.search.catch_up(10)
    assert library.care.check(repair=False) == []
    if moment == "embedding":
        assert library.embedding.counts.photos == 30, "a photo on the way at the end is not taken for vanished"
    library.close()


def test_an_offline_folder_comes_back_by_itself(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photofind.background.upkeep._LOOK_SECONDS", 0.2)
    folder = write_colors(tmp_path / "drive")
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    os.rename(folder, tmp_path / "unplugged")
    window.worker.sync()
    window.run_until(lambda: window.progress[-1].offline == 8, "offline")
    assert not window.tiles(window.ask(Query(text="red")))[0].photo.online
    os.rename(tmp_path / "unplugged", folder)
    window.run_until(lambda: window.progress[-1].offline == 0, "online again")
    assert window.progress[-1].embedded == 8
