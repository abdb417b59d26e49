"""Two worlds for the contract of libraries: the fake one, and a real one that does what a worker would have it do."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Protocol

from photofind.core.catalog.database import THUMBNAILS_FILE
from photofind.core.library import Library
from photofind.core.records.care import Finding
from photofind.core.records.photos import Problem
from photofind.gui.needs import PhotoLibrary
from tests.core.embedding.changing_models import embed_in_turns
from tests.core.sync.test_scan_and_sync import sync
from tests.gui.fake_library import FakeLibrary
from tests.written import written


class World(Protocol):
    """A library of one kind, and what happens to it."""

    @property
    def library(self) -> PhotoLibrary:
        """The library as the window sees it."""

    def look(self) -> None:
        """Have everything in the watched folders looked at and embedded, as when a worker comes to rest."""

    def cut(self, photo: Path) -> None:
        """Break off a file, so that only a part of it can be read."""

    def lose_a_thumbnail(self) -> None:
        """Damage the library a little."""


class RealWorld:
    """A real library with everything real about it but the worker."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def look(self) -> None:
        sync(self.library)
        embed_in_turns(self.library, batch=256)
        self.library.models.finish_change()
        self.library.search.catch_up(float("inf"))

    def cut(self, photo: Path) -> None:
        whole = photo.read_bytes()
        photo.write_bytes(whole[: len(whole) * 9 // 10])

    def lose_a_thumbnail(self) -> None:
        thumbnails = sqlite3.connect(self.library.directory / THUMBNAILS_FILE)
        with thumbnails:
            thumbnails.execute("DELETE FROM thumbnail WHERE photo_id = (SELECT min(photo_id) FROM thumbnail)")
        thumbnails.close()


class FakeWorld:
    """The library that the tests of the window have."""

    def __init__(self) -> None:
        self.library = FakeLibrary()

    def look(self) -> None:
        self.library.look()

    def cut(self, photo: Path) -> None:
        path = os.path.realpath(os.fsencode(photo))
        self.library.partial.append(Problem(path, written("Only part of it could be read."), 1.7e9))

    def lose_a_thumbnail(self) -> None:
        self.library.damage = [Finding(written("photos without a thumbnail"), 1, False)]
