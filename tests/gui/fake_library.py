"""A library in memory, what is in it as plain attributes; `test_library_contract` proves that it acts as a real one.

Folders are refused by the real rules, and exclusions are the real ones. What only a worker can do, the test has done
by `look`, or writes it into the attributes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from photofind.core.disk.reading import Read, in_place
from photofind.core.disk.scan import is_photo_name
from photofind.core.encoders.model_folder import is_model_folder
from photofind.core.errors import PhotofindError
from photofind.core.models.offered import describe
from photofind.core.places import models_dir
from photofind.core.records.answers import SearchResult
from photofind.core.records.care import Finding
from photofind.core.records.models import QUICK_LOOK, DeviceChoice, Devices, ModelState, Spec
from photofind.core.records.photos import ExclusionPreview, Folder, Photo, Problem, ProblemPage, ProblemPlace, Tile
from photofind.core.records.progress import Counts
from photofind.core.records.query import Query
from photofind.core.records.searching import Searching
from photofind.core.sentences.sentence import Sentence
from photofind.core.steps import Steps
from photofind.core.sync.folders import find_watched, readable_folder, refuse_overlap
from tests.gui.made import make_result, make_tile
from tests.written import written, written_error

_MOST_EXAMPLES = 200


@dataclass
class FakeLibrary:
    """What actions given to a worker see: what is in it, and the objects of a library that read and change that.

    `unread` could not be read, of `partial` only a part. Installed models lie in `directory`, or are said to be by
    `known_models`; `card` is what pictures are embedded by unless the processor is chosen, `card_there` the graphics
    card, if any. Damage “beyond repair” stays.
    """

    tiles: dict[int, Tile] = field(default_factory=dict)
    watched: list[Folder] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)
    partial: list[Problem] = field(default_factory=list)
    known_models: list[ModelState] = field(
        default_factory=lambda: [
            ModelState(QUICK_LOOK, True, True, written("MIT"), 0, 256, written("Colours."), answers=True)
        ]
    )
    used_model: str = ""
    chosen_device: DeviceChoice = "auto"
    card: str = "CPU"
    card_there: str = ""
    share: float = 0.2
    left_out: Exclusions = DEFAULT_EXCLUSIONS
    previewed: list[Exclusions] = field(default_factory=list)
    damage: list[Finding] = field(default_factory=list)
    directory: Path = Path("/nowhere")

    def __post_init__(self) -> None:
        self.folders = FakeFolders(self)
        self.search = FakeSearch(self)
        self.models = FakeModels(self)
        self.embedding = FakeEmbedding(self)
        self.care = FakeCare(self)

    def look(self) -> None:
        """Take in what lies in the watched folders now, as a worker does, which ends a change of model too."""
        self.unread.clear()
        self.watched[:] = [_look_into(folder, self) for folder in self.watched]
        self.models.finish_change()


def _look_into(folder: Folder, library: FakeLibrary) -> Folder:
    known = {tile.photo.path: i for i, tile in library.tiles.items() if tile.photo.folder == folder.path}
    if not os.path.isdir(folder.path):
        for i in known.values():
            tile = library.tiles[i]
            library.tiles[i] = replace(tile, photo=replace(tile.photo, online=False))
        return replace(folder, online=False)
    found = {path: os.stat(path) for path in _photos_in(folder.path, library.left_out)}
    gone = known.keys() - found.keys()
    is_believed = bool(found) or not known  # all at once are not taken for deleted
    for path in gone if is_believed else ():
        del library.tiles[known[path]]
    for path, stat in found.items():
        if not stat.st_size:
            library.unread.append(Problem(path, Sentence("file_empty"), stat.st_mtime))
        elif path not in known:
            photo_id = 1 + max(library.tiles, default=0)
            taken = datetime.fromtimestamp(stat.st_mtime).isoformat()
            tile = make_tile(photo_id, "", path=path, folder=folder.path, taken=taken)
            library.tiles[photo_id] = tile
    photos = sum(tile.photo.folder == folder.path for tile in library.tiles.values())
    failed = sum(problem.path.startswith(folder.path + b"/") for problem in library.unread)
    missing = 0 if is_believed else len(gone)
    return replace(folder, online=True, photos=photos + failed, failed=failed, missing=missing)


def _photos_in(folder: bytes, exclusions: Exclusions) -> Iterator[bytes]:
    left_out = exclusions.filter_for(folder)
    for directory, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(directory, name)
            if is_photo_name(name) and not left_out.drops(os.path.relpath(path, folder)):
                yield path


class FakeFolders:
    """Watched folders that are there as the test says."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library
        self._last_id = 0

    def all(self) -> list[Folder]:
        return list(self._library.watched)

    def adding(self, path: Path, _read: Read = in_place) -> Steps[Folder]:
        yield None
        return self.add(path)

    def add(self, path: Path) -> Folder:
        real = readable_folder(path)
        refuse_overlap(real, self._library.watched, path)
        self._last_id = 1 + max(self._last_id, *(folder.id for folder in self._library.watched), 0)
        added = Folder(self._last_id, real, True, 0, 0, 0)
        self._library.watched.append(added)
        return added

    def let_go(self, path: bytes, folder_id: int | None = None, /) -> None:
        removed = find_watched(self._library.watched, path, folder_id)
        self._library.watched.remove(removed)
        for i in [i for i, tile in self._library.tiles.items() if tile.photo.folder == removed.path]:
            del self._library.tiles[i]

    def locating(
        self, path: bytes, place: Path, _read: Read = in_place, folder_id: int | None = None, /
    ) -> Steps[Folder]:
        yield None
        return self.locate(path, place, folder_id)

    def locate(self, path: bytes, place: Path, folder_id: int | None = None, /) -> Folder:
        """Move a folder to a place that is there, and that holds one of the photos known from it, if there are any."""
        library, before = self._library, find_watched(self._library.watched, path, folder_id)
        real = readable_folder(place)
        refuse_overlap(real, [other for other in library.watched if other.id != before.id], place)
        moved = {
            i: replace(tile.photo, path=real + tile.photo.path[len(before.path) :], folder=real, online=True)
            for i, tile in library.tiles.items()
            if tile.photo.folder == before.path
        }
        if moved and not any(os.path.exists(photo.path) for photo in moved.values()):
            raise PhotofindError("folder_with_other_photos", place=place, folder=os.fsdecode(before.path))
        for i, photo in moved.items():
            library.tiles[i] = replace(library.tiles[i], photo=photo)
        library.left_out = library.left_out.relocated(before.path, real)
        now = replace(before, path=real, online=True)
        library.watched[library.watched.index(before)] = now
        return now

    def accepting_missing(self, path: bytes, _read: Read = in_place, folder_id: int | None = None, /) -> Steps[int]:
        yield None
        return self.accept_missing(path, folder_id)

    def accept_missing(self, path: bytes, folder_id: int | None = None, /) -> int:
        watched = self._library.watched
        folder = find_watched(watched, path, folder_id)
        if not folder.online:
            readable_folder(Path(os.fsdecode(folder.path)))
        watched[watched.index(folder)] = replace(folder, photos=folder.photos - folder.missing, missing=0)
        tiles = self._library.tiles
        inside = [i for i, tile in tiles.items() if tile.photo.folder == folder.path]
        for i in [i for i in inside if not os.path.exists(tiles[i].photo.path)][: folder.missing]:
            del tiles[i]
        return folder.missing

    def missing_share(self) -> float:
        return self._library.share

    def set_missing_share(self, share: float) -> None:
        self._library.share = min(1.0, max(0.0, share))

    def exclusions(self) -> Exclusions:
        return self._library.left_out

    def set_exclusions(self, exclusions: Exclusions) -> None:
        self._library.left_out = exclusions

    def preview_exclusions(self, exclusions: Exclusions) -> ExclusionPreview:
        self._library.previewed.append(exclusions)
        photos = [tile.photo for tile in self._library.tiles.values()]
        dropped = [
            photo.path
            for photo in photos
            if exclusions.filter_for(photo.folder).drops(os.path.relpath(photo.path, photo.folder))
        ]
        return ExclusionPreview(len(dropped), len(photos), dropped[:_MOST_EXAMPLES])


