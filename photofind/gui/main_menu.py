"""The window's menu button and all its keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QMessageBox, QToolButton

from photofind import __version__
from photofind.gui.icons import IconButton

if TYPE_CHECKING:
    from photofind.gui.window import Window

Keys = str | QKeySequence.StandardKey


class MainMenu(QObject):
    """Puts the window's actions into one menu, with their keys shown beside them."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._menu = QMenu(window)
        self.button = IconButton("more", self.tr("Menu"), window)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setMenu(self._menu)
        self._add(self.tr("Add a folder…"), QKeySequence.StandardKey.Open, window.choose_folder)
        self._add(self.tr("Folders…"), "", window.dialogs.show_folders)
        self._add(self.tr("Problems…"), "", window.dialogs.show_problems)
        self._add(self.tr("Models…"), "", window.dialogs.show_models)
        self._add(self.tr("Check library…"), "", window.dialogs.show_check)
        self._menu.addSeparator()
        self.captions = self._add(self.tr("Show names and scores"), "Ctrl+I", None)
        self.captions.setCheckable(True)
        self.captions.toggled.connect(window.show_captions)
        self._add(self.tr("Larger photos"), QKeySequence.StandardKey.ZoomIn, lambda: window.grid.zoom(1))
        self._add(self.tr("Smaller photos"), QKeySequence.StandardKey.ZoomOut, lambda: window.grid.zoom(-1))
        self._add(self.tr("Usual size"), "Ctrl+0", lambda: window.grid.zoom(0))
        self._add(self.tr("Look for new photos"), QKeySequence.StandardKey.Refresh, window.rescan)
        self._menu.addSeparator()
        self._add(self.tr("About photofind"), "", self._show_about)
        self._add(self.tr("Quit"), QKeySequence.StandardKey.Quit, window.close)
        self._key(QKeySequence.StandardKey.Find, self._focus_search)
        self._key("/", self._focus_search)
        self._key("Esc", window.go_back)
        self._key(QKeySequence.StandardKey.Paste, window.paste)

    def _add(self, words: str, keys: Keys, act: Callable[[], object] | None) -> QAction:
        action = self._menu.addAction(words)
        if keys:
            action.setShortcut(QKeySequence(keys))
        if act is not None:
            action.triggered.connect(lambda _checked=False: act())
        self._window.addAction(action)
        return action

    def _key(self, keys: Keys, act: Callable[[], None]) -> None:
        QShortcut(QKeySequence(keys), self._window).activated.connect(act)

    def _focus_search(self) -> None:
        self._window.search_bar.setFocus()
        self._window.search_bar.field.selectAll()

    def _show_about(self) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("About photofind"))
        box.setIconPixmap(self._window.windowIcon().pixmap(64, 64))
        box.setText(f"<b>photofind {__version__}</b>")
        box.setInformativeText(
            self.tr(
                "Finds your photos by words, by a picture, or by another photo. "
                "Everything stays on this computer; your photos are only ever read."
            )
        )
        box.open()
