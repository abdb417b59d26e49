"""What can be done with picked photos: the context menu and its keys."""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from photofind.core.errors import PhotofindError
from photofind.core.records.arrays import Pixels
from photofind.core.records.names import display_name
from photofind.core.records.photos import Photo
from photofind.gui.asking.incoming import clipboard_content
from photofind.gui.desktop.open_file import open_file, show_in_folder
from photofind.gui.grid.mime import files_mime
from photofind.gui.grid.picking import Picking
from photofind.gui.look.icons import icon
from photofind.gui.look.pictures import to_image
from photofind.gui.look.sentences import in_words, say
from photofind.gui.needs import LibraryWorker

_MOST_OPENED = 10


class PhotoActions(QObject):
    """Acts on the photos that are picked in a grid."""

    similar_wanted = Signal(int)  # photo id
    leave_out_wanted = Signal(bytes)  # a folder's path
    told = Signal(str)
    failed = Signal(str)

    def __init__(self, picking: Picking, worker: LibraryWorker) -> None:
        super().__init__(picking)
        self._picking = picking
        self._grid = picking.grid
        self._worker = worker
        self._menu = QMenu(self._grid)
        self.find_similar = self._add("similar", self.tr("Find similar"), "Ctrl+L", self._find_similar)
        self._menu.addSeparator()
        self.open = self._add("open", self.tr("Open"), "Return", self._open)
        self.show_in_folder = self._add("folder", self.tr("Show in folder"), "Ctrl+Return", self._show_in_folder)
        self._menu.addSeparator()
        self.copy_image = self._add("copy", self.tr("Copy image"), QKeySequence.StandardKey.Copy, self._copy_image)
        self.copy_path = self._add(None, self.tr("Copy path"), "Ctrl+Shift+C", self._copy_path)
        self._menu.addSeparator()
        self.leave_out = self._add(None, self.tr("Leave this folder out…"), "", self._leave_out)
        picking.opened.connect(lambda photo: self._hand_over(open_file, photo))
        picking.changed.connect(self._on_picks_changed)
        self._on_picks_changed()

    def show_menu(self, at: QPoint) -> None:
        """Show the context menu at a place on the screen."""
        for action in self._menu.actions():
            if action.data():
                action.setIcon(icon(action.data(), self._menu.palette()))
        self._menu.popup(at)

    def tell_away(self, photo: Photo) -> bool:
        """Say why a photo cannot be reached, and have its folder looked at again; tell whether that is so."""
        reason = self._grid.model.absence.explain(photo)
        if reason:
            self.told.emit(reason)  # It goes by itself: that the folder is away is what stays.
            self._worker.sync()
        return bool(reason)

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
        count = self._picking.count
        for action in self._menu.actions():
            action.setEnabled(count > 0)
        self.find_similar.setEnabled(count == 1)
        self.show_in_folder.setEnabled(count == 1)
        self.leave_out.setEnabled(count == 1)
        self.open.setEnabled(0 < count <= _MOST_OPENED)

    def _find_similar(self) -> None:
        self.similar_wanted.emit(self._picking.ids[0])

    def _open(self) -> None:
        self._with_photos(self._open_all)

    def _open_all(self, photos: list[Photo]) -> None:
        for photo in photos:
            self._hand_over(open_file, photo)

    def _show_in_folder(self) -> None:
        self._with_photos(lambda photos: self._hand_over(show_in_folder, photos[0]))

    def _leave_out(self) -> None:
        self._with_photos(lambda photos: self.leave_out_wanted.emit(os.path.dirname(photos[0].path)))

    def _copy_image(self) -> None:
        self._with_photos(self._copy)

    def _copy(self, photos: list[Photo]) -> None:
        """Copy what is there as files; a photo that is away, copied alone, as the small picture that is kept of it."""
        away = [photo for photo in photos if not photo.online]
        paths = [photo.path for photo in photos if photo.online]
        tile = self._grid.model.tile(photos[0].id) if len(photos) == 1 else None
        mime = files_mime(paths) if paths else QMimeData()
        if tile is not None and tile.thumbnail is not None:
            mime.setImageData(to_image(tile.thumbnail))
        if away:
            self.tell_away(away[0])
        if not mime.formats():
            return
        QGuiApplication.clipboard().setMimeData(mime)
        if not paths:
            self.told.emit(self.tr("Copied a small picture of it"))
            return
        self.told.emit(self.tr("Copied %Ln photo(s)", "", len(paths)))
        if len(photos) == 1:
            path = paths[0]
            self._worker.open_image(
                path,
                lambda pixels: self._copy_whole(path, pixels),
                in_words(lambda reason: self._on_not_copied(path, reason)),
            )

    def _copy_whole(self, path: bytes, pixels: Pixels) -> None:
        """Put the whole picture in the thumbnail's place, unless something else was copied meanwhile."""
        mime = files_mime([path])
        if clipboard_content().urls() == mime.urls():
            mime.setImageData(to_image(pixels))
            QGuiApplication.clipboard().setMimeData(mime)

    def _on_not_copied(self, path: bytes, reason: str) -> None:
        name = display_name(os.path.basename(path))
        self.failed.emit(self.tr("“{name}” was copied as a file only. {reason}").format(name=name, reason=reason))

    def _copy_path(self) -> None:
        self._with_photos(self._copy_paths)

    def _copy_paths(self, photos: list[Photo]) -> None:
        QGuiApplication.clipboard().setText("\n".join(os.fsdecode(photo.path) for photo in photos))
        self.told.emit(self.tr("Copied %Ln path(s)", "", len(photos)))

    def _with_photos(self, act: Callable[[list[Photo]], None]) -> None:
        """Call `act` with the picked photos; those not loaded are asked of the library."""
        self._picking.with_photos(
            lambda found: act(found) if found else self.failed.emit(self.tr("These photos are no longer there."))
        )

    def _hand_over(self, act: Callable[[bytes], None], photo: Photo) -> None:
        """Give a photo's file to another program, or say why that cannot be."""
        if self.tell_away(photo):
            return
        try:
            act(photo.path)
        except PhotofindError as error:
            self.failed.emit(say(error.sentence))
