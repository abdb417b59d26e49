"""What the window is told unasked: how far the library is, and that there may be other answers; not too often."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from photofind.background.indexing.pipeline import Pipeline
from photofind.core.disk.exclusions import Exclusions
from photofind.core.embedding.running_model import RunningModel
from photofind.core.library import Library
from photofind.core.records.photos import Folder
from photofind.core.records.progress import Counts, Progress, State
from photofind.core.sentences.sentence import Sentence

_PROGRESS_SECONDS = 0.1
_CHANGED_SECONDS = 1.0
_COUNT_SECONDS = 0.5
# While 100,000 are to be read again, counting them takes 25 ms.
_COUNT_FACTS_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told, on the library's thread.

    `on_notice` gets sentences for the person, `on_changed` says that photos came, went or were embedded, `on_folders`
    gets the folders to watch and what is left out of them, `on_scanned` a folder's id and how long its look took.
    """

    on_progress: Callable[[Progress], None]
    on_notice: Callable[[Sentence], None]
    on_changed: Callable[[], None]
    on_folders: Callable[[list[Folder], Exclusions], None]
    on_scanned: Callable[[int, float], None]


class Reports:
    """Tells progress ten times a second at most, changes once a second, and each model's note once."""

    def __init__(self, library: Library, pipeline: Pipeline, listener: Listener) -> None:
        self._library = library
        self._pipeline = pipeline
        self._listener = listener
        self._is_changed = False
        self._changed_at = 0.0
        self._told_at = 0.0
        self._counts = Counts()
        self._facts_pending = 0
        self._facts_counted_at = 0.0
        self._counted_at = 0.0
        self._notes: dict[str, Sentence | None] = {}  # by the model's id

    def note_change(self) -> None:
        """Note that photos came, went or were embedded; `tell_change` says so."""
        self._is_changed = True
        self._counted_at = 0.0

    def tell_change(self, now: float) -> None:
        """Say that there may be other answers, where there are and a second has passed."""
        if self._is_changed and now - self._changed_at >= _CHANGED_SECONDS:
            self._is_changed, self._changed_at = False, now
            self._listener.on_changed()

    def tell_note(self, model: RunningModel) -> None:
        """Say once why the graphics card is not used."""
        note = model.note
        if note is not None and note not in self._notes.values():
            self._listener.on_notice(note)
        self._notes[model.spec.model_id] = note

    def tell_progress(self, state: State, sentence: Sentence | None = None, *, force: bool = False) -> None:
        """Say where the library stands; `sentence` says why it stands still, `force` that it cannot wait."""
        now = time.monotonic()
        if not force and now - self._told_at < _PROGRESS_SECONDS:
            return
        if force or now - self._counted_at >= _COUNT_SECONDS:
            self._counts, self._counted_at = self._library.embedding.counts, now
        if force or now - self._facts_counted_at >= _COUNT_FACTS_SECONDS:
            self._facts_pending, self._facts_counted_at = self._library.facts.pending, now
        self._told_at = now
        counts, models = self._counts, self._library.models
        rate, left = self._speed(state, counts)
        is_loaded, is_changing = models.indexing.is_loaded, models.indexing is not models.answering
        self._listener.on_progress(
            Progress(
                state=state,
                photos=counts.photos,
                embedded=counts.embedded,
                pending=counts.pending,
                failed=counts.failed,
                offline=counts.offline,
                images_per_second=rate,
                seconds_left=left / rate if rate else None,
                device=models.indexing.device if is_loaded else "",
                engine=models.indexing.engine if is_loaded else "",
                model=models.answering.spec.name,
                next_model=models.indexing.spec.name if is_changing else None,
                note=sentence,
                similar=min(self._pipeline.similar.count(), counts.embedded),
                facts_pending=self._facts_pending,
                share=self._pipeline.tidying.share,
                graph_share=self._library.search.graph_share,
            )
        )

    def _speed(self, state: State, counts: Counts) -> tuple[float | None, int]:
        """Return photos a second, None where that is not known, and how many are left."""
        similar = self._pipeline.similar
        if state == "similar":
            return similar.images_per_second, max(0, counts.embedded - similar.count())
        rate = self._pipeline.originals.images_per_second if state == "embedding" else None
        return rate, counts.pending - counts.waiting
