"""What the person asked for and takes several steps: done a step at a time between searches, disks read beside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from photofind.background.disk_reader import DiskReader, Reading
from photofind.core.disk.reading import Read
from photofind.core.library import Library
from photofind.core.steps import Steps

T = TypeVar("T")
_WAIT_SECONDS = 0.02


class Errand:
    """One such action; `on_done` gets its result, `on_error` what it raises, both on the library's thread."""

    def __init__(
        self,
        action: Callable[[Library, Read], Steps[Any]],
        on_done: Callable[[Any], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._action = action
        self._on_done = on_done
        self._on_error = on_error
        self._disks: DiskReader | None = None
        self._steps: Steps[Any] | None = None
        self._reading: Reading[Any] | None = None

    def step(self, library: Library, disks: DiskReader, seconds: float) -> bool:
        """Go on for so long, or until there is nothing to do but to wait for a disk; tell whether it has ended."""
        self._disks = disks
        start = time.monotonic()
        try:
            if self._steps is None:
                self._steps = self._action(library, self._read)
            while time.monotonic() - start < seconds:
                next(self._steps)
                if self._reading is not None and not self._reading.wait(_WAIT_SECONDS):
                    return False
        except StopIteration as end:
            self._on_done(end.value)
            return True
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and must not end the thread
            self._on_error(error)
            return True
        return False

    def _read(self, place: bytes, records: Iterator[T], /) -> Iterator[T | None]:
        if self._disks is None:
            return records
        self._reading = reading = self._disks.read(place, records)
        return reading


class Errands:
    """Those that are not done; used on the library's thread."""

    def __init__(self, library: Library, slice_seconds: float) -> None:
        self._library = library
        self._slice_seconds = slice_seconds
        self._disks = DiskReader()
        self._errands: list[Errand] = []

    def add(self, errand: Errand) -> None:
        """Do an errand, beside those that wait for their disks."""
        self._errands.append(errand)

    @property
    def is_empty(self) -> bool:
        """Whether all are done."""
        return not self._errands

    def step(self) -> bool:
        """Do a step of each; tell whether any has ended."""
        ended = [errand for errand in self._errands if errand.step(self._library, self._disks, self._slice_seconds)]
        self._errands = [errand for errand in self._errands if errand not in ended]
        return bool(ended)

    def stop(self) -> None:
        """Leave what is not done; a thread that its disk holds is left behind."""
        self._disks.stop(0.5)
