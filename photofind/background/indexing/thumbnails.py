"""Embed from thumbnails, a slice at a time: threads decode the next slice while the model has this one.

Threads, because thumbnails are photofind's own files, and Pillow decodes and scales without Python's lock. They
never see the library: it is read and written on its own thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from photofind.background.indexing.pace import BatchSize
from photofind.core.cores import usable_cores
from photofind.core.photos.images import size_thumbnail
from photofind.core.records.arrays import Pixels
from photofind.core.records.models import Spec
from photofind.core.records.work import DecodedThumbnail, DueThumbnail, StoreResult

_MOST_THREADS = 16


class ThumbnailIndexing:
    """Work through the photos that the library wants embedded from their thumbnails, one `step` at a time.

    `due` returns up to so many of them, those named left out; `store` takes them decoded as `spec` says.
    """

    def __init__(
        self,
        due: Callable[[int, Sequence[int]], list[DueThumbnail]],
        store: Callable[[Sequence[DecodedThumbnail]], StoreResult],
        spec: Callable[[], Spec],
        slice_seconds: float,
    ) -> None:
        self._due, self._store, self._spec = due, store, spec
        self._batch = BatchSize(slice_seconds)
        self._threads: ThreadPoolExecutor | None = None
        self._ahead: list[tuple[DueThumbnail, Future[Pixels | None]]] = []
        self.is_done = False

    def restart(self) -> None:
        """Forget what is on the way, after a change of model: it is sized for the old one."""
        self._ahead, self.is_done = [], False

    def look(self) -> bool:
        """Have the next slice decoded, where it is not yet; tell whether there is one."""
        self._ahead = self._ahead or self._submit(())
        self.is_done = not self._ahead
        return not self.is_done

    def step(self) -> StoreResult | None:
        """Do one slice; None where there was nothing to do, which `is_done` tells from then on."""
        if not self.look():
            self.stop()
            return None
        part = self._ahead
        self._ahead = self._submit([due.photo_id for due, _ in part])
        decoded = [(due, pixels.result()) for due, pixels in part]
        start = time.monotonic()
        result = self._store(decoded)
        self._batch.learn(len(decoded), time.monotonic() - start)
        return result

    def _submit(self, skip: Sequence[int]) -> list[tuple[DueThumbnail, Future[Pixels | None]]]:
        due = self._due(self._batch.images, skip)
        if due and self._threads is None:
            self._threads = ThreadPoolExecutor(min(_MOST_THREADS, usable_cores()), "thumbnails")
        threads, size = self._threads, size_thumbnail
        return [(one, threads.submit(size, one.jpeg, one.size, self._spec())) for one in due if threads is not None]

    def stop(self) -> None:
        """End the threads; they start again when there is something to do."""
        self._ahead = []
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
            self._threads = None
