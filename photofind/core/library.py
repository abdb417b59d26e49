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

Two models may be in use at once: while a new one embeds the library, the old one answers. A third may stand beside
them, for Find similar and pictures alone (`look_alikes`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from photofind.core.care.check import check_library, mend_words, mending_thumbnails, open_thumbnails
from photofind.core.care.recovery import finish_recovery, give_new_identity
from photofind.core.care.seal import Seal
from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.database import CATALOG_FILE as CATALOG_FILE
from photofind.core.catalog.database import THUMBNAILS_FILE as THUMBNAILS_FILE
from photofind.core.catalog.database import explain, is_damage, require_columns
from photofind.core.catalog.lock import LibraryInUseError as LibraryInUseError
from photofind.core.catalog.lock import take_lock
from photofind.core.catalog.migrations import catalog_migrations
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.volumes import volume_of
from photofind.core.embedding.look_alikes import LookAlikes
from photofind.core.embedding.model_choice import ModelChoice
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.embedding.model_list import list_models
from photofind.core.embedding.sample_photos import sample_thumbnails
from photofind.core.embedding.store import store_photos
from photofind.core.errors import PhotofindError
from photofind.core.places import models_dir
from photofind.core.records.answers import SearchResult
from photofind.core.records.care import Finding
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import DeviceChoice, KeptVectors, ModelState, Spec
from photofind.core.records.photos import ExclusionPreview, Folder, Photo, Problem
from photofind.core.records.progress import Counts
from photofind.core.records.query import Query
from photofind.core.records.work import (
    DecodedThumbnail,
    DueThumbnail,
    PendingPhoto,
    SampleThumbnail,
    StoreResult,
    SyncResult,
)
from photofind.core.search.ranking import search_library
from photofind.core.sync.folders import (
    find_watched,
    locate,
    preview_exclusions,
    readable_folder,
    refuse_other_drive,
    refuse_overlap,
)
from photofind.core.sync.presence import MOST_MISSING_SHARE
from photofind.core.sync.sync import accept_missing, forget_gone, sync_folder


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
        self._seal = Seal(directory / CATALOG_FILE)
        self._is_damaged = False
        with ExitStack() as opened:
            if not read_only:
                opened.callback(take_lock(directory).release)
            try:
                self._open(opened)
            except sqlite3.Error as error:
                raise explain(error, directory / CATALOG_FILE) from error
            except OSError as error:
                reason = error.strerror or error
                raise PhotofindError(f"The library “{directory}” cannot be opened: {reason}.") from error
            self._opened = opened.pop_all()

    def _open(self, opened: ExitStack) -> None:
        """Open the files; the catalog only after it was looked through for damage."""
        was_put_back = False
        if not self.read_only:
            finish_recovery(self.directory)
            was_put_back = self._seal.verify()
            self._seal.take_off()
        self.catalog = Catalog(self.directory / CATALOG_FILE, read_only=self.read_only)
        opened.callback(self.catalog.close)
        if not self.read_only and not self._seal.fitted:
            require_columns(self.catalog.db, catalog_migrations)
            mend_words(self.catalog, repair=True)
        self.thumbnails = open_thumbnails(self.catalog, self.directory / THUMBNAILS_FILE, read_only=self.read_only)
        opened.callback(self.thumbnails.close)
        if was_put_back:
            mending_thumbnails(self.catalog, self.thumbnails, lambda: give_new_identity(self.catalog, self.thumbnails))
        self._choice = ModelChoice(self.catalog, self.thumbnails, self.directory, read_only=self.read_only)
        self.notice = self._choice.notice
        if not self.read_only:
            self.indexing.embeddings.forget_old_removals()
            self._drop_thumbnails()

    def close(self) -> None:
        """Write the caches, let go of the files, seal the catalog, and let go of the lock."""
        is_ready = False
        try:
            if not self.read_only:
                for model in self._choice.searched:
                    model.index.flush()
                is_ready = not self._is_damaged and self._seal.prepare(self.catalog.db.conn)
        finally:
            self.catalog.close()
            self.thumbnails.close()
            if is_ready:
                self._seal.put_on()
            self._opened.close()

    def explain(self, error: sqlite3.Error) -> PhotofindError:
        """Return what an SQLite error means for the person; after damage, the next start looks through the catalog."""
        self._is_damaged = self._is_damaged or is_damage(error)
        return explain(error, self.directory / CATALOG_FILE, is_open=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn a full or read-only disk into a sentence."""
        try:
            yield
        except sqlite3.Error as error:
            raise self.explain(error) from error
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
        real = readable_folder(path)
        refuse_overlap(real, self.folders(), path)
        with self._writing():
            folder_id = self.catalog.add_folder(real, volume_of(real))
        return self._folder(folder_id)

    def _folder(self, folder_id: int) -> Folder:
        return next(folder for folder in self.folders() if folder.id == folder_id)

    def remove_folder(self, path: bytes) -> None:
        """Forget a folder and what is known of its photos; the files stay as they are."""
        folder = find_watched(self.folders(), path)
        with self._writing():
            self.catalog.remove_folder(folder.id)
            self._drop_thumbnails()

    def locate_folder(self, path: bytes, place: Path) -> Folder:
        """Say where a watched folder lies now; all that is known of its photos is kept.

        PhotofindError where none of its photos is there, or the place cannot be watched.
        """
        folder = find_watched(self.folders(), path)
        others = [other for other in self.folders() if other.id != folder.id]
        with self._writing(), self.catalog.transaction():
            real = locate(self.catalog, folder, place, others)
            self.set_exclusions(self.exclusions().relocated(folder.path, real))
        return self._folder(folder.id)

    def accept_missing(self, path: bytes) -> int:
        """Take a folder's photos that are not there for deleted; return how many that are.

        PhotofindError where the folder or its drive is away, so that nothing can be known.
        """
        folder = find_watched(self.folders(), path)
        refuse_other_drive(self.catalog, folder)
        with self._writing():
            return accept_missing(self.catalog, folder)

    def sync(self, folder: Folder) -> Iterator[SyncResult | None]:
        """Compare a folder with the catalog, step by step; yields None between steps, the result last."""
        with self._writing():
            for result in sync_folder(self.catalog, folder, self.exclusions(), self.missing_share()):
                if result is not None and result.online:
                    self.look_alikes.look_again()
                yield result

    def exclusions(self) -> Exclusions:
        """Return what is left out of all folders."""
        return Exclusions.from_json(self.catalog.setting("exclusions"))

    def set_exclusions(self, exclusions: Exclusions) -> None:
        """Leave this out from the next sync on; what was left out before and no longer is comes back by it."""
        with self._writing():
            self.catalog.set_setting("exclusions", exclusions.to_json())

    def preview_exclusions(self, exclusions: Exclusions) -> ExclusionPreview:
        """Count the known photos that exclusions would leave out."""
        return preview_exclusions(self.catalog, self.folders(), exclusions)

    def missing_share(self) -> float:
        """Return the share of a folder's photos above which vanished ones are not taken for deleted, 0 to 1."""
        return float(self.catalog.setting("missing_share") or MOST_MISSING_SHARE)

    def set_missing_share(self, share: float) -> None:
        """Change that share."""
        with self._writing():
            self.catalog.set_setting("missing_share", str(min(1.0, max(0.0, share))))

    def forget_gone(self) -> None:
        """Drop what is kept of photos whose files have been missing for a month."""
        with self._writing():
            forget_gone(self.catalog)
            self._drop_thumbnails()

    def _drop_thumbnails(self) -> None:
        """Delete the thumbnails of deleted photos; what a crash leaves of them goes at the next start."""
        removed = self.catalog.removed_photos()
        if removed:
            mending_thumbnails(self.catalog, self.thumbnails, lambda: self.thumbnails.remove(removed))
            self.catalog.forget_removed()

    # Embedding

    @property
    def answering(self) -> ModelInUse:
        """The model that answers queries."""
        return self._choice.answering

    @property
    def indexing(self) -> ModelInUse:
        """The model that photos are embedded for; another one than the answering while a change runs."""
        return self._choice.indexing

    @property
    def look_alikes(self) -> LookAlikes:
        """The second model, for Find similar, and what it still has to see."""
        return self._choice.look_alikes

    def retry_failed(self) -> int:
        """Have everything read again that could not be read; return how many photos that are."""
        with self._writing():
            return self.catalog.retry_failed()

    @property
    def counts(self) -> Counts:
        """How many photos stand where."""
        return self.catalog.counts()

    def pending(self, limit: int, skip: Sequence[int] = ()) -> list[PendingPhoto]:
        """Return photos to be opened and embedded, those in `skip` left out, newest first."""
        return self.catalog.pending(limit, skip, list(self._choice.reembedding.sample.photo_ids))

    def due_thumbnails(self, limit: int, skip: Sequence[int]) -> list[DueThumbnail]:
        """Return photos to be embedded from their thumbnails, those in `skip` left out; none where none can be now."""
        with self._writing():
            return self._choice.reembedding.due(limit, skip)

    def sample_thumbnails(self) -> list[SampleThumbnail]:
        """Return thumbnails to try a model on; none where there are too few photos."""
        return sample_thumbnails(self.catalog, self.thumbnails)

    def distrust_refused(self, model: ModelInUse) -> list[str]:
        """Have photos embedded again where an engine made vectors of a model that is refused now; return such ones."""
        with self._writing():
            return self._choice.distrust_refused(model)

    def store(self, decoded: Sequence[tuple[PendingPhoto, DecodedPhoto | str | None]]) -> StoreResult:
        """Embed and keep decoded photos.

        A text in a photo's place is the reason why it could not be decoded, None says that its
        file has vanished.
        """
        with self._writing():
            result = mending_thumbnails(
                self.catalog,
                self.thumbnails,
                lambda: store_photos(self.catalog, self.thumbnails, self.indexing, decoded),
            )
            if self.indexing is self.answering:
                self.answering.index.catch_up(0)
        return result

    def store_from_thumbnails(self, decoded: Sequence[DecodedThumbnail]) -> StoreResult:
        """Embed decoded thumbnails; None in the place of pixels says that they could not be decoded."""
        with self._writing():
            result = self._choice.reembedding.store(decoded)
            if self.indexing is self.answering:
                self.answering.index.catch_up(0)
        return result

    def catch_up(self, seconds: float) -> bool:
        """Bring the vector indexes that answer up to date for about so long; tell whether they are."""
        return all(model.index.catch_up(seconds) for model in self._choice.searched)

    # Searching

    def search(self, query: Query, picture: DecodedPhoto | None = None) -> SearchResult:
        """Answer a query; `picture` is its picture, decoded for the answering model."""
        model = self._choice.model_for(query)
        return search_library(self.catalog, model, query, None if picture is None else model.fit(picture))

    def photos(self, photo_ids: Sequence[int]) -> list[Photo]:
        """Return the photos with these ids, in this order."""
        return self.catalog.photos(photo_ids)

    def problems(self) -> list[Problem]:
        """Return what could not be indexed, with the reasons."""
        return self.catalog.problems()

    # Models

    def models(self) -> list[ModelState]:
        """Return the models that can be chosen, and the folder in use if it is one of the person's own."""
        return list_models(self._choice, models_dir(self.directory))

    def device(self) -> DeviceChoice:
        """Return what is to embed pictures: "auto" for the graphics card where there is one."""
        return self._choice.device()

    def use_device(self, device: DeviceChoice) -> None:
        """Have pictures embedded by another device from now on."""
        with self._writing():
            self._choice.use_device(device)

    def use_model(self, name_or_folder: str) -> ModelInUse:
        """Embed everything with another model, and return it; the one in use answers until that is done.

        Vectors that model made before are used again. One that knows no words serves beside it, for Find similar.
        """
        with self._writing():
            return self._choice.use(name_or_folder)

    def stop_using(self, name_or_folder: str) -> None:
        """Find similar photos without the model that was chosen for that; its vectors are kept."""
        with self._writing():
            self._choice.stop_using(name_or_folder)

    def cancel_model_change(self) -> None:
        """Go on with the model that answers; what was embedded for the other one is kept."""
        with self._writing():
            self._choice.cancel()

    def adopt_installed_model(self) -> bool:
        """Use an installed model of the catalogue if the person never chose one; tell whether that is new."""
        with self._writing():
            return self._choice.adopt_installed()

    def finish_model_change(self) -> bool:
        """Let the new model answer once nothing is pending for it; tell whether it has just taken over."""
        with self._writing():
            return self._choice.finish()

    def lacking(self, reference: str) -> int:
        """Return how many photos a model, named as in `use_model`, would have to embed; it need not be installed."""
        return self._choice.lacking(reference)

    def kept_vectors(self) -> list[KeptVectors]:
        """Return what is kept of each model that has embedded any photo."""
        return self._choice.kept()

    def forget_model(self, reference: str) -> int:
        """Delete the vectors kept of a model (name, folder or id); return how many; PhotofindError for one in use."""
        with self._writing():
            return self._choice.forget(reference)

    @property
    def decoding_spec(self) -> Spec:
        """What `store` and `store_from_thumbnails` want of decoded photos."""
        return self.indexing.spec

    # Care

    def check(self, *, repair: bool) -> list[Finding]:
        """Look for damage and mend it where asked to; what is found is also what was repaired then."""
        with self._writing():
            return check_library(self.catalog, self.thumbnails, self._choice, repair=repair)

    def size_on_disk(self) -> int:
        """Return how many bytes the library takes, models included."""
        return sum(file.stat().st_size for file in self.directory.rglob("*") if file.is_file())
