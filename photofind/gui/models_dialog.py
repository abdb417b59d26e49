"""The dialog that shows the models: which is in use, which are there, and how to use another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photofind.core.records import ModelState
from photofind.gui import words
from photofind.gui.icons import icon

if TYPE_CHECKING:
    from photofind.background.worker import Worker


class ModelsDialog(QDialog):
    """Lists the models and lets the person use one that is installed, or a folder of their own."""

    model_chosen = Signal(str)
    failed = Signal(str)

    def __init__(self, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self.setWindowTitle(self.tr("Models"))
        self.resize(640, 480)
        self.list = QListWidget(self)
        self.list.setWordWrap(True)
        self.list.setAccessibleName(self.tr("Models"))
        self.list.itemSelectionChanged.connect(self._on_selected)
        self.how_to_get = QLabel(self)
        self.how_to_get.setProperty("role", "quiet")
        self.how_to_get.setWordWrap(True)
        self.how_to_get.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.use_button = QPushButton(self.tr("Use this model"), self)
        self.use_button.setProperty("primary", True)
        self.use_button.clicked.connect(self._on_use)
        self.folder_button = QPushButton(self.tr("Use a model folder…"), self)
        self.folder_button.clicked.connect(self._on_folder)
        self._lay_out()
        self._on_selected()

    def reload(self) -> None:
        """Read the models again."""
        self._worker.do(lambda library: library.models(), self._show, self.failed.emit)

    def _show(self, models: list[ModelState]) -> None:
        self.list.clear()
        for model in models:
            item = QListWidgetItem(f"{model.name}\n{self._details(model)}", self.list)
            item.setData(Qt.ItemDataRole.UserRole, model)
            item.setIcon(icon("check", self.palette()) if model.in_use else _no_icon())

    def _details(self, model: ModelState) -> str:
        state = (
            self.tr("in use")
            if model.in_use
            else self.tr("installed")
            if model.installed
            else self.tr("{size} to download").format(size=words.size(model.download_bytes))
        )
        return " · ".join(part for part in (state, model.good_for, model.license) if part)

    def _chosen(self) -> ModelState | None:
        items = self.list.selectedItems()
        return items[0].data(Qt.ItemDataRole.UserRole) if items else None

    def _on_selected(self) -> None:
        model = self._chosen()
        self.use_button.setEnabled(model is not None and model.installed and not model.in_use)
        if model is not None and not model.installed:
            self.how_to_get.setText(
                self.tr("To download it, type this in a terminal: photofind models get {name}").format(name=model.name)
            )
        else:
            self.how_to_get.setText(
                self.tr("Search keeps working with the old model until the new one has seen all your photos.")
            )

    def _on_use(self) -> None:
        model = self._chosen()
        if model is not None:
            self._use(model.name)

    def _on_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a model folder"))
        if folder:
            self._use(str(Path(folder)))

    def _use(self, name: str) -> None:
        self._worker.do(
            lambda library: library.use_model(name), lambda _: self.model_chosen.emit(name), self.failed.emit
        )
        self.accept()

    def _lay_out(self) -> None:
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self.use_button)
        buttons.addWidget(self.folder_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(12)
        column.addWidget(self.list, 1)
        column.addWidget(self.how_to_get)
        column.addLayout(buttons)


def _no_icon() -> QIcon:
    """Return an empty icon, so that all lines begin at the same place."""
    empty = QPixmap(20, 20)
    empty.fill(Qt.GlobalColor.transparent)
    return QIcon(empty)
