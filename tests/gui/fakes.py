"""A session without threads or files: photos in memory, answers when the test or the event loop asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from PySide6.QtCore import QTimer

from photofind.background.model_download import ModelDownload
from photofind.background.session import Session
from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from photofind.core.errors import PhotofindError
from photofind.core.places import models_dir
from photofind.core.records.answers import SearchResult, Why
from photofind.core.records.arrays import Pixels
from photofind.core.records.care import Finding
from photofind.core.records.models import DeviceChoice, Devices, ModelState
from photofind.core.records.photos import ExclusionPreview, Folder, Photo, Problem, Tile
from photofind.core.records.progress import Counts, Progress
from photofind.core.records.query import Query
from photofind.gui.desktop.main_thread import MainThread

COLORS = {"red": (200, 40, 40), "green": (40, 160, 60), "blue": (40, 70, 200), "yellow": (230, 200, 40)}


@dataclass
class FakeLibrary:
    """What actions given to `Worker.do` see: what is in it, and the objects of a library that read and change that.

    `card` is what pictures are embedded by unless the processor is chosen, `card_there` the graphics card, if any.
    """

    tiles: dict[int, Tile] = field(default_factory=dict)
    watched: list[Folder] = field(default_factory=list)
    found: list[Problem] = field(default_factory=list)
    known_models: list[ModelState] = field(default_factory=list)
    used_model: str = ""
    chosen_device: DeviceChoice = "auto"
    card: str = "CPU"
    card_there: str = ""
    share: float = 0.2
    left_out: Exclusions = DEFAULT_EXCLUSIONS
    previewed: list[Exclusions] = field(default_factory=list)
    damage: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folders = FakeFolders(self)
        self.search = FakeSearch(self)
        self.models = FakeModels(self)
        self.embedding = FakeEmbedding(self)
        self.care = FakeCare(self)


class FakeFolders:
    """Watched folders that are there as the test says."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    def all(self) -> list[Folder]:
        return list(self._library.watched)

    def add(self, path: Path) -> Folder:
        if not path.is_dir():
            raise PhotofindError(f"There is no folder “{path}”.")
        added = Folder(len(self._library.watched) + 1, os.fsencode(path), True, 0, 0, 0)
        self._library.watched.append(added)
        return added

    def remove(self, path: bytes) -> None:
        self._library.watched = [folder for folder in self._library.watched if folder.path != path]

    def locate(self, path: bytes, place: Path) -> Folder:
        """Move a folder to a place that is there."""
        if not place.is_dir():
            raise PhotofindError(f"There is no folder “{place}”.")
        watched = self._library.watched
        at = [folder.path for folder in watched].index(path)
        watched[at] = replace(watched[at], path=os.fsencode(place), online=True)
        return watched[at]

    def accept_missing(self, path: bytes) -> int:
        watched = self._library.watched
        folder = next(folder for folder in watched if folder.path == path)
        if not folder.online:
            raise PhotofindError(f"There is no folder “{os.fsdecode(path)}”.")
        watched[watched.index(folder)] = replace(folder, photos=folder.photos - folder.missing, missing=0)
        return folder.missing

    def missing_share(self) -> float:
        return self._library.share

    def set_missing_share(self, share: float) -> None:
        self._library.share = share

    def exclusions(self) -> Exclusions:
        return self._library.left_out

    def set_exclusions(self, exclusions: Exclusions) -> None:
        self._library.left_out = exclusions

    def preview_exclusions(self, exclusions: Exclusions) -> ExclusionPreview:
        """Use the real filter on the fake photos."""
        self._library.previewed.append(exclusions)
        paths = [tile.photo.path for tile in self._library.tiles.values()]
        left_out = exclusions.filter_for(b"/photos")
        dropped = [path for path in paths if left_out.drops(path.removeprefix(b"/photos/"))]
        return ExclusionPreview(len(dropped), len(paths), dropped[:5])


