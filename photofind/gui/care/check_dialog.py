"""The dialog that looks through the library for damage, and mends it if the person wants that."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from photofind.core.records.care import Finding
from photofind.core.records.searching import Searching
from photofind.gui.look import words
from photofind.gui.look.plain import PlainButton, PlainLabel
from photofind.gui.look.sentences import in_words, say
from photofind.gui.needs import LibraryWorker, PhotoLibrary

_LEAST = (460, 170)


class CheckDialog(QDialog):
    """Checks when it is shown; repairs on request. Where all is well it says what answers a search, and why."""

    failed = Signal(str)

    def __init__(self, worker: LibraryWorker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self.setWindowTitle(self.tr("Check library"))
        self.setMinimumSize(*_LEAST)
        self.title = PlainLabel("", self, wraps=True)
        self.title.setProperty("role", "heading")
        self.details = PlainLabel("", self, wraps=True)
        self.details.setProperty("role", "quiet")
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 0)
        self.progress.setAccessibleName(self.tr("Work on the library"))
        self.repair_button = self._button(self.tr("Repair"), self._repair)
        self.repair_button.setProperty("primary", True)
        self._lay_out()

    def begin(self) -> None:
        """Look for damage."""
        self._run(self.tr("Checking…"), self.tr("Searching waits until this is done."), repair=False)

    def _repair(self) -> None:
        self._run(self.tr("Repairing…"), self.tr("Your photos are not touched."), repair=True)

    def _run(self, title: str, details: str, *, repair: bool) -> None:
        self._say(title, details)
        self.progress.show()
        self._fit()
        self._worker.do(lambda library: _check(library, repair), self._on_checked, in_words(self._on_failed))

    def _on_checked(self, checked: tuple[list[Finding], Searching]) -> None:
        findings, searching = checked
        left = [finding for finding in findings if not finding.repaired]
        if not findings:
            self._say(self.tr("Everything is in order."), say(searching.why))
        elif not left:
            self._say(
                self.tr("The library is in order again."),
                self.tr("What was made anew is filled in by itself, over the next minutes.") + _list(findings),
            )
        elif len(left) < len(findings):
            self._say(self.tr("Not everything could be repaired."), self.tr("This is left:") + _list(left))
        else:
            self._say(
                self.tr("Some things need repair."),
                self.tr("Your photos are not affected, only what photofind keeps about them.") + _list(findings),
            )
            self.repair_button.show()
        self._fit()

    def _on_failed(self, sentence: str) -> None:
        self._say(self.tr("The library could not be checked."), sentence)
        self._fit()
        if not self.isVisible():
            self.failed.emit(sentence)

    def _say(self, title: str, details: str) -> None:
        self.title.setText(title)
        self.details.setText(details)
        self.progress.hide()
        self.repair_button.hide()

    def _fit(self) -> None:
        """Be no smaller than what is said takes: Qt does not count the lines into which it is wrapped."""
        width, height = _LEAST
        self._column.activate()
        self.setMinimumHeight(max(height, self._column.totalHeightForWidth(width)))

    def _button(self, text: str, act: Callable[[], None]) -> PlainButton:
        button = PlainButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked: act())
        return button

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.repair_button)
        buttons.addWidget(self._button(self.tr("Close"), self.accept))
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.details)
        column.addWidget(self.progress)
        column.addStretch(1)
        column.addLayout(buttons)


def _check(library: PhotoLibrary, repair: bool) -> tuple[list[Finding], Searching]:
    return library.care.check(repair=repair), library.search.searching


def _list(findings: list[Finding]) -> str:
    return "\n\n" + "\n".join(f"• {say(finding.what)}: {words.number(finding.count)}" for finding in findings)
