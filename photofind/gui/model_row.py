"""One model in the dialog: what it is, and the one thing that can be done with it now."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from photofind.core.records import ModelState
from photofind.gui import words
from photofind.gui.elided_label import ElidedLabel
from photofind.gui.icons import tinted
from photofind.gui.model_chooser import DownloadState

_PROGRESS_STEPS = 1000
# A line may end after the dot, not before it.
_DOT = "\N{NO-BREAK SPACE}· "


class ModelRow(QFrame):
    """Shows a model, and its download while there is one."""

    use_wanted = Signal(str)
    download_wanted = Signal(str)
    cancel_wanted = Signal()

    def __init__(self, model: ModelState, *, recommended: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model")
        self.model = model
        self.setToolTip(model.name if os.sep in model.name else "")
        self.details = QLabel(self._details(), self)
        self.use_button = self._button(self.tr("Use"), self.tr("Use {model}"))
        self.use_button.clicked.connect(lambda: self.use_wanted.emit(model.name))
        self.download_button = self._button(self.tr("Download"), self.tr("Download {model}"))
        self.download_button.setProperty("primary", recommended)
        self.download_button.clicked.connect(lambda: self.download_wanted.emit(model.name))
        self.cancel_button = self._button(self.tr("Cancel"), self.tr("Cancel the download of {model}"))
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setRange(0, _PROGRESS_STEPS)
        self.progress.setAccessibleName(self.tr("Download of {model}").format(model=model.name))
        self.progress_text = QLabel(self)
        self.failure = QLabel(self)
        self._lay_out()
        self.show_download(None)

    @property
    def buttons(self) -> list[QPushButton]:
        """The buttons in the order of the Tab key."""
        return [self.use_button, self.download_button, self.cancel_button]

    def show_download(self, download: DownloadState | None) -> None:
        """Show the download there is, whichever model it is of."""
        ours = download if download is not None and download.name == self.model.name else None
        is_running = ours is not None and ours.is_running
        self.use_button.setVisible(self.model.installed and not self.model.in_use)
        # One download at a time.
        self.download_button.setVisible(not self.model.installed and (download is None or not download.is_running))
        self._progress_line.setVisible(is_running)
        self.failure.setVisible(ours is not None and not is_running)
        self.download_button.setText(self.tr("Download") if self.failure.isHidden() else self.tr("Try again"))
        if ours is not None:
            self.failure.setText(ours.failure)
            self._show_progress(ours)

    def _show_progress(self, download: DownloadState) -> None:
        if not download.total:
            self.progress.setValue(0)
            self.progress_text.setText(self.tr("connecting…"))
            return
        self.progress.setValue(_PROGRESS_STEPS * download.done // download.total)
        if download.done == download.total:
            self.progress_text.setText(self.tr("checking…"))
            return
        self.progress_text.setText(
            self.tr("{done} of {total}").format(done=words.size(download.done), total=words.size(download.total))
        )

    def _details(self) -> str:
        size = (
            ""
            if self.model.installed
            else self.tr("{size} to download").format(size=words.size(self.model.download_bytes))
        )
        return _DOT.join(part for part in (self.model.good_for.rstrip("."), self.model.license, size) if part)

    def _button(self, text: str, spoken: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(spoken.format(model=self.model.name))
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        name = ElidedLabel(Path(self.model.name).name, self)
        name.setProperty("role", "heading")
        for label in (name, self.details, self.failure, self.progress_text):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.details, self.progress_text):
            label.setProperty("role", "quiet")
        self.failure.setProperty("role", "failure")
        for label in (self.details, self.failure):
            label.setWordWrap(True)
        text = QVBoxLayout()
        text.setSpacing(4)
        for part in (name, self.details, self.failure):
            text.addWidget(part)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addLayout(text, 1)
        for button in (self.use_button, self.download_button):
            top.addWidget(button)
        if self.model.in_use:
            self._add_mark(top)
        self._progress_line = QWidget(self)
        line = QHBoxLayout(self._progress_line)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        line.addWidget(self.progress, 1)
        line.addWidget(self.progress_text)
        line.addWidget(self.cancel_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._progress_line)

    def _add_mark(self, row: QHBoxLayout) -> None:
        check = QLabel(self)
        check.setPixmap(tinted("check", self.palette().highlight().color(), 20, self.devicePixelRatioF()))
        row.addWidget(check)
        row.addWidget(QLabel(self.tr("in use"), self))
