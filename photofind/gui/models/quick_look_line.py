"""The one plain line that says what quick look can do, with the way to a better model."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget


class QuickLookLine(QLabel):
    """Words that end in a link, so that they wrap as one sentence does."""

    model_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        link = self.tr("Get a better model…")
        fact = self.tr("Using quick look: it knows colours and light, not things.")
        self.setText(f'{fact} <a href="models" style="text-decoration: none">{link}</a>')
        self.setProperty("role", "quiet")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.linkActivated.connect(lambda _link: self.model_wanted.emit())
