"""The seal of the catalog: what its file was when it was last closed well.

Written when a library is closed, taken off before it is written to. So at the next start: a seal
that matches says that every byte is as it was left; no seal, that the last end was not a clean one; a
seal that does not match, that the file was damaged since, or put back from a copy. To tell those two
apart a word that is new at each close (`ended`) lies in the seal and in the catalog. SQLite itself
does not notice changed bytes: of 100,000 x 512 the checksum takes 0.04 s, `integrity_check` 0.4 s.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import uuid
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from photofind.core.atomic_file import sync_directory
from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.database import THUMBNAILS_FILE, explain
from photofind.core.catalog.inspection import look_inside
from photofind.core.catalog.snapshots import has_snapshots
from photofind.core.errors import LibraryDamagedError, PhotofindError, said_by
from photofind.core.settings import ENDED
from photofind.core.vectors.manifest import read_manifest, write_manifest

_log = logging.getLogger(__name__)
_CHUNK = 1 << 20
# Closing must not wait long for another program that reads.
_CHECKPOINT_MS = 500
# The beginning of an SQLite file, which tells how it is written.
_HEADER_BYTES = 100


@dataclass(frozen=True, slots=True)
class _Content:
    ended: str
    size: int
    crc: int


class Seal:
    """The seal beside one catalog; used by the library's one writer."""

    def __init__(self, catalog: Path) -> None:
        self._catalog = catalog
        self._path = catalog.with_suffix(".seal")
        self._matching: _Content | None = None
        self._header = b""
        self._ended = ""

    def verify(self) -> bool:
        """Look at the closed catalog; tell whether it was put back from a copy.

        Raises LibraryDamagedError where it is damaged, or gone.
        """
        seal = self._read()
        if not self._catalog.exists() or self._catalog.stat().st_size == 0:
            if self._was_there():
                raise LibraryDamagedError(self._catalog.parent)
            return False
        if seal is not None and seal == self._measured(seal.ended):
            self._matching, self._header = seal, self._read_header()
            return False
        ended = self._look_inside()
        if seal is not None and seal.ended == ended:
            _log.warning("bytes of the catalog have changed since it was closed")
            raise LibraryDamagedError(self._catalog.parent)
        return seal is not None

    @property
    def matched(self) -> bool:
        """Whether every byte was found as it was left."""
        return self._matching is not None

    def take_off(self) -> None:
        """Remove the seal, for good before anything is written."""
        if self._path.exists():
            self._path.unlink()
            sync_directory(self._path.parent)

    def note_end(self, catalog: Catalog) -> bool:
        """Note this end in the open catalog and bring all of it into its file; tell whether it can be sealed."""
        try:
            if self._matching is None or catalog.was_written:
                self._matching, self._ended = None, uuid.uuid4().hex
                catalog.settings.set(ENDED, self._ended)
            return catalog.empty_log(_CHECKPOINT_MS)
        except sqlite3.Error as error:
            _log.warning("the catalog is looked through at the next start: %s", error)
            return False

    def put_on(self) -> None:
        """Seal the catalog, which is closed now."""
        try:
            write_manifest(self._path, asdict(self._content()))
        except OSError as error:
            _log.warning("the catalog is looked through at the next start: %s", error)

    def _read(self) -> _Content | None:
        try:
            return _Content(**read_manifest(self._path))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            _log.warning("the catalog's seal cannot be read: %s", error)
            return None

    def _content(self) -> _Content:
        """Measure the catalog, unless it is as it was: that it is written another way from now on, nothing counts."""
        if self._matching is None:
            return self._measure(self._ended)
        return self._matching if self._read_header() == self._header else self._measure(self._matching.ended)

    def _read_header(self) -> bytes:
        with open(self._catalog, "rb") as file:
            return file.read(_HEADER_BYTES)

    def _measure(self, ended: str) -> _Content:
        size = crc = 0
        with open(self._catalog, "rb") as file:
            while chunk := file.read(_CHUNK):
                size, crc = size + len(chunk), zlib.crc32(chunk, crc)
        return _Content(ended, size, crc)

    def _measured(self, ended: str) -> _Content:
        try:
            return self._measure(ended)
        except OSError as error:
            if error.errno == errno.EIO:
                raise LibraryDamagedError(self._catalog.parent) from error
            raise PhotofindError("library_file_unreadable", file=self._catalog, said=said_by(error)) from error

    def _was_there(self) -> bool:
        """Tell whether there once was a catalog: what is made after it is there."""
        thumbnails = self._catalog.with_name(THUMBNAILS_FILE)
        return self._path.exists() or thumbnails.exists() or has_snapshots(self._catalog)

    def _look_inside(self) -> str:
        """Look through the whole file; return the word of its last clean end."""
        try:
            inside = look_inside(self._catalog)
        except sqlite3.Error as error:
            _log.warning("the catalog cannot be read: %s", error)
            raise explain(error, self._catalog) from error
        except UnicodeDecodeError as error:  # what SQLite says has a name from the damaged schema in it
            _log.warning("the catalog cannot be read: %s", error)
            raise LibraryDamagedError(self._catalog.parent) from error
        if inside.is_blank and self._was_there():
            raise LibraryDamagedError(self._catalog.parent)
        return inside.ended
