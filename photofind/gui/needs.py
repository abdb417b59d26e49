"""What the window needs of the library and of those who work for it; it knows nothing else of them.

The library belongs to another thread: it is only seen by actions given to `LibraryWorker.do`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from photofind.background.calls import OnError
from photofind.background.model_download import ModelDownload
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.reading import Read
from photofind.core.records.answers import SearchResult
from photofind.core.records.arrays import Pixels
from photofind.core.records.care import Finding, Way
from photofind.core.records.models import DeviceChoice, Devices, ModelState, Spec
from photofind.core.records.photos import ExclusionPreview, Folder, Photo, ProblemPage, ProblemPlace, Tile
from photofind.core.records.progress import Counts
from photofind.core.records.query import Query
from photofind.core.records.searching import Searching
from photofind.core.sentences.sentence import Sentence
from photofind.core.steps import Steps

Done = TypeVar("Done")


class LibraryFolders(Protocol):
    """The watched folders, named by their absolute paths; every call may raise PhotofindError."""

    def all(self) -> list[Folder]:
        """Return them in the order they were added, with their counts."""

    def adding(self, path: Path, read: Read) -> Steps[Folder]:
        """Watch a folder that is there and overlaps no other."""

    def let_go(self, path: bytes, folder_id: int | None = None, /) -> None:
        """Forget a folder; its photos go in the background.

        The id tells drives apart that are connected in one place in turn.
        """

    def locating(self, path: bytes, place: Path, read: Read, folder_id: int | None = None, /) -> Steps[Folder]:
        """Say where a folder lies now."""

    def accepting_missing(self, path: bytes, read: Read, folder_id: int | None = None, /) -> Steps[int]:
        """Take the photos that are not there for deleted; return how many that are."""

    def exclusions(self) -> Exclusions:
        """Return what is left out of all folders."""

    def set_exclusions(self, exclusions: Exclusions) -> None:
        """Leave this out from the next look on."""

    def preview_exclusions(self, exclusions: Exclusions) -> ExclusionPreview:
        """Count the known photos that exclusions would leave out."""

    def missing_share(self) -> float:
        """Return the share of a folder's photos above which vanished ones are not taken for deleted, 0 to 1."""

    def set_missing_share(self, share: float) -> None:
        """Change that share."""


class LibrarySearch(Protocol):
    """Photos by what is asked and by their ids; every call may raise PhotofindError."""

    def answer(self, query: Query) -> SearchResult:
        """Answer a query that is not a picture from outside."""

    def photos(self, photo_ids: Sequence[int]) -> list[Photo]:
        """Return the photos with these ids, in this order; those that are gone are left out."""

    @property
    def searching(self) -> Searching:
        """What answers a search, and why."""


class UsedModel(Protocol):
    """A model in use."""

    @property
    def spec(self) -> Spec:
        """What it is called."""

    @property
    def for_similar(self) -> bool:
        """Whether it stands beside the others, for Find similar alone."""


class LibraryModels(Protocol):
    """Models by name or folder; every call may raise PhotofindError."""

    def all(self) -> list[ModelState]:
        """Return the models that can be chosen."""

    @property
    def answering(self) -> UsedModel:
        """The model that answers queries."""

    @property
    def indexing(self) -> UsedModel:
        """The model that photos are embedded for; another one than the answering while a change runs."""

    def use(self, name_or_folder: str) -> UsedModel:
        """Begin a change to a model, or begin to use one for Find similar; return it."""

    def stop_using(self, name_or_folder: str) -> None:
        """Find similar photos without the model that was chosen for that."""

    def cancel_change(self) -> None:
        """Go on with the model that answers."""

    def forgetting(self, reference: str) -> Steps[int]:
        """Delete the vectors kept of a model that is not in use; return how many."""

    def devices(self) -> Devices:
        """Return what can embed pictures, what is to and what does; may take seconds."""

    def use_device(self, device: DeviceChoice) -> None:
        """Have pictures embedded by another device."""


class LibraryEmbedding(Protocol):
    """How far the library is."""

    @property
    def counts(self) -> Counts:
        """How many photos stand where; PhotofindError where that cannot be read."""


class LibraryCare(Protocol):
    """Damage and problems; every call may raise PhotofindError."""

    def check(self, *, repair: bool) -> list[Finding]:
        """Look for damage, and mend it where asked to."""

    def problems_page(self, after: ProblemPlace | None, limit: int) -> ProblemPage:
        """Return up to `limit` files that could not be read, or in part only, after a place, or the first ones."""

    def retrying_failed(self) -> Steps[int]:
        """Have everything read again that could not be read; return how many photos that are."""


class PhotoLibrary(Protocol):
    """The library as the window sees it: one small object a room."""

    @property
    def folders(self) -> LibraryFolders:
        """The watched folders."""

    @property
    def search(self) -> LibrarySearch:
        """Queries and their answers."""

    @property
    def models(self) -> LibraryModels:
        """The models, and what they run on."""

    @property
    def embedding(self) -> LibraryEmbedding:
        """How far it is."""

    @property
    def care(self) -> LibraryCare:
        """Damage and problems."""


class LibraryWorker(Protocol):
    """Works for the library on its thread; called on the main thread, where all callbacks come too."""

    def do(self, action: Callable[[PhotoLibrary], Done], on_done: Callable[[Done], None], on_error: OnError) -> None:
        """Run an action on the library's thread, after those asked for before it."""

    def do_in_steps(
        self, action: Callable[[PhotoLibrary, Read], Steps[Done]], on_done: Callable[[Done], None], on_error: OnError
    ) -> None:
        """Run an action of several steps, between which searches come; disks are read beside the thread."""

    def search(self, query: Query, on_done: Callable[[SearchResult], None], on_error: OnError) -> None:
        """Answer a query before anything else, in place of an older one that still waits."""

    def open_image(self, path: bytes, on_done: Callable[[Pixels], None], on_error: OnError) -> None:
        """Open a whole picture."""

    def recover(self, way: Way, on_done: Callable[[Sentence], None], on_error: OnError) -> None:
        """Mend a library that is too damaged to be opened; `on_done` gets a sentence."""

    def sync(self) -> None:
        """Compare all folders with the disk soon."""

    def pause(self) -> None:
        """Stop embedding."""

    def resume(self) -> None:
        """Go on embedding."""


class TileReader(Protocol):
    """Reads what is shown of photos."""

    def request(self, photo_ids: Sequence[int], on_done: Callable[[list[Tile]], None]) -> None:
        """Read tiles; `on_done` gets those that exist, on the main thread."""

    def request_photos(self, photo_ids: Sequence[int], on_done: Callable[[list[Photo]], None]) -> None:
        """Read photos without their thumbnails; `on_done` gets those that exist, in this order, on the main thread."""


class WindowSession(Protocol):
    """All that works beside one window."""

    @property
    def library_dir(self) -> Path:
        """Where the library lies."""

    @property
    def worker(self) -> LibraryWorker:
        """Works for the library."""

    @property
    def reader(self) -> TileReader:
        """Reads for the grid."""

    @property
    def download(self) -> ModelDownload:
        """Gets models."""
