"""Icons drawn as black strokes, tinted with the palette so that they fit light and dark."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QToolButton, QWidget

from photofind.gui.look.plain import set_tooltip
from photofind.resources import resource

APP_ICON = "icons/io.github.photofind.photofind.svg"
_SCALES = (1, 2, 3)


def app_icon() -> QIcon:
    """Return the application's own icon."""
    return QIcon(str(resource(APP_ICON)))


def tinted(name: str, color: QColor, edge: int, scale: float = 1.0) -> QPixmap:
    """Draw the icon `name` in `color`, `edge` logical pixels wide at a screen scale."""
    image = QImage(QSize(round(edge * scale), round(edge * scale)), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(resource(f"icons/{name}.svg"))).render(painter)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(image.rect(), color)
    painter.end()
    image.setDevicePixelRatio(scale)
    return QPixmap.fromImage(image)


def icon(name: str, palette: QPalette, role: QPalette.ColorRole = QPalette.ColorRole.WindowText) -> QIcon:
    """Return the icon `name` tinted for enabled and disabled controls."""
    made = QIcon()
    groups = (
        (QIcon.Mode.Normal, QPalette.ColorGroup.Active),
        (QIcon.Mode.Disabled, QPalette.ColorGroup.Disabled),
    )
    for mode, group in groups:
        for scale in _SCALES:
            made.addPixmap(tinted(name, palette.color(group, role), 20, scale), mode)
    return made


class IconButton(QToolButton):
    """A flat button that shows only an icon; its words are its accessible name and tooltip."""

    def __init__(self, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setAutoRaise(True)
        self.setIconSize(QSize(20, 20))
        self.setFixedSize(36, 36)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_as(name, words)

    def show_as(self, name: str, words: str) -> None:
        """Change the icon and the words."""
        self._name = name
        self.setIcon(icon(name, self.palette()))
        self.setAccessibleName(words)
        set_tooltip(self, words)

    def changeEvent(self, event: QEvent) -> None:
        """Tint again when the colours change."""
        if event.type() == QEvent.Type.PaletteChange:
            self.setIcon(icon(self._name, self.palette()))
        super().changeEvent(event)
