"""The watched folders: added and removed with a way back, located again, and what happens to them told once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from photofind.core.records.names import display_name
from photofind.core.records.photos import Folder
from photofind.core.sentences.sentence import Sentence
from photofind.gui.folders.absence import away_sentence, folder_name
from photofind.gui.look import words
from photofind.gui.look.sentences import in_words
from photofind.gui.needs import LibraryWorker


class FolderChanges(QObject):
    """Changes the watched folders, keeps the list of them, and compares each list with the one before."""

    changed = Signal()
    added = Signal()  # by the person
    told = Signal(str, object)  # sentence, (words, action) or None
    warned = Signal(str, object)  # sentence that stays, (words, action)
    outdated = Signal(str)  # a sentence that no longer holds
    locate_wanted = Signal(object)  # Folder
    list_wanted = Signal()
    failed = Signal(str)

    def __init__(self, worker: LibraryWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self.folders: list[Folder] | None = None  # None until the library is open.
        self._warnings: dict[int, str] = {}
        self._was_start_told = False

    def reload(self) -> None:
        """Read the list again."""
        self._worker.do(lambda library: library.folders.all(), self.show, in_words(self.failed.emit))

    def add(self, path: Path) -> None:
        """Watch a folder and offer to undo that."""
        self._add(path, in_words(self.failed.emit))

    def add_unless_known(self, path: Path) -> None:
        """Watch a folder as `add` does; one that is watched already, as at each start by one command, is no mistake."""
        tell = in_words(self.failed.emit)
        self._add(path, lambda sentence: None if sentence.key == "folder_known" else tell(sentence))

    def _add(self, path: Path, on_error: Callable[[Sentence], None]) -> None:
        self._worker.do_in_steps(lambda library, read: library.folders.adding(path, read), self._on_added, on_error)

    def remove(self, path: bytes) -> None:
        """Stop watching a folder."""
        self._worker.do(
            lambda library: library.folders.let_go(path), lambda _: self.reload(), in_words(self.failed.emit)
        )

    def locate(self, path: bytes, place: Path) -> None:
        """Say where a folder lies now."""
        self._worker.do_in_steps(
            lambda library, read: library.folders.locating(path, place, read),
            lambda _: self.reload(),
            in_words(self.failed.emit),
        )

    def tell_removed(self, path: Path) -> None:
        """Say that a folder is no longer watched and offer to undo that."""
        text = self.tr("“{folder}” is no longer watched.").format(folder=folder_name(os.fsencode(path)))
        self._tell(text, lambda: self.add(path))
        self.reload()

    def show(self, folders: list[Folder]) -> None:
        """Take in the folders as they are now, and tell what became of those that were known."""
        known = {folder.id: folder for folder in self.folders or ()}
        for folder in folders:
            if folder.id in known:
                self._compare(known[folder.id], folder)
        for removed in known.keys() - {folder.id for folder in folders}:
            self._settle(removed)
        self.folders = folders
        self.changed.emit()

    def tell_away(self) -> None:
        """Tell, once, of the folders that were away at the start; the list of then is of the last time until a look."""
        if self.folders is None or self._was_start_told:
            return
        self._was_start_told = True
        for folder in self.folders:
            if not folder.online and folder.id not in self._warnings:
                self._warn_away(folder)

    def _compare(self, before: Folder, now: Folder) -> None:
        name = folder_name(now.path)
        if before.online and not now.online:
            self._warn_away(now)
        elif now.online and not before.online:
            self._settle(now.id)
        if now.path != before.path:
            text = self.tr("“{folder}” is now at “{path}”.")
            self.told.emit(text.format(folder=folder_name(before.path), path=display_name(now.path)), None)
        elif now.online and not before.online:
            self.told.emit(self.tr("“{folder}” is back.").format(folder=name), None)
        if now.online and now.vanished > before.vanished:
            text = self.tr(
                "%Ln of {total} photo(s) in “{folder}” vanished at once. They are kept until you choose "
                "“Forget missing…” in “Folders”.",
                "",
                now.vanished,
            )
            sentence = text.format(total=words.number(now.photos), folder=name)
            self._warn(now, sentence, self.tr("Show folders"), self.list_wanted.emit)
        elif now.online and now.away_inside > before.away_inside:
            text = self.tr("Photos of “{folder}” are away, with a link or a drive inside it. They are kept.")
            self._warn(now, text.format(folder=name), self.tr("Show folders"), self.list_wanted.emit)
        elif before.missing and not now.missing:
            self._settle(now.id)

    def _warn_away(self, folder: Folder) -> None:
        self._warn(folder, away_sentence(folder), self.tr("Locate folder…"), lambda: self.locate_wanted.emit(folder))

    def _warn(self, folder: Folder, sentence: str, action: str, act: Callable[[], None]) -> None:
        """Warn about a folder, instead of what it was warned about before."""
        self._settle(folder.id)
        self._warnings[folder.id] = sentence
        self.warned.emit(sentence, (action, act))

    def _settle(self, folder_id: int) -> None:
        sentence = self._warnings.pop(folder_id, "")
        if sentence:
            self.outdated.emit(sentence)

    def _on_added(self, folder: Folder) -> None:
        name = folder_name(folder.path)
        text = self.tr("Watching “{folder}”: its photos appear as they are found.").format(folder=name)
        self._tell(text, lambda: self.remove(folder.path))
        self.reload()
        self.added.emit()

    def _tell(self, sentence: str, undo: Callable[[], None]) -> None:
        self.told.emit(sentence, (self.tr("Undo"), undo))
