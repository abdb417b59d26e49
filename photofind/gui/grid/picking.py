"""Which photos of a grid the person picks, moves to and opens, as in a file manager."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from photofind.core.records.photos import Photo
from photofind.gui.grid.description import describe
from photofind.gui.grid.photo_grid import PhotoGrid

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Picking(QObject):
    """Changes a grid's selection, shows what changed, and lets it be heard; rows are those of the grid's result."""

    changed = Signal()
    opened = Signal(object)  # Photo

    def __init__(self, grid: PhotoGrid) -> None:
        super().__init__(grid)
        self.grid = grid
        self._model = grid.model
        grid.shown.connect(self.changed)

    @property
    def count(self) -> int:
        """How many photos are picked."""
        return len(self.grid.selection)

    @property
    def ids(self) -> list[int]:
        """The picked photos' ids, in the order of the result."""
        return self.grid.selection.ordered(self._model.ids)

    @property
    def current_row(self) -> int | None:
        """Where the keyboard is."""
        return self._model.row_of(self.grid.selection.current)

    def holds(self, row: int) -> bool:
        """Tell whether the photo at a row is picked."""
        return self._model.id_at(row) in self.grid.selection

    def loaded_photos(self) -> list[Photo]:
        """Return the picked photos that are loaded; those in view are."""
        tiles = [self._model.tile(photo_id) for photo_id in self.ids]
        return [tile.photo for tile in tiles if tile is not None]

    def with_photos(self, act: Callable[[list[Photo]], None]) -> None:
        """Call `act` with the picked photos, at once where all are loaded; no thumbnail is read for it."""
        picked = self.ids
        photos = self.loaded_photos()
        if len(photos) == len(picked):
            act(photos)
        else:
            self._model.request_photos(picked, act)

    def pick_row(self, row: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Pick the photo at a row and bring it into view; with Shift the range up to it, with Ctrl it too."""
        photo_id = self._model.id_at(row)
        if modifiers & SHIFT:
            self.grid.selection.extend(photo_id, self._model.ids)
        elif modifiers & CONTROL:
            self.grid.selection.toggle(photo_id)
        else:
            self.grid.selection.pick(photo_id)
        self._show(row)

    def pick_all(self) -> None:
        """Pick the whole result."""
        self.grid.selection.pick_all(self._model.ids)
        self._show(None)

    def clear(self) -> bool:
        """Pick nothing; return whether anything was picked."""
        had_any = self.count > 0
        self.grid.selection.clear()
        self._show(None)
        return had_any

    def toggle_current(self) -> None:
        """Pick the photo where the keyboard is too, or no longer."""
        row = self.current_row
        if row is not None:
            self.pick_row(row, CONTROL)

    def move(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        """Go with the keyboard where an arrow, Home, End or page key leads, picking on the way unless Ctrl is held."""
        current = self.current_row
        target = self.grid.seen_rows().start if current is None else self.grid.row_beside(current, key)
        if modifiers & CONTROL and not modifiers & SHIFT:
            self.grid.selection.current = self._model.id_at(target)
            self._show(target)
        else:
            self.pick_row(target, modifiers & SHIFT)

    def find_place(self) -> None:
        """Have the keyboard somewhere in view, where it is nowhere yet."""
        if self.grid.selection.current is None and len(self._model.ids):
            self.grid.selection.current = self._model.id_at(self.grid.seen_rows().start)

    def open_row(self, row: int | None) -> None:
        """Open the photo at a row, if it is loaded."""
        tile = None if row is None else self._model.tile(self._model.id_at(row))
        if tile is not None:
            self.opened.emit(tile.photo)

    def _show(self, row: int | None) -> None:
        if row is not None:
            self.grid.scroll_to(row)
            spoken = describe(self._model, row).replace("\n", ", ")
            self.grid.setAccessibleDescription(spoken)
            if QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.grid, spoken))
        self.grid.viewport().update()
        self.changed.emit()
