"""What fills the window while there are no photos to show: a friendly word and what to do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from photofind.core.places import home_dir
from photofind.gui.look.centred_page import centre, page_label
from photofind.gui.look.icons import app_icon
from photofind.gui.look.plain import PlainButton, PlainLabel
from photofind.gui.models.quick_look_line import QuickLookLine


class EmptyState(QWidget):
    """Offers the first steps; `folder_wanted` asks for a folder dialog, `folder_chosen` names one."""

    folder_wanted = Signal()
    folder_chosen = Signal(object)  # Path
    model_wanted = Signal()

    def __init__(self, pictures: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._icon = PlainLabel("", self)
        self._icon.setPixmap(app_icon().pixmap(96, 96))
        self._icon.setFixedSize(96, 96)
        self.title = page_label("title", self)
        self.text = page_label("", self)
        self.hint = page_label("quiet", self)
        self.about_model = QuickLookLine(self)
        self.about_model.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.about_model.model_wanted.connect(self.model_wanted)
        self.add_button = PlainButton(self.tr("Add a folder…"), self)
        self.add_button.setProperty("primary", True)
        self.add_button.clicked.connect(self.folder_wanted)
        named = "" if pictures is None else _short(pictures)
        self.pictures_button = PlainButton(self.tr("Start with {folder}").format(folder=named), self)
        self.pictures_button.clicked.connect(lambda: self.folder_chosen.emit(self._pictures))
        self._lay_out()
        self.show_opening()

    def show_opening(self) -> None:
        """Say that the library is being opened."""
        self._say(self.tr("Opening your library…"), "", "", steps=False)

    def show_first_run(self, *, quick_look: bool) -> None:
        """Say what photofind does and how to begin."""
        self._say(
            self.tr("Find your photos"),
            self.tr("Choose a folder with photos.\nThen search them by words, or by a picture you drop here."),
            self.tr(
                "You can also drop a folder anywhere on this window. Your photos are only read, "
                "never changed, and nothing leaves this computer."
            ),
            steps=True,
            about_model=quick_look,
        )

    def show_looking(self) -> None:
        """Say that the folders are being looked through for the first time."""
        self._say(self.tr("Looking for photos…"), self.tr("They appear here as they are found."), "", steps=False)

    def show_no_photos(self) -> None:
        """Say that the watched folders hold no photos."""
        self._say(
            self.tr("No photos here yet"),
            self.tr("Your folders hold no photos. New ones appear by themselves."),
            "",
            steps=True,
        )

    def show_stopped(self, sentence: str) -> None:
        """Say why the library cannot be used; it is tried again all the time."""
        again = self.tr("It opens here by itself once that has changed.")
        self._say(self.tr("The library cannot be opened now"), sentence, again, steps=False)

    def _say(self, title: str, text: str, hint: str, *, steps: bool, about_model: bool = False) -> None:
        for label, words in ((self.title, title), (self.text, text), (self.hint, hint)):
            label.setText(words)
            label.setVisible(bool(words))
        self.add_button.setVisible(steps)
        self.pictures_button.setVisible(steps and self._pictures is not None)
        # Not hidden in between: that would take the keyboard, and a click that has begun, from its link.
        self.about_model.setVisible(about_model)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch(1)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.pictures_button)
        buttons.addStretch(1)
        column, page = centre(self)
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(14)
        column.addWidget(self.title)
        column.addSpacing(4)
        column.addWidget(self.text)
        column.addSpacing(18)
        column.addLayout(buttons)
        column.addSpacing(14)
        column.addWidget(self.hint)
        page.addWidget(self.about_model)


def _short(folder: Path) -> str:
    home = home_dir()
    is_inside = home is not None and folder != home and folder.is_relative_to(home)
    return f"~/{folder.relative_to(home)}" if home is not None and is_inside else str(folder)
