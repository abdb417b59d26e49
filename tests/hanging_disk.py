"""A disk that hangs: whoever lists it, or looks at what is on it, waits until it answers again."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class HangingDisk:
    """Holds all who ask for anything at or below a place while it `hangs`."""

    def __init__(self, place: Path) -> None:
        self._place = os.fsencode(place)
        self._answers = threading.Event()
        self._answers.set()
        self.is_asked = threading.Event()
        self.asked = 0

    def hang(self) -> None:
        """Answer nobody from now on."""
        self.is_asked.clear()
        self._answers.clear()

    def answer(self) -> None:
        """Answer again, also those who wait."""
        self._answers.set()

    def hold(self, path: Any) -> None:
        """Hold whoever asks for a path."""
        if isinstance(path, int) or self._answers.is_set():
            return
        if os.fsencode(path).startswith(self._place):
            self.asked += 1
            self.is_asked.set()
            self._answers.wait(60)


@contextmanager
def hanging_disk(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingDisk]:
    """Have a place that can hang; at the end it answers all who still wait."""
    disk = HangingDisk(place)
    for name in ("scandir", "stat", "lstat"):
        monkeypatch.setattr(os, name, _holding(disk, getattr(os, name)))
    try:
        yield disk
    finally:
        disk.answer()


def _holding(disk: HangingDisk, call: Any) -> Any:
    def held(path: Any = ".", *arguments: Any, **options: Any) -> Any:
        disk.hold(path)
        return call(path, *arguments, **options)

    return held
