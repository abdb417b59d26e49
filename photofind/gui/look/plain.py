"""Text from outside is shown as it stands: no mark-up, no underlined letters, nothing that turns or widens the rest.

Labels, tooltips and message boxes of Qt take for HTML what begins like it, buttons and menus take “&” for a key; and a
file, a folder, a drive, a camera, a model may be called anything. So what shows text is made here, whatever the text.
"""

from __future__ import annotations

import html
import re

from PySide6.QtCore import QSize
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

# Control characters but for a new line, half characters, and what turns the direction of all that follows.
_UNSHOWABLE = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
# A line can end at these, so that what lies between them takes its room in one piece.
_PIECE = re.compile(r"[^\s/\\-]+")
_LONGEST_PIECE, _LONGEST_BUTTON, _LONGEST_TOOLTIP = 48, 80, 1_000
_LONG_PIECE = re.compile(rf"\S{{{_LONGEST_PIECE}}}")
_LEAST_WIDTH = 60


class PlainLabel(QLabel):
    """Shows its text letter by letter; one that wraps shortens words that would make the window wider."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, wraps: bool = False) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show a text; all of it is in the tooltip where words had to be shortened."""
        clean = showable(text)
        shown = wrappable(clean) if self.wordWrap() else clean
        if shown != clean or self.toolTip():
            set_tooltip(self, clean if shown != clean else "")
        super().setText(shown)

    def minimumSizeHint(self) -> QSize:
        """Ask for little room where the text can wrap, however long its words are."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), _LEAST_WIDTH), hint.height()) if self.wordWrap() else hint


class PlainButton(QPushButton):
    """A button whose text holds no key and is no wider than can be read."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show a text."""
        super().setText(as_item(text))


def set_tooltip(widget: QWidget, text: str) -> None:
    """Give a widget a tooltip that is plain text; screen readers read it as it is."""
    tooltip = as_tooltip(text)
    if tooltip != widget.toolTip():
        widget.setToolTip(tooltip)
        widget.setAccessibleDescription(showable(text) if Qt.mightBeRichText(tooltip) else "")


def as_tooltip(text: str) -> str:
    """Return what a tooltip must be given to show a text; long ones wrap."""
    clean = shortened(showable(text), _LONGEST_TOOLTIP)
    is_short = all(len(line) <= 2 * _LONGEST_PIECE for line in clean.split("\n"))
    if is_short and not Qt.mightBeRichText(clean):
        return clean
    with_breaks = _LONG_PIECE.sub("\\g<0>\N{ZERO WIDTH SPACE}", clean)
    lines = html.escape(with_breaks).split("\n")
    wrapping = "pre" if is_short else "pre-wrap"
    return f"<div style='white-space: {wrapping}'>{'<br>'.join(lines)}</div>"


def as_item(text: str) -> str:
    """Return what a button or a menu must be given to show a text, shortened where it is very long."""
    return as_choice(text).replace("&", "&&")


def as_choice(text: str) -> str:
    """Return what a box with a list to choose from must be given to show a text."""
    return shortened(showable(text), _LONGEST_BUTTON)


def wrappable(text: str) -> str:
    """Return a text whose longest words are shortened in their middle, so that any window has room for them."""
    return _PIECE.sub(lambda piece: shortened(piece[0], _LONGEST_PIECE), showable(text))


def showable(text: str) -> str:
    """Return a text without what cannot be shown, or would change how all else is."""
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, its middle left out where it is longer."""
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"
