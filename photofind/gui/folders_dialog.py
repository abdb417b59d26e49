"""The dialog that lists the watched folders; folders are added and removed here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photofind.core.records import Folder, display_name
from photofind.gui import words
from photofind.gui.icons import icon

if TYPE_CHECKING:
    from photofind.background.worker import Worker


class FoldersDialog(QDialog):
    """Shows the watched folders."""

    folder_wanted = Signal()
    folder_removed = Signal(object)  # Path
    failed = Signal(str)

    def __init__(self, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self.setWindowTitle(self.tr("Folders"))
        self.resize(620, 420)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Watched folders"))
        self.list.itemSelectionChanged.connect(self._on_selected)
        self.add_button = QPushButton(self.tr("Add a folder…"), self)
        self.add_button.setProperty("primary", True)
        self.add_button.clicked.connect(self.folder_wanted)
        self.remove_button = QPushButton(self.tr("Remove…"), self)
        self.remove_button.setEnabled(False)
        self.remove_button.clicked.connect(self._on_remove)
        self._lay_out()

    def reload(self) -> None:
        """Read the folders again."""
        self._worker.do(lambda library: library.folders(), self._show, self.failed.emit)

    def _show(self, folders: list[Folder]) -> None:
        chosen = self._chosen()
        self.list.clear()
        for folder in folders:
            item = QListWidgetItem(f"{display_name(folder.path)}\n{self._state(folder)}", self.list)
            item.setIcon(icon("folder" if folder.online else "drive-offline", self.palette()))
            item.setData(Qt.ItemDataRole.UserRole, folder)
            item.setSelected(chosen is not None and folder.path == chosen.path)

    def _state(self, folder: Folder) -> str:
        parts = [words.photos(folder.photos)]
        if folder.pending:
            parts.append(self.tr("{count} to be indexed").format(count=words.number(folder.pending)))
        if folder.failed:
            parts.append(self.tr("%Ln problem(s)", "", folder.failed))
        if not folder.online:
            parts.append(self.tr("away: it cannot be reached now; its photos stay searchable"))
        return " · ".join(parts)

    def _chosen(self) -> Folder | None:
        items = self.list.selectedItems()
        return items[0].data(Qt.ItemDataRole.UserRole) if items else None

    def _on_selected(self) -> None:
        self.remove_button.setEnabled(self._chosen() is not None)

    def _on_remove(self) -> None:
        folder = self._chosen()
        if folder is None:
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(self.tr("Remove the folder?"))
        box.setText(self.tr("Stop watching “{folder}”?").format(folder=display_name(folder.path)))
        box.setInformativeText(
            self.tr("photofind forgets its %Ln photo(s). Your files stay where they are.", "", folder.photos)
        )
        remove = box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.buttonClicked.connect(lambda button: self._remove(folder) if button is remove else None)
        box.open()

    def _remove(self, folder: Folder) -> None:
        self._worker.do(
            lambda library: library.remove_folder(folder.path),
            lambda _: self._on_removed(folder),
            self.failed.emit,
        )

    def _on_removed(self, folder: Folder) -> None:
        self.folder_removed.emit(Path(os.fsdecode(folder.path)))
        self.reload()

    def _lay_out(self) -> None:
        hint = QLabel(self.tr("Photos in these folders and the folders inside them can be searched."), self)
        hint.setProperty("role", "quiet")
        hint.setWordWrap(True)
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(12)
        column.addWidget(hint)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
