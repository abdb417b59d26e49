"""Read again what files say of photos that are embedded already, a slice at a time; pixels and vectors stay.

A stage of the pipeline; runs on the thread that owns the library.
"""

from __future__ import annotations

import queue
import time

from photofind.background.decoding.child import FactsAnswer
from photofind.background.decoding.decoder import Decoder
from photofind.background.indexing.pace import BatchSize
from photofind.core.library import Library
from photofind.core.records.work import PendingPhoto

# A photo that is being read is waited for so long at most.
_WAIT_SECONDS = 0.05
# So many that cannot be read are stepped over; beyond that, something else is wrong.
_MOST_UNREADABLE = 1_000


class FactsReading:
    """Work through the photos whose facts are to be read again, one `step` at a time."""

    def __init__(self, library: Library, decoder: Decoder, slice_seconds: float) -> None:
        self._library = library
        self._decoder = decoder
        self._batch = BatchSize(slice_seconds - _WAIT_SECONDS)
        self._answers: queue.SimpleQueue[tuple[PendingPhoto, FactsAnswer]] = queue.SimpleQueue()
        self._on_the_way: set[int] = set()
        self._unreadable: set[int] = set()
        self._vanished: set[int] = set()
        self._to_sync: set[int] = set()

    def step(self) -> int | None:
        """Do one slice; return how many photos were read, None where there is nothing to do."""
        self._submit()
        if not self._on_the_way:
            return None
        ready = self._collect()
        start = time.monotonic()
        self._unreadable.update(photo.id for photo in self._library.facts.store(ready))
        for photo, answer in ready:
            if answer is None and photo.id not in self._vanished:  # asked about once: a look may see what none opens
                self._vanished.add(photo.id)
                self._to_sync.add(photo.folder_id)
        if ready:
            self._batch.learn(len(ready), time.monotonic() - start)
        return len(ready)

    def try_again(self) -> None:
        """Try again what could not be read: a folder was looked through, and may be back."""
        self._unreadable.clear()

    def take_to_sync(self) -> set[int]:
        """Return, once, the folders in which something could not be read that should be there."""
        folders, self._to_sync = self._to_sync, set()
        return folders

    def _submit(self) -> None:
        """Keep two slices on the way."""
        room = 2 * self._batch.images - len(self._on_the_way)
        if room < self._batch.images or len(self._unreadable) > _MOST_UNREADABLE:
            return
        answers = self._answers
        for photo in self._library.facts.due(room, [*self._on_the_way, *self._unreadable]):
            self._on_the_way.add(photo.id)
            self._decoder.read_facts(photo.path, lambda answer, photo=photo: answers.put((photo, answer)))  # type: ignore[misc]

    def _collect(self) -> list[tuple[PendingPhoto, FactsAnswer]]:
        ready: list[tuple[PendingPhoto, FactsAnswer]] = []
        deadline = time.monotonic() + _WAIT_SECONDS
        while len(ready) < min(self._batch.images, len(self._on_the_way)):
            try:
                ready.append(self._answers.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                break
        self._on_the_way.difference_update(photo.id for photo, _ in ready)
        return ready
