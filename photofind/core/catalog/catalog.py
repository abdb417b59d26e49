"""The catalog: all that is known of photos and folders, in SQLite; the only truth beside the photos themselves.

One connection, and for each kind of rows a small object that works on it and in its transactions.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlite_utils import Database

from photofind.core.catalog.by_thumbnail import ByThumbnail
from photofind.core.catalog.checks import Checks
from photofind.core.catalog.counts import Counting
from photofind.core.catalog.database import Version, open_database, version_of
from photofind.core.catalog.embeddings import Embeddings
from photofind.core.catalog.facts import Facts
from photofind.core.catalog.folders import Folders
from photofind.core.catalog.kept_crossings import KeptCrossings
from photofind.core.catalog.kept_settings import KeptSettings
from photofind.core.catalog.lacking import Lacking
from photofind.core.catalog.migrations import catalog_migrations
from photofind.core.catalog.models import Models
from photofind.core.catalog.newest import Newest
from photofind.core.catalog.photos import Photos
from photofind.core.catalog.problems import Problems
from photofind.core.catalog.rescued import Rescued
from photofind.core.catalog.scanned import Scanned
from photofind.core.catalog.sidecars import KnownSidecars
from photofind.core.catalog.touched import Touched
from photofind.core.catalog.waiting import Waiting
from photofind.core.catalog.words import Words
from photofind.core.records.models import Spec
from photofind.core.records.progress import Counts
from photofind.core.settings import LIBRARY


class Catalog:
    """One library's rows, by what they are about; usable from the thread that opened it only."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._db: Database = open_database(path, catalog_migrations, read_only=read_only)
        self.is_read_only = read_only
        self._counted: tuple[Version, Counts] | None = None
        self.settings = KeptSettings(self._db)
        touched = Touched(self._db)
        self.words = Words(self._db, self.settings, touched)
        self._counting = Counting(self._db, touched)
        self.newest = Newest(self._db, touched)
        self.photos = Photos(self._db, self.words)
        self.folders = Folders(self._db, self._counting)
        self.facts = Facts(self._db)
        self.problems = Problems(self._db)
        self.crossings = KeptCrossings(self._db)
        self.scanned = Scanned(self._db, self.photos, self.facts)
        self.sidecars = KnownSidecars(self._db)
        self.waiting = Waiting(self._db)
        self.by_thumbnail = ByThumbnail(self._db)
        self.lacking = Lacking(self._db)
        self.models = Models(self._db)
        self.checks = Checks(self._db)
        self.rescued = Rescued(self._db)

    def embeddings(self, spec: Spec, *, for_similar: bool = False) -> Embeddings:
        """Return the embeddings of one model; no photo waits for those `for_similar`."""
        return Embeddings(self._db, spec, self.newest, read_only=self.is_read_only, for_similar=for_similar)

    def counts(self) -> Counts:
        """Return how many photos stand where; counted anew only after something was written, by whomever."""
        version = version_of(self._db)
        if version is None:
            return self._counting.photos()
        if self._counted is None or self._counted[0] != version:
            self._counted = version, self._counting.photos()
        return self._counted[1]

    # Writing

    def transaction(self) -> AbstractContextManager[object]:
        """Return a context in which all writes become one."""
        return self._db.atomic()

    @contextmanager
    def unchecked(self) -> Iterator[None]:
        """Write without foreign-key checks: they take as long again as moving 100,000 rows, and refuse a rescue."""
        self._db.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            self._db.execute("PRAGMA foreign_keys = ON")

    @property
    def was_written(self) -> bool:
        """Whether anything was written since it was opened."""
        return bool(self._db.conn.total_changes)

    def renew_identity(self, newest_id: int) -> None:
        """Make caches of what this catalog was before unfit for it; photos to come get ids above `newest_id`."""
        with self.transaction():
            self.settings.set(LIBRARY, uuid.uuid4().hex)
            self.photos.begin_ids_above(newest_id)

    # The file

    def empty_log(self, wait_ms: int) -> bool:
        """Bring what is in the write-ahead log into the file, which then holds all; tell whether nobody was in the way.

        Raises sqlite3.Error where the file cannot be written.
        """
        self._db.conn.commit()
        self._db.execute(f"PRAGMA busy_timeout = {wait_ms}")
        return not self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def close(self) -> None:
        """Close the file."""
        self._db.close()
