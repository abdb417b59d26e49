"""The dialog that shows the models: which is in use, which are there, which can be downloaded; and what they run on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from photofind.core.records.models import ModelState
from photofind.core.records.progress import Progress
from photofind.gui.look.menu_button import give_menu
from photofind.gui.look.plain import PlainButton, PlainLabel, as_item, set_tooltip
from photofind.gui.look.question import ask
from photofind.gui.look.sentences import in_words
from photofind.gui.models.chooser import ModelChooser
from photofind.gui.models.device_line import DeviceLine
from photofind.gui.models.row import ModelRow
from photofind.gui.models.rows import ModelRows
from photofind.gui.needs import LibraryWorker


class ModelsDialog(QDialog):
    """Lists the models; what the person decides goes to the chooser, which works on without the dialog.

    What goes wrong is said below the list while the dialog is open, else by `failed`.
    """

    failed = Signal(str)

    def __init__(self, worker: LibraryWorker, chooser: ModelChooser, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._chooser = chooser
        self._models: list[ModelState] = []
        self._progress: Progress | None = None
        self._show_used: Callable[[], None] | None = None
        self.setWindowTitle(self.tr("Models"))
        self.resize(720, 640)
        self._list = ModelRows(self._connect_row, self)
        self.device_line = DeviceLine(worker, self)
        self.failure = PlainLabel("", self, wraps=True)
        self.files_button = PlainButton(self.tr("Use files I already have"), self)
        set_tooltip(self.files_button, self.tr("Install one of these models from files that you have"))
        self.files_menu = QMenu(self.files_button)
        self.files_menu.aboutToShow.connect(self._fill_files_menu)
        give_menu(self.files_button, self.files_menu)
        self.folder_button = PlainButton(self.tr("Use a model folder…"), self)
        set_tooltip(self.folder_button, self.tr("Use a model that is not in this list, such as one that you trained"))
        self.folder_button.clicked.connect(self._on_folder)
        self._lay_out()
        chooser.chosen.connect(self._on_chosen)
        chooser.forgotten.connect(self._on_done)
        chooser.told.connect(self._on_told)
        chooser.failed.connect(self._on_failed)
        chooser.download_changed.connect(self._on_download_changed)
        self.device_line.failed.connect(self._on_failed)
        self.device_line.shown.connect(self._show_models)

    @property
    def rows(self) -> list[ModelRow]:
        """The models' rows."""
        return self._list.rows

    def reload(self) -> None:
        """Read the models again, and what they run on."""
        self._worker.do(lambda library: library.models.all(), self._on_read, in_words(self._on_failed))
        self.device_line.reload()

    def show_progress(self, progress: Progress | None) -> None:
        """Show how far a change is; read everything again when one has begun or ended, or the device is another."""
        before, self._progress = self._progress, progress
        for row in self.rows:
            row.show_progress(progress)
        if before is not None and progress is not None and _facts(before) != _facts(progress):
            self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the keyboard where it can do no harm."""
        super().showEvent(event)
        if not event.spontaneous():
            self.close_button.setFocus()

    def done(self, result: int) -> None:
        """Close; what went wrong is not told again the next time."""
        self.failure.hide()
        super().done(result)

    def _on_failed(self, sentence: str) -> None:
        if not self.isVisible():
            self.failed.emit(sentence)
            return
        self.failure.setText(sentence)
        self.failure.show()

    def _on_chosen(self) -> None:
        self._show_used = partial(self._list.show_in_use, for_similar=False)
        self._on_done()

    def _on_told(self) -> None:
        self._show_used = partial(self._list.show_in_use, for_similar=True)
        self._on_done()

    def _on_done(self) -> None:
        self.failure.hide()
        self.reload()

    # The rows

    def _on_read(self, models: list[ModelState]) -> None:
        self._models = models
        self._show_models()
        if self._show_used is not None:
            self._show_used()
            self._show_used = None

    def _show_models(self) -> None:
        """Show all that is known; a speed was measured on the processor, and says nothing of a graphics card."""
        devices = self.device_line.devices
        is_speed_known = devices is not None and not devices.uses_card
        models = (
            self._models if is_speed_known else [replace(m, images_per_second=None, inexact=None) for m in self._models]
        )
        if self._list.show_models(models):
            last = (self.device_line.box, self.files_button, self.folder_button, self.close_button)
            for one, other in pairwise([*self._list.buttons, *last]):
                self.setTabOrder(one, other)
        self.show_progress(self._progress)
        self._on_download_changed()

    def _connect_row(self, row: ModelRow) -> None:
        row.use_wanted.connect(self._chooser.use)
        row.download_wanted.connect(self._chooser.get)
        row.download_wanted.connect(lambda: self._list.show_row(row))
        row.pause_wanted.connect(self._chooser.pause)
        row.cancel_wanted.connect(self._chooser.cancel)
        row.stay_wanted.connect(self._chooser.stay)
        row.stop_wanted.connect(self._chooser.stop)
        row.deletion_wanted.connect(self._on_deletion)
        # Else it would be on another model's button, where Enter begins what nobody asked for.
        row.keyboard_left.connect(self.close_button.setFocus)

    def _on_download_changed(self) -> None:
        is_busy = self._chooser.is_downloading
        for row in self.rows:
            row.show_download(self._chooser.downloads.get(row.model.name), is_busy=is_busy)
        self.files_button.setEnabled(not is_busy and bool(self._missing()))

    def _missing(self) -> list[ModelState]:
        """Return the models that could be installed."""
        return [model for model in self._models if not model.installed and model.download_bytes]

    # What the person does

    def _fill_files_menu(self) -> None:
        """Offer the models that are not there."""
        self.files_menu.clear()
        for model in self._missing():
            self.files_menu.addAction(as_item(model.name), partial(self._on_files, model.name))

    def _on_files(self, name: str) -> None:
        title = self.tr("Choose the folder with the files of “{model}”").format(model=name)
        folder = QFileDialog.getExistingDirectory(self, title)
        if folder:
            self._chooser.get(name, Path(folder))

    def _on_folder(self) -> None:
        self.failure.hide()
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose a model folder"))
        if folder:
            self._chooser.use(str(Path(folder)))

    def _on_deletion(self, model: ModelState) -> None:
        question = self.tr("Delete what “{model}” learned of your photos?")
        outcome = self.tr("%Ln photo(s) are looked at again when the model is used again.", "", model.kept_vectors)
        ask(
            self,
            self.tr("Delete what it learned?"),
            question.format(model=Path(model.name).name),
            f"{outcome} {self.tr('Your photos are never touched.')}",
            self.tr("Delete"),
            lambda: self._chooser.forget(model.name),
        )

    # Looks

    def _lay_out(self) -> None:
        hint = PlainLabel(
            self.tr(
                "A model understands your words and photos. While a new one looks at your photos, the old one answers."
            ),
            self,
            wraps=True,
        )
        hint.setProperty("role", "quiet")
        self.failure.setProperty("role", "failure")
        self.failure.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(12)
        column.addWidget(hint)
        column.addWidget(self._list, 1)
        column.addWidget(self.failure)
        column.addWidget(self.device_line)
        column.addLayout(self._last_line())

    def _last_line(self) -> QHBoxLayout:
        self.close_button = PlainButton(self.tr("Close"), self)
        self.close_button.clicked.connect(self.accept)
        self.close_button.setDefault(True)
        line = QHBoxLayout()
        line.addWidget(self.files_button)
        line.addWidget(self.folder_button)
        line.addStretch(1)
        line.addWidget(self.close_button)
        return line


def _facts(progress: Progress) -> tuple[object, ...]:
    """Return what changes what the dialog has read."""
    is_fitting, is_seen_by_second = progress.state == "fitting", progress.state == "similar"
    return progress.model, progress.next_model, progress.device, progress.engine, is_fitting, is_seen_by_second
