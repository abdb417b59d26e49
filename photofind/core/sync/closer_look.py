"""A look into files where nothing else tells of an edit: at both their ends, for a while, each in its turn.

File systems without inodes of their own, FUSE programs among them, give a file other times than it has: one that keeps
its size and its time of change may have been edited. Where the third time, of the inode, is another than before, a file
is looked into at once; the others are at the timed look, so many as there is time for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.scanned import ID, Known
from photofind.core.disk.reading import Read
from photofind.core.disk.scan import Found
from photofind.core.photos.ends import read_ends
from photofind.core.records.photos import Folder

# Of the ten minutes between two timed looks.
_TIMED_SECONDS = 20.0
# At any other look, as on a drive that gives its files new times whenever it is connected.
_SECONDS = 2.0
_FILES_A_PART = 64
_CTIME = 4
_File = tuple[Known, Found]


@dataclass(slots=True)
class CloserLook:
    """What a walk leaves for a closer look, and what that found; `is_timed` where all files have their turn."""

    is_timed: bool
    edited: list[_File] = field(default_factory=list)
    _others: list[_File] = field(default_factory=list)
    _suspects: list[_File] = field(default_factory=list)
    _learned: list[tuple[int, bytes, int]] = field(default_factory=list)  # id, ends, ctime
    _looked_to: int = 0

    def note(self, row: Known, found: Found) -> None:
        """Note a file that has the size and time that it had."""
        if row[_CTIME] != _ctime(found):
            self._suspects.append((row, found))
        elif self.is_timed:
            self._others.append((row, found))

    def look(self, catalog: Catalog, folder: Folder, read: Read) -> Generator[None]:
        """Look into the files whose turn it is."""
        if not self._suspects and not self._others:
            return
        begin = self._looked_to = catalog.folders.looked_to(folder.id)
        self._others.sort(key=lambda file: (file[0][ID] <= begin, file[0][ID]))
        for part in read(
            folder.path, _read(folder.path, self._suspects, _TIMED_SECONDS if self.is_timed else _SECONDS)
        ):
            self._compare(part or (), catalog)
            yield
        for part in read(folder.path, _read(folder.path, self._others, _TIMED_SECONDS)):
            self._compare(part or (), catalog)
            if part:
                self._looked_to = part[-1][0][ID]
            yield

    def write(self, catalog: Catalog, folder: Folder) -> None:
        """Keep what was learned, in the transaction at hand."""
        if self._suspects or self._others:
            catalog.scanned.note_ends(self._learned)
            catalog.folders.set_looked_to(folder.id, self._looked_to)

    def _compare(self, part: Sequence[tuple[Known, Found, bytes | None]], catalog: Catalog) -> None:
        known = catalog.scanned.ends([row[ID] for row, _, _ in part])
        for row, found, ends in part:
            before = known.get(row[ID])
            if ends is None:  # whoever opens it says why
                continue
            if before is not None and before != ends:
                self.edited.append((row, found))
            elif before is None or row[_CTIME] != _ctime(found):
                self._learned.append((row[ID], ends, _ctime(found)))


def _read(root: bytes, files: Sequence[_File], seconds: float) -> Iterator[list[tuple[Known, Found, bytes | None]]]:
    """Yield files with their ends, part by part, for so long, but one part at least (reads the disk)."""
    deadline = time.monotonic() + seconds
    for start in range(0, len(files), _FILES_A_PART):
        if start and time.monotonic() > deadline:
            return
        yield [(row, found, _ends(os.path.join(root, found[0]))) for row, found in files[start : start + _FILES_A_PART]]


def _ends(path: bytes) -> bytes | None:
    try:
        return read_ends(path)
    except OSError:
        return None


def _ctime(found: Found) -> int:
    _, (_, _, ctime_ns, _), _ = found
    return ctime_ns
