"""What can be done with picked photos: the context menu and its keys."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from photofind.core.errors import PhotofindError
from photofind.core.records import Photo, Pixels, display_name
from photofind.gui.icons import icon
from photofind.gui.incoming import PHOTO_ID_FORMAT
from photofind.gui.open_file import file_uri, open_file, show_in_folder
from photofind.gui.photo_grid import PhotoGrid
from photofind.gui.tile_pixmaps import to_image

if TYPE_CHECKING:
    from photofind.background.worker import Worker

_MOST_OPENED = 10


class PhotoActions(QObject):
    """Acts on the photos that are picked in a grid."""

    similar_wanted = Signal(int)  # photo id
    told = Signal(str)
    failed = Signal(str)

    def __init__(self, grid: PhotoGrid, worker: Worker) -> None:
        super().__init__(grid)
        self._grid = grid
        self._worker = worker
        self._menu = QMenu(grid)
        self.find_similar = self._add("similar", self.tr("Find similar"), "Ctrl+L", self._find_similar)
        self._menu.addSeparator()
        self.open = self._add("open", self.tr("Open"), "Return", self._open)
        self.show_in_folder = self._add("folder", self.tr("Show in folder"), "Ctrl+Return", self._show_in_folder)
        self._menu.addSeparator()
        self.copy_image = self._add("copy", self.tr("Copy image"), QKeySequence.StandardKey.Copy, self._copy_image)
        self.copy_path = self._add(None, self.tr("Copy path"), "Ctrl+Shift+C", self._copy_path)
        grid.menu_wanted.connect(self.show_menu)
        grid.opened.connect(lambda photo: self._try(open_file, photo.path))
        grid.picks_changed.connect(self._on_picks_changed)
        self._on_picks_changed()

    def show_menu(self, at: QPoint) -> None:
        """Show the context menu at a place on the screen."""
        for action in self._menu.actions():
            if action.data():
                action.setIcon(icon(action.data(), self._menu.palette()))
        self._menu.popup(at)

    def _add(
        self,
        icon_name: str | None,
        words: str,
        keys: str | QKeySequence.StandardKey,
        act: Callable[[], None],
    ) -> QAction:
        action = self._menu.addAction(words)
        action.setData(icon_name)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(act)
        self._grid.addAction(action)
        return action

    def _on_picks_changed(self) -> None:
        count = len(self._grid.selection)
        for action in self._menu.actions():
            action.setEnabled(count > 0)
        self.find_similar.setEnabled(count == 1)
        self.show_in_folder.setEnabled(count == 1)
        self.open.setEnabled(0 < count <= _MOST_OPENED)

    def _find_similar(self) -> None:
        self.similar_wanted.emit(self._grid.picked_ids[0])

    def _open(self) -> None:
        self._with_paths(self._open_all)

    def _open_all(self, paths: list[bytes]) -> None:
        for path in paths:
            self._try(open_file, path)

    def _show_in_folder(self) -> None:
        self._with_paths(lambda paths: self._try(show_in_folder, paths[0]))

    def _copy_image(self) -> None:
        picked = self._grid.picked_ids
        self._with_paths(lambda paths: self._copy(picked, paths))

    def _copy(self, picked: list[int], paths: list[bytes]) -> None:
        mime = files_mime(paths)
        tile = self._grid.model.tile(picked[0]) if len(picked) == 1 else None
        if tile is not None and tile.thumbnail is not None:
            mime.setImageData(to_image(tile.thumbnail))
        QGuiApplication.clipboard().setMimeData(mime)
        self.told.emit(self.tr("Copied %Ln photo(s)", "", len(paths)))
        if len(paths) == 1:
            path = paths[0]
            self._worker.open_image(
                path, lambda pixels: self._copy_whole(path, pixels), lambda reason: self._on_not_copied(path, reason)
            )

    def _copy_whole(self, path: bytes, pixels: Pixels) -> None:
        """Put the whole picture in the thumbnail's place, unless something else was copied meanwhile."""
        mime = files_mime([path])
        if QGuiApplication.clipboard().mimeData().urls() == mime.urls():
            mime.setImageData(to_image(pixels))
            QGuiApplication.clipboard().setMimeData(mime)

    def _on_not_copied(self, path: bytes, reason: str) -> None:
        name = display_name(os.path.basename(path))
        self.failed.emit(self.tr("{name} was copied as a file only. {reason}").format(name=name, reason=reason))

    def _copy_path(self) -> None:
        self._with_paths(self._copy_paths)

    def _copy_paths(self, paths: list[bytes]) -> None:
        QGuiApplication.clipboard().setText("\n".join(os.fsdecode(path) for path in paths))
        self.told.emit(self.tr("Copied %Ln path(s)", "", len(paths)))

    def _with_paths(self, act: Callable[[list[bytes]], None]) -> None:
        """Call `act` with the picked photos' paths; those not loaded are asked of the library."""
        picked = self._grid.picked_ids
        photos = self._grid.picked_photos()
        if len(photos) == len(picked):
            act([photo.path for photo in photos])
            return
        self._worker.do(lambda library: [library.photo_path(photo_id) for photo_id in picked], act, self.failed.emit)

    def _try(self, act: Callable[[bytes], None], path: bytes) -> None:
        try:
            act(path)
        except PhotofindError as error:
            self.failed.emit(str(error))


def drag_mime(photos: list[Photo]) -> QMimeData:
    """Return photos as files for other programs; a single one also as a query for our own search bar."""
    mime = files_mime([photo.path for photo in photos])
    if len(photos) == 1:
        mime.setData(PHOTO_ID_FORMAT, str(photos[0].id).encode("ascii"))
    return mime


def files_mime(paths: list[bytes]) -> QMimeData:
    """Return files as file managers and other programs take them."""
    mime = QMimeData()
    uris = [file_uri(path) for path in paths]
    mime.setUrls([QUrl.fromEncoded(uri.encode("ascii")) for uri in uris])
    mime.setText("\n".join(display_name(path) for path in paths))
    mime.setData("x-special/gnome-copied-files", "\n".join(["copy", *uris]).encode("ascii"))
    return mime