class FakeSearch:
    """Finds photos by words in their names; a photo's likes are those whose name starts alike."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    def answer(self, query: Query) -> SearchResult:
        if isinstance(query.picture, Path) and "broken" in query.picture.name:
            raise PhotofindError(f"{query.picture.name} is damaged and cannot be opened.")
        tiles = self._library.tiles
        ids = [i for i, tile in tiles.items() if not query.text or query.text in tile.photo.name]
        others = [i for i in tiles if i not in ids] if query.text else []
        newest = query.asks_the_same(Query())
        return make_result(
            replace(query),
            [*ids, *others][: query.limit],
            likely=0 if newest else len(ids),
            total=len(tiles),
        )

    def photos(self, photo_ids: Sequence[int]) -> list[Photo]:
        return [self._library.tiles[photo_id].photo for photo_id in photo_ids if photo_id in self._library.tiles]


class FakeModels:
    """Models that are taken into use; the test ends the change."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    def all(self) -> list[ModelState]:
        return list(self._library.known_models)

    def use(self, name: str) -> SimpleNamespace:
        """Begin a change, or begin to use a model for Find similar beside the others; the test ends it."""
        known = self._library.known_models
        self._library.used_model = name
        is_for_similar = any(model.for_similar for model in known if model.name == name)
        self._library.known_models = [
            replace(model, installed=model.installed or model.name == name, in_use=model.name == name)
            if model.for_similar == is_for_similar
            else model
            for model in known
        ]
        return self._model(next(model for model in self._library.known_models if model.name == name))

    def stop_using(self, name: str) -> None:
        self._library.known_models = [
            replace(model, in_use=False, answers=False) if model.name == name else model
            for model in self._library.known_models
        ]

    def cancel_change(self) -> None:
        self._library.known_models = [
            model if model.for_similar else replace(model, in_use=model.answers) for model in self._library.known_models
        ]

    def finish_change(self) -> None:
        self._library.known_models = [replace(model, answers=model.in_use) for model in self._library.known_models]

    def forget(self, name: str) -> int:
        self._library.known_models = [
            replace(model, kept_vectors=0) if model.name == name else model for model in self._library.known_models
        ]
        return 0

    @property
    def indexing(self) -> SimpleNamespace:
        known = self._library.known_models
        return self._model(next(model for model in known if model.in_use and not model.for_similar))

    @property
    def answering(self) -> SimpleNamespace:
        known = self._library.known_models
        return self._model(next(model for model in known if model.answers and not model.for_similar))

    def _model(self, model: ModelState) -> SimpleNamespace:
        spec = SimpleNamespace(name=Path(model.name).name)
        return SimpleNamespace(spec=spec, device=self._in_use(), for_similar=model.for_similar)

    def _in_use(self) -> str:
        return "CPU" if self._library.chosen_device == "cpu" else self._library.card

    def devices(self) -> Devices:
        card = self._library.card_there
        return Devices(self._library.chosen_device, "cuda" if card else None, card, self._in_use())

    def use_device(self, device: DeviceChoice) -> None:
        self._library.chosen_device = device


class FakeEmbedding:
    """How many photos stand where."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    @property
    def counts(self) -> Counts:
        """Take problems that speak of a part for photos that are shown as far as they go."""
        return Counts(failed=sum("part" not in problem.reason for problem in self._library.found))


class FakeCare:
    """Damage and problems as the test says."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    def check(self, *, repair: bool) -> list[Finding]:
        damage = self._library.damage
        return [replace(finding, repaired=repair and finding.what != "beyond repair") for finding in damage]

    def problems(self) -> list[Problem]:
        return list(self._library.found)

    def retry_failed(self) -> int:
        count, self._library.found = len(self._library.found), []
        return count


def make_result(query: Query, ids: Sequence[int], *, likely: int = 0, total: int | None = None) -> SearchResult:
    newest = query.asks_the_same(Query())
    count = len(ids)
    scores = np.full(count, np.nan) if newest else np.linspace(0.34, 0.12, count)
    return SearchResult(
        query=query,
        photo_ids=np.asarray(ids, dtype=np.int64),
        scores=scores.astype(np.float32),
        whys=np.full(count, Why.NEWEST if newest else Why.LOOKS, dtype=np.uint8),
        likely=likely,
        searched=count if total is None else total,
        total=count if total is None else total,
        model="quick look",
        seconds=0.004,
    )


