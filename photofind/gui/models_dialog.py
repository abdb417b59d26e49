"""The dialog that shows the models: which is in use, which are there, and which can be downloaded."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photofind.core.records import ModelState
from photofind.gui.model_chooser import ModelChooser
from photofind.gui.model_row import ModelRow

if TYPE_CHECKING:
    from photofind.background.worker import Worker


class ModelsDialog(QDialog):
    """Lists the models; what the person decides goes to the chooser, which works on without the dialog."""

    failed = Signal(str)

    def __init__(self, worker: Worker, chooser: ModelChooser, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._chooser = chooser
        self.rows: list[ModelRow] = []
        self.setWindowTitle(self.tr("Models"))
        self.resize(640, 520)
        self.folder_button = QPushButton(self.tr("Use a model folder…"), self)
        self.folder_button.setAutoDefault(False)
        self.folder_button.clicked.connect(self._on_folder)
        self._lay_out()
        chooser.chosen.connect(self.reload)
        chooser.download_changed.connect(self._on_download_changed)

    def reload(self) -> None:
        """Read the models again."""
        self._worker.do(lambda library: library.models(), self._show, self.failed.emit)

    def _show(self, models: list[ModelState]) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        recommended = next((model for model in models if model.download_bytes), None)
        self.rows = [ModelRow(model, recommended=model is recommended, parent=self._list) for model in models]
        for place, row in enumerate(self.rows):
            row.use_wanted.connect(self._chooser.use)
            row.download_wanted.connect(self._chooser.get)
            row.cancel_wanted.connect(self._chooser.cancel)
            self._column.insertWidget(place, row)
        self._on_download_changed()
        buttons = [button for row in self.rows for button in row.buttons]
        for one, other in pairwise([*buttons, self.folder_button, self.close_button]):
            self.setTabOrder(one, other)

    def _on_download_changed(self) -> None:
        for row in self.rows:
            row.show_download(self._chooser.download)

    def _on_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a model folder"))
        if folder:
            self._chooser.use(str(Path(folder)))

    def _lay_out(self) -> None:
        self._list = QWidget(self)
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(self._list)
        hint = QLabel(self.tr("Until a new model has seen all your photos, the old one answers."), self)
        hint.setProperty("role", "quiet")
        hint.setWordWrap(True)
        self.close_button = QPushButton(self.tr("Close"), self)
        self.close_button.clicked.connect(self.accept)
        self.close_button.setDefault(True)
        self.close_button.setFocus()
        buttons = QHBoxLayout()
        buttons.addWidget(self.folder_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(12)
        column.addWidget(hint)
        column.addWidget(area, 1)
        column.addLayout(buttons)
