"""Sentences for the person above the grid: news goes by itself, what is wrong stays until closed or mended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from photofind.gui.look.icons import IconButton
from photofind.gui.look.plain import PlainButton, PlainLabel

_INFO_MS = 8000
_MOST = 3


class Notice(QFrame):
    """One sentence, with a button for what can be done about it."""

    closed = Signal()

    def __init__(self, text: str, *, error: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = text
        self._bar = parent
        self._is_closed = False
        self.setObjectName("notice")
        self.setProperty("error", error)
        label = PlainLabel(text, self, wraps=True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 6, 6, 6)
        self._row.addWidget(label)
        close = IconButton("clear", self.tr("Close this message"), self)
        close.setFixedSize(28, 28)
        close.clicked.connect(self.close_for_good)
        self._row.addWidget(close)

    def offer(self, words: str, action: Callable[[], None]) -> None:
        """Add a button; news goes once it is pressed, what is wrong stays until that is mended."""
        button = PlainButton(words, self)
        if not self.property("error"):
            button.clicked.connect(self.close_for_good)
        # Not from within the click: the action may ask something, and meanwhile the sentence may be withdrawn.
        button.clicked.connect(lambda: QTimer.singleShot(0, self._bar, action))
        self._row.insertWidget(1, button)

    def close_for_good(self) -> None:
        """Take the notice away; its time may run out between this and its end."""
        if not self._is_closed:
            self._is_closed = True
            self.closed.emit()
            self.hide()
            self.deleteLater()


class NoticeBar(QWidget):
    """A stack of the last few notices; takes no room while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices: list[Notice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 0, 24, 6)
        self._column.setSpacing(8)

    @property
    def texts(self) -> list[str]:
        """The sentences shown now, oldest first."""
        return [notice.text for notice in self._notices]

    def show_info(self, text: str, action: tuple[str, Callable[[], None]] | None = None) -> None:
        """Show news for some seconds, with an optional (words, action) button."""
        notice = self._add(text, error=False)
        if action is not None:
            notice.offer(*action)
        QTimer.singleShot(_INFO_MS, notice, notice.close_for_good)

    def show_error(self, text: str, action: tuple[str, Callable[[], None]] | None = None) -> None:
        """Show what is wrong until it is closed or withdrawn, with an optional (words, action) button."""
        notice = self._add(text, error=True)
        if action is not None:
            notice.offer(*action)

    def withdraw(self, text: str) -> None:
        """Take away a sentence that no longer holds."""
        for notice in [notice for notice in self._notices if notice.text == text]:
            notice.close_for_good()

    def _add(self, text: str, *, error: bool) -> Notice:
        repeated = [notice for notice in self._notices if notice.text == text]
        for notice in repeated or self._notices[: max(0, len(self._notices) - _MOST + 1)]:
            notice.close_for_good()
        added = Notice(text, error=error, parent=self)
        added.closed.connect(lambda: self._notices.remove(added))
        self._notices.append(added)
        self._column.addWidget(added)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
        return added
