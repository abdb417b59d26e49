"""The window's dialogs, each made when it is first wanted."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from photofind.core.errors import PhotofindError
from photofind.core.log.log import log_to_open
from photofind.core.records.progress import Progress
from photofind.core.sentences.sentence import Sentence
from photofind.gui.care.check_dialog import CheckDialog
from photofind.gui.care.problems_dialog import ProblemsDialog
from photofind.gui.desktop.open_file import open_file
from photofind.gui.folders.exclusions_dialog import ExclusionsDialog
from photofind.gui.folders.folders_dialog import FoldersDialog
from photofind.gui.look.sentences import say
from photofind.gui.models.chooser import ModelChooser
from photofind.gui.models.models_dialog import ModelsDialog
from photofind.gui.needs import LibraryWorker


class Dialogs(QObject):
    """Shows folders, problems, models and the like; what the person decides there comes out as signals."""

    folder_wanted = Signal()
    folder_removed = Signal(object)  # Path
    failed = Signal(str)
    told = Signal(str)

    def __init__(self, worker: LibraryWorker, chooser: ModelChooser, window: QWidget) -> None:
        super().__init__(window)
        self._worker = worker
        self._chooser = chooser
        self._window = window
        self._progress: Progress | None = None
        self.folders: FoldersDialog | None = None
        self.problems: ProblemsDialog | None = None
        self.models: ModelsDialog | None = None
        self.exclusions: ExclusionsDialog | None = None
        self.check: CheckDialog | None = None
        chooser.download_failed.connect(self._on_download_failed)

    def show_folders(self) -> None:
        """Show the watched folders."""
        if self.folders is None:
            self.folders = FoldersDialog(self._worker, self._window)
            self.folders.failed.connect(self.failed)
            self.folders.folder_wanted.connect(self.folder_wanted)
            self.folders.folder_removed.connect(self.folder_removed)
            self.folders.exclusions_wanted.connect(self.show_exclusions)
        self.folders.reload()
        _raise(self.folders)

    def show_problems(self) -> None:
        """Show the files that could not be indexed."""
        if self.problems is None:
            self.problems = ProblemsDialog(self._worker, self._window)
            self.problems.failed.connect(self.failed)
        self.problems.reload()
        _raise(self.problems)

    def show_models(self) -> None:
        """Show the models."""
        if self.models is None:
            self.models = ModelsDialog(self._worker, self._chooser, self._window)
            self.models.failed.connect(self.failed)
        self.models.show_progress(self._progress)
        self.models.reload()
        _raise(self.models)

    def show_exclusions(self, extra: bytes | None = None) -> None:
        """Show what is left out, with one more folder (absolute path) to leave out where one is given."""
        if self.exclusions is None:
            self.exclusions = ExclusionsDialog(self._worker, self._window)
            self.exclusions.failed.connect(self.failed)
        _raise(self.exclusions)
        self.exclusions.begin(extra)

    def show_check(self) -> None:
        """Look for damage in the library."""
        if self.check is None:
            self.check = CheckDialog(self._worker, self._window)
            self.check.failed.connect(self.failed)
        _raise(self.check)
        self.check.begin()

    def open_log(self) -> None:
        """Open what the window has logged, in the system's viewer, and say where it lies: a viewer may fail unseen."""
        where = ""
        try:
            log = log_to_open()
            where = say(Sentence("log_lies_in", log=log))
            open_file(os.fsencode(log))
            self.told.emit(where)
        except PhotofindError as error:
            self.failed.emit(f"{say(error.sentence)} {where}".strip())

    def show_progress(self, progress: Progress) -> None:
        """Show where the library stands, where that is of interest."""
        self._progress = progress
        if self.models is not None and self.models.isVisible():
            self.models.show_progress(progress)

    def refresh(self) -> None:
        """Read folders and problems again where they are shown."""
        for dialog in (self.folders, self.problems):
            if dialog is not None and dialog.isVisible():
                dialog.reload()

    def _on_download_failed(self, sentence: str) -> None:
        """Tell it in the window too where the dialog, which offers to try again, is not there to tell it."""
        if self.models is None or not self.models.isVisible():
            self.failed.emit(sentence)


def _raise(dialog: QDialog) -> None:
    dialog.show()
    dialog.raise_()
