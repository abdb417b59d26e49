"""The dialog for what is left out of all folders, with a preview of what that drops."""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from photofind.core.records.names import display_name
from photofind.core.records.photos import ExclusionPreview, Folder
from photofind.gui.desktop import disk
from photofind.gui.folders.absence import folder_name
from photofind.gui.folders.exclusions_table import ExclusionsTable
from photofind.gui.look import words
from photofind.gui.look.plain import PlainButton, PlainLabel, set_tooltip
from photofind.gui.look.sentences import in_words
from photofind.gui.needs import LibraryWorker

_PREVIEW_MS = 300


class ExclusionsDialog(QDialog):
    """Edits a copy of the exclusions; nothing changes before it is applied."""

    failed = Signal(str)

    def __init__(self, worker: LibraryWorker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._folders: list[Folder] = []
        self._asked = 0
        self.setWindowTitle(self.tr("What to leave out"))
        self.resize(620, 620)
        self._make_parts()
        self._lay_out()
        self._on_selected()

    def begin(self, extra: bytes | None = None) -> None:
        """Read what is left out now, and add a folder (absolute path) to it where one is given."""
        self.failure.hide()
        self.new_pattern.clear()
        self.apply_button.setEnabled(False)
        self._worker.do(
            lambda library: (library.folders.exclusions(), library.folders.all()),
            lambda state: self._show(*state, extra),
            in_words(self._on_failed),
        )

    def _show(self, exclusions: Exclusions, folders: list[Folder], extra: bytes | None) -> None:
        self._folders = folders
        self.table.fill(exclusions)
        self.apply_button.setEnabled(True)
        if extra is not None:
            self._leave_out(extra)

    def _leave_out(self, folder: bytes) -> None:
        """Add a folder to the list, or say why that would be of no use."""
        self.failure.hide()
        if any(folder == watched.path for watched in self._folders):
            text = self.tr("“{folder}” is a watched folder itself. Remove it in “Folders” instead.")
            self._on_failed(text.format(folder=folder_name(folder)))
        elif not any(folder.startswith(os.path.join(watched.path, b"")) for watched in self._folders):
            text = self.tr("“{folder}” lies in none of your watched folders, so it is left out already.")
            self._on_failed(text.format(folder=folder_name(folder)))
        else:
            self.table.add_folder(folder)

    def _on_selected(self) -> None:
        row = self.table.picked_row
        self.remove_button.setEnabled(row is not None)
        self.edit_button.setEnabled(row is not None and self.table.is_pattern(row))

    def _on_add_pattern(self) -> None:
        pattern = self.new_pattern.text().strip()
        if pattern:
            self.table.add_pattern(pattern)
            self.new_pattern.clear()

    def _on_choose_folder(self) -> None:
        start = os.fsdecode(self._folders[0].path) if self._folders else ""
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder to leave out"), start)
        if chosen:
            self._leave_out(disk.real_path(os.fsencode(chosen)))

    def _ask_preview(self) -> None:
        self._asked += 1
        number, exclusions = self._asked, self.table.exclusions
        self._worker.do(
            lambda library: library.folders.preview_exclusions(exclusions),
            lambda preview: self._show_preview(preview) if number == self._asked else None,
            in_words(self._on_failed),
        )

    def _show_preview(self, preview: ExclusionPreview) -> None:
        if preview.dropped:
            text = self.tr("Leaves out {dropped} of {photos}:")
        else:
            text = self.tr("Leaves out none of the {photos} in your library.")
        self.effect.setText(text.format(dropped=words.number(preview.dropped), photos=words.photos(preview.total)))
        self.examples.setVisible(preview.dropped > 0)
        self.examples.clear()
        self.examples.addItems([display_name(path) for path in preview.examples])
        more = preview.dropped - len(preview.examples)
        if more > 0:
            self.examples.addItem(self.tr("and %Ln more", "", more))

    def _on_apply(self) -> None:
        self._on_add_pattern()  # What was typed is meant, though “Add” was not pressed.
        exclusions = self.table.exclusions
        self._worker.do(
            lambda library: library.folders.set_exclusions(exclusions),
            lambda _: self.accept(),
            in_words(self._on_failed),
        )

    def _on_failed(self, sentence: str) -> None:
        if not self.isVisible():
            self.failed.emit(sentence)
            return
        self.failure.setText(sentence)
        self.failure.show()

    # Looks

    def _make_parts(self) -> None:
        self.table = ExclusionsTable(self)
        self.table.itemSelectionChanged.connect(self._on_selected)
        self.new_pattern = QLineEdit(self)
        self.new_pattern.setPlaceholderText(self.tr("A name or a pattern, such as *.lrdata"))
        self.new_pattern.setAccessibleName(self.tr("A name or a pattern to leave out"))
        self.add_button = self._button(self.tr("Add"), self._on_add_pattern)
        self.add_button.setEnabled(False)
        self.new_pattern.returnPressed.connect(self._on_add_pattern)
        self.new_pattern.textChanged.connect(lambda text: self.add_button.setEnabled(bool(text.strip())))
        self.folder_button = self._button(self.tr("Add a folder…"), self._on_choose_folder)
        self.edit_button = self._button(self.tr("Change"), self.table.edit_picked)
        self.remove_button = self._button(self.tr("Remove"), self.table.remove_picked)
        self.usual_button = self._button(self.tr("Usual ones"), lambda: self.table.fill(DEFAULT_EXCLUSIONS))
        set_tooltip(self.usual_button, self.tr("Leave out what photofind leaves out at first, and nothing else"))
        self.apply_button = self._button(self.tr("Apply"), self._on_apply)
        self.apply_button.setProperty("primary", True)
        self.failure = PlainLabel("", self, wraps=True)
        self.failure.setProperty("role", "failure")
        self.failure.hide()
        self.effect = PlainLabel("", self, wraps=True)
        self.examples = QListWidget(self)
        self.examples.setObjectName("examples")
        self.examples.setAccessibleName(self.tr("Photos that are left out"))
        self.examples.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.examples.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.examples.hide()
        self._preview = QTimer(self, interval=_PREVIEW_MS, singleShot=True)
        self._preview.timeout.connect(self._ask_preview)
        self.table.edited.connect(self._preview.start)

    def _button(self, text: str, act: Callable[[], None]) -> PlainButton:
        button = PlainButton(text, self)
        # Return in the line for a new pattern adds it, and presses no button.
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked: act())
        return button

    def _lay_out(self) -> None:
        hint = PlainLabel(
            self.tr(
                "Files and folders with these names are left out of every watched folder. In a name, * stands for "
                "anything and ? for one character; *.lrdata means names that end so."
            ),
            self,
            wraps=True,
        )
        hint.setProperty("role", "quiet")
        new = _row(self.new_pattern, self.add_button)
        new.setStretch(0, 1)
        cancel = self._button(self.tr("Cancel"), self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(12)
        column.addWidget(hint)
        column.addWidget(self.table, 5)
        column.addLayout(new)
        column.addLayout(_row(self.folder_button, self.edit_button, self.remove_button, None, self.usual_button))
        column.addWidget(self.failure)
        column.addWidget(self.effect)
        column.addWidget(self.examples, 2)
        column.addLayout(_row(None, cancel, self.apply_button))


def _row(*parts: QWidget | None) -> QHBoxLayout:
    """Put widgets side by side; None is a gap that grows."""
    row = QHBoxLayout()
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return row
