"""Compare folders with the disk, one after the other, a slice at a time.

What nobody foresaw costs the look at that folder until it is asked for again, never the other folders.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from photofind.background.calls import explain
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.names import display_name
from photofind.core.records.photos import Folder
from photofind.core.records.work import SyncResult
from photofind.core.sentences.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Synced:
    """What a slice did: the result, where it has come to that; `seconds` in all, once the folder is done.

    `mistake` says that one of ours ended the look at the folder.
    """

    folder_id: int
    result: SyncResult | None = None
    seconds: float | None = None
    mistake: Sentence | None = None


class _Syncing:
    """The folder at hand: how far it is, and for how long that took."""

    def __init__(self, library: Library, folder: Folder) -> None:
        self.folder = folder
        self.seconds = 0.0
        self._steps: Iterator[SyncResult | None] = library.folders.sync(folder)

    def step(self, slice_seconds: float) -> Synced:
        """Go on for so long, or until there is a result."""
        start = time.monotonic()
        for result in self._steps:
            if result is not None or time.monotonic() - start > slice_seconds:
                self.seconds += time.monotonic() - start
                return Synced(self.folder.id, result)
        self.seconds += time.monotonic() - start
        return Synced(self.folder.id, seconds=self.seconds)


class FolderSyncs:
    """The folders that wait to be compared with the disk, and the one at hand; used on the library's thread."""

    def __init__(self, library: Library, slice_seconds: float) -> None:
        self._library = library
        self._slice_seconds = slice_seconds
        self._waiting: list[int] = []
        self._at_hand: _Syncing | None = None

    def ask(self, folder_ids: Iterable[int]) -> None:
        """Put folders in the line, each once."""
        self._waiting += [i for i in dict.fromkeys(folder_ids) if i not in self._waiting]

    @property
    def is_done(self) -> bool:
        """Whether no folder waits, and none is at hand."""
        return self._at_hand is None and not self._waiting

    def step(self) -> Synced | None:
        """Do one slice; None where the next folder is not watched any more."""
        self._at_hand = self._at_hand or self._begin(self._waiting.pop(0))
        if self._at_hand is None:
            return None
        synced = self._step(self._at_hand)
        if synced.seconds is not None or synced.mistake is not None:
            self._at_hand = None
        return synced

    def _step(self, syncing: _Syncing) -> Synced:
        try:
            return syncing.step(self._slice_seconds)
        except PhotofindError:  # nothing can be written, of any folder
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and must not stop the other folders
            bug = Sentence("mistake_in_folder", folder=display_name(syncing.folder.path))
            return Synced(syncing.folder.id, mistake=explain(error, bug))

    def _begin(self, folder_id: int) -> _Syncing | None:
        folder = next((folder for folder in self._library.folders.all() if folder.id == folder_id), None)
        return None if folder is None else _Syncing(self._library, folder)

    def give_up_moved(self, folders: Mapping[int, Folder]) -> None:
        """Leave the folder at hand where it is not among those watched now, or lies elsewhere."""
        if self._at_hand is not None:
            now = folders.get(self._at_hand.folder.id)
            if now is None or now.path != self._at_hand.folder.path:
                self._at_hand = None

    def begin_again(self) -> None:
        """Have the folder at hand compared from its start, after all others: it could not be written."""
        if self._at_hand is not None:
            self.ask([self._at_hand.folder.id])
            self._at_hand = None
