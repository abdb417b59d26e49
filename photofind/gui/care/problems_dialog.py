"""The dialog that lists the files that could not be read, or not whole, and why."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import takewhile

from PySide6.QtCore import QDateTime, QRect, Qt, QTimer, Signal
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
from photofind.core.records.photos import Problem, ProblemPage, ProblemPlace
from photofind.gui.look import words
from photofind.gui.look.plain import PlainButton, PlainLabel, as_tooltip
from photofind.gui.look.sentences import in_words, say
from photofind.gui.needs import LibraryWorker

# Pixels: a row at least, around its text above and below, and at both sides of a cell.
_ROW, _GAP, _PADDING = 38, 12, 28
_FIT_MS = 100
# Pixels in which the list still says something: its head, a row, the beginning of the reason.
_LEAST = (420, 160)
# So many are read at a time, and at most so many again when something changed.
_PAGE, _MOST_AGAIN = 200, 1_000


class ProblemsDialog(QDialog):
    """Shows each problem's name, folder, reason and since when."""

    failed = Signal(str)

    def __init__(self, worker: LibraryWorker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._problems: list[Problem] = []
        self._next: ProblemPlace | None = None
        self._is_reading = False
        self.setWindowTitle(self.tr("Problems"))
        self.resize(820, 460)
        columns = [self.tr("Name"), self.tr("Reason"), self.tr("Folder"), self.tr("Since")]
        self.table = QTableWidget(0, len(columns), self)
        self.table.setHorizontalHeaderLabels(columns)
        self.table.setAccessibleName(self.tr("Files that could not be read"))
        self._fitting = QTimer(self, interval=_FIT_MS, singleShot=True)
        self._fitting.timeout.connect(self._fit_rows)
        self._style_table()
        self.table.verticalScrollBar().valueChanged.connect(self._on_scrolled)
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
        """Read the problems that are shown again; more come when they are scrolled to."""
        shown = min(_MOST_AGAIN, max(_PAGE, len(self._problems)))
        self._read(None, shown, self._show)

    def _read(self, after: ProblemPlace | None, limit: int, on_done: Callable[[ProblemPage], None]) -> None:
        self._worker.do(lambda library: library.care.problems_page(after, limit), on_done, in_words(self.failed.emit))

    def _on_scrolled(self, value: int) -> None:
        if self._next is not None and not self._is_reading and value >= self.table.verticalScrollBar().maximum() - 1:
            self._is_reading = True
            after = self._next
            self._read(after, _PAGE, lambda page: self._show_more(after, page))

    def _show_more(self, after: ProblemPlace, page: ProblemPage) -> None:
        self._is_reading = False
        if after == self._next:
            self._put(self._problems + page.problems, len(self._problems))
            self._next = page.next

    def done(self, result: int) -> None:
        """Close, and with that forget what was tried again."""
        self._retried = 0
        super().done(result)

    def _retry(self) -> None:
        self._worker.do_in_steps(
            lambda library, _: library.care.retrying_failed(), self._on_retried, in_words(self.failed.emit)
        )

    def _on_retried(self, count: int) -> None:
        self._retried = count
        self._worker.sync()
        self.reload()

    def _show(self, page: ProblemPage) -> None:
        total = page.unread + page.partial
        self.hint.setText(self._describe(page.unread, page.partial))
        self.copy_button.setEnabled(total > 0)
        self.retry_button.setEnabled(total > 0)
        self._next = page.next
        if page.problems != self._problems:
            pairs = zip(page.problems, self._problems, strict=False)
            self._put(page.problems, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)))

    def _put(self, problems: list[Problem], same: int) -> None:
        """Show problems, of which so many at the beginning are shown already."""
        self._problems = problems
        self.table.setRowCount(len(problems))
        for row, problem in enumerate(problems[same:], same):
            for column, text in enumerate(_cells(problem)):
                item = QTableWidgetItem(text)
                item.setToolTip(as_tooltip(text))
                self.table.setItem(row, column, item)
        self._fit_rows(same)

    def _fit_rows(self, first: int = 0) -> None:
        """Give each row room for its whole reason; the header's own way fits every row again for every cell."""
        room = QRect(0, 0, self.table.columnWidth(1) - _PADDING, 0)
        for row, problem in enumerate(self._problems[first:], first):
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
        """Copy all problems, read some at a time."""
        self.copy_button.setEnabled(False)
        self._copy_on([], None)

    def _copy_on(self, lines: list[str], after: ProblemPlace | None) -> None:
        def take(page: ProblemPage) -> None:
            lines.extend("\t".join(_cells(problem)) for problem in page.problems)
            if page.next is not None:
                self._copy_on(lines, page.next)
            else:
                QGuiApplication.clipboard().setText("\n".join(lines))
                self.copy_button.setEnabled(True)

        self._read(after, _PAGE, take)

    def _style_table(self) -> None:
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setMinimumSize(*_LEAST)
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
    return (
        display_name(name),
        say(problem.reason),
        display_name(folder),
        words.moment(QDateTime.fromSecsSinceEpoch(int(problem.since))),
    )
