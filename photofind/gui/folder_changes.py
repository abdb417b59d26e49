"""Adding and removing watched folders, with a way back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photofind.core.records import Folder, display_name

if TYPE_CHECKING:
    from photofind.background.worker import Worker


class FolderChanges(QObject):
    """Changes the watched folders and keeps the list of them."""

    changed = Signal()
    told = Signal(str, object)  # sentence, (words, action)
    failed = Signal(str)

    def __init__(self, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self.folders: list[Folder] | None = None  # None until the library is open.

    def reload(self) -> None:
        """Read the list again."""
        self._worker.do(lambda library: library.folders(), self._on_folders, self.failed.emit)

    def add(self, path: Path) -> None:
        """Watch a folder and offer to undo that."""
        self._worker.do(
            lambda library: (library.add_folder(path), library.folders()),
            lambda added: self._on_added(*added),
            self.failed.emit,
        )

    def remove(self, path: bytes) -> None:
        """Stop watching a folder."""
        self._worker.do(lambda library: library.remove_folder(path), lambda _: self.reload(), self.failed.emit)

    def tell_removed(self, path: Path) -> None:
        """Say that a folder is no longer watched and offer to undo that."""
        text = self.tr("“{folder}” is no longer watched.").format(folder=_name(os.fsencode(path)))
        self._tell(text, lambda: self.add(path))
        self.reload()

    def _on_added(self, folder: Folder, folders: list[Folder]) -> None:
        text = self.tr("Watching “{folder}”: its photos appear as they are found.").format(folder=_name(folder.path))
        self._tell(text, lambda: self.remove(folder.path))
        self._on_folders(folders)

    def _tell(self, sentence: str, undo: Callable[[], None]) -> None:
        self.told.emit(sentence, (self.tr("Undo"), undo))

    def _on_folders(self, folders: list[Folder]) -> None:
        self.folders = folders
        self.changed.emit()


def _name(path: bytes) -> str:
    return display_name(os.path.basename(path) or path)
