"""Makes a window a place to drop things on, all over, and shows that it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from photofind.gui.asking.drop_hint import DropHint
from photofind.gui.asking.incoming import PHOTO_ID_FORMAT, may_hold_anything, read_drop
from photofind.gui.asking.search_bar import SearchBar


class DropTarget(QObject):
    """Takes every drop on a window; our own photos above its search bar alone.

    Elsewhere a drag of our own photos may be let go without a search.
    """

    dropped = Signal(object)  # Incoming

    def __init__(self, window: QWidget, search_bar: SearchBar, library: str = "") -> None:
        super().__init__(window)
        self._search_bar = search_bar
        self._library = library
        self.hint = DropHint(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, _window: QObject, event: QEvent) -> bool:
        """Take the window's drags and drops, and keep the hint over the whole of it."""
        match event:
            case QDragEnterEvent():
                self._enter(event)
            case QDragMoveEvent():
                self._move(event)
            case QDragLeaveEvent():
                self._end_drag()
            case QDropEvent():
                self._drop(event)
            case _:
                if event.type() == QEvent.Type.Resize and self.hint.isVisible():
                    self.hint.cover()
                return False
        return True

    def _enter(self, event: QDragEnterEvent) -> None:
        """Take whatever may mean something, and say what a drop will do."""
        if may_hold_anything(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            if event.source() is None:
                self.hint.cover()

    def _move(self, event: QDragMoveEvent) -> None:
        """Take our own photos where they are wanted."""
        if event.source() is not None:
            above = self._search_bar.geometry().contains(event.position().toPoint())
            event.setAccepted(above and event.mimeData().hasFormat(PHOTO_ID_FORMAT))
            self._search_bar.show_active(event.isAccepted())

    def _drop(self, event: QDropEvent) -> None:
        """Say what was dropped, once the program it came from has been let go."""
        self._end_drag()
        event.acceptProposedAction()
        incoming = read_drop(event.mimeData(), self._library)
        QTimer.singleShot(0, self, lambda: self.dropped.emit(incoming))

    def _end_drag(self) -> None:
        self.hint.hide()
        self._search_bar.show_active(self._search_bar.field.hasFocus())
