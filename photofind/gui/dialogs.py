"""The window's dialogs, each made when it is first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from photofind.gui.folders_dialog import FoldersDialog
from photofind.gui.models_dialog import ModelsDialog
from photofind.gui.problems_dialog import ProblemsDialog

if TYPE_CHECKING:
    from photofind.background.worker import Worker


class Dialogs(QObject):
    """Shows folders, problems and models; what the person decides there comes out as signals."""

    folder_wanted = Signal()
    folder_removed = Signal(object)  # Path
    model_chosen = Signal(str)
    failed = Signal(str)

    def __init__(self, worker: Worker, window: QWidget) -> None:
        super().__init__(window)
        self._worker = worker
        self._window = window
        self.folders: FoldersDialog | None = None
        self.problems: ProblemsDialog | None = None
        self.models: ModelsDialog | None = None

    def show_folders(self) -> None:
        """Show the watched folders."""
        if self.folders is None:
            self.folders = FoldersDialog(self._worker, self._window)
            self.folders.failed.connect(self.failed)
            self.folders.folder_wanted.connect(self.folder_wanted)
            self.folders.folder_removed.connect(self.folder_removed)
        self._show(self.folders)

    def show_problems(self) -> None:
        """Show the files that could not be indexed."""
        if self.problems is None:
            self.problems = ProblemsDialog(self._worker, self._window)
            self.problems.failed.connect(self.failed)
        self._show(self.problems)

    def show_models(self) -> None:
        """Show the models."""
        if self.models is None:
            self.models = ModelsDialog(self._worker, self._window)
            self.models.failed.connect(self.failed)
            self.models.model_chosen.connect(self.model_chosen)
        self._show(self.models)

    def refresh_folders(self) -> None:
        """Read the folders again if they are shown."""
        if self.folders is not None and self.folders.isVisible():
            self.folders.reload()

    def _show(self, dialog: FoldersDialog | ProblemsDialog | ModelsDialog) -> None:
        dialog.reload()
        dialog.show()
        dialog.raise_()
