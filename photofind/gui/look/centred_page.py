"""The shape of a page that says one thing in the middle of the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from photofind.gui.look.plain import PlainLabel

_WIDTH = 500


def page_label(role: str, parent: QWidget) -> PlainLabel:
    """Return a centred label for plain text that wraps."""
    label = PlainLabel("", parent, wraps=True)
    label.setProperty("role", role)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


def centre(page: QWidget) -> tuple[QVBoxLayout, QVBoxLayout]:
    """Lay a page out; return the column in its middle, and the one over all of it."""
    # Lines that wrap need a fixed width to know their height.
    middle = QWidget(page)
    middle.setFixedWidth(_WIDTH)
    column = QVBoxLayout(middle)
    column.setContentsMargins(0, 0, 0, 0)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(middle)
    row.addStretch(1)
    whole = QVBoxLayout(page)
    whole.setContentsMargins(16, 12, 16, 14)
    whole.addStretch(3)
    whole.addLayout(row)
    whole.addStretch(4)
    return column, whole
