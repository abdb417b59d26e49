"""One model in the dialog: what it is, what it would cost, and what can be done with it now."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from photofind.background.model_download import Transfer
from photofind.core.records.models import ModelState
from photofind.core.records.progress import Progress
from photofind.gui.look.elided_label import ElidedLabel
from photofind.gui.look.icons import tinted
from photofind.gui.look.plain import PlainButton, PlainLabel, set_tooltip
from photofind.gui.look.sentences import say
from photofind.gui.models import summary
from photofind.gui.models.chooser import DownloadState
from photofind.gui.models.progress_line import ProgressLine


class ModelRow(QFrame):
    """Shows a model; its download, or the change to it, while there is one."""

    use_wanted = Signal(str)
    download_wanted = Signal(str)
    pause_wanted = Signal()
    cancel_wanted = Signal(str)
    stay_wanted = Signal()
    stop_wanted = Signal(str)
    deletion_wanted = Signal(object)  # ModelState
    keyboard_left = Signal()  # the button that had it has gone, and there is no other

    def __init__(self, model: ModelState, *, recommended: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model")
        self.setAccessibleName(model.name)
        set_tooltip(self, model.name if os.sep in model.name else "")
        self.model = model
        self._download: DownloadState | None = None
        self._is_busy = False
        self.good_for, self.details, self.costs, self.failure = (PlainLabel("", self, wraps=True) for _ in range(4))
        self.kept = PlainLabel("", self)
        self.line = ProgressLine(model.name, self)
        self._make_buttons(recommended)
        self._lay_out()
        self.show_model(model)

    @property
    def buttons(self) -> list[PlainButton]:
        """The buttons in the order of the Tab key."""
        return [*self._main_buttons, self.delete_button]

    @property
    def _main_buttons(self) -> list[PlainButton]:
        during = [self.pause_button, self.cancel_button, self.stay_button]
        return [self.use_button, self.download_button, *during, self.stop_button]

    def show_model(self, model: ModelState) -> None:
        """Show how the model stands now; it is the one that the row was made for."""
        self.model = model
        self.good_for.setText(say(model.good_for))
        self.details.setText(summary.describe(model))
        self.costs.setText(summary.costs(model))
        self.costs.setVisible(bool(self.costs.text()))
        self.kept.setText(summary.keeps(model))
        keeps = model.kept_vectors > 0 and not model.in_use and not model.answers
        self.kept.setVisible(keeps)
        self.delete_button.setVisible(keeps)
        self.mark.setVisible(model.answers)
        self.mark.setPixmap(tinted("check", self.palette().highlight().color(), 20, self.devicePixelRatioF()))
        self.mark_text.setVisible(model.answers)
        self.mark_text.setText(self.tr("in use") if model.in_use else self.tr("answers until then"))
        self._show_what_can_be_done()

    def show_download(self, download: DownloadState | None, *, is_busy: bool) -> None:
        """Show this model's download, None where there was none since the start; `is_busy` while any model's runs."""
        self._download, self._is_busy = download, is_busy
        self._show_what_can_be_done()

    def leave(self) -> None:
        """Hide; the row of a model that is no longer listed goes, and does not keep the keyboard."""
        if self.isAncestorOf(self.window().focusWidget()):
            self.keyboard_left.emit()
        self.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """Show how far the change to this model is, if there is one."""
        if self._is_changing:
            show = self.line.show_similar if self.model.for_similar else self.line.show_change
            show(progress)

    @property
    def _is_changing(self) -> bool:
        return self.model.installed and self.model.in_use and not self.model.answers

    def _show_what_can_be_done(self) -> None:
        # Of a window that is not the active one too: the keyboard comes back to it there.
        focused = next((button for button in self.buttons if button is self.window().focusWidget()), None)
        model, download = self.model, self._download or self._left_over()
        is_running = download.state == "running"
        is_half = not is_running and download.state != "gone" and download.transfer.done > 0
        self.use_button.setVisible(model.installed and not model.in_use and not model.answers)
        self.download_button.setVisible(not model.installed and model.download_bytes > 0 and not is_running)
        self.download_button.setEnabled(not self._is_busy)  # one download at a time
        text, spoken = self._verb(download, is_half)
        self.download_button.setText(text)
        self.download_button.setAccessibleName(spoken.format(model=model.name))
        self.pause_button.setVisible(is_running and not download.is_copy)
        self.cancel_button.setVisible(is_running or (is_half and not self._is_busy))
        self.stay_button.setVisible(self._is_changing and not model.for_similar)
        self.stop_button.setVisible(model.in_use and model.for_similar)
        self.failure.setVisible(download.state == "failed")
        self.failure.setText(download.failure)
        self.line.setVisible(is_running or is_half or self._is_changing)
        if is_running or is_half:
            self.line.show_transfer(download.transfer, is_running=is_running)
        if focused is not None and focused.isHidden():
            self._keep_focus()

    def _left_over(self) -> DownloadState:
        """Return the download that an earlier session left half done, if there is one."""
        if self.model.installed or not self.model.loaded_bytes:
            return DownloadState("gone")
        return DownloadState("paused", Transfer(self.model.loaded_bytes, self.model.download_bytes))

    def _verb(self, download: DownloadState, is_half: bool) -> tuple[str, str]:
        """Return what the button that begins the download says, and what is read out for it."""
        if download.state == "failed" and not download.is_copy:
            return self.tr("Try again"), self.tr("Try the download of {model} again")
        if is_half:
            return self.tr("Resume"), self.tr("Resume the download of {model}")
        return self.tr("Download"), self.tr("Download {model}")

    def _keep_focus(self) -> None:
        """Give the keyboard to what can be done now, where the button that had it has gone."""
        for button in self.buttons:
            if not button.isHidden() and button.isEnabled():
                button.setFocus()
                return
        self.keyboard_left.emit()

    def _make_buttons(self, recommended: bool) -> None:
        model = self.model
        self.use_button = self._button(self.tr("Use"), self.tr("Use {model}"))
        self.use_button.clicked.connect(lambda: self.use_wanted.emit(model.name))
        self.download_button = self._button("", "")
        self.download_button.setProperty("primary", recommended)
        self.download_button.clicked.connect(lambda: self.download_wanted.emit(model.name))
        self.pause_button = self._button(self.tr("Pause"), self.tr("Pause the download of {model}"))
        self.pause_button.clicked.connect(self.pause_wanted)
        self.cancel_button = self._button(self.tr("Cancel"), self.tr("Cancel the download of {model}"))
        self.cancel_button.clicked.connect(lambda: self.cancel_wanted.emit(model.name))
        self.stay_button = self._button(self.tr("Cancel the change"), self.tr("Cancel the change to {model}"))
        self.stay_button.clicked.connect(self.stay_wanted)
        self.stop_button = self._button(self.tr("Stop using"), self.tr("Stop using {model}"))
        self.stop_button.clicked.connect(lambda: self.stop_wanted.emit(model.name))
        self.delete_button = self._button(self.tr("Delete…"), self.tr("Delete what {model} learned…"))
        self.delete_button.setProperty("link", True)
        self.delete_button.clicked.connect(lambda: self.deletion_wanted.emit(self.model))

    def _button(self, text: str, spoken: str) -> PlainButton:
        button = PlainButton(text, self)
        button.setAccessibleName(spoken.format(model=self.model.name))
        return button

    def _lay_out(self) -> None:
        name = ElidedLabel(Path(self.model.name).name, self)
        name.setProperty("role", "heading")
        self.failure.setProperty("role", "failure")
        for label in (self.details, self.costs, self.kept):
            label.setProperty("role", "quiet")
        text = QVBoxLayout()
        text.setSpacing(4)
        for label in (name, self.good_for, self.details, self.costs):
            text.addWidget(label)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addLayout(text, 1)
        actions = self._actions_line()
        top.addLayout(actions)
        top.setAlignment(actions, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(self._kept_line())
        column.addWidget(self.failure)
        column.addWidget(self.line)

    def _actions_line(self) -> QHBoxLayout:
        self.mark, self.mark_text = PlainLabel("", self), PlainLabel("", self)
        line = QHBoxLayout()
        line.setSpacing(12)
        for button in self._main_buttons:
            line.addWidget(button)
        mark = QHBoxLayout()
        mark.setSpacing(8)
        mark.addWidget(self.mark)
        mark.addWidget(self.mark_text)
        line.addLayout(mark)
        return line

    def _kept_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.kept)
        line.addWidget(self.delete_button)
        line.addStretch(1)
        return line
