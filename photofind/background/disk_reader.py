"""Reads disks beside the library thread, each reading on a thread of its own: one that hangs holds up nothing else.

A thread that its disk holds for good is left behind, and no other is sent to that place until it is back.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from photofind.core.disk.reading import answered
from photofind.core.steps import finish

T = TypeVar("T")
# A drive may have to spin up, a server to be waked; for longer nobody waits who asked for a folder.
SILENT_SECONDS = 30.0
_WAIT_SECONDS = 0.05
# The walk goes so far ahead of what is compared with the catalog.
_MOST_WAITING = 64


class Reading(Generic[T]):
    """One reading of a place: yields the records in their order, and None while there is nothing new.

    Used by the thread that asked for it. TimeoutError once the disk has said nothing for `seconds`.
    """

    def __init__(self, records: Iterator[T], seconds: float) -> None:
        self._source = records
        self._seconds = seconds
        self._news = threading.Condition()
        self._records: deque[T] = deque()
        self._error: Exception | None = None
        self._has_ended = False
        self._is_left = False
        self._heard_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="disk", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T | None]:
        """Return itself."""
        return self

    def __next__(self) -> T | None:
        """Take the next record where there is one."""
        with self._news:
            if self._is_left:
                raise TimeoutError("it was left")
            if self._records:
                self._heard_at = time.monotonic()  # who takes them slowly has not waited
                self._news.notify_all()
                return self._records.popleft()
            if self._error is not None:
                raise self._error
            if self._has_ended:
                raise StopIteration
            if not self.is_silent:
                return None
            self._is_left = True
        raise TimeoutError(f"nothing came for {self._seconds:.0f} s")

    @property
    def is_over(self) -> bool:
        """Whether its thread has ended."""
        return not self._thread.is_alive()

    @property
    def is_silent(self) -> bool:
        """Whether the disk seems to hang: nothing has come for longer than anybody waits."""
        return not self.is_over and self.has_said_nothing_for(self._seconds)

    def has_said_nothing_for(self, seconds: float) -> bool:
        """Tell whether nothing has come for so long."""
        return not self._records and time.monotonic() - self._heard_at >= seconds

    def wait(self, seconds: float) -> bool:
        """Wait for something to come, so long at most; tell whether anything has."""
        with self._news:
            return self._news.wait_for(lambda: bool(self._records) or self._has_ended, seconds)

    def leave(self) -> None:
        """Have it end at its next record; nobody wants them any more."""
        with self._news:
            self._is_left = True
            self._news.notify_all()

    def join(self, seconds: float) -> None:
        """Wait for its thread, so long at most."""
        self._thread.join(seconds)

    def _run(self) -> None:
        error: Exception | None = None
        try:
            for record in self._source:
                if not self._put(record):
                    break
        except Exception as raised:  # noqa: BLE001 - whatever it is, whoever reads the records gets it
            error = raised
        with self._news:
            self._error, self._has_ended = error, True
            self._news.notify_all()

    def _put(self, record: T) -> bool:
        """Hand over a record, waiting while there are many; tell whether anybody still wants them."""
        with self._news:
            self._news.wait_for(lambda: self._is_left or len(self._records) < _MOST_WAITING)
            self._records.append(record)
            self._heard_at = time.monotonic()
            self._news.notify_all()
            return not self._is_left


class DiskReader:
    """Begins readings; used on the library's thread."""

    def __init__(self, silent_seconds: float | None = None) -> None:
        self._silent_seconds = SILENT_SECONDS if silent_seconds is None else silent_seconds
        self._begun: list[tuple[bytes, Reading[Any]]] = []

    def read(self, place: bytes, records: Iterator[T], /) -> Reading[T]:
        """Begin to read a place; TimeoutError, at once, while an earlier reading hangs there."""
        self._begun = [(where, reading) for where, reading in self._begun if not reading.is_over]
        if any(where == place and reading.is_silent for where, reading in self._begun):
            raise TimeoutError("it still hangs")
        reading = Reading(records, self._silent_seconds)
        self._begun.append((place, reading))
        return reading

    def stop(self, seconds: float) -> None:
        """End all readings; a thread that its disk holds is left behind."""
        deadline = time.monotonic() + seconds
        for _, reading in self._begun:
            reading.leave()
        for _, reading in self._begun:
            reading.join(max(0.0, deadline - time.monotonic()))


def read_patiently(_place: bytes, records: Iterator[T], /) -> Iterator[T]:
    """Read a place, waiting for each record; TimeoutError as `Reading` has it."""
    reading = Reading(records, SILENT_SECONDS)
    for record in reading:
        if record is None:
            reading.wait(_WAIT_SECONDS)
        else:
            yield record


def look_patiently(place: bytes, look: Callable[[], T]) -> T:
    """Return what a look at a place finds; PhotofindError where its disk does not answer."""
    return finish(answered(place, read_patiently, look))
