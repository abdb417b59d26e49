"""What the library thread does when nobody asks for anything: the pipeline, and what is worth it when that is done.

Every call of `work` is one slice of about 150 ms. What the disk refuses halts the work with a sentence, and is
tried again a little later.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from photofind.background.calls import explain
from photofind.background.compactor import Compactor
from photofind.background.decoding.decoder import Decoder
from photofind.background.errands import Errand, Errands
from photofind.background.graph.builder import GraphBuilder
from photofind.background.indexing.pace import SLICE_SECONDS
from photofind.background.indexing.pipeline import Pipeline, Slice
from photofind.background.known_folders import KnownFolders
from photofind.background.reports import Listener, Reports
from photofind.background.snapshot_maker import SnapshotMaker
from photofind.core.disk.exclusions import Exclusions
from photofind.core.library import Library
from photofind.core.records.photos import Folder
from photofind.core.records.progress import State
from photofind.core.sentences.sentence import Sentence

_RESCAN_SECONDS = 600.0
_LOOK_SECONDS = 30.0
_HALT_SECONDS = 10.0
# What only pictures need of a model is dropped from memory so long after the last one.
_KEEP_IMAGES_SECONDS = 300.0
_BUG = Sentence("mistake_stops_indexing")


@dataclass(frozen=True, slots=True)
class _Halt:
    """Why the work stands still, and until when nothing is tried; no sentence where it goes on."""

    sentence: Sentence | None = None
    until: float = 0.0


class Upkeep:
    """The idle work of an open library; made and used on its thread. Whoever makes it calls `end` at the end."""

    def __init__(self, library: Library, decoder: Decoder, listener: Listener) -> None:
        """Take up the library: its caches, its folders, what was left pending."""
        self.library = library
        self._listener = listener
        self._pipeline = Pipeline(
            library,
            decoder,
            is_attended=True,
            on_begin=self._on_begin,
            on_notice=listener.on_notice,
            on_caught_up=self._on_caught_up,
        )
        self._reports = Reports(library, self._pipeline, listener)
        self._folders = KnownFolders(library, self._on_folders)
        self._graph_builder = GraphBuilder()
        self._snapshot_maker = SnapshotMaker()
        self._compactor = Compactor()
        self._errands = Errands(library, SLICE_SECONDS)
        self._halt = _Halt()
        self._is_idle = False
        self._next_rescan = time.monotonic() + _RESCAN_SECONDS
        self._next_look = 0.0
        self.notice_changes()
        self._tell_progress("opening", force=True)
        if library.notice:
            listener.on_notice(library.notice)

    def end(self) -> None:
        """Stop what runs beside the library thread."""
        self._pipeline.stop()
        self._graph_builder.stop()
        self._snapshot_maker.stop()
        self._compactor.break_off()
        self._errands.stop()

    # Asked for by the worker

    def ask_sync(self, folder_id: int | None = None, *, closely: bool = False) -> None:
        """Put a folder, or all of them, in the line for comparing with the disk; `closely`: what lies in files too."""
        if folder_id is None:
            self._pipeline.syncs.ask((folder.id for folder in self.library.folders.all()), closely=closely)
            self._next_rescan = time.monotonic() + _RESCAN_SECONDS
        else:
            self._pipeline.syncs.ask([folder_id])
        self._is_idle = False

    def notice_changes(self) -> None:
        """React to what an action of the person changed: other folders, or another model."""
        self._pipeline.tidying.ask()
        self._pipeline.syncs.ask(self._folders.notice())
        self._pipeline.syncs.give_up_moved(self._folders.by_id)
        if self._pipeline.notice_model():
            self._reports.note_change()
        self._is_idle = False

    def do_in_steps(self, errand: Errand) -> None:
        """Do what the person asked for, before all that nobody did."""
        self._errands.add(errand)
        self._is_idle = False

    def set_paused(self, is_paused: bool) -> None:
        """Pause or go on embedding."""
        self._pipeline.is_paused = is_paused
        self._is_idle = False
        self._tell_progress("paused" if is_paused else "embedding", force=True)

    @property
    def rest_seconds(self) -> float:
        """How long the thread may wait for a job before it calls `work` again."""
        return 0.5 if self._is_idle and self._errands.is_empty else 0.0

    def work(self) -> None:
        """Do one slice of what is most urgent; what goes wrong with it halts the work for a while."""
        now = time.monotonic()
        self._reports.tell_change(now)
        if self._errands.step():
            self.notice_changes()
        if self._halt.sentence and now < self._halt.until:
            self._is_idle = True
            return
        try:
            state = self._slice()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and must not end the thread
            self._halt = _Halt(explain(error, _BUG), time.monotonic() + _HALT_SECONDS)
            self._pipeline.tidying.begin_again()
            self._pipeline.syncs.begin_again()  # when there is room
            self._is_idle = True
            self._tell_progress("halted", force=True)
        else:
            self._halt = _Halt()
            self._is_idle = state in ("idle", "paused")
            self._tell_progress(state)

    # One slice

    def _slice(self) -> State:
        if not self._is_idle:
            self._compactor.break_off()
        done = self._pipeline.step()
        self._tell(done)
        if done.stage == "idle":
            self._rest()
        return done.stage

    def _tell(self, done: Slice) -> None:
        """Tell what a slice has changed, and once what a model has to say."""
        if done.has_changed:
            self._reports.note_change()
        if done.synced is not None and done.synced.seconds is not None:
            self._listener.on_scanned(done.synced.folder_id, done.synced.seconds)
            self._pipeline.syncs.ask(self._folders.notice())
        if done.synced is not None and done.synced.mistake is not None:
            self._listener.on_notice(done.synced.mistake)
        similar = self.library.models.similar
        if done.stage in ("embedding", "similar", "idle"):
            self._reports.tell_note(self.library.models.indexing)
        if done.stage == "similar" and similar is not None:
            self._reports.tell_note(similar)

    def _rest(self) -> None:
        """Use the time when nothing is to be embedded: free memory, fit the models by own photos, build the graph."""
        for model in (self.library.models.answering, self.library.models.similar):
            if model is not None:
                model.rest(_KEEP_IMAGES_SECONDS)
        self._pipeline.rest()
        self._graph_builder.build(self.library.search.index)
        self._snapshot_maker.work(self.library)
        self._compactor.work(self.library)

    # What the pipeline calls

    def _on_caught_up(self) -> None:
        """Serve the graph; compare everything now and then; look often for folders that came back, and a new model."""
        search = self.library.search
        self._graph_builder.serve(search.index, search.attach_graph)
        now = time.monotonic()
        if now >= self._next_rescan:
            self._pipeline.tidying.ask()
            self.ask_sync(closely=True)
        if now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            if self.library.models.adopt_installed():
                self.notice_changes()
            self._pipeline.syncs.ask(folder.id for folder in self.library.folders.all() if not folder.online)

    def _on_begin(self, state: State) -> None:
        if state == "loading":
            self._tell_progress(state, force=True)

    def _on_folders(self, folders: list[Folder], exclusions: Exclusions) -> None:
        self._listener.on_folders(folders, exclusions)
        self._reports.note_change()

    def _tell_progress(self, state: State, *, force: bool = False) -> None:
        self._reports.tell_progress(state, self._halt.sentence, force=force)
