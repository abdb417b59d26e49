"""The dialog that lists the files that could not be indexed, and why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from photofind.core.records import Problem, display_name

if TYPE_CHECKING:
    from photofind.background.worker import Worker


class ProblemsDialog(QDialog):
    """Shows each problem's name, folder, reason and since when."""

    failed = Signal(str)

    def __init__(self, worker: Worker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._problems: list[Problem] = []
        self.setWindowTitle(self.tr("Problems"))
        self.resize(820, 460)
        columns = [self.tr("Name"), self.tr("Reason"), self.tr("Folder"), self.tr("Since")]
        self.table = QTableWidget(0, len(columns), self)
        self.table.setHorizontalHeaderLabels(columns)
        self.table.setAccessibleName(self.tr("Files that could not be indexed"))
        self._style_table()
        self.hint = QLabel(self)
        self.hint.setProperty("role", "quiet")
        self.hint.setWordWrap(True)
        self.copy_button = QPushButton(self.tr("Copy the list"), self)
        self.copy_button.clicked.connect(self._copy)
        self._lay_out()

    def reload(self) -> None:
        """Read the problems again."""
        self._worker.do(lambda library: library.problems(), self._show, self.failed.emit)

    def _show(self, problems: list[Problem]) -> None:
        self._problems = problems
        self.hint.setText(
            self.tr(
                "%Ln file(s) could not be indexed. Each is tried again when it changes.",
                "",
                len(problems),
            )
            if problems
            else self.tr("No problems: every photo could be read.")
        )
        self.copy_button.setEnabled(bool(problems))
        self.table.setRowCount(len(problems))
        for row, problem in enumerate(problems):
            for column, text in enumerate(_cells(problem)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)

    def _copy(self) -> None:
        lines = ["\t".join(_cells(problem)) for problem in self._problems]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _style_table(self) -> None:
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(38)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.resizeSection(0, 170)
        header.resizeSection(2, 180)
        header.resizeSection(3, 150)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def _lay_out(self) -> None:
        close = QPushButton(self.tr("Close"), self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(12)
        column.addWidget(self.hint)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)


def _cells(problem: Problem) -> tuple[str, str, str, str]:
    folder, name = os.path.split(problem.path)
    since = QDateTime.fromSecsSinceEpoch(int(problem.since))
    return (
        display_name(name),
        problem.reason,
        display_name(folder),
        QLocale().toString(since, QLocale.FormatType.ShortFormat),
    )
