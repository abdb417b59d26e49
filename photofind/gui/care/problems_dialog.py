"""The dialog that lists the files that could not be read, or not whole, and why."""

from __future__ import annotations

import os

from PySide6.QtCore import QDateTime, QLocale, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from photofind.core.records.names import display_name
from photofind.core.records.photos import Problem
from photofind.gui.look.plain import PlainButton, PlainLabel, as_tooltip
from photofind.gui.look.sentences import in_words, say
from photofind.gui.needs import LibraryWorker

# Pixels: a row at least, around its text above and below, and at both sides of a cell.
_ROW, _GAP, _PADDING = 38, 12, 28
_FIT_MS = 100


class ProblemsDialog(QDialog):
    """Shows each problem's name, folder, reason and since when."""

    failed = Signal(str)

    def __init__(self, worker: LibraryWorker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._problems: list[Problem] = []
        self.setWindowTitle(self.tr("Problems"))
        self.resize(820, 460)
        columns = [self.tr("Name"), self.tr("Reason"), self.tr("Folder"), self.tr("Since")]
        self.table = QTableWidget(0, len(columns), self)
        self.table.setHorizontalHeaderLabels(columns)
        self.table.setAccessibleName(self.tr("Files that could not be read"))
        self._fitting = QTimer(self, interval=_FIT_MS, singleShot=True)
        self._fitting.timeout.connect(self._fit_rows)
        self._style_table()
        self.hint = PlainLabel("", self, wraps=True)
        self.hint.setProperty("role", "quiet")
        self.copy_button = PlainButton(self.tr("Copy the list"), self)
        self.copy_button.clicked.connect(self._copy)
        self.retry_button = PlainButton(self.tr("Try again"), self)
        self.retry_button.setAutoDefault(False)
        self.retry_button.clicked.connect(self._retry)
        self._retried = 0
        self._lay_out()

    def reload(self) -> None:
        """Read the problems again."""
        self._worker.do(
            lambda library: (library.care.problems(), library.embedding.counts.failed),
            lambda state: self._show(*state),
            in_words(self.failed.emit),
        )

    def done(self, result: int) -> None:
        """Close, and with that forget what was tried again."""
        self._retried = 0
        super().done(result)

    def _retry(self) -> None:
        self._worker.do(lambda library: library.care.retry_failed(), self._on_retried, in_words(self.failed.emit))

    def _on_retried(self, count: int) -> None:
        self._retried = count
        self._worker.sync()
        self.reload()

    def _show(self, problems: list[Problem], unread: int) -> None:
        # By place, so that a problem that comes back is where it was.
        problems = self._problems = sorted(problems, key=lambda problem: problem.path)
        self.hint.setText(self._describe(unread, len(problems) - unread))
        self.copy_button.setEnabled(bool(problems))
        self.retry_button.setEnabled(bool(problems))
        self.table.setRowCount(len(problems))
        for row, problem in enumerate(problems):
            for column, text in enumerate(_cells(problem)):
                item = QTableWidgetItem(text)
                item.setToolTip(as_tooltip(text))
                self.table.setItem(row, column, item)
        self._fit_rows()

    def _fit_rows(self) -> None:
        """Give each row room for its whole reason; the header's own way fits every row again for every cell."""
        room = QRect(0, 0, self.table.columnWidth(1) - _PADDING, 0)
        for row, problem in enumerate(self._problems):
            reason = self.table.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, say(problem.reason))
            self.table.setRowHeight(row, max(_ROW, self.table.sizeHintForRow(row) + _GAP, reason.height() + _GAP))

    def _describe(self, unread: int, partial: int) -> str:
        """Say how much could not be read, in words that agree with the status bar, which counts the unread ones."""
        said = []
        if unread > 0:
            said.append(self.tr("%Ln file(s) could not be read.", "", unread))
        if partial > 0:
            said.append(self.tr("%Ln could be read only in part.", "", partial))
        if self._retried:
            said.append(self.tr("%Ln file(s) are read again; what still fails appears here.", "", self._retried))
        elif said:
            said.append(self.tr("Each is tried again when it changes."))
        return " ".join(said) or self.tr("No problems: every photo could be read.")

    def _copy(self) -> None:
        lines = ["\t".join(_cells(problem)) for problem in self._problems]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _style_table(self) -> None:
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.resizeSection(0, 150)
        header.resizeSection(2, 160)
        header.resizeSection(3, 150)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.sectionResized.connect(self._fitting.start)

    def _lay_out(self) -> None:
        close = PlainButton(self.tr("Close"), self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self.retry_button)
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
        say(problem.reason),
        display_name(folder),
        QLocale().toString(since, QLocale.FormatType.ShortFormat),
    )
