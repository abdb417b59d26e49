"""Compare folders with the disk, a slice at a time; while one is silent, the others go on.

What nobody foresaw costs the look at that folder until it is asked for again, never the other folders.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from photofind.background.calls import explain
from photofind.background.disk_reader import DiskReader, Reading
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.names import display_name
from photofind.core.records.photos import Folder
from photofind.core.records.work import SyncResult
from photofind.core.sentences.sentence import Sentence

T = TypeVar("T")
# The walk of a folder is waited for so long at a time, and another folder is not begun before it was silent so long.
_WAIT_SECONDS = 0.05
_PATIENCE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Synced:
    """What a slice did: the result, where it has come to that; `seconds` in all, once the folder is done.

    `mistake` says that one of ours ended the look at the folder.
    """

    folder_id: int
    result: SyncResult | None = None
    seconds: float | None = None
    mistake: Sentence | None = None

    @property
    def is_last(self) -> bool:
        """Whether nothing more comes of this folder."""
        return self.seconds is not None or self.mistake is not None


class _Syncing:
    """A folder at hand: how far it is, and for how long that took."""

    def __init__(self, library: Library, folder: Folder, disks: DiskReader, *, closely: bool) -> None:
        self.folder = folder
        self._disks = disks
        self._began = time.monotonic()
        self._reading: Reading[Any] | None = None
        self._steps: Iterator[SyncResult | None] = library.folders.sync(folder, self._read, closely=closely)

    @property
    def is_stuck(self) -> bool:
        """Whether its disk has said nothing for a while."""
        reading = self._reading
        return reading is not None and not reading.is_over and reading.has_said_nothing_for(_PATIENCE_SECONDS)

    def step(self, slice_seconds: float) -> Synced:
        """Go on for so long, until there is a result, or nothing to do but to wait for the disk."""
        start = time.monotonic()
        for result in self._steps:
            if result is not None or time.monotonic() - start > slice_seconds:
                return Synced(self.folder.id, result)
            if self._reading is not None and not self._reading.wait(0.0 if self.is_stuck else _WAIT_SECONDS):
                return Synced(self.folder.id)
        return Synced(self.folder.id, seconds=time.monotonic() - self._began)

    def rest(self) -> None:
        """Wait a moment for the disk."""
        if self._reading is not None:
            self._reading.wait(_WAIT_SECONDS)

    def leave(self) -> None:
        """Have the walk end."""
        if self._reading is not None:
            self._reading.leave()

    def _read(self, place: bytes, records: Iterator[T], /) -> Reading[T]:
        self._reading = reading = self._disks.read(place, records)
        return reading


class FolderSyncs:
    """The folders that wait to be compared with the disk, and those at hand; used on the library's thread."""

    def __init__(self, library: Library, slice_seconds: float) -> None:
        self._library = library
        self._slice_seconds = slice_seconds
        self._disks = DiskReader()
        self._waiting: list[int] = []
        self._closely: set[int] = set()
        self._at_hand: list[_Syncing] = []

    def ask(self, folder_ids: Iterable[int], *, closely: bool = False) -> None:
        """Put folders in the line, each once; one that waits for its silent disk is not begun again.

        `closely`: their files are looked into where nothing else tells of edits.
        """
        folder_ids = list(folder_ids)
        self._closely.update(folder_ids if closely else ())
        stuck = {syncing.folder.id for syncing in self._at_hand if syncing.is_stuck}
        self._waiting += [i for i in dict.fromkeys(folder_ids) if i not in self._waiting and i not in stuck]

    @property
    def is_done(self) -> bool:
        """Whether no folder waits, and none is at hand."""
        return not self._at_hand and not self._waiting

    @property
    def is_stuck(self) -> bool:
        """Whether there is nothing to do but to wait for disks that say nothing."""
        return bool(self._at_hand) and self._next() is None and all(syncing.is_stuck for syncing in self._at_hand)

    def step(self) -> Synced | None:
        """Do one slice; None where there was nothing to do."""
        if all(syncing.is_stuck for syncing in self._at_hand):
            self._begin()
        for syncing in self._at_hand:
            if not syncing.is_stuck:
                return self._step(syncing)
        for syncing in list(self._at_hand):  # whose disk has been silent for too long gives up here
            if (synced := self._step(syncing)).result is not None or synced.is_last:
                return synced
        return None

    def _step(self, syncing: _Syncing) -> Synced:
        try:
            synced = syncing.step(self._slice_seconds)
        except PhotofindError:  # nothing can be written, of any folder
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and must not stop the other folders
            bug = Sentence("mistake_in_folder", folder=display_name(syncing.folder.path))
            synced = Synced(syncing.folder.id, mistake=explain(error, bug))
        if synced.is_last:
            self._leave(syncing)
        return synced

    def _next(self) -> int | None:
        """Return the first that waits and is not at hand."""
        at_hand = {syncing.folder.id for syncing in self._at_hand}
        return next((folder_id for folder_id in self._waiting if folder_id not in at_hand), None)

    def _begin(self) -> None:
        """Take up the next folder; one that is not watched any more leaves the line."""
        folders = {folder.id: folder for folder in self._library.folders.all()} if self._waiting else {}
        while (folder_id := self._next()) is not None:
            self._waiting.remove(folder_id)
            if folder_id in folders:
                closely = folder_id in self._closely
                self._closely.discard(folder_id)
                self._at_hand.append(_Syncing(self._library, folders[folder_id], self._disks, closely=closely))
                return

    def give_up_moved(self, folders: Mapping[int, Folder]) -> None:
        """Leave folders at hand that are not among those watched now, or lie elsewhere."""
        for syncing in list(self._at_hand):
            now = folders.get(syncing.folder.id)
            if now is None or now.path != syncing.folder.path:
                self._leave(syncing)

    def begin_again(self) -> None:
        """Have the folders at hand compared from their start, after all others: they could not be written."""
        for syncing in list(self._at_hand):
            self._leave(syncing)
            self.ask([syncing.folder.id])

    def rest(self) -> None:
        """Wait a moment for a disk that says nothing."""
        if self._at_hand:
            self._at_hand[0].rest()

    def stop(self) -> None:
        """End the threads; one that its disk holds is left behind."""
        for syncing in list(self._at_hand):
            self._leave(syncing)
        self._disks.stop(_PATIENCE_SECONDS)

    def _leave(self, syncing: _Syncing) -> None:
        syncing.leave()
        self._at_hand.remove(syncing)
