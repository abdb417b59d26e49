"""The sheet over the window while something is dragged above it: what a drop will do."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from photofind.gui.look.icons import tinted


class DropHint(QWidget):
    """Covers its parent; never takes the drag itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._covered = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Lie over the whole parent and show."""
        self.setGeometry(self._covered.rect())
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Veil the window, frame it, and say what may be dropped."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(self.palette().window().color())
        veil.setAlphaF(0.95)
        painter.fillRect(self.rect(), veil)
        accent = self.palette().highlight().color()
        frame = self.rect().adjusted(16, 16, -16, -16)
        tint = QColor(accent)
        tint.setAlphaF(0.08)
        painter.setBrush(tint)
        painter.setPen(QPen(accent, 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(frame, 18, 18)
        self._paint_words(painter, frame, accent)

    def _paint_words(self, painter: QPainter, frame: QRect, accent: QColor) -> None:
        icon = QRect(frame.center().x() - 28, frame.center().y() - 84, 56, 56)
        painter.drawPixmap(icon, tinted("image", accent, 56, self.devicePixelRatioF()))
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self.palette().windowText().color())
        centred = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        place = frame.adjusted(24, 0, -24, 0)
        place.setTop(icon.bottom() + 16)
        used = painter.boundingRect(place, centred, self.tr("Drop a picture to find photos like it"))
        painter.drawText(place, centred, self.tr("Drop a picture to find photos like it"))
        painter.setFont(self.font())
        painter.setPen(self.palette().placeholderText().color())
        place.setTop(used.bottom() + 10)
        painter.drawText(place, centred, self.tr("or a folder to search the photos in it"))
