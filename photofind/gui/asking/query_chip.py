"""The chip in the search bar that stands for a picture: its thumbnail, its name, a remove button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from photofind.gui.look.icons import IconButton, tinted
from photofind.gui.look.pictures import rounded
from photofind.gui.look.plain import PlainLabel, set_tooltip

_EDGE = 28
_NAME_WIDTH = 220


class QueryChip(QFrame):
    """Shows which picture is searched by."""

    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self._picture = PlainLabel("", self)
        self._picture.setFixedSize(_EDGE, _EDGE)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = PlainLabel("", self)
        remove = IconButton("clear", self.tr("Remove the picture"), self)
        remove.setFixedSize(24, 24)
        remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 3, 4, 3)
        row.setSpacing(8)
        for part in (self._picture, self._name, remove):
            row.addWidget(part)
        self.hide()

    def show_picture(self, name: str, image: QImage | None) -> None:
        """Show a picture's name, and its thumbnail if there is one."""
        metrics = self._name.fontMetrics()
        self._name.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH))
        set_tooltip(self, name)
        self.setAccessibleName(self.tr("Searching by the picture {name}").format(name=name))
        self.show_preview(image)
        self.show()

    def show_preview(self, image: QImage | None) -> None:
        """Show the picture's thumbnail if there is one."""
        self._picture.setPixmap(self._thumbnail(image))

    def _thumbnail(self, image: QImage | None) -> QPixmap:
        scale = self.devicePixelRatioF()
        if image is None or image.isNull():
            return tinted("image", self.palette().placeholderText().color(), 20, scale)
        made = rounded(image, round(_EDGE * scale), 6 * scale)
        made.setDevicePixelRatio(scale)
        return made
