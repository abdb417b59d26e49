"""The order of work, said once: what the window does between searches, and `photofind index` in one go.

The vector index takes in what is new, what is left of removed photos goes, folders are compared with the disk, the
model is fitted, photos are embedded from their originals and thumbnails, a new model takes over, what an older reader
read of files is read again, and Find similar gets its own vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.facts import FactsReading
from photofind.background.indexing.fitting import Fitting
from photofind.background.indexing.folder_syncs import FolderSyncs, Synced
from photofind.background.indexing.originals import OriginalIndexing
from photofind.background.indexing.pace import SLICE_SECONDS, UNATTENDED_SLICE_SECONDS
from photofind.background.indexing.similar import SimilarIndexing
from photofind.background.indexing.tidying import Tidying
from photofind.core.library import Library
from photofind.core.records.progress import State
from photofind.core.records.work import StoreResult
from photofind.core.sentences.sentence import Sentence

# A photo that is being decoded is waited for so long at most, or for a slice where that is shorter.
_WAIT_SECONDS = 0.5

# Marking so many photos to be opened again takes less than a slice.
_RETRIED_A_SLICE = 1_000


@dataclass(frozen=True, slots=True)
class Slice:
    """What one step did: the stage it was in, and what came of it; "idle" says that there was nothing to do."""

    stage: State
    synced: Synced | None = None
    stored: StoreResult | None = None
    read: int = 0

    @property
    def has_changed(self) -> bool:
        """Whether a query may have another answer now."""
        has_synced = self.synced is not None and self.synced.result is not None and self.synced.result.changed
        is_news = self.stage in ("opening", "tidying") or self.stored is not None or self.read > 0
        return is_news or has_synced


class Pipeline:
    """Does one slice a call of the first stage that has anything to do; used on the library's thread.

    `is_attended`: somebody may search meanwhile, so slices are short, words are made ready, and looking for what
    Find similar lacks may go on later. `on_begin` is called with the stage before what may take seconds,
    `on_notice` with sentences for the person, `on_caught_up` in each step once all that is new can be found.
    """

    def __init__(
        self,
        library: Library,
        decoder: Decoder,
        *,
        is_attended: bool,
        on_begin: Callable[[State], None],
        on_notice: Callable[[Sentence], None],
        on_caught_up: Callable[[], None] = lambda: None,
    ) -> None:
        seconds = SLICE_SECONDS if is_attended else UNATTENDED_SLICE_SECONDS
        self._library = library
        self._is_attended = is_attended
        self._on_begin = on_begin
        self._on_caught_up = on_caught_up
        self._slice_seconds = seconds
        self._model = library.models.indexing
        self._has_noticed_packages = False
        self._may_be_outgrown = True
        self.is_paused = False
        self.tidying = Tidying(library, seconds)
        self.syncs = FolderSyncs(library, seconds)
        self.fitting = Fitting(library, on_notice, is_attended=is_attended)
        self.originals = OriginalIndexing(library, decoder, seconds)
        self.facts = FactsReading(library, decoder, seconds)
        self.similar = SimilarIndexing(library, seconds)

    def step(self) -> Slice:
        """Do one slice; raises PhotofindError where nothing can be written, and all stays as it is."""
        return (
            self._catch_up()
            or self._tidy()
            or self._sync()
            or self._retry_outgrown()
            or self._pause()
            or self._make_codes()
            or self._fit()
            or self._embed()
            or self._fit_late()
            or self._take_over()
            or self._load_texts()
            or self._read_facts()
            or self._embed_similar()
            or self._wait_for_disks()
            or Slice("idle")
        )

    def notice_model(self) -> bool:
        """Begin anew where photos are to be embedded for another model; tell whether they are."""
        if self._library.models.indexing is self._model:
            return False
        self._model = self._library.models.indexing
        self.originals.restart()
        return True

    def rest(self) -> None:
        """Have the models fitted by own photos, when there is nothing else to do."""
        self.fitting.at_rest()
        if not self.fitting.is_working:  # two models at once would take the memory of both
            self.similar.rest()

    def stop(self) -> None:
        """End the threads and the children beside this one."""
        self.syncs.stop()
        self.originals.stop()
        self.similar.stop()
        self.fitting.stop()

    # The stages, in their order

    def _catch_up(self) -> Slice | None:
        if not self._library.search.catch_up(self._slice_seconds):
            return Slice("opening")
        self._on_caught_up()
        return None

    def _tidy(self) -> Slice | None:
        return Slice("tidying") if self.tidying.step() else None

    def _sync(self) -> Slice | None:
        """Compare folders with the disk; while all that are left say nothing, what comes after goes on."""
        if self.syncs.is_done:
            return None
        self.facts.try_again()
        self._may_be_outgrown = True  # a folder may be back
        synced = self.syncs.step()
        return None if synced is None and self.syncs.is_stuck else Slice("scanning", synced=synced)

    def _retry_outgrown(self) -> Slice | None:
        """Have photos opened again that an older photofind could not open, or this one before it had the packages."""
        if not self._has_noticed_packages:
            self._library.care.notice_packages()
            self._has_noticed_packages = True
        self._may_be_outgrown = self._may_be_outgrown and self._library.care.retry_outgrown(_RETRIED_A_SLICE) > 0
        return Slice("reading") if self._may_be_outgrown else None

    def _pause(self) -> Slice | None:
        return Slice("paused") if self.is_paused else None

    def _make_codes(self) -> Slice | None:
        return None if self._library.search.make_codes(self._slice_seconds) else Slice("embedding")

    def _fit(self) -> Slice | None:
        return Slice("fitting") if self.fitting.before_embedding() else None

    def _embed(self) -> Slice | None:
        indexing = self._library.models.indexing
        is_to_load = not indexing.is_loaded and self._library.embedding.counts.pending
        has_weights = is_to_load and indexing.folder is not None  # quick look has nothing to load
        self._on_begin("loading" if has_weights else "embedding")
        stored = self.originals.step(min(_WAIT_SECONDS, self._slice_seconds))
        self.syncs.ask(self.originals.take_to_sync())
        return None if stored is None and self.originals.is_done else Slice("embedding", stored=stored)

    def _fit_late(self) -> Slice | None:
        return Slice("fitting") if self.fitting.after_embedding() else None

    def _take_over(self) -> Slice | None:
        return Slice("opening") if self._library.models.finish_change() else None

    def _load_texts(self) -> Slice | None:
        """Make the model ready for the first words; what comes after goes on in the same step."""
        model = self._library.models.answering
        if self._is_attended and not model.has_texts:
            if model.folder is not None:
                self._on_begin("loading")
            model.load_texts()
        return None

    def _read_facts(self) -> Slice | None:
        """Read again what files say of photos, where an older photofind did or something has changed."""
        read = self.facts.step()
        self.syncs.ask(self.facts.take_to_sync())
        return None if read is None else Slice("reading", read=read)

    def _embed_similar(self) -> Slice | None:
        stage = self.similar.step()
        if stage is None and (self._is_attended or self.similar.is_done):
            return None
        return Slice(stage or "similar")

    def _wait_for_disks(self) -> Slice | None:
        if self.syncs.is_done:
            return None
        self.syncs.rest()
        return Slice("scanning")
