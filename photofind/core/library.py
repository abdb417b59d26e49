"""The library: the only face of the core, one small object a room; one thread owns it.

A new photo becomes searchable. `folders.sync` compares a folder with the catalog and inserts what
is new as pending. The owner takes `embedding.pending` photos, has them decoded elsewhere for the
indexing model (`images`), and hands them to `embedding.store`: the encoder makes vectors, the
thumbnails are written, then rows and vectors in one transaction; `catch_up` takes the new vectors
into the vector index. "Pending" is a column, not a queue in memory: a crash loses at most one
slice of work.

A query becomes photos. `search.answer` cleans the words (`query`), asks the encoder for their vector
(a photo of the library has its own already), the vector index for the nearest, the catalog for all
photos that fit by name, folders, camera, date or what their files say (`understand`, `names`), and draws
the line between likely and less likely. The answer holds ids; rows and thumbnails are read when they are
shown (`tiles`).

Two models may be in use at once: while a new one embeds the library, the old one answers. A third may stand beside
them, for Find similar and pictures alone (`look_alikes`).
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from photofind.core.care.care import Care
from photofind.core.care.check import mend_words
from photofind.core.care.recovery import finish_recovery
from photofind.core.care.seal import Seal
from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.database import CATALOG_FILE, THUMBNAILS_FILE
from photofind.core.catalog.lock import LibraryInUseError as LibraryInUseError
from photofind.core.catalog.lock import take_lock
from photofind.core.catalog.telling import Telling
from photofind.core.catalog.thumbnail_checks import mending_thumbnails, open_thumbnails
from photofind.core.embedding.chosen_models import ChosenModels
from photofind.core.embedding.embedding import Embedding
from photofind.core.embedding.model_choice import ModelChoice
from photofind.core.facts import Facts
from photofind.core.language import system_language
from photofind.core.places import models_dir
from photofind.core.search.search import Search
from photofind.core.sentences.sentence import Sentence
from photofind.core.settings import LANGUAGE
from photofind.core.sync.watched_folders import WatchedFolders


class Library:
    """A person's photos, their embeddings, and the answers; opened, used and closed by one thread.

    Every call of its objects may raise PhotofindError with a sentence for the person: the disk is full, the
    library is locked. Nothing that was finished is lost by it. `notice` is such a sentence about how it was opened,
    else None.
    """

    folders: WatchedFolders
    search: Search
    models: ChosenModels
    embedding: Embedding
    facts: Facts
    care: Care

    def __init__(self, directory: Path, *, read_only: bool = False) -> None:
        """Open or create the library in `directory`; read-only ones never write and never lock."""
        self.directory = directory
        self.read_only = read_only
        self.notice: Sentence | None = None
        self._seal = Seal(directory / CATALOG_FILE)
        self._telling = Telling(directory / CATALOG_FILE)
        with ExitStack() as opened:
            if not read_only:
                opened.callback(take_lock(directory).release)
            with self._telling.opening():
                self._open(opened)
            self._opened = opened.pop_all()

    def _open(self, opened: ExitStack) -> None:
        """Open the files; the catalog only after it was looked through for damage."""
        was_put_back = False
        if not self.read_only:
            finish_recovery(self.directory)
            was_put_back = self._seal.verify()
            self._seal.take_off()
        self._catalog = Catalog(self.directory / CATALOG_FILE, read_only=self.read_only)
        opened.callback(self._catalog.close)
        if not self.read_only:
            self._take_language()
        if not self.read_only and not self._seal.matched:
            self._catalog.checks.require_columns()
            mend_words(self._catalog, repair=True)
        self._thumbnails = open_thumbnails(self._catalog, self.directory / THUMBNAILS_FILE, read_only=self.read_only)
        opened.callback(self._thumbnails.close)
        if was_put_back:
            highest = mending_thumbnails(self._catalog, self._thumbnails, self._thumbnails.highest_id)
            self._catalog.renew_identity(highest)
        self._choice = ModelChoice(self._catalog, self._thumbnails, self.directory, read_only=self.read_only)
        self.notice = self._choice.notice
        self._make_rooms()
        if not self.read_only:
            self._choice.resume()
            self._choice.indexing.embeddings.forget_old_removals()

    def _take_language(self) -> None:
        """Keep the system's language for queries, once, so that the window and the command line have the same."""
        found = system_language()
        if found is not None and self._catalog.settings.get(LANGUAGE) is None:
            self._catalog.settings.set(LANGUAGE, found)

    def _make_rooms(self) -> None:
        catalog, thumbnails, choice, telling = self._catalog, self._thumbnails, self._choice, self._telling
        self.folders = WatchedFolders(catalog, thumbnails, telling, on_synced=choice.look_alikes.look_again)
        self.search = Search(catalog, choice, telling)
        self.models = ChosenModels(choice, telling, models_dir(self.directory))
        self.embedding = Embedding(catalog, thumbnails, choice, telling)
        self.facts = Facts(catalog, telling)
        self.care = Care(catalog, thumbnails, choice, telling, self.directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write the caches, let go of the files, seal the catalog, and let go of the lock."""
        is_ready = False
        with self._opened:
            try:
                if not self.read_only:
                    is_ready = self._write_caches()
            finally:
                self._catalog.close()
                self._thumbnails.close()
                if is_ready:
                    self._seal.put_on()

    def _write_caches(self) -> bool:
        """Write the caches; tell whether the catalog may be sealed."""
        with self._telling.writing():
            for model in self._choice.searched:
                model.flush()
            return not self._telling.has_seen_damage and self._seal.note_end(self._catalog)
