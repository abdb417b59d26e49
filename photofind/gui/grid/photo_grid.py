"""The grid of photos: picked with mouse and keyboard as in a file manager, dragged out as files."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QDrag,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from photofind.core.records.answers import SearchResult
from photofind.core.records.photos import Photo
from photofind.gui.grid.photo_model import PhotoModel
from photofind.gui.grid.surface import GridSurface
from photofind.gui.look import words
from photofind.gui.look.pictures import rounded, to_image

_MOVES = frozenset(
    (
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    )
)
_OPENS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class PhotoGrid(GridSurface):
    """Shows a `PhotoModel` and says which photos the person picks, opens or wants a menu for."""

    opened = Signal(object)  # Photo
    menu_wanted = Signal(QPoint)  # global coordinates
    picks_changed = Signal()
    drag_refused = Signal(object)  # Photo that is away

    def __init__(
        self,
        model: PhotoModel,
        to_mime: Callable[[list[Photo]], QMimeData],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(model, parent)
        self._to_mime = to_mime
        self._pressed_at: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(self.tr("Photos"))

    @property
    def picked_ids(self) -> list[int]:
        """The picked photos' ids, in the order of the result."""
        return self.selection.ordered(self.model.ids)

    def picked_photos(self) -> list[Photo]:
        """Return the picked photos that are loaded; those in view are."""
        tiles = [self.model.tile(photo_id) for photo_id in self.picked_ids]
        return [tile.photo for tile in tiles if tile is not None]

    def pick_row(self, row: int) -> None:
        """Pick the photo at a row alone, and bring it into view."""
        self.selection.pick(int(self.model.ids[row]))
        self._on_picked(row)

    def pick_all(self) -> None:
        """Pick the whole result."""
        self.selection.pick_all(self.model.ids)
        self._on_picked(None)

    def clear_picks(self) -> bool:
        """Pick nothing; return whether anything was picked."""
        had_any = len(self.selection) > 0
        self.selection.clear()
        self._on_picked(None)
        return had_any

    def show_result(self, result: SearchResult) -> None:
        """Show an answer and say that the picks may have changed."""
        super().show_result(result)
        self.picks_changed.emit()

    def describe(self, row: int) -> str:
        """Return a row's name, date and score in one line each, for tooltips and screen readers."""
        tile = self.model.tile(int(self.model.ids[row]))
        if tile is None:
            return ""
        score = words.score(self.model.score(row))
        lines = [
            tile.photo.name,
            words.date_taken(tile.photo),
            self.tr("score {score}").format(score=score) if score else "",
            self.tr("found by its name, folder, date or camera") if self.model.found_by_name(row) else "",
            self.model.absence.in_short(tile.photo),
            tile.photo.flaw,
        ]
        return "\n".join(line for line in lines if line)

    def _on_picked(self, row: int | None) -> None:
        if row is not None:
            self.scroll_to(row)
            spoken = self.describe(row).replace("\n", ", ")
            self.setAccessibleDescription(spoken)
            if QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))
        self.viewport().update()
        self.picks_changed.emit()

    def _pick(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        photo_id = int(self.model.ids[row])
        if modifiers & _SHIFT:
            self.selection.extend(photo_id, self.model.ids)
        elif modifiers & _CONTROL:
            self.selection.toggle(photo_id)
        else:
            self.selection.pick(photo_id)
        self._on_picked(row)

    def _open_row(self, row: int | None) -> None:
        tile = None if row is None else self.model.tile(int(self.model.ids[row]))
        if tile is not None:
            self.opened.emit(tile.photo)

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, pick, open."""
        key = Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.pick_all()
        elif key in _MOVES and len(self.model.ids):
            self._move(key, event.modifiers())
        elif key in _OPENS:
            self._open_row(self.model.row_of(self.selection.current))
        elif key == Qt.Key.Key_Space and self.selection.current is not None:
            self.selection.toggle(self.selection.current)
            self._on_picked(self.model.row_of(self.selection.current))
        else:
            super().keyPressEvent(event)

    def _move(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        current = self.model.row_of(self.selection.current)
        seen = self.seen_rows()
        target = seen.start if current is None else self._row_beside(current, key)
        if modifiers & _CONTROL and not modifiers & _SHIFT:
            self.selection.current = int(self.model.ids[target])
            self._on_picked(target)
        else:
            self._pick(target, modifiers & _SHIFT)

    def _row_beside(self, row: int, key: Qt.Key) -> int:
        return self.places.row_beside(row, key, self.viewport().height())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        if self.selection.current is None and len(self.model.ids):
            self.selection.current = int(self.model.ids[self.seen_rows().start])
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide where the keyboard was."""
        super().focusOutEvent(event)
        self.viewport().update()

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick; a press on a picked photo waits, as it may begin a drag of all of them."""
        row = self.row_at(event.position().toPoint())
        self._pressed_at = None
        if row is None:
            if event.button() == Qt.MouseButton.LeftButton:
                self.clear_picks()
            return
        already = int(self.model.ids[row]) in self.selection
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()
            if not already or event.modifiers() & (_SHIFT | _CONTROL):
                self._pick(row, event.modifiers())
        elif event.button() == Qt.MouseButton.RightButton and not already:
            self._pick(row, Qt.KeyboardModifier.NoModifier)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pick the pressed photo alone, if no drag began."""
        row = self.row_at(event.position().toPoint())
        plain = not event.modifiers() & (_SHIFT | _CONTROL)
        if self._pressed_at is not None and row is not None and plain and len(self.selection) > 1:
            self.pick_row(row)
        self._pressed_at = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the photo."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._open_row(self.row_at(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the tile below the pointer; begin a drag."""
        point = event.position().toPoint()
        if self._pressed_at is not None and event.buttons() & Qt.MouseButton.LeftButton:
            if (point - self._pressed_at).manhattanLength() >= QApplication.startDragDistance():
                self._pressed_at = None
                self._drag()
            return
        row = self.row_at(point)
        self._hover(None if row is None else int(self.model.ids[row]))

    def _drag(self) -> None:
        photos = self.picked_photos()
        if len(photos) < len(self.selection) or not photos:
            # Dragging only some of what is picked would be worse than dragging nothing.
            self.model.request(self.picked_ids)
            return
        away = [photo for photo in photos if not photo.online]
        if away and len(photos) > 1:
            self.drag_refused.emit(away[0])
            return
        drag = QDrag(self)
        drag.setMimeData(self._to_mime(photos))
        tile = self.model.tile(photos[0].id)
        if tile is not None and tile.thumbnail is not None:
            drag.setPixmap(rounded(to_image(tile.thumbnail), 96, 8))
            drag.setHotSpot(QPoint(48, 48))
        if drag.exec(Qt.DropAction.CopyAction) == Qt.DropAction.IgnoreAction and away:
            self.drag_refused.emit(away[0])

    def _hover(self, photo_id: int | None) -> None:
        if photo_id != self.hovered:
            self.hovered = photo_id
            self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl, change the size of the tiles."""
        if event.modifiers() & _CONTROL and event.angleDelta().y():
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu at the pointer, or at the current photo when asked by keyboard."""
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            row = self.model.row_of(self.selection.current)
            if row is not None:
                at = self.viewport().mapToGlobal(self.tile_rect(row).center())
        if len(self.selection):
            self.menu_wanted.emit(at)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the tooltip of the photo below the pointer; forget it when the pointer leaves."""
        if isinstance(event, QHelpEvent):
            row = self.row_at(event.pos())
            QToolTip.showText(event.globalPos(), "" if row is None else self.describe(row), self.viewport())
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def sizeHint(self) -> QSize:
        """Return room for a few lines of tiles."""
        return QSize(960, 600)
