"""Looking after the library: damage, what could not be read, and what it takes."""

from __future__ import annotations

import stat
from pathlib import Path

from photofind.core.care.check import check_library
from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.database import CATALOG_FILE, THUMBNAILS_FILE
from photofind.core.catalog.snapshots import WeeklySnapshot, weekly_is_due
from photofind.core.catalog.telling import Telling
from photofind.core.catalog.thumbnails import Compaction, Thumbnails
from photofind.core.catalog.tidying import tidy
from photofind.core.embedding.model_choice import ModelChoice
from photofind.core.photos.formats.packages import reasons_gone
from photofind.core.records.care import Finding
from photofind.core.records.photos import Problem, ProblemPage, ProblemPlace
from photofind.core.steps import Steps, finish, in_slices


class Care:
    """Looks after an open library; every call may raise PhotofindError. One that cannot be opened: `recovery`."""

    def __init__(
        self, catalog: Catalog, thumbnails: Thumbnails, choice: ModelChoice, telling: Telling, directory: Path
    ) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._choice = choice
        self._telling = telling
        self._directory = directory

    def check(self, *, repair: bool) -> list[Finding]:
        """Look for damage and mend it where asked to; what is found is also what was repaired then."""
        with self._telling.writing():
            return check_library(self._catalog, self._thumbnails, self._choice, repair=repair)

    def problems(self) -> list[Problem]:
        """Return what could not be indexed, with the reasons."""
        with self._telling.reading():
            return self._catalog.problems.all()

    def problems_page(self, after: ProblemPlace | None, limit: int) -> ProblemPage:
        """Return up to `limit` of the problems that come after a place, or the first ones."""
        with self._telling.reading():
            return self._catalog.problems.page(after, limit)

    def retry_failed(self) -> int:
        """Have everything read again that could not be read; return how many photos that are."""
        with self._telling.writing():
            return finish(self.retrying_failed())

    def retrying_failed(self) -> Steps[int]:
        """Have read again what could not be as `retry_failed` does, in slices."""
        with self._telling.writing():
            photo_ids = self._catalog.problems.failed()
            yield from in_slices(photo_ids, self._catalog.problems.retry)
            return len(photo_ids)

    def notice_packages(self) -> None:
        """Have `retry_outgrown` look at what could not be opened for want of packages that are there now."""
        with self._telling.writing():
            self._catalog.problems.outgrow(reasons_gone())

    def retry_outgrown(self, limit: int) -> int:
        """Have up to `limit` photos opened again, once, that an older photofind could not open, or in part only.

        Those of folders that are away wait for them. Returns how many were looked at; none where nothing is left.
        """
        with self._telling.writing():
            return self._catalog.problems.retry_outgrown(limit)

    def tidying(self) -> Steps[None]:
        """Delete what is left of removed folders and photos, in slices, and give back the room that it took."""
        with self._telling.writing():
            yield from tidy(self._catalog, self._thumbnails)

    def due_compaction(self) -> Compaction | None:
        """Return what makes the file of thumbnails as short as it can be, on a thread of its own, where that is due."""
        with self._telling.reading():
            is_due = self._thumbnails.wants_compaction()
            return Compaction(self._directory / THUMBNAILS_FILE) if is_due else None

    def due_snapshot(self) -> WeeklySnapshot | None:
        """Return the weekly snapshot of the catalog where it is due, to be made on a thread of its own."""
        with self._telling.reading():
            catalog = self._directory / CATALOG_FILE
            return WeeklySnapshot(catalog) if weekly_is_due(catalog) else None

    def size_on_disk(self) -> int:
        """Return how many bytes the library takes, models included."""
        with self._telling.reading():
            return sum(map(_size, self._directory.rglob("*")))


def _size(path: Path) -> int:
    """Return the size of a file; 0 for what is none, or has gone since it was listed, as SQLite's own files may."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
