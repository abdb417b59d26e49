"""How the window looks: one calm set of colours for light, one for dark, following the system.

Everything is expressed as a `QPalette`, so style sheet, icons and painted tiles all read the
same colours and change together when the system changes between light and dark.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from photofind.resources import resource

Role = QPalette.ColorRole

LIGHT = {
    Role.Window: "#f7f8fa",
    Role.WindowText: "#1b1f24",
    Role.Base: "#ffffff",
    Role.AlternateBase: "#f1f3f6",
    Role.Text: "#1b1f24",
    Role.PlaceholderText: "#626b78",
    Role.Button: "#ffffff",
    Role.ButtonText: "#1b1f24",
    Role.BrightText: "#b3261e",
    Role.Light: "#ffffff",
    Role.Midlight: "#e9ecf1",
    Role.Mid: "#d6dbe2",
    Role.Dark: "#626b78",
    Role.Shadow: "#9aa3af",
    Role.Highlight: "#2a62d6",
    Role.HighlightedText: "#ffffff",
    Role.Accent: "#2a62d6",
    Role.Link: "#2a62d6",
    Role.LinkVisited: "#2a62d6",
    Role.ToolTipBase: "#1b1f24",
    Role.ToolTipText: "#ffffff",
}
DARK = {
    Role.Window: "#15171b",
    Role.WindowText: "#e7e9ed",
    Role.Base: "#1e2126",
    Role.AlternateBase: "#1a1c21",
    Role.Text: "#e7e9ed",
    Role.PlaceholderText: "#9aa2ae",
    Role.Button: "#24282e",
    Role.ButtonText: "#e7e9ed",
    Role.BrightText: "#ff8f85",
    Role.Light: "#3a4049",
    Role.Midlight: "#2a2e35",
    Role.Mid: "#373c45",
    Role.Dark: "#9aa2ae",
    Role.Shadow: "#6b727d",
    Role.Highlight: "#83adff",
    Role.HighlightedText: "#0d1320",
    Role.Accent: "#83adff",
    Role.Link: "#83adff",
    Role.LinkVisited: "#83adff",
    Role.ToolTipBase: "#373c45",
    Role.ToolTipText: "#f2f4f7",
}
_FADED_WHEN_DISABLED = (Role.WindowText, Role.Text, Role.ButtonText)


def palette(dark: bool) -> QPalette:
    """Return the light or the dark palette."""
    made = QPalette()
    colors = DARK if dark else LIGHT
    for role, color in colors.items():
        made.setColor(role, QColor(color))
    for role in _FADED_WHEN_DISABLED:
        faded = QColor(colors[role])
        faded.setAlphaF(0.45)
        made.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return made


def apply_theme(app: QApplication, *, dark: bool) -> None:
    """Give the whole application the light or the dark look."""
    app.setPalette(palette(dark))
    QDir.setSearchPaths("icons", [str(resource("icons"))])  # what the style sheet calls icons:
    # Set again on every change: `palette(…)` in a style sheet is read when the sheet is set.
    app.setStyleSheet(_style_sheet(resource("photofind.qss")))


def follow_system_theme(app: QApplication) -> None:
    """Take the system's light or dark look, now and whenever it changes."""
    app.setStyle("Fusion")
    hints = app.styleHints()
    apply_theme(app, dark=hints.colorScheme() == Qt.ColorScheme.Dark)
    hints.colorSchemeChanged.connect(lambda scheme: apply_theme(app, dark=scheme == Qt.ColorScheme.Dark))


def _style_sheet(path: Path) -> str:
    return path.read_text(encoding="utf-8")
