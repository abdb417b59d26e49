"""Embed what is pending, a slice at a time: keep the decoder one slice ahead, store what it has ready.

Known photos that another model embeds from their thumbnails take turns with what the decoder has ready.
Used by the worker between searches and by the command line in a plain loop; runs on the thread
that owns the library.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from typing import Any, TypeVar, cast

from photofind.background.decoding.child import Answer
from photofind.background.decoding.decoder import Decoder
from photofind.background.disk_reader import DiskReader, Reading
from photofind.background.indexing.pace import SLICE_SECONDS, BatchSize, Rate
from photofind.background.indexing.settling import Settling, is_sure, last_answer
from photofind.background.indexing.thumbnails import ThumbnailIndexing
from photofind.core.library import Library
from photofind.core.records.work import PendingPhoto, StoreResult

T = TypeVar("T")
# A half-full slice is stored after so long, so that a slow disk does not hold back what is ready.
_PATIENCE_SECONDS = 0.5
# The disk is waited for so long at most before the library thread does something else.
_LOOK_SECONDS = 0.05


class OriginalIndexing:
    """Work through the library's pending photos, one `step` at a time.

    `slice_seconds` is how long a step may keep a search waiting; longer ones, where nobody
    searches, make larger batches, which the processor works through faster.
    """

    def __init__(self, library: Library, decoder: Decoder, slice_seconds: float = SLICE_SECONDS) -> None:
        self._library = library
        self._decoder = decoder
        self._disks = DiskReader()
        self._answers: queue.SimpleQueue[tuple[PendingPhoto, Answer, bool | None]] = queue.SimpleQueue()
        self._on_the_way: dict[int, PendingPhoto] = {}
        self._ready: list[tuple[PendingPhoto, Answer]] = []
        self._settling = Settling(self._disks)
        self._storing: _Storing | None = None
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
        self._on_the_way, self._ready, self._storing = {}, [], None
        self._answers = queue.SimpleQueue()
        self._settling.restart()
        self._thumbnails.restart()
        self._rate = Rate()

    def stop(self) -> None:
        """End the threads that decode thumbnails, and those that look at files."""
        self._thumbnails.stop()
        self._disks.stop(_LOOK_SECONDS)

    def step(self, wait_seconds: float) -> StoreResult | None:
        """Do one slice, waiting at most so long for decoded photos; None where nothing was ready.

        `is_done` tells whether anything is left, `take_to_sync` what folders must be looked at.
        Raises PhotofindError where nothing can be stored; the photos stay pending.
        """
        self._rest_where_silent()
        self._submit()
        self._collect(wait_seconds if self._thumbnails.is_done else 0.0)
        is_ready = self._storing is not None or self._is_slice_ready()
        self._is_turn_of_thumbnails = not self._is_turn_of_thumbnails
        if self._is_turn_of_thumbnails or not is_ready:
            result = self._thumbnails.step()
            if result is not None:
                self._rate.add(result.embedded + result.reused)
                return result
        if is_ready:
            return self._store()
        if self._settling.resting and not self._on_the_way:
            time.sleep(wait_seconds)
        return None

    def _store(self) -> StoreResult | None:
        """Store a slice; None while the disk is asked about it."""
        if self._storing is None:
            part, self._ready = self._ready[: self._batch.images], self._ready[self._batch.images :]
            for photo, _ in part:
                self._settling.forget(photo)
            self._storing = _Storing(self._library, self._disks, part)
        storing, start = self._storing, time.monotonic()
        try:
            result = storing.step()
        except BaseException:
            self._end_storing(storing)
            raise
        if result is None:
            return None
        self._end_storing(storing)
        self._batch.learn(len(storing.part), time.monotonic() - start)
        self._rate.add(len(storing.part))
        self._waiting_since = time.monotonic()
        self._thumbnails.is_done = False  # these may be what others are compared with
        self._to_sync |= result.to_sync
        return result

    def _end_storing(self, storing: _Storing) -> None:
        self._storing = None
        for photo, _ in storing.part:
            self._on_the_way.pop(photo.id, None)

    @property
    def is_done(self) -> bool:
        """Whether nothing is pending, on the way, or waiting for a file to be written, as of the last step."""
        return not self._on_the_way and not self._settling.resting and self._thumbnails.is_done

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
        for photo in self._library.embedding.pending(room, [*self._on_the_way, *self._settling.resting]):
            if not self._on_the_way:
                self._waiting_since = time.monotonic()
            self._on_the_way[photo.id] = photo
            self._decoder.submit(photo.path, spec, lambda answer, photo=photo: answers.put((photo, answer, None)))  # type: ignore[misc]

    def _collect(self, wait_seconds: float) -> None:
        deadline = time.monotonic() + wait_seconds
        while len(self._ready) < min(self._batch.images, len(self._on_the_way)):
            try:
                photo, answer, is_settled = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return
            if photo.id not in self._on_the_way:  # its disk was silent for too long
                continue
            if is_settled is None:
                is_settled = is_sure(photo, answer)
            if is_settled:
                self._ready.append((photo, answer))
            elif is_settled is None:
                self._look(photo, answer)
            elif self._settling.is_tired(photo):
                self._ready.append((photo, last_answer(answer)))
            else:
                self._let_rest(photo)

    def _look(self, photo: PendingPhoto, answer: Answer) -> None:
        """Have the disk asked whether an answer is the last; it then comes again."""
        answers = self._answers
        self._settling.look(photo, answer, lambda is_settled: answers.put((photo, answer, is_settled)))
        self._rest_where_silent()

    def _rest_where_silent(self) -> None:
        """Go on looking; let photos rest of which the disk says nothing."""
        for photo in self._settling.step():
            self._let_rest(photo)

    def _let_rest(self, photo: PendingPhoto) -> None:
        self._on_the_way.pop(photo.id, None)
        self._settling.let_rest(photo)
        self._to_sync.add(photo.folder_id)

    def _is_slice_ready(self) -> bool:
        if not self._ready:
            return False
        is_last = len(self._ready) == len(self._on_the_way)
        is_late = time.monotonic() - self._waiting_since > _PATIENCE_SECONDS
        return len(self._ready) >= self._batch.images or is_last or is_late


class _Storing:
    """One slice being stored: first the disk may be asked whether photos that look the same have left."""

    def __init__(self, library: Library, disks: DiskReader, part: list[tuple[PendingPhoto, Answer]]) -> None:
        self.part = part
        self._disks = disks
        self._reading: Reading[Any] | None = None
        self._steps = library.embedding.storing(part, self._read)

    def step(self) -> StoreResult | None:
        """Go on; None while the disk says nothing."""
        while True:
            try:
                next(self._steps)
            except StopIteration as end:
                return cast(StoreResult, end.value)
            if self._reading is not None and not self._reading.wait(_LOOK_SECONDS):
                return None

    def _read(self, place: bytes, records: Iterator[T], /) -> Reading[T]:
        self._reading = reading = self._disks.read(place, records)
        return reading
