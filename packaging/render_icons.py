"""Render the application icon's PNG sizes from its SVG; run after changing the SVG, commit the result.

.venv/bin/python packaging/render_icons.py
"""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

APP_ID = "io.github.photofind.photofind"
ICONS = Path(__file__).parent.parent / "resources" / "icons"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def render(svg: QSvgRenderer, size: int) -> QImage:
    """Draw the icon on a transparent square of `size` pixels."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    svg.render(painter)
    painter.end()
    return image


def main() -> None:
    """Write `hicolor/<n>x<n>/apps/<id>.png`, the layout that icon themes use."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QGuiApplication([])
    svg = QSvgRenderer(str(ICONS / f"{APP_ID}.svg"))
    for size in SIZES:
        png = ICONS / "hicolor" / f"{size}x{size}" / "apps" / f"{APP_ID}.png"
        png.parent.mkdir(parents=True, exist_ok=True)
        if not render(svg, size).save(str(png)):
            raise SystemExit(f"{png} could not be written.")
    app.quit()


if __name__ == "__main__":
    main()