class FakeSearch:
    """Finds photos by words in their names, then all others; what is like a photo is every other one."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    @property
    def searching(self) -> Searching:
        return Searching("exact", Sentence("search_is_small", rows=1_500_000))

    def answer(self, query: Query) -> SearchResult:
        tiles = self._library.tiles
        if query.asks_the_same(Query()):
            newest = sorted(tiles, key=lambda i: tiles[i].photo.taken or "", reverse=True)
            return make_result(query, newest)
        if query.photo_id is not None and query.photo_id not in tiles:
            raise PhotofindError("photo_not_indexed")
        words = query.text.casefold().split()
        named = [i for i, tile in tiles.items() if words and all(w in tile.photo.name.casefold() for w in words)]
        others = [i for i in tiles if i not in named and i != query.photo_id]
        ids = [*named, *others][: query.limit]
        likely = min(len(named) if words else len(others), query.limit)
        return make_result(query, ids, named=min(len(named), query.limit), likely=likely, total=len(tiles))

    def photos(self, photo_ids: Sequence[int]) -> list[Photo]:
        return [self._library.tiles[photo_id].photo for photo_id in photo_ids if photo_id in self._library.tiles]


@dataclass(frozen=True)
class FakeModel:
    """A model in use."""

    spec: Spec
    for_similar: bool


class FakeModels:
    """Models that are taken into use; a change ends when the test says so."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library
        self._own: set[str] = set()

    def all(self) -> list[ModelState]:
        """Return the known models; a folder that was used is one of them while it is, or something is kept of it."""
        return [
            model
            for model in self._library.known_models
            if model.name not in self._own or model.in_use or model.answers or model.kept_vectors
        ]

    def use(self, name_or_folder: str) -> FakeModel:
        """Begin a change, or begin to use a model for Find similar beside the others."""
        used = self._find(name_or_folder)
        self._library.used_model = used.name
        for model in list(self._library.known_models):
            if model.for_similar == used.for_similar:
                self._change(model.name, in_use=model.name == used.name)
        return _at_work(self._change(used.name, installed=True))

    def _find(self, name_or_folder: str) -> ModelState:
        known = {model.name: model for model in self._library.known_models}
        model = known.get(name_or_folder)
        is_folder = os.sep in name_or_folder
        place = Path(name_or_folder) if is_folder else models_dir(self._library.directory) / name_or_folder
        if model is not None and (model.installed or is_model_folder(place)):
            return model
        if not is_folder or not is_model_folder(place):
            raise written_error(f"There is no model called “{name_or_folder}”.")
        spec = describe(name_or_folder, models_dir(self._library.directory))
        for_similar = not spec.knows_words
        own = ModelState(
            name_or_folder, True, False, written("your own"), 0, spec.dim, written("Yours."), for_similar=for_similar
        )
        self._library.known_models.append(own)
        self._own.add(own.name)
        return own

    def _change(self, name: str, **changes: bool | int) -> ModelState:
        known = self._library.known_models
        at = [model.name for model in known].index(name)
        known[at] = replace(known[at], **changes)  # type: ignore[arg-type]
        return known[at]

    def stop_using(self, name_or_folder: str) -> None:
        if not any(m.for_similar and m.in_use and m.name == name_or_folder for m in self._library.known_models):
            raise written_error(f"The model “{name_or_folder}” is not the one for Find similar.")
        self._change(name_or_folder, in_use=False, answers=False)

    def cancel_change(self) -> None:
        for model in self.all():
            if not model.for_similar:
                self._change(model.name, in_use=model.answers)

    def finish_change(self) -> None:
        """Let what is in use have seen every photo, as it has at the end of a change."""
        for model in self.all():
            self._change(model.name, answers=model.in_use)
            if model.in_use:
                self._change(model.name, to_embed=0, kept_vectors=len(self._library.tiles))

    def forgetting(self, reference: str) -> Steps[int]:
        model = next((model for model in self._library.known_models if model.name == reference), None)
        if model is None or not (model.kept_vectors or model.in_use):
            raise PhotofindError("model_not_kept", model=reference)
        if model.in_use or model.answers:
            raise PhotofindError("model_in_use")
        self._change(reference, kept_vectors=0, kept_bytes=0)
        yield None
        return model.kept_vectors

    @property
    def indexing(self) -> FakeModel:
        return _at_work(next(m for m in self._library.known_models if m.in_use and not m.for_similar))

    @property
    def answering(self) -> FakeModel:
        return _at_work(next(m for m in self._library.known_models if m.answers and not m.for_similar))

    def devices(self) -> Devices:
        library, card = self._library, self._library.card_there
        in_use = "CPU" if library.chosen_device == "cpu" else library.card
        return Devices(library.chosen_device, "cuda" if card else None, card, in_use)

    def use_device(self, device: DeviceChoice) -> None:
        self._library.chosen_device = device


