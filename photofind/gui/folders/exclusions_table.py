"""The list of what is left out: folders first, then patterns, each with what it means."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from photofind.core.disk.exclusions import Exclusions
from photofind.core.records.names import display_name
from photofind.gui.look.icons import icon
from photofind.gui.look.plain import as_tooltip

_PATH = Qt.ItemDataRole.UserRole


class ExclusionsTable(QTableWidget):
    """Shows exclusions; patterns are edited in place."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self.setAccessibleName(self.tr("What is left out"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(32)
        header = self.horizontalHeader()
        header.hide()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.itemChanged.connect(self._on_item_changed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep in view what was just added: the list of what it drops takes room from this one."""
        super().resizeEvent(event)
        if self.picked_row is not None:
            self.scrollTo(self.currentIndex())

    @property
    def exclusions(self) -> Exclusions:
        """What the list says now; empty lines and repeated ones are left away."""
        items = [self._entry(row) for row in range(self.rowCount())]
        patterns = [item.text().strip() for item in items if item.data(_PATH) is None and item.text().strip()]
        folders = [bytes(item.data(_PATH)) for item in items if item.data(_PATH) is not None]
        return Exclusions(tuple(dict.fromkeys(patterns)), tuple(dict.fromkeys(folders)))

    def fill(self, exclusions: Exclusions) -> None:
        """Show these and nothing else."""
        self.setRowCount(0)
        for folder in exclusions.folders:
            self._add_row(display_name(folder), folder)
        for pattern in exclusions.patterns:
            self._add_row(pattern, None)
        self.edited.emit()

    def add_pattern(self, pattern: str) -> None:
        """Add a pattern and show where it is."""
        self._pick(self._add_row(pattern, None))

    def add_folder(self, path: bytes) -> None:
        """Add a folder and show where it is."""
        self._pick(self._add_row(display_name(path), path))

    @property
    def picked_row(self) -> int | None:
        """The picked row, if there is one."""
        rows = self.selectionModel().selectedRows()
        return rows[0].row() if rows else None

    def is_pattern(self, row: int) -> bool:
        """Tell whether a row holds a pattern, which can be edited, or a folder."""
        return self._entry(row).data(_PATH) is None

    def remove_picked(self) -> None:
        """Take the picked row away."""
        if self.picked_row is not None:
            self.removeRow(self.picked_row)
            self.edited.emit()

    def edit_picked(self) -> None:
        """Begin to edit the picked row."""
        if self.picked_row is not None:
            self.editItem(self._entry(self.picked_row))

    def _add_row(self, text: str, path: bytes | None) -> int:
        row = self.rowCount()
        self.insertRow(row)
        item = QTableWidgetItem(text)
        item.setData(_PATH, path)
        if path is not None:
            item.setToolTip(as_tooltip(text))
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            item.setIcon(icon("folder", self.palette()))
        self.setItem(row, 0, item)
        self._explain(row)
        return row

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            self._explain(item.row())
            self.edited.emit()

    def _explain(self, row: int) -> None:
        pattern = self._entry(row).text()
        meaning = QTableWidgetItem(explain_pattern(pattern) if self.is_pattern(row) else self.tr("this folder"))
        meaning.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        meaning.setForeground(self.palette().placeholderText())
        self.setItem(row, 1, meaning)

    def _entry(self, row: int) -> QTableWidgetItem:
        return self.item(row, 0) or QTableWidgetItem()

    def _pick(self, row: int) -> None:
        where = self.model().index(row, 0)
        whole = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(where, whole)
        self.scrollTo(where)
        self.edited.emit()


def explain_pattern(pattern: str) -> str:
    """Say in plain words what a pattern leaves out."""
    fixed = pattern.strip()
    if "/" in fixed.strip("/"):
        return _tr("this place in each watched folder")
    is_plain = not any(sign in fixed for sign in "*?[")
    if fixed == ".*":
        return _tr("hidden files and folders")
    if is_plain:
        return _tr("this name") if fixed else ""
    if not any(sign in fixed[1:] for sign in "*?["):
        return _tr("names that end so")
    if not any(sign in fixed[:-1] for sign in "*?["):
        return _tr("names that begin so")
    return _tr("names of this form")


def _tr(text: str) -> str:
    return QCoreApplication.translate("exclusions_table", text)
