"""A session without threads or files: photos in memory, answers when the test or the event loop asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QTimer

from photofind.background.calls import OnError
from photofind.background.model_download import ModelDownload
from photofind.core.disk.reading import Read, in_place
from photofind.core.errors import PhotofindError
from photofind.core.places import models_dir
from photofind.core.records.answers import SearchResult
from photofind.core.records.arrays import Pixels
from photofind.core.records.care import Way
from photofind.core.records.photos import Folder, Photo, Tile
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from photofind.core.steps import Steps, finish
from photofind.gui.desktop.main_thread import MainThread
from photofind.gui.needs import PhotoLibrary
from tests.gui.fake_library import FakeLibrary
from tests.gui.made import make_tile
from tests.hub import SHORT
from tests.written import written_error

Done = TypeVar("Done")
COLORS = {"red": (200, 40, 40), "green": (40, 160, 60), "blue": (40, 70, 200), "yellow": (230, 200, 40)}


class FakeWorker:
    """Runs everything on the event loop; searches wait while `held`, everything while `is_opening`."""

    def __init__(self, library: FakeLibrary) -> None:
        self.library = library
        self.held = False
        self.is_opening = False
        self.queries: list[Query] = []
        self.waiting: list[Callable[[], None]] = []
        self.images: dict[bytes, tuple[Callable[[Pixels], None], OnError]] = {}
        self.is_paused = False
        self.syncs = 0
        self.is_stopped = False
        self.recoveries: list[tuple[Way, Callable[[Sentence], None], OnError]] = []

    def search(self, query: Query, on_done: Callable[[SearchResult], None], on_error: OnError) -> None:
        self.queries.append(query)
        job = self._job(lambda _: self._answer(query), on_done, on_error)
        if self.held or self.is_opening:
            self.waiting.append(job)
        else:
            QTimer.singleShot(0, job)

    def _answer(self, query: Query) -> SearchResult:
        """Open the query's picture as a worker does, unless it is broken."""
        if isinstance(query.picture, Path) and "broken" in query.picture.name:
            raise written_error(f"{query.picture.name} is damaged and cannot be opened.")
        return self.library.search.answer(query)

    def do(
        self,
        action: Callable[[PhotoLibrary], Done],
        on_done: Callable[[Done], None],
        on_error: OnError,
    ) -> None:
        job = self._job(action, on_done, on_error)
        if self.is_opening:
            self.waiting.append(job)
        else:
            QTimer.singleShot(0, job)

    def do_in_steps(
        self,
        action: Callable[[PhotoLibrary, Read], Steps[Done]],
        on_done: Callable[[Done], None],
        on_error: OnError,
    ) -> None:
        self.do(lambda library: finish(action(library, in_place)), on_done, on_error)

    def open(self) -> None:
        """Answer what waited for the library to open."""
        self.is_opening = False
        waited, self.waiting = self.waiting, []
        for job in waited:
            QTimer.singleShot(0, job)

    def open_image(self, path: bytes, on_done: Callable[[Pixels], None], on_error: OnError) -> None:
        self.images[path] = (on_done, on_error)

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False

    def sync(self) -> None:
        self.syncs += 1

    def recover(self, way: Way, on_done: Callable[[Sentence], None], on_error: OnError) -> None:
        self.recoveries.append((way, on_done, on_error))

    def _job(
        self,
        action: Callable[[PhotoLibrary], Done],
        on_done: Callable[[Done], None],
        on_error: OnError,
    ) -> Callable[[], None]:
        def run() -> None:
            if self.is_stopped:
                return
            try:
                result = action(self.library)
            except PhotofindError as error:
                on_error(error.sentence)
            else:
                on_done(result)

        return run


class FakeReader:
    """Reads tiles on the event loop; while `held`, requests wait in `waiting`."""

    def __init__(self, library: FakeLibrary) -> None:
        self.library = library
        self.held = False
        self.is_stopped = False
        self.requests: list[list[int]] = []
        self.waiting: list[Callable[[], None]] = []

    def request(self, photo_ids: Sequence[int], on_done: Callable[[list[Tile]], None]) -> None:
        ids = list(photo_ids)
        self.requests.append(ids)

        def answer() -> None:
            if not self.is_stopped:
                on_done([self.library.tiles[i] for i in ids if i in self.library.tiles])

        self._answer(answer)

    def request_photos(self, photo_ids: Sequence[int], on_done: Callable[[list[Photo]], None]) -> None:
        ids = list(photo_ids)
        self._answer(lambda: on_done([self.library.tiles[i].photo for i in ids if i in self.library.tiles]))

    def _answer(self, answer: Callable[[], None]) -> None:
        if self.held:
            self.waiting.append(answer)
        else:
            QTimer.singleShot(0, answer)


class FakeSession:
    """Holds the fakes as a real session holds the real parts; the download is the real one."""

    def __init__(self, library_dir: Path) -> None:
        self.library_dir = library_dir
        self.library = FakeLibrary(directory=library_dir)
        self.worker = FakeWorker(self.library)
        self.reader = FakeReader(self.library)
        self.main_thread = MainThread()
        self.download = ModelDownload(models_dir(library_dir), self.main_thread.post, SHORT)

    def stop(self) -> None:
        """Answer nothing any more, as a stopped session does."""
        self.worker.is_stopped = self.reader.is_stopped = True
        self.download.stop()

    def fill(self, count: int = 40) -> None:
        """Watch one folder with photos named after their colours."""
        self.library.watched = [Folder(1, b"/photos", True, count, 0, 0)]
        for photo_id in range(1, count + 1):
            name, color = list(COLORS.items())[photo_id % len(COLORS)]
            self.library.tiles[photo_id] = make_tile(photo_id, f"{name} {photo_id}.jpg", color)
