"""A widget that is a place to drop things on, all over, and shows that it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from photofind.gui.asking.drop_hint import DropHint
from photofind.gui.asking.incoming import PHOTO_ID_FORMAT, read_drop
from photofind.gui.asking.search_bar import SearchBar


class DropTarget(QWidget):
    """Takes every drop; our own photos above the search bar alone.

    Elsewhere a drag of our own photos may be let go without a search.
    """

    dropped = Signal(object)  # Incoming or None

    def __init__(self) -> None:
        super().__init__()
        self.search_bar = SearchBar(self)
        self.drop_hint = DropHint(self)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take whatever may mean something, and say what a drop will do."""
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage() or mime.hasText():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            if event.source() is None:
                self.drop_hint.cover()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Take our own photos where they are wanted."""
        if event.source() is not None:
            above = self.search_bar.geometry().contains(event.position().toPoint())
            event.setAccepted(above and event.mimeData().hasFormat(PHOTO_ID_FORMAT))
            self.search_bar.show_active(event.isAccepted())

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Nothing will be dropped."""
        self._end_drag()

    def dropEvent(self, event: QDropEvent) -> None:
        """Say what was dropped, once the program it came from has been let go."""
        self._end_drag()
        event.acceptProposedAction()
        incoming = read_drop(event.mimeData())
        QTimer.singleShot(0, self, lambda: self.dropped.emit(incoming))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the hint over the whole of it."""
        super().resizeEvent(event)
        if self.drop_hint.isVisible():
            self.drop_hint.cover()

    def _end_drag(self) -> None:
        self.drop_hint.hide()
        self.search_bar.show_active(self.search_bar.field.hasFocus())
