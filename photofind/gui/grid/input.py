"""What mouse and keyboard do over a grid: pick, move, open, drag out, ask for a menu or a tooltip, zoom."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip

from photofind.gui.grid.description import describe
from photofind.gui.grid.dragging import Dragging
from photofind.gui.grid.picking import CONTROL, SHIFT, Picking
from photofind.gui.look.plain import as_tooltip

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
_LEFT = Qt.MouseButton.LeftButton


class GridInput(QObject):
    """Listens to the events of a grid, so that the grid itself only shows; what is not for it goes on to the grid."""

    menu_wanted = Signal(QPoint)  # global coordinates
    drag_refused = Signal(object)  # Photo that is away

    def __init__(self, picking: Picking, library: str = "") -> None:
        super().__init__(picking)
        self._picking = picking
        self._dragging = Dragging(picking, library)
        self._dragging.refused.connect(self.drag_refused)
        self._grid = picking.grid
        self._viewport = self._grid.viewport()
        self._pressed_at: QPoint | None = None
        self._pressed_id = 0
        self._viewport.setMouseTracking(True)
        self._viewport.installEventFilter(self)
        self._grid.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Act on an event; tell whether that was all there is to do about it."""
        if isinstance(event, QContextMenuEvent):
            self._ask_menu(event)
            return True
        return self._is_for_pointer(event) if watched is self._viewport else self._is_for_keyboard(event)

    # Keyboard

    def _is_for_keyboard(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self._picking.find_place()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._is_for_key(event)
        return False

    def _is_for_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self._picking.pick_all()
        elif key in _MOVES and len(self._grid.model.ids):
            self._picking.move(key, event.modifiers())
        elif key in _OPENS:
            self._picking.open_row(self._picking.current_row)
        elif key == Qt.Key.Key_Space and self._picking.current_row is not None:
            self._picking.toggle_current()
        else:
            return False
        return True

    # Mouse

    def _is_for_pointer(self, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            return self._is_for_mouse(event)
        if isinstance(event, QWheelEvent):
            return self._is_for_zoom(event)
        if isinstance(event, QHelpEvent):
            self._show_tooltip(event)
            return True
        if event.type() == QEvent.Type.Leave:
            self._grid.light_up(None)
        return False

    def _is_for_mouse(self, event: QMouseEvent) -> bool:
        point = event.position().toPoint()
        row = self._grid.row_at(point)
        match event.type():
            case QEvent.Type.MouseButtonPress:
                self._press(event, row)
            case QEvent.Type.MouseButtonRelease:
                self._release(event, row)
            case QEvent.Type.MouseButtonDblClick:
                self._picking.open_row(row if event.button() == _LEFT else None)
            case QEvent.Type.MouseMove:
                self._move(event, row)
            case _:
                return False
        return True

    def _press(self, event: QMouseEvent, row: int | None) -> None:
        """Pick; a press on a picked photo waits, as it may begin a drag of all of them."""
        self._pressed_at = None
        if row is None:
            if event.button() == _LEFT:
                self._picking.clear()
            return
        already = self._picking.holds(row)
        if event.button() == _LEFT:
            self._pressed_at = event.position().toPoint()
            if not already or event.modifiers() & (SHIFT | CONTROL):
                self._picking.pick_row(row, event.modifiers())
            self._pressed_id = self._grid.model.id_at(row)
            self._dragging.prepare()
        elif event.button() == Qt.MouseButton.RightButton and not already:
            self._picking.pick_row(row)

    def _release(self, event: QMouseEvent, row: int | None) -> None:
        """Pick the pressed photo alone, if no drag began."""
        plain = not event.modifiers() & (SHIFT | CONTROL)
        if self._pressed_at is not None and row is not None and plain and self._picking.count > 1:
            self._picking.pick_row(row)
        self._pressed_at = None
        self._dragging.forget()

    def _move(self, event: QMouseEvent, row: int | None) -> None:
        """Light up the tile below the pointer; begin a drag."""
        if self._pressed_at is None or not event.buttons() & _LEFT:
            self._grid.light_up(row)
        elif (event.position().toPoint() - self._pressed_at).manhattanLength() >= QApplication.startDragDistance():
            self._pressed_at = None
            self._dragging.begin(self._pressed_id)

    def _is_for_zoom(self, event: QWheelEvent) -> bool:
        """With Ctrl the wheel changes the size of the tiles, else it scrolls."""
        steps = event.angleDelta().y()
        if not (event.modifiers() & CONTROL and steps):
            return False
        self._grid.zoom(1 if steps > 0 else -1)
        return True

    def _ask_menu(self, event: QContextMenuEvent) -> None:
        """Ask for a menu at the pointer, or at the current photo when asked by keyboard."""
        at = event.globalPos()
        row = self._picking.current_row
        if event.reason() == QContextMenuEvent.Reason.Keyboard and row is not None:
            at = self._viewport.mapToGlobal(self._grid.tile_rect(row).center())
        if self._picking.count:
            self.menu_wanted.emit(at)

    def _show_tooltip(self, event: QHelpEvent) -> None:
        row = self._grid.row_at(event.pos())
        words = "" if row is None else describe(self._grid.model, row)
        QToolTip.showText(event.globalPos(), as_tooltip(words), self._viewport)
