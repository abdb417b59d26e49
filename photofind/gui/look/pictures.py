"""Pixels as Qt paints them: images, and squares with rounded corners."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap

from photofind.core.records.arrays import Pixels


def to_image(pixels: Pixels) -> QImage:
    """Return a copy of sRGB pixels [h, w, 3] as an image that owns its bytes."""
    height, width, _ = pixels.shape
    return QImage(pixels.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888).copy()


def rounded(image: QImage, edge: int, radius: float) -> QPixmap:
    """Cut the middle square, scale it to `edge` device pixels and round its corners."""
    side = min(image.width(), image.height())
    cut = image.copy(QRect((image.width() - side) // 2, (image.height() - side) // 2, side, side))
    scaled = cut.scaled(
        QSize(edge, edge),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    made = QImage(QSize(edge, edge), QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(scaled))
    painter.drawRoundedRect(QRectF(0, 0, edge, edge), radius, radius)
    painter.end()
    return QPixmap.fromImage(made)
