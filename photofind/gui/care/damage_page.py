"""What fills the window while the library is damaged: the two ways to mend it."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from photofind.gui.look.centred_page import centre, page_label
from photofind.gui.look.icons import tinted
from photofind.gui.look.plain import PlainButton, PlainLabel
from photofind.gui.look.sentences import in_words
from photofind.gui.needs import LibraryWorker

_ICON = 56


class DamagePage(QWidget):
    """Has the library mended; `recovered` says what became of it, `quit_wanted` that the person gives up for now."""

    recovered = Signal(object)  # Sentence
    quit_wanted = Signal()

    def __init__(self, worker: LibraryWorker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._sentence = ""
        self._icon = PlainLabel("", self)
        self._icon.setPixmap(tinted("warning", self.palette().brightText().color(), _ICON, self.devicePixelRatioF()))
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = page_label("title", self)
        self.text = page_label("", self)
        self.failure = page_label(
            "failure", self
        )  # stays until the next try: that the library is damaged is said after
        self.failure.hide()
        self.hint = page_label("quiet", self)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 0)
        self.progress.setAccessibleName(self.tr("Work on the library"))
        self.rescue_button = PlainButton(self.tr("Rescue what can be read"), self)
        self.rescue_button.setProperty("primary", True)
        self.rescue_button.clicked.connect(lambda: self._recover("rescue"))
        self.copy_button = PlainButton(self.tr("Go back to the last copy"), self)
        self.copy_button.clicked.connect(lambda: self._recover("snapshot"))
        self.quit_button = PlainButton(self.tr("Quit"), self)
        self.quit_button.clicked.connect(self.quit_wanted)
        self._lay_out()

    def offer(self, sentence: str) -> None:
        """Say what is the matter, and offer what can be done."""
        self.title.setText(self.tr("Your library is damaged"))
        self._sentence = sentence
        self.text.setText(sentence)
        self.hint.setText(
            self.tr(
                "Your photos are not affected. Rescuing is the better way: what can no longer be read is read "
                "from your photos again. The last copy does not know of anything since it was made."
            )
        )
        self._show_working(False)

    def _recover(self, way: Literal["rescue", "snapshot"]) -> None:
        self.title.setText(self.tr("Mending your library…"))
        self.text.setText(self.tr("This can take a few minutes."))
        self.failure.hide()
        self._show_working(True)
        self._worker.recover(way, self.recovered.emit, in_words(self._on_failed))

    def _on_failed(self, sentence: str) -> None:
        self.offer(self._sentence)
        self.failure.setText(sentence)
        self.failure.show()

    def _show_working(self, is_working: bool) -> None:
        self.progress.setVisible(is_working)
        self.hint.setVisible(not is_working)
        for button in (self.rescue_button, self.copy_button, self.quit_button):
            button.setVisible(not is_working)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch(1)
        for button in (self.rescue_button, self.copy_button, self.quit_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column, _ = centre(self)
        column.addWidget(self._icon)
        column.addSpacing(14)
        column.addWidget(self.title)
        column.addSpacing(4)
        column.addWidget(self.text)
        column.addWidget(self.failure)
        column.addSpacing(18)
        column.addWidget(self.progress)
        column.addLayout(buttons)
        column.addSpacing(14)
        column.addWidget(self.hint)
