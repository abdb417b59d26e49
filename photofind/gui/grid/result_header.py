"""The line above the grid: what is shown, and how much of the library the answer covers."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photofind.core.records.answers import SearchResult
from photofind.core.records.models import QUICK_LOOK
from photofind.gui.look import words
from photofind.gui.look.elided_label import ElidedLabel
from photofind.gui.look.plain import PlainLabel
from photofind.gui.look.sentences import say
from photofind.gui.models.quick_look_line import QuickLookLine

_SLOW_MS = 400


class ResultHeader(QWidget):
    """Describes a `SearchResult` in words."""

    model_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._announced = ""
        self.title = ElidedLabel("", self)
        self.title.setProperty("role", "heading")
        self.coverage = PlainLabel("", self)
        self.coverage.setProperty("role", "quiet")
        self.note = PlainLabel("", self, wraps=True)
        self.note.setProperty("role", "quiet")
        self.about_model = QuickLookLine(self)
        self.about_model.model_wanted.connect(self.model_wanted)
        self._slow = QTimer(self, interval=_SLOW_MS, singleShot=True)
        self._slow.timeout.connect(lambda: self.coverage.setText(self.tr("searching…")))
        self._lay_out()

    def expect_answer(self) -> None:
        """Say "searching…" if no answer comes within a moment."""
        self._slow.start()

    def stop_expecting(self) -> None:
        """No answer will come."""
        self._slow.stop()

    def describe(self, result: SearchResult, picture: str, *, indexing: bool) -> None:
        """Describe an answer; `picture` is the name of the picture that was asked with, or ""."""
        self._slow.stop()
        self.title.setText(self._title(result, picture))
        self.coverage.setText(self._coverage(result, indexing))
        quick = bool(result.query.text) and result.model == QUICK_LOOK
        self.note.setText(say(result.note) if result.note else "")
        self.note.setVisible(result.note is not None)
        self.about_model.setVisible(quick)
        self._announce()

    def _announce(self) -> None:
        """Let a screen reader say what was found, once for each new title."""
        if QAccessible.isActive() and self.title.text() != self._announced:
            self._announced = self.title.text()
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self._announced))

    def _title(self, result: SearchResult, picture: str) -> str:
        if picture:
            return self.tr("Photos like {name}").format(name=picture)
        if not result.query.text:
            return self.tr("Newest photos")
        by_looks = result.likely - result.named
        found = [self.tr("%Ln by name, date or words", "", result.named)] if result.named else []
        found += [self.tr("%Ln likely match(es)", "", by_looks)] if by_looks else []
        if found:
            return " · ".join(found)
        return self.tr("No likely match; these come closest") if len(result.photo_ids) else self.tr("No match")

    def _coverage(self, result: SearchResult, indexing: bool) -> str:
        if not indexing:
            return words.photos(result.total)
        return self.tr("searching {searched} of {total}").format(
            searched=words.number(result.searched), total=words.number(result.total)
        )

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.coverage)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 2, 24, 6)
        column.setSpacing(3)
        column.addLayout(top)
        column.addWidget(self.note)
        column.addWidget(self.about_model)
        self.note.hide()
        self.about_model.hide()
