"""The window's menu button and all its keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from photofind import __version__
from photofind.gui.look.icons import IconButton
from photofind.gui.look.menu_button import give_menu
from photofind.gui.look.question import tell

Keys = str | QKeySequence.StandardKey
Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Actions:
    """What the menu and the keys do; `show_captions` is told whether, `zoom` by how many steps (0: the usual size)."""

    add_folder: Act
    show_folders: Act
    show_problems: Act
    show_models: Act
    show_check: Act
    open_log: Act
    show_captions: Callable[[bool], object]
    zoom: Callable[[int], object]
    rescan: Act
    quit: Act
    focus_search: Act
    go_back: Act
    paste: Act


class MainMenu(QObject):
    """Puts actions into one menu, with their keys shown beside them; the keys work all over `window`."""

    def __init__(self, window: QWidget, actions: Actions) -> None:
        super().__init__(window)
        self._window = window
        self._menu = QMenu(window)
        self.button = IconButton("more", self.tr("Menu"), window)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        give_menu(self.button, self._menu)
        self._add(self.tr("Add a folder…"), QKeySequence.StandardKey.Open, actions.add_folder)
        self._add(self.tr("Folders…"), "", actions.show_folders)
        self._add(self.tr("Problems…"), "", actions.show_problems)
        self._add(self.tr("Models…"), "", actions.show_models)
        self._add(self.tr("Check library…"), "", actions.show_check)
        self._add(self.tr("Open log"), "", actions.open_log)
        self._menu.addSeparator()
        self.captions = self._add(self.tr("Show names and scores"), "Ctrl+I", None)
        self.captions.setCheckable(True)
        self.captions.toggled.connect(actions.show_captions)
        self._add(self.tr("Larger photos"), QKeySequence.StandardKey.ZoomIn, lambda: actions.zoom(1))
        self._add(self.tr("Smaller photos"), QKeySequence.StandardKey.ZoomOut, lambda: actions.zoom(-1))
        self._add(self.tr("Usual size"), "Ctrl+0", lambda: actions.zoom(0))
        self._add(self.tr("Look for new photos"), QKeySequence.StandardKey.Refresh, actions.rescan)
        self._menu.addSeparator()
        self._add(self.tr("About photofind"), "", self._show_about)
        self._add(self.tr("Quit"), QKeySequence.StandardKey.Quit, actions.quit)
        self._key(QKeySequence.StandardKey.Find, actions.focus_search)
        self._key("/", actions.focus_search)
        self._key("Esc", actions.go_back)
        self._key(QKeySequence.StandardKey.Paste, actions.paste)

    def _add(self, words: str, keys: Keys, act: Act | None) -> QAction:
        action = self._menu.addAction(words)
        if keys:
            action.setShortcut(QKeySequence(keys))
        if act is not None:
            action.triggered.connect(lambda _checked=False: act())
        self._window.addAction(action)
        return action

    def _key(self, keys: Keys, act: Act) -> None:
        QShortcut(QKeySequence(keys), self._window).activated.connect(act)

    def _show_about(self) -> None:
        tell(
            self._window,
            self.tr("About photofind"),
            self._window.windowIcon().pixmap(64, 64),
            f"photofind {__version__}",
            self.tr(
                "Finds your photos by words, by a picture, or by another photo. "
                "Everything stays on this computer; your photos are only ever read."
            )
            + "\n\n"
            + self.tr("Names of towns: GeoNames, geonames.org, under CC BY 4.0."),
        )
