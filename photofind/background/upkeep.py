"""What the library thread does when nobody asks for anything: sync, embed, keep the vector index up to date.

Every call of `work` is one slice of about 150 ms. Never raises: what the disk refuses halts the
work with a sentence, and is tried again a little later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator

from photofind.background.decoding.decoder import Decoder
from photofind.background.graph.builder import GraphBuilder
from photofind.background.indexing.engine_builder import EngineBuilder
from photofind.background.indexing.originals import SLICE_SECONDS, Indexing
from photofind.background.indexing.similar import SimilarIndexing
from photofind.background.snapshot_maker import SnapshotMaker
from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from photofind.core.embedding.running_model import RunningModel
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.photos import Folder
from photofind.core.records.progress import Counts, Progress, State
from photofind.core.records.work import SyncResult

_log = logging.getLogger(__name__)
_RESCAN_SECONDS = 600.0
_LOOK_SECONDS = 30.0
_HALT_SECONDS = 10.0
_PROGRESS_SECONDS = 0.1
_CHANGED_SECONDS = 1.0
_COUNT_SECONDS = 0.5
_FITTING_SECONDS = 0.05
# What only pictures need of a model is dropped from memory so long after the last one.
_KEEP_IMAGES_SECONDS = 300.0
_BUG = "Indexing stopped because of a mistake inside photofind; the log says more."


class Upkeep:
    """The idle work of the library thread; used on that thread only."""

    def __init__(
        self,
        decoder: Decoder,
        *,
        on_progress: Callable[[Progress], None],
        on_notice: Callable[[str], None],
        on_changed: Callable[[], None],
        on_folders: Callable[[list[Folder], Exclusions], None],
        on_scanned: Callable[[int, float], None],
    ) -> None:
        self._decoder = decoder
        self._on_scanned = on_scanned
        self._on_progress = on_progress
        self._on_notice = on_notice
        self._on_changed = on_changed
        self._on_folders = on_folders
        self._stop_indexing: Callable[[], None] = lambda: None
        self._engine_builder = EngineBuilder()
        self._graph_builder = GraphBuilder()
        self._told_notes: dict[str, str] = {}  # by the model's id
        self._snapshot_maker = SnapshotMaker()
        self._folders: dict[int, Folder] = {}
        self._exclusions = DEFAULT_EXCLUSIONS
        self._to_sync: list[int] = []
        self._syncing: Iterator[SyncResult | None] | None = None
        self._syncing_folder = 0
        self._syncing_path = b""
        self._sync_seconds = 0.0
        self._is_paused = False
        self._is_idle = False
        self._is_changed = False
        self._halted = ""
        self._retry_at = 0.0
        self._next_rescan = time.monotonic() + _RESCAN_SECONDS
        self._next_look = 0.0
        self._last_changed = 0.0
        self._last_progress = 0.0
        self._counts = Counts()
        self._counted_at = 0.0

    # Asked for by the worker

    def begin(self, library: Library) -> None:
        """Take up the library: its caches, its folders, what was left pending."""
        self._indexing = Indexing(library, self._decoder)
        self._similar = SimilarIndexing(library, SLICE_SECONDS)
        self._stop_indexing = self._stop_both
        if library.notice:
            self._on_notice(library.notice)
        self._model = library.models.indexing
        self.notice_changes(library)
        self._report(library, "opening", force=True)

    def end(self) -> None:
        """Stop what runs beside the library thread."""
        self._stop_indexing()
        self._engine_builder.stop()
        self._graph_builder.stop()
        self._snapshot_maker.stop()

    def _stop_both(self) -> None:
        self._indexing.stop()
        self._similar.stop()

    def ask_sync(self, library: Library, folder_id: int | None) -> None:
        """Put a folder, or all of them, in the line for comparing with the disk."""
        ids = [folder.id for folder in library.folders.all()] if folder_id is None else [folder_id]
        self._to_sync += [i for i in ids if i not in self._to_sync]
        if folder_id is None:
            self._next_rescan = time.monotonic() + _RESCAN_SECONDS
        self._is_idle = False

    def notice_changes(self, library: Library) -> None:
        """React to what an action of the person changed: other folders, or another model."""
        for folder_id in self._notice_folders(library):
            self.ask_sync(library, folder_id)
        syncing = self._folders.get(self._syncing_folder)
        if syncing is None or syncing.path != self._syncing_path:
            self._syncing = None
        if library.models.indexing is not self._model:
            self._model = library.models.indexing
            self._indexing.restart()
            self._note_change()
        self._is_idle = False

    def _notice_folders(self, library: Library) -> list[int]:
        """Tell of folders that were added, removed or moved, went away or came back; return those to look through."""
        before, exclusions = self._folders, library.folders.exclusions()
        self._folders = {folder.id: folder for folder in library.folders.all()}
        states = [
            [(f.id, f.path, f.online, f.missing, f.in_cloud) for f in folders.values()]
            for folders in (before, self._folders)
        ]
        if states[0] == states[1] and exclusions == self._exclusions:
            return []
        self._on_folders(list(self._folders.values()), exclusions)
        self._note_change()
        has_new_rules, self._exclusions = exclusions != self._exclusions, exclusions
        return [
            folder.id
            for folder in self._folders.values()
            if has_new_rules or folder.id not in before or before[folder.id].path != folder.path
        ]

    def set_paused(self, library: Library, is_paused: bool) -> None:
        """Pause or go on embedding."""
        self._is_paused = is_paused
        self._is_idle = False
        self._report(library, "paused" if is_paused else "embedding", force=True)

    @property
    def rest_seconds(self) -> float:
        """How long the thread may wait for a job before it calls `work` again."""
        return 0.5 if self._is_idle else 0.0

    # One slice

    def work(self, library: Library) -> None:
        """Do one slice of what is most urgent."""
        now = time.monotonic()
        self._tell_changed(now)
        if self._halted and now < self._retry_at:
            self._is_idle = True
            return
        try:
            state = self._slice(library, now)
        except PhotofindError as error:
            self._stop_for_a_while(str(error))
        except Exception:  # noqa: BLE001 - a mistake of ours is logged and told, and must not end the thread
            _log.exception("indexing failed")
            self._stop_for_a_while(_BUG)
        else:
            self._halted = ""
            self._is_idle = state in ("idle", "paused")
            self._report(library, state)
            return
        self._report(library, "halted", force=True)

    def _stop_for_a_while(self, sentence: str) -> None:
        self._halted, self._retry_at = sentence, time.monotonic() + _HALT_SECONDS
        if self._syncing is not None:  # begun again from the start when there is room
            self._to_sync.insert(0, self._syncing_folder)
            self._syncing = None
        self._is_idle = True

    def _slice(self, library: Library, now: float) -> State:
        if not library.search.catch_up(SLICE_SECONDS):
            self._note_change()
            return "opening"
        self._graph_builder.serve(library.search.index)
        self._plan_syncs(library, now)
        if self._syncing is not None or self._to_sync:
            self._sync_some(library)
            return "scanning"
        if self._is_paused:
            return "paused"
        # A graphics card need not wait for what the processor is fitted with.
        if self._fit(library, at_rest=False) and library.models.indexing.on_processor:
            # Not idle: whoever asks one thing after the other would keep the thread from ever looking again.
            self._engine_builder.wait(_FITTING_SECONDS)
            return "fitting"
        if not library.models.indexing.is_loaded and library.embedding.counts.pending:
            self._report(library, "loading", force=True)
        result = self._indexing.step(SLICE_SECONDS)
        self._tell_note(library.models.indexing)
        if result is not None:
            self._note_change()
        for folder_id in self._indexing.take_to_sync():
            self.ask_sync(library, folder_id)
        if not self._indexing.is_done:
            return "embedding"
        if library.models.finish_change():
            self._model = library.models.indexing
            self._note_change()
            return "opening"
        self._load_texts(library)
        return self._embed_similar(library) or self._rest(library)

    def _load_texts(self, library: Library) -> None:
        """Make the model ready for the first words."""
        model = library.models.answering
        if not model.has_texts:
            if model.folder is not None:  # quick look has nothing to load
                self._report(library, "loading", force=True)
            model.load_texts()

    def _embed_similar(self, library: Library) -> State | None:
        """Do a slice of what is due for Find similar, None where nothing is."""
        state = self._similar.step()
        model = library.models.similar
        if model is not None and state == "similar":
            self._tell_note(model)
        return state

    def _rest(self, library: Library) -> State:
        """Use the time when nothing is to be embedded: free memory, fit the models by own photos, build the graph."""
        for model in (library.models.answering, library.models.similar):
            if model is not None:
                model.rest(_KEEP_IMAGES_SECONDS)
        self._fit(library, at_rest=True)
        if not self._engine_builder.is_working:  # two models at once would take the memory of both
            self._similar.rest()
        self._graph_builder.build(library.search.index)
        self._snapshot_maker.work(library.directory)
        return "idle"

    def _fit(self, library: Library, *, at_rest: bool) -> bool:
        """Have the model fitted to this computer; tell whether that is worth waiting for."""
        is_worth_waiting = self._engine_builder.work(library, at_rest=at_rest)
        notice = self._engine_builder.take_notice()
        if notice:
            self._on_notice(notice)
        return is_worth_waiting

    def _tell_note(self, model: RunningModel) -> None:
        """Say once why the graphics card is not used."""
        note = model.note
        if note and note not in self._told_notes.values():
            self._on_notice(note)
        self._told_notes[model.spec.model_id] = note

    def _plan_syncs(self, library: Library, now: float) -> None:
        """Compare everything now and then; look often for folders that came back and for a new model."""
        if now >= self._next_rescan:
            library.folders.forget_gone()
            self.ask_sync(library, None)
        if now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            self._look_for_model(library)
            for folder in library.folders.all():
                if not folder.online:
                    self.ask_sync(library, folder.id)

    def _look_for_model(self, library: Library) -> None:
        """Take a model that was installed into use, unless the person chose one."""
        if library.models.adopt_installed():
            self.notice_changes(library)

    def _sync_some(self, library: Library) -> None:
        """Run the sync at hand for a slice, or begin the next one."""
        if self._syncing is None:
            self._syncing_folder = self._to_sync.pop(0)
            folder = next((f for f in library.folders.all() if f.id == self._syncing_folder), None)
            if folder is None:
                return
            self._syncing, self._sync_seconds = library.folders.sync(folder), 0.0
            self._syncing_path = folder.path
        start = time.monotonic()
        deadline = start + SLICE_SECONDS
        for result in self._syncing:
            if result is not None and result.changed:
                self._note_change()
            if time.monotonic() > deadline:
                self._sync_seconds += time.monotonic() - start
                return
        self._syncing = None
        self._on_scanned(self._syncing_folder, self._sync_seconds + time.monotonic() - start)
        self._notice_folders(library)

    # Telling

    def _note_change(self) -> None:
        self._is_changed = True
        self._counted_at = 0.0

    def _tell_changed(self, now: float) -> None:
        if self._is_changed and now - self._last_changed >= _CHANGED_SECONDS:
            self._is_changed, self._last_changed = False, now
            self._on_changed()

    def _report(self, library: Library, state: State, *, force: bool = False) -> None:
        now = time.monotonic()
        if not force and now - self._last_progress < _PROGRESS_SECONDS:
            return
        if force or now - self._counted_at >= _COUNT_SECONDS:
            self._counts, self._counted_at = library.embedding.counts, now
        self._last_progress = now
        counts, indexing = self._counts, library.models.indexing
        rate, left = self._speed(state, counts)
        self._on_progress(
            Progress(
                state=state,
                photos=counts.photos,
                embedded=counts.embedded,
                pending=counts.pending,
                failed=counts.failed,
                offline=counts.offline,
                images_per_second=rate,
                seconds_left=left / rate if rate else None,
                device=indexing.device if indexing.is_loaded else "",
                engine=indexing.engine if indexing.is_loaded else "",
                model=library.models.answering.spec.name,
                next_model=None if indexing is library.models.answering else indexing.spec.name,
                note=self._halted,
                similar=min(self._similar.count(), counts.embedded),
            )
        )

    def _speed(self, state: State, counts: Counts) -> tuple[float | None, int]:
        """Return photos a second, None where that is not known, and how many are left."""
        if state == "similar":
            return self._similar.images_per_second, max(0, counts.embedded - self._similar.count())
        rate = self._indexing.images_per_second if state == "embedding" else None
        return rate, counts.pending - counts.waiting