def _at_work(model: ModelState) -> FakeModel:
    return FakeModel(Spec(model.name, Path(model.name).name, model.dim, 224), model.for_similar)


class FakeEmbedding:
    """How many photos stand where."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    @property
    def counts(self) -> Counts:
        return Counts(embedded=len(self._library.tiles), failed=len(self._library.unread))


class FakeCare:
    """Damage and problems as the test says."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library

    def check(self, *, repair: bool) -> list[Finding]:
        found = [
            replace(finding, repaired=repair and str(finding.what) != "beyond repair")
            for finding in self._library.damage
        ]
        self._library.damage = [finding for finding in found if not finding.repaired]
        return found

    def problems_page(self, after: ProblemPlace | None, limit: int) -> ProblemPage:
        found = sorted(self.problems(), key=lambda problem: problem.path)
        start = 0 if after is None else after[2]
        page, end = found[start : start + limit], start + limit
        unread = len(self._library.unread)
        return ProblemPage(page, (0, 0, end) if end < len(found) else None, unread, len(found) - unread)

    def problems(self) -> list[Problem]:
        known = [*self._library.unread, *self._library.partial]
        return sorted(known, key=lambda problem: (-problem.since, problem.path))

    def retrying_failed(self) -> Steps[int]:
        yield None
        count = len(self._library.unread)
        self._library.unread.clear()
        return count
