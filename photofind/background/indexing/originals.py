"""Embed what is pending, a slice at a time: keep the decoder one slice ahead, store what it has ready.

Known photos that another model embeds from their thumbnails take turns with what the decoder has ready.
Used by the worker between searches and by the command line in a plain loop; runs on the thread
that owns the library.
"""

from __future__ import annotations

import os
import queue
import time
from collections import Counter

from photofind.background.decoding.child import Answer
from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.pace import SLICE_SECONDS, BatchSize, Rate
from photofind.background.indexing.thumbnails import ThumbnailIndexing
from photofind.core.library import Library
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.work import PendingPhoto, StoreResult
from photofind.core.sentences.sentence import Sentence

# A half-full slice is stored after so long, so that a slow disk does not hold back what is ready.
_PATIENCE_SECONDS = 0.5
# A file that is being written is looked at again after so long (Immich#17100, pixlstash#621), for about a minute.
_SETTLE_SECONDS = 2.0
_MOST_RESTS = 30
_NEVER_OPENS = Sentence("file_never_opens")


class OriginalIndexing:
    """Work through the library's pending photos, one `step` at a time.

    `slice_seconds` is how long a step may keep a search waiting; longer ones, where nobody
    searches, make larger batches, which the processor works through faster.
    """

    def __init__(self, library: Library, decoder: Decoder, slice_seconds: float = SLICE_SECONDS) -> None:
        self._library = library
        self._decoder = decoder
        self._answers: queue.SimpleQueue[tuple[PendingPhoto, Answer]] = queue.SimpleQueue()
        self._on_the_way: dict[int, PendingPhoto] = {}
        self._ready: list[tuple[PendingPhoto, Answer]] = []
        self._resting: dict[int, float] = {}  # photo id: until when, monotonic seconds
        self._rests: Counter[int] = Counter()
        self._to_sync: set[int] = set()
        self._batch = BatchSize(slice_seconds)
        self._waiting_since = 0.0
        self._rate = Rate()
        self._thumbnails = ThumbnailIndexing(
            library.embedding.due_thumbnails,
            library.embedding.store_from_thumbnails,
            lambda: library.embedding.decoding_spec,
            slice_seconds,
        )
        self._is_turn_of_thumbnails = False

    @property
    def images_per_second(self) -> float | None:
        """The rate over the last seconds, None before anything was stored."""
        return self._rate.per_second

    def restart(self) -> None:
        """Forget what is on the way, after a change of model: it is sized for the old one."""
        self._on_the_way, self._ready = {}, []
        self._answers = queue.SimpleQueue()
        self._thumbnails.restart()
        self._rate = Rate()

    def stop(self) -> None:
        """End the threads that decode thumbnails."""
        self._thumbnails.stop()

    def step(self, wait_seconds: float) -> StoreResult | None:
        """Do one slice, waiting at most so long for decoded photos; None where nothing was ready.

        `is_done` tells whether anything is left, `take_to_sync` what folders must be looked at.
        Raises PhotofindError where nothing can be stored; the photos stay pending.
        """
        self._end_rests()
        self._submit()
        self._collect(wait_seconds if self._thumbnails.is_done else 0.0)
        is_ready = self._is_slice_ready()
        self._is_turn_of_thumbnails = not self._is_turn_of_thumbnails
        if self._is_turn_of_thumbnails or not is_ready:
            result = self._thumbnails.step()
            if result is not None:
                self._rate.add(result.embedded + result.reused)
                return result
        if is_ready:
            return self._store()
        if self._resting and not self._on_the_way:
            time.sleep(wait_seconds)
        return None

    def _store(self) -> StoreResult:
        part, self._ready = self._ready[: self._batch.images], self._ready[self._batch.images :]
        for photo, _ in part:
            self._rests.pop(photo.id, None)
        start = time.monotonic()
        try:
            result = self._library.embedding.store(part)
        finally:
            for photo, _ in part:
                self._on_the_way.pop(photo.id, None)
        self._batch.learn(len(part), time.monotonic() - start)
        self._rate.add(len(part))
        self._waiting_since = time.monotonic()
        self._thumbnails.is_done = False  # these may be what others are compared with
        self._to_sync |= result.to_sync
        return result

    @property
    def is_done(self) -> bool:
        """Whether nothing is pending, on the way, or waiting for a file to be written, as of the last step."""
        return not self._on_the_way and not self._resting and self._thumbnails.is_done

    def take_to_sync(self) -> set[int]:
        """Return, once, the folders in which something was not as the last sync had found it."""
        folders, self._to_sync = self._to_sync, set()
        return folders

    def _submit(self) -> None:
        """Keep two slices on the way; few enough that their pixels take little memory."""
        room = 2 * self._batch.images + self._decoder.children - len(self._on_the_way)
        if self._on_the_way and room < self._batch.images:
            return
        spec, answers = self._library.embedding.decoding_spec, self._answers
        for photo in self._library.embedding.pending(room, [*self._on_the_way, *self._resting]):
            if not self._on_the_way:
                self._waiting_since = time.monotonic()
            self._on_the_way[photo.id] = photo
            self._decoder.submit(photo.path, spec, lambda answer, photo=photo: answers.put((photo, answer)))  # type: ignore[misc]

    def _collect(self, wait_seconds: float) -> None:
        deadline = time.monotonic() + wait_seconds
        while len(self._ready) < min(self._batch.images, len(self._on_the_way)):
            try:
                photo, answer = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return
            if self._is_settled(photo, answer):
                self._ready.append((photo, answer))
            elif self._rests[photo.id] >= _MOST_RESTS:
                self._ready.append((photo, answer or _NEVER_OPENS))
            else:
                self._let_rest(photo)

    def _is_settled(self, photo: PendingPhoto, answer: Answer) -> bool:
        """Tell whether an answer shows the file that the last sync saw, as far as can be told written to its end."""
        if answer is None:
            return not os.path.lexists(photo.path)
        if isinstance(answer, DecodedPhoto):
            # Size and time: some file systems give an open file another inode than their listing.
            read = answer.fingerprint or photo.fingerprint
            if read[:2] != photo.fingerprint[:2]:
                return False
            if not answer.flaw:
                return True
        return not _was_just_written(photo.path)

    def _let_rest(self, photo: PendingPhoto) -> None:
        del self._on_the_way[photo.id]
        self._resting[photo.id] = time.monotonic() + _SETTLE_SECONDS
        self._rests[photo.id] += 1
        self._to_sync.add(photo.folder_id)

    def _end_rests(self) -> None:
        now = time.monotonic()
        self._resting = {photo_id: until for photo_id, until in self._resting.items() if until > now}

    def _is_slice_ready(self) -> bool:
        if not self._ready:
            return False
        is_last = len(self._ready) == len(self._on_the_way)
        is_late = time.monotonic() - self._waiting_since > _PATIENCE_SECONDS
        return len(self._ready) >= self._batch.images or is_last or is_late


def _was_just_written(path: bytes) -> bool:
    """Tell whether a file's content or name changed within the last two seconds."""
    try:
        stat = os.stat(path)
    except OSError:
        return False
    return abs(time.time() - max(stat.st_mtime, stat.st_ctime)) < _SETTLE_SECONDS
