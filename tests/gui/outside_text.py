"""Texts that Qt, a window or a person could take for something else, and what is really shown of them."""

from __future__ import annotations

from PySide6.QtGui import Qt, QTextDocument

MARKED_UP = [
    "<b>x</b>",
    "<img src=http://localhost/x.png>",
    "<i></i><!--x.jpg",
    "<h1>large</h1>",
    "<a href='file:///etc/passwd'>link</a>",
    "<!--",
    "<?xml version='1.0'?><b>x",
    "<!DOCTYPE html>x",
    "&amp;",
    "&lt;b&gt;x",
    "&x && &",
    "two\nlines <b>x</b>",
    "{name} {0} %1 %n %s",
    "\u202egpj.exe\u2066.jpg",
    "\ud83d half",
    "w" * 5_000,
    "<u>" + "w" * 4_000,
]


def shown_by_tooltip(tooltip: str) -> str:
    """Return the letters that a person sees of a tooltip."""
    if not Qt.mightBeRichText(tooltip):
        return tooltip
    document = QTextDocument()
    document.setHtml(tooltip)
    return document.toPlainText().replace("\N{ZERO WIDTH SPACE}", "")
