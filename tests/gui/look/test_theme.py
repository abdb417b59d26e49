"""Light and dark: both readable, both followed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photofind.gui.look.icons import IconButton, tinted
from photofind.gui.look.theme import apply_theme, palette
from photofind.gui.window import Window

Role = QPalette.ColorRole


@pytest.fixture
def dark(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp, dark=True)
    yield
    apply_theme(qapp, dark=False)


def luminance(color: QColor) -> float:
    channels = (color.redF(), color.greenF(), color.blueF())
    parts = [c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4) for c in channels]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (Role.WindowText, Role.Window),
        (Role.PlaceholderText, Role.Window),
        (Role.PlaceholderText, Role.Base),
        (Role.PlaceholderText, Role.AlternateBase),
        (Role.ButtonText, Role.Midlight),
        (Role.HighlightedText, Role.Highlight),
        (Role.Link, Role.Window),
        (Role.ToolTipText, Role.ToolTipBase),
    ],
)
def test_text_has_contrast(is_dark: bool, text: Role, ground: Role) -> None:
    colors = palette(is_dark)
    light, dim = sorted((luminance(colors.color(text)), luminance(colors.color(ground))), reverse=True)
    assert (light + 0.05) / (dim + 0.05) >= 4.5


def test_the_window_turns_dark_and_its_icons_light(qtbot: QtBot, window: Window, dark: None) -> None:
    image = window.grab().toImage()
    assert image.pixelColor(5, 5) == palette(True).color(Role.Window)
    glyph = window.status_bar.pause.icon().pixmap(20, 20).toImage()
    strokes = [glyph.pixelColor(x, y) for x in range(20) for y in range(20) if glyph.pixelColor(x, y).alpha() > 200]
    assert strokes
    assert all(color.lightness() > 150 for color in strokes)


def test_an_icon_takes_the_color_it_is_given(qapp: QApplication) -> None:
    image = tinted("search", QColor(10, 200, 30), 40).toImage()
    solid = [image.pixelColor(x, y) for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() == 255]
    assert solid
    assert all(color == QColor(10, 200, 30) for color in solid)


def test_an_icon_button_speaks(qtbot: QtBot) -> None:
    button = IconButton("pause", "Pause indexing")
    qtbot.addWidget(button)
    assert button.accessibleName() == button.toolTip() == "Pause indexing"