def make_tile(photo_id: int, name: str, color: tuple[int, int, int] | None = (90, 90, 90), **changes: Any) -> Tile:
    path = b"/photos/" + name.encode()
    photo = Photo(photo_id, path, b"/photos", 4000, 3000, "2024-05-03T14:05:00", "Camera", True)
    pixels: Pixels | None = None
    if color is not None:
        pixels = np.full((288, 384, 3), color, dtype=np.uint8)
    return Tile(replace(photo, **changes), pixels)


class FakeWorker:
    """Runs everything on the event loop; searches wait while `held`, everything while `is_opening`."""

    def __init__(self, library: FakeLibrary) -> None:
        self.library = library
        self.held = False
        self.is_opening = False
        self.queries: list[Query] = []
        self.waiting: list[Callable[[], None]] = []
        self.images: dict[bytes, tuple[Callable[[Pixels], None], Callable[[str], None]]] = {}
        self.is_paused = False
        self.syncs = 0
        self.is_stopped = False
        self.recoveries: list[tuple[str, Callable[[str], None], Callable[[str], None]]] = []

    def search(self, query: Query, on_done: Callable[[SearchResult], None], on_error: Callable[[str], None]) -> None:
        self.queries.append(query)
        job = self._job(lambda library: library.search.answer(query), on_done, on_error)
        if self.held or self.is_opening:
            self.waiting.append(job)
        else:
            QTimer.singleShot(0, job)

    def do(self, action: Callable[[Any], Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]) -> None:
        job = self._job(action, on_done, on_error)
        if self.is_opening:
            self.waiting.append(job)
        else:
            QTimer.singleShot(0, job)

    def open(self) -> None:
        """Answer what waited for the library to open."""
        self.is_opening = False
        waited, self.waiting = self.waiting, []
        for job in waited:
            QTimer.singleShot(0, job)

    def open_image(self, path: bytes, on_done: Callable[[Pixels], None], on_error: Callable[[str], None]) -> None:
        self.images[path] = (on_done, on_error)

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False

    def sync(self) -> None:
        self.syncs += 1

    def recover(self, way: str, on_done: Callable[[str], None], on_error: Callable[[str], None]) -> None:
        self.recoveries.append((way, on_done, on_error))

    def _job(
        self, action: Callable[[Any], Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> Callable[[], None]:
        def run() -> None:
            if self.is_stopped:
                return
            try:
                result = action(self.library)
            except PhotofindError as error:
                on_error(str(error))
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

        if self.held:
            self.waiting.append(answer)
        else:
            QTimer.singleShot(0, answer)


class FakeSession:
    """Holds the fakes as a real session holds the real parts; the download is the real one."""

    def __init__(self, library_dir: Path) -> None:
        self.library_dir = library_dir
        self.library = FakeLibrary()
        self.worker = FakeWorker(self.library)
        self.reader = FakeReader(self.library)
        self.main_thread = MainThread()
        self.download = ModelDownload(models_dir(library_dir), self.main_thread.post)

    def stop(self) -> None:
        """Answer nothing any more, as a stopped session does."""
        self.worker.is_stopped = self.reader.is_stopped = True
        self.download.stop()

    def as_session(self) -> Session:
        return cast(Session, self)

    def fill(self, count: int = 40) -> None:
        """Watch one folder with photos named after their colours."""
        self.library.watched = [Folder(1, b"/photos", True, count, 0, 0)]
        for photo_id in range(1, count + 1):
            name, color = list(COLORS.items())[photo_id % len(COLORS)]
            self.library.tiles[photo_id] = make_tile(photo_id, f"{name} {photo_id}.jpg", color)


def make_progress(**changes: Any) -> Progress:
    usual = Progress("idle", 40, 40, 0, 0, 0, None, None, "CPU", "NumPy", "quick look", None)
    return replace(usual, **changes)
