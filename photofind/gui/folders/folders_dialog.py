"""The dialog that lists the watched folders, says how each is, and changes them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from photofind.core.disk.reading import Read
from photofind.core.records.names import display_name
from photofind.core.records.photos import Folder
from photofind.core.steps import Steps
from photofind.gui.folders.locate import ask_place
from photofind.gui.folders.wrapped_rows import WrappedRows
from photofind.gui.look import words
from photofind.gui.look.icons import icon
from photofind.gui.look.plain import PlainButton, PlainLabel, as_tooltip, set_tooltip, wrappable
from photofind.gui.look.question import ask
from photofind.gui.look.sentences import in_words, say
from photofind.gui.needs import LibraryWorker, PhotoLibrary

Done = TypeVar("Done")
# `photofind folders --json` tells more.
_MOST_NOT_FOLLOWED = 5


class FoldersDialog(QDialog):
    """Shows the watched folders; what goes wrong is said below the list while the dialog is open."""

    folder_wanted = Signal()
    folder_removed = Signal(object)  # Path
    exclusions_wanted = Signal()
    failed = Signal(str)

    def __init__(self, worker: LibraryWorker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self.setWindowTitle(self.tr("Folders"))
        self.resize(620, 460)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Watched folders"))
        self.list.setWordWrap(True)
        self.list.setItemDelegate(WrappedRows(self.list))
        self.list.itemSelectionChanged.connect(self._on_selected)
        self.failure = PlainLabel("", self, wraps=True)
        self.failure.setProperty("role", "failure")
        self.failure.hide()
        self.add_button = self._button(self.tr("Add…"), self.folder_wanted.emit)
        self.add_button.setProperty("primary", True)
        self.locate_button = self._button(self.tr("Locate…"), self._on_locate)
        set_tooltip(self.locate_button, self.tr("Say where the folder lies now; all that is known of it is kept"))
        self.forget_button = self._button(self.tr("Forget missing…"), self._on_forget)
        set_tooltip(self.forget_button, self.tr("Say that the photos that are not there are deleted"))
        self.remove_button = self._button(self.tr("Remove…"), self._on_remove)
        self.share = QSpinBox(self)
        self.share.setRange(1, 100)
        self.share.setSuffix(self.tr(" %"))
        self.share.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.share.setKeyboardTracking(False)
        self.share.setMinimumHeight(28)
        self.share.valueChanged.connect(self._on_share)
        self.exclusions_button = self._button(self.tr("What to leave out…"), self.exclusions_wanted.emit)
        self._lay_out()
        self._on_selected()

    def reload(self) -> None:
        """Read the folders again."""
        self._do(
            lambda library: (library.folders.all(), library.folders.missing_share()), lambda state: self._show(*state)
        )

    def done(self, result: int) -> None:
        """Close; what went wrong is not told again the next time."""
        self.failure.hide()
        super().done(result)

    def _do(self, action: Callable[[PhotoLibrary], Done], on_done: Callable[[Done], None]) -> None:
        self._worker.do(action, on_done, in_words(self._on_failed))

    def _on_failed(self, sentence: str) -> None:
        if not self.isVisible():
            self.failed.emit(sentence)
            return
        self.failure.setText(sentence)
        self.failure.show()

    def _show(self, folders: list[Folder], missing_share: float) -> None:
        chosen = self._chosen()
        self.list.clear()
        for row, folder in enumerate(folders):
            item = QListWidgetItem(wrappable(f"{display_name(folder.path)}\n{self._state(folder)}"), self.list)
            item.setToolTip(as_tooltip(display_name(folder.path)))
            item.setIcon(icon("folder" if folder.online else "drive-offline", self.palette()))
            item.setData(Qt.ItemDataRole.UserRole, folder)
            if row == 0 or (chosen is not None and folder.id == chosen.id):
                self.list.setCurrentItem(item)
        self.share.blockSignals(True)
        self.share.setValue(round(missing_share * 100))
        self.share.blockSignals(False)

    def _state(self, folder: Folder) -> str:
        counts = [words.photos(folder.shown)]  # as in the status bar
        if folder.pending:
            counts.append(self.tr("{count} to be indexed").format(count=words.number(folder.pending)))
        if folder.failed:
            counts.append(self.tr("%Ln problem(s)", "", folder.failed))
        lines = [" · ".join(counts)]
        if not folder.online and folder.why_away is not None:
            away = self.tr("Away. {why} Its photos stay searchable")
            lines.append(away.format(why=say(folder.why_away)))
        elif not folder.online and folder.drive:
            away = self.tr("Away: the drive “{drive}” is not connected; its photos stay searchable")
            lines.append(away.format(drive=folder.drive))
        elif not folder.online:
            lines.append(self.tr("Away: the folder cannot be found; its photos stay searchable"))
        elif folder.vanished:
            lines.append(
                self.tr(
                    "%Ln photo(s) vanished at once and are kept until you choose “Forget missing…”", "", folder.vanished
                )
            )
        if folder.in_cloud:
            lines.append(self.tr("%Ln photo(s) are only in the cloud and left out", "", folder.in_cloud))
        for one in folder.not_followed[:_MOST_NOT_FOLLOWED]:
            not_followed = self.tr("Not followed: “{path}”. {why}")
            lines.append(not_followed.format(path=display_name(one.path), why=say(one.why)))
        more = folder.count_not_followed - _MOST_NOT_FOLLOWED
        if more > 0:
            lines.append(self.tr("and %Ln more", "", more))
        return "\n".join(lines)

    def _chosen(self) -> Folder | None:
        items = self.list.selectedItems()
        return items[0].data(Qt.ItemDataRole.UserRole) if items else None

    def _which(self, folder: Folder) -> tuple[int, ...]:
        """Return the folder's id where its path alone does not name it: of drives connected in one place in turn."""
        folders = (self.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.list.count()))
        return (folder.id,) if sum(other.path == folder.path for other in folders) > 1 else ()

    def _on_selected(self) -> None:
        folder = self._chosen()
        self.locate_button.setEnabled(folder is not None)
        self.remove_button.setEnabled(folder is not None)
        self.forget_button.setEnabled(folder is not None and (folder.vanished > 0 or not folder.online))

    # Changing the chosen folder

    def _on_locate(self) -> None:
        folder = self._chosen()
        place = None if folder is None else ask_place(folder, self)
        if folder is not None and place is not None:
            which = self._which(folder)
            self._change(lambda library, read: library.folders.locating(folder.path, place, read, *which))

    def _on_forget(self) -> None:
        folder = self._chosen()
        if folder is None:
            return
        count = folder.vanished if folder.online else folder.shown
        question = self.tr("Are the photos missing from “{folder}” deleted?")
        outcome = self.tr("photofind forgets up to %Ln photo(s) that are not there. No file is touched.", "", count)
        if not folder.online:
            question = self.tr("“{folder}” was empty or could not be found at the last look. Are its photos deleted?")
            outcome += " " + self.tr("If they are on a drive that is not connected, connect it instead.")
        ask(
            self,
            self.tr("Forget photos?"),
            question.format(folder=display_name(folder.path)),
            outcome,
            self.tr("Forget them"),
            lambda: self._change(
                lambda library, read: library.folders.accepting_missing(folder.path, read, *self._which(folder))
            ),
        )

    def _on_remove(self) -> None:
        folder = self._chosen()
        if folder is None:
            return
        ask(
            self,
            self.tr("Remove the folder?"),
            self.tr("Stop watching “{folder}”?").format(folder=display_name(folder.path)),
            self.tr("photofind forgets its %Ln photo(s). Your files stay where they are.", "", folder.shown),
            self.tr("Remove"),
            lambda: self._remove(folder),
        )

    def _remove(self, folder: Folder) -> None:
        self._do(
            lambda library: library.folders.let_go(folder.path, *self._which(folder)),
            lambda _: self._on_removed(folder),
        )

    def _on_removed(self, folder: Folder) -> None:
        self.folder_removed.emit(Path(os.fsdecode(folder.path)))
        self.reload()

    def _on_share(self, percent: int) -> None:
        self._do(lambda library: library.folders.set_missing_share(percent / 100), lambda _: None)

    def _change(self, action: Callable[[PhotoLibrary, Read], Steps[Done]]) -> None:
        self.failure.hide()
        self._worker.do_in_steps(action, lambda _: self.reload(), in_words(self._on_failed))

    # Looks

    def _button(self, text: str, act: Callable[[], None]) -> PlainButton:
        button = PlainButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked: act())
        return button

    def _lay_out(self) -> None:
        hint = PlainLabel(
            self.tr("Photos in these folders and the folders inside them can be searched."), self, wraps=True
        )
        hint.setProperty("role", "quiet")
        for_chosen = QHBoxLayout()
        for_chosen.addWidget(self.add_button)
        for_chosen.addStretch(1)
        for button in (self.locate_button, self.forget_button, self.remove_button):
            for_chosen.addWidget(button)
        close = self._button(self.tr("Close"), self.accept)
        last = QHBoxLayout()
        last.addWidget(self.exclusions_button)
        last.addStretch(1)
        last.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(12)
        column.addWidget(hint)
        column.addWidget(self.list, 1)
        column.addWidget(self.failure)
        column.addLayout(for_chosen)
        column.addSpacing(6)
        column.addLayout(self._share_line())
        column.addLayout(last)

    def _share_line(self) -> QHBoxLayout:
        sentence = self.tr("Ask first when more than {share} of a folder, and at least 50 photos, vanish at once")
        before, _, after = sentence.partition("{share}")
        self.share.setAccessibleName(sentence.format(share="…"))
        line = QHBoxLayout()
        line.setSpacing(8)
        for part in (PlainLabel(before.strip(), self), self.share, PlainLabel(after.strip(), self)):
            part.setProperty("role", "quiet")
            line.addWidget(part)
        line.addStretch(1)
        return line
