"""The library: the only face of the core; one thread owns it.

A new photo becomes searchable. `sync` compares a folder with the catalog and inserts what is new
as pending. The owner takes `pending` photos, has them decoded elsewhere for the indexing model
(`images`), and hands them to `store`: the encoder makes vectors, the thumbnails are written,
then rows and vectors in one transaction; `catch_up` takes the new vectors into the vector
index. "Pending" is a column, not a queue in memory: a crash loses at most one slice of work.

A query becomes photos. `search` cleans the words (`query`), asks the encoder for their vector (a
photo of the library has its own already), the vector index for the nearest, the catalog for the
photos whose name, folder, date or camera hold the words, and draws the line between likely and
less likely. The answer holds ids; rows and thumbnails are read when they are shown.

Two models may be in use at once: while a new one embeds the library, the old one answers.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from photofind.core import models
from photofind.core.catalog import Catalog, Counts, PendingPhoto
from photofind.core.check import Finding, check_library
from photofind.core.database import describe_failure
from photofind.core.encoders.encoder import Spec
from photofind.core.errors import PhotofindError
from photofind.core.images import DecodedPhoto
from photofind.core.model_in_use import ModelInUse
from photofind.core.places import models_dir
from photofind.core.ranking import search_library
from photofind.core.records import Folder, ModelState, Photo, Pixels, Problem, Query, SearchResult
from photofind.core.store import StoreResult, store_photos
from photofind.core.sync import SyncResult, forget_gone, sync_folder
from photofind.core.thumbnails import Thumbnails

_log = logging.getLogger(__name__)
CATALOG_FILE = "catalog.sqlite"
THUMBNAILS_FILE = "thumbnails.sqlite"


class Library:
    """A person's photos, their embeddings, and the answers; opened, used and closed by one thread.

    Every call may raise PhotofindError with a sentence for the person: the disk is full, the
    library is locked. Nothing that was finished is lost by it.
    """

    def __init__(self, directory: Path, *, read_only: bool = False) -> None:
        """Open or create the library in `directory`; read-only ones never write and never lock."""
        self.directory = directory
        self.read_only = read_only
        self.notice = ""
        self._lock = FileLock(directory / "library.lock")
        if not read_only:
            self._take()
        try:
            self.catalog = Catalog(directory / CATALOG_FILE, read_only=read_only)
            self.thumbnails = Thumbnails(directory / THUMBNAILS_FILE, read_only=read_only)
            self.answering = self._open_model("answering")
            indexing = self.catalog.setting("indexing")
            self.indexing = self.answering
            if indexing not in (None, self.answering.reference):
                self.indexing = self._open_model("indexing")
        except BaseException:
            self._lock.release()
            raise

    def _take(self) -> None:
        """Make this process the library's one writer; the system frees the lock if it dies."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise LibraryInUseError(
                f"The library “{self.directory}” is open in another photofind; use that one, or close it first."
            ) from None
        except OSError as error:
            raise PhotofindError(
                f"The library “{self.directory}” cannot be written: {error.strerror or error}; "
                "check the folder's permissions, or choose another with --library."
            ) from error

    def close(self) -> None:
        """Write the caches and let go of the files and the lock."""
        try:
            if not self.read_only:
                self.answering.index.flush()
        finally:
            self.catalog.close()
            self.thumbnails.close()
            self._lock.release()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn a full or read-only disk into a sentence."""
        try:
            yield
        except sqlite3.Error as error:
            raise PhotofindError(describe_failure(error, self.directory / CATALOG_FILE)) from error
        except OSError as error:
            raise PhotofindError(
                f"The library “{self.directory}” cannot be written: {error.strerror or error}."
            ) from error

    # Folders

    def folders(self) -> list[Folder]:
        """Return the watched folders with their counts."""
        return self.catalog.folders()

    def add_folder(self, path: Path) -> Folder:
        """Watch a folder; PhotofindError where it cannot be, is watched already, or overlaps one that is."""
        wanted = os.fsencode(path.expanduser().absolute())
        real = os.path.realpath(wanted)
        if not os.path.isdir(real):
            raise PhotofindError(f"There is no folder “{path}”.")
        if not os.access(real, os.R_OK | os.X_OK):
            raise PhotofindError(f"You have no permission to read the folder “{path}”.")
        for folder in self.folders():
            _refuse_overlap(real, os.path.realpath(folder.path), path)
        with self._writing():
            folder_id = self.catalog.add_folder(real, os.stat(real).st_dev)
        return next(folder for folder in self.folders() if folder.id == folder_id)

    def remove_folder(self, path: bytes) -> None:
        """Forget a folder and what is known of its photos; the files stay as they are."""
        real = os.path.realpath(path)
        for folder in self.folders():
            if folder.path in (path, real):
                with self._writing():
                    self.thumbnails.remove(self.catalog.remove_folder(folder.id))
                return
        raise PhotofindError(f"The folder “{os.fsdecode(path)}” is not in the library.")

    def sync(self, folder: Folder) -> Iterator[SyncResult | None]:
        """Compare a folder with the catalog, step by step; yields None between steps, the result last."""
        with self._writing():
            yield from sync_folder(self.catalog, folder)

    def forget_gone(self) -> None:
        """Drop what is kept of photos whose files have been missing for a month."""
        with self._writing():
            self.thumbnails.remove(forget_gone(self.catalog))

    # Embedding

    @property
    def counts(self) -> Counts:
        """How many photos stand where."""
        return self.catalog.counts()

    def pending(self, limit: int, skip: Sequence[int] = ()) -> list[PendingPhoto]:
        """Return photos that wait for their embedding, those in `skip` left out, newest first."""
        return self.catalog.pending(limit, skip)

    def store(self, decoded: Sequence[tuple[PendingPhoto, DecodedPhoto | str | None]]) -> StoreResult:
        """Embed and keep decoded photos.

        A text in a photo's place is the reason why it could not be decoded, None says that its
        file has vanished.
        """
        with self._writing():
            result = store_photos(self.catalog, self.thumbnails, self.indexing, decoded)
            if self.indexing is self.answering:
                self.answering.index.catch_up(0)
        return result

    def catch_up(self, seconds: float) -> bool:
        """Bring the vector index up to date for about so long; tell whether it is."""
        return self.answering.index.catch_up(seconds)

    # Searching

    def search(self, query: Query, pixels: Pixels | None = None) -> SearchResult:
        """Answer a query; `pixels` is its picture, uint8 [size, size, 3] sized for the answering model."""
        return search_library(self.catalog, self.answering, query, pixels)

    def photos(self, photo_ids: Sequence[int]) -> list[Photo]:
        """Return the photos with these ids, in this order."""
        return self.catalog.photos(photo_ids)

    def photo_path(self, photo_id: int) -> bytes:
        """Return a photo's absolute path."""
        found = self.catalog.photos([photo_id])
        if not found:
            raise PhotofindError("This photo is no longer in the library.")
        return found[0].path

    def problems(self) -> list[Problem]:
        """Return what could not be indexed, with the reasons."""
        return self.catalog.problems()

    # Models

    def models(self) -> list[ModelState]:
        """Return the models that can be chosen, and the folder in use if it is one of the person's own."""
        directory, in_use = models_dir(self.directory), self.indexing
        states = [
            ModelState(
                model.name,
                models.is_installed(model, directory),
                model.name == in_use.reference,
                model.license,
                model.download_bytes,
                model.dim,
                model.good_for,
            )
            for model in models.available()
        ]
        if not any(state.in_use for state in states):
            states.append(
                ModelState(in_use.reference, True, True, "your own", 0, in_use.spec.dim, "A model folder of yours.")
            )
        return states

    def use_model(self, name_or_folder: str) -> None:
        """Embed everything with another model; the one in use answers until that is done.

        Vectors that model made before are used again.
        """
        is_folder = os.sep in name_or_folder or Path(name_or_folder).is_dir()
        reference = os.path.abspath(name_or_folder) if is_folder else models.find(name_or_folder).name
        chosen = self._prepare(reference)
        is_answering = chosen.spec.model_id == self.answering.spec.model_id
        self.indexing = self.answering if is_answering else chosen
        with self._writing(), self.catalog.transaction():
            self.catalog.set_setting("indexing", reference)
            self.catalog.restart_embedding(self.indexing.embeddings.model)
        self.finish_model_change()

    def adopt_installed_model(self) -> bool:
        """Use an installed model of the catalogue if the person never chose one; tell whether that is new."""
        if self.catalog.setting("indexing") is not None:
            return False
        for model in models.downloadable():
            if _can_open(model, models_dir(self.directory)):
                self.use_model(model.name)
                return True
        return False

    def finish_model_change(self) -> bool:
        """Let the new model answer once nothing is pending for it; tell whether it has just taken over."""
        if self.indexing is self.answering or self.counts.pending:
            return False
        self.answering.index.flush()
        # Once, whatever it takes: an answer before that would lack photos, or be empty.
        self.indexing.index.catch_up(float("inf"))
        self.answering = self.indexing
        self.catalog.set_setting("answering", self.answering.reference)
        return True

    def _open_model(self, setting: str) -> ModelInUse:
        """Open the model a setting names; where it can no longer be read, quick look steps in and says so."""
        reference = self.catalog.setting(setting) or models.QUICK_LOOK
        try:
            return self._prepare(reference)
        except PhotofindError as error:
            self.notice = f"{error} Quick look is used instead."
            if not self.read_only:
                self.catalog.set_setting(setting, models.QUICK_LOOK)
                self.catalog.set_setting("indexing", models.QUICK_LOOK)
            quick_look = self._prepare(models.QUICK_LOOK)
            if not self.read_only:
                self.catalog.restart_embedding(quick_look.embeddings.model)
            return quick_look

    def _prepare(self, reference: str) -> ModelInUse:
        return ModelInUse(self.catalog.db, self.directory, reference, read_only=self.read_only)

    @property
    def decoding_spec(self) -> Spec:
        """What `store` wants of decoded photos."""
        return self.indexing.spec

    # Care

    def check(self, *, repair: bool) -> list[Finding]:
        """Look for damage and mend it where asked to; what is found is also what was repaired then."""
        with self._writing():
            return check_library(self.catalog, self.thumbnails, self.answering, self.indexing, repair=repair)

    def size_on_disk(self) -> int:
        """Return how many bytes the library takes, models included."""
        return sum(file.stat().st_size for file in self.directory.rglob("*") if file.is_file())


class LibraryInUseError(PhotofindError):
    """Another photofind writes to this library; reading it is still possible."""


def _can_open(model: models.Model, directory: Path) -> bool:
    if not models.is_installed(model, directory):
        return False
    try:
        models.describe(model.name, directory)
    except PhotofindError as error:
        _log.info("not used by itself: %s", error)
        return False
    return True


def _refuse_overlap(wanted: bytes, watched: bytes, shown: Path) -> None:
    if wanted == watched:
        raise PhotofindError(f"The folder “{shown}” is already in the library.")
    if wanted.startswith(watched.rstrip(b"/") + b"/"):
        raise PhotofindError(f"“{shown}” lies inside “{os.fsdecode(watched)}”, which is already in the library.")
    if watched.startswith(wanted.rstrip(b"/") + b"/"):
        raise PhotofindError(
            f"“{os.fsdecode(watched)}” lies inside “{shown}” and is already in the library; remove it first."
        )
