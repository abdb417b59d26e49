"""A line of text that ends in “…” where there is no room for all of it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent

from photofind.gui.look.plain import PlainLabel, set_tooltip


class ElidedLabel(PlainLabel):
    """Shows as much of its text as fits; all of it is in the tooltip."""

    def setText(self, text: str) -> None:
        """Show a text in one line, whatever lines it has."""
        super().setText(text.replace("\n", " "))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the text, shortened if need be."""
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        set_tooltip(self, self.text() if shown != self.text() else "")
        self.style().drawItemText(
            QPainter(self),
            self.rect(),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading),
            self.palette(),
            self.isEnabled(),
            shown,
            self.foregroundRole(),
        )

    def minimumSizeHint(self) -> QSize:
        """Ask for little room: the text can be shortened."""
        return QSize(60, super().minimumSizeHint().height())
