"""How one tile looks: picture, frame when picked, badges when its drive is away or it is damaged, caption if wanted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen, QPixmap

from photofind.core.records.photos import Photo, Tile
from photofind.gui.grid.tile_pixmaps import RADIUS
from photofind.gui.look.icons import tinted

_BADGE = 26


@dataclass(frozen=True, slots=True)
class TileLook:
    """What there is to show of a tile; `caption` is empty or two lines."""

    tile: Tile | None
    pixmap: QPixmap | None
    picked: bool
    current: bool
    hovered: bool
    caption: tuple[str, str] | None


class TilePainter:
    """Paints tiles in the colours of a palette at a screen scale."""

    def __init__(self, painter: QPainter, palette: QPalette, scale: float) -> None:
        self._painter = painter
        self._palette = palette
        self._scale = scale
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)

    def paint(self, rect: QRect, look: TileLook) -> None:
        """Paint one tile; `rect` is the square of its picture."""
        inner = rect.adjusted(5, 5, -5, -5) if look.picked else rect
        self._paint_picture(inner, look)
        if look.hovered:
            self._fill(inner, QColor(255, 255, 255, 28))
        if look.picked:
            self._outline(rect, self._palette.color(QPalette.ColorRole.Highlight), 3)
            self._badge(rect.topLeft() + QPoint(10, 10), "check", QPalette.ColorRole.Highlight)
        if look.current:
            self._outline(rect.adjusted(-4, -4, 4, 4), self._palette.color(QPalette.ColorRole.WindowText), 2)
        if look.tile is not None:
            self._paint_state(inner, look.tile.photo)
        if look.caption is not None:
            self._paint_caption(rect, look.caption)

    def paint_divider(self, rect: QRect, words: str, direction: Qt.LayoutDirection) -> None:
        """Paint the line between likely and less likely photos, with its words."""
        painter = self._painter
        font = painter.font()
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self._palette.color(QPalette.ColorRole.PlaceholderText))
        # The painter mirrors “left” itself where the window runs from right to left.
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        used = QFontMetrics(font).horizontalAdvance(words) + 16
        line = (
            rect.adjusted(used, 0, 0, 0)
            if direction == Qt.LayoutDirection.LeftToRight
            else rect.adjusted(0, 0, -used, 0)
        )
        painter.setPen(QPen(self._palette.color(QPalette.ColorRole.Mid), 1))
        painter.drawLine(line.left(), line.center().y(), line.right(), line.center().y())

    def _paint_state(self, rect: QRect, photo: Photo) -> None:
        """Paint a badge for each thing that is the matter, from the lower right corner on."""
        marks = (("drive-offline", not photo.online), ("damaged", bool(photo.flaw)))
        corner = rect.bottomRight() - QPoint(_BADGE + 7, _BADGE + 7)
        for name in [name for name, holds in marks if holds]:
            self._badge(corner, name, QPalette.ColorRole.ToolTipBase)
            corner -= QPoint(_BADGE + 5, 0)

    def _paint_picture(self, rect: QRect, look: TileLook) -> None:
        if look.pixmap is not None:
            self._painter.drawPixmap(rect, look.pixmap)
            return
        self._fill(rect, self._palette.color(QPalette.ColorRole.Midlight))
        if look.tile is not None and look.tile.thumbnail is None:
            edge = min(32, rect.width() // 3)
            place = QRect(QPoint(0, 0), QSize(edge, edge))
            place.moveCenter(rect.center())
            color = self._palette.color(QPalette.ColorRole.Shadow)
            self._painter.drawPixmap(place, tinted("image", color, edge, self._scale))

    def _paint_caption(self, rect: QRect, caption: tuple[str, str]) -> None:
        metrics = self._painter.fontMetrics()
        top = rect.bottom() + 7
        roles = (QPalette.ColorRole.WindowText, QPalette.ColorRole.PlaceholderText)
        # Names differ at their ends; of a date, what comes first counts.
        elisions = (Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight)
        for line, (text, role, elision) in enumerate(zip(caption, roles, elisions, strict=True)):
            place = QRect(rect.left(), top + line * metrics.height(), rect.width(), metrics.height())
            self._painter.setPen(self._palette.color(role))
            shown = metrics.elidedText(text, elision, rect.width())
            self._painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), shown)

    def _fill(self, rect: QRect, color: QColor) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(color)
        self._painter.drawRoundedRect(rect, RADIUS, RADIUS)

    def _outline(self, rect: QRect, color: QColor, width: int) -> None:
        self._painter.setPen(QPen(color, width))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = width / 2
        self._painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), RADIUS + 2, RADIUS + 2)

    def _badge(self, corner: QPoint, name: str, ground: QPalette.ColorRole) -> None:
        on = {
            QPalette.ColorRole.Highlight: QPalette.ColorRole.HighlightedText,
            QPalette.ColorRole.ToolTipBase: QPalette.ColorRole.ToolTipText,
        }[ground]
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(self._palette.color(ground))
        self._painter.drawEllipse(QRect(corner, QSize(_BADGE, _BADGE)))
        mark = tinted(name, self._palette.color(on), _BADGE - 10, self._scale)
        self._painter.drawPixmap(corner + QPoint(5, 5), mark)
