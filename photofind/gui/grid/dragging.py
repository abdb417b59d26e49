"""Dragging what is picked to other programs: only where the photos lie is read for it, no thumbnail."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QDrag, QGuiApplication

from photofind.core.records.photos import Photo
from photofind.gui.grid.mime import drag_mime
from photofind.gui.grid.picking import Picking
from photofind.gui.look.pictures import rounded, to_image


class Dragging(QObject):
    """Begins a drag of all picked photos once it is known where they lie, or of none."""

    refused = Signal(object)  # Photo that is away

    def __init__(self, picking: Picking, library: str) -> None:
        super().__init__(picking)
        self._picking = picking
        self._library = library
        self._asked = 0
        self._photos: list[Photo] | None = None
        self._wanted: int | None = None

    def prepare(self) -> None:
        """Find out where the picked photos lie: a press may begin a drag of them."""
        self.forget()
        number = self._asked
        self._picking.with_photos(lambda photos: self._on_found(number, photos))

    def begin(self, photo_id: int) -> None:
        """Drag, now or as soon as it is known what; `photo_id` is the photo below the pointer."""
        if self._photos is None:
            self._wanted = photo_id
        else:
            self._drag(self._photos, photo_id)

    def forget(self) -> None:
        """Drag nothing: the button is up again."""
        self._asked += 1
        self._photos = self._wanted = None

    def _on_found(self, number: int, photos: list[Photo]) -> None:
        if number != self._asked:
            return
        self._photos = photos
        if self._wanted is not None and QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            self._drag(photos, self._wanted)

    def _drag(self, photos: list[Photo], photo_id: int) -> None:
        self.forget()
        if not photos:
            return
        away = [photo for photo in photos if not photo.online]
        if away and len(photos) > 1:
            self.refused.emit(away[0])
            return
        drag = QDrag(self._picking.grid)
        drag.setMimeData(drag_mime(photos, self._library))
        tile = self._picking.grid.model.tile(photo_id)
        if tile is not None and tile.thumbnail is not None:
            drag.setPixmap(rounded(to_image(tile.thumbnail), 96, 8))
            drag.setHotSpot(QPoint(48, 48))
        if drag.exec(Qt.DropAction.CopyAction) == Qt.DropAction.IgnoreAction and away:
            self.refused.emit(away[0])
