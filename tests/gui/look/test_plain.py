"""What shows text shows it letter by letter, and nothing in the window is made in any other way."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QFontMetrics, QImage, QTextDocument
from PySide6.QtGui import Qt as Text
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photofind.gui.look.elided_label import ElidedLabel
from photofind.gui.look.plain import PlainButton, PlainLabel, as_tooltip, set_tooltip, shortened, showable, wrappable
from tests.gui.look.test_language import GUI, nodes
from tests.gui.outside_text import MARKED_UP, shown_by_tooltip


def painted_width(widget: QWidget) -> int:
    """Return how wide that is which a widget paints."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    ground = image.pixel(image.width() - 1, 0)
    columns = [x for x in range(image.width()) if any(image.pixel(x, y) != ground for y in range(image.height()))]
    return columns[-1] - columns[0] + 1 if columns else 0


@pytest.mark.parametrize("text", [text for text in MARKED_UP if len(text) < 100 and "\n" not in text])
@pytest.mark.parametrize("kind", [PlainLabel, ElidedLabel])
def test_a_label_paints_every_letter(qtbot: QtBot, kind: type[PlainLabel], text: str) -> None:
    label = kind(text)
    qtbot.addWidget(label)
    label.resize(600, 40)
    expected = QFontMetrics(label.font()).horizontalAdvance(showable(text))
    assert abs(painted_width(label) - expected) <= 0.1 * expected + 3


@pytest.mark.parametrize("text", ["a & b", "&x", "&amp;", "a && b"])
def test_a_button_shows_every_sign_and_has_no_key(qtbot: QtBot, text: str) -> None:
    button = PlainButton(text)
    qtbot.addWidget(button)
    assert button.shortcut().isEmpty()
    assert button.text().replace("&&", "&") == text


@pytest.mark.parametrize("text", MARKED_UP)
def test_a_tooltip_shows_every_letter(text: str) -> None:
    assert shown_by_tooltip(as_tooltip(text)) == shortened(showable(text), 1_000)


@settings(deadline=None, derandomize=True, database=None)
@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_whatever_the_text_a_tooltip_shows_it(text: str) -> None:
    tooltip = as_tooltip(text)
    tooltip.encode()  # no half characters
    shown = shown_by_tooltip(tooltip)
    # A document has its own signs for spaces and for the ends of lines.
    assert shown.split() == showable(text).replace("\ufdd0", "\n").replace("\ufdd1", "\n").split()


@pytest.mark.parametrize("text", ["w" * 5_000, f"<b>{'w' * 5_000}", "a word " * 700])
def test_a_tooltip_is_never_wider_than_a_screen(text: str) -> None:
    document = QTextDocument()
    document.setHtml(as_tooltip(text))
    document.setTextWidth(700)
    assert document.idealWidth() <= 700
    assert document.size().height() < 700


def test_screen_readers_are_given_no_mark_up(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    set_tooltip(widget, "<b>x</b>")
    assert widget.accessibleDescription() == "<b>x</b>"
    set_tooltip(widget, "plain words")
    assert (widget.toolTip(), widget.accessibleDescription()) == ("plain words", "")


@pytest.mark.parametrize("word", ["w" * 5_000, "<" * 300, "/" + "w" * 4_000 + "/x.jpg"])
def test_a_long_word_does_not_make_a_label_wider(qtbot: QtBot, word: str) -> None:
    label = PlainLabel(f"{word} is not there.", wraps=True)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() <= 60
    label.resize(520, label.heightForWidth(520))
    assert painted_width(label) < 520
    assert shown_by_tooltip(label.toolTip())[:400] == f"{word} is not there."[:400]


def test_common_words_and_paths_stay_whole() -> None:
    sentence = "“/home/anna/Pictures/2019-07 Lisbon/IMG_20190704_123310.jpg” is not there."
    assert wrappable(sentence) == sentence


def test_what_turns_the_direction_of_a_sentence_is_taken_out() -> None:
    assert showable("\u202egpj.exe\u2066 \ud83d \x1b[31m") == "�gpj.exe� � �[31m"
    assert showable("two\nlines, عربى, 👨‍👩‍👧") == "two\nlines, عربى, 👨‍👩‍👧"


# What makes things that show text, and the only files that may name it.
_MAKERS = {
    "QLabel": ("look/plain.py", "look/question.py", "models/quick_look_line.py"),
    "QPushButton": ("look/plain.py",),
    "QMessageBox": ("look/question.py",),
    "setToolTip": ("look/plain.py",),
    **dict.fromkeys(("QTextEdit", "QTextBrowser", "QTextDocument", "setHtml", "setWhatsThis", "setStatusTip"), ()),
    **dict.fromkeys(("QErrorMessage", "QCheckBox", "QRadioButton", "QGroupBox", "QSystemTrayIcon"), ()),
    **dict.fromkeys(("QProgressDialog", "QInputDialog"), ()),
}


def made_elsewhere(root: Path) -> list[str]:
    """Return what shows text and is not made by what shows it as it stands."""
    found = []
    for place, node in nodes(root):
        names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Attribute):
            names = [node.attr]
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("setToolTip", "QToolTip.showText")):
            # An item of a list, and the grid, have no other way; then the text comes from there.
            names = [] if any("as_tooltip(" in ast.unparse(given) for given in node.args) else ["setToolTip"]
        elif isinstance(node, ast.Attribute) and node.attr == "setToolTip":
            names = []
        found += [f"{place}: {name}" for name in names if name in _MAKERS and place not in _MAKERS[name]]
    return found


def test_nothing_else_in_the_window_makes_what_shows_text() -> None:
    assert made_elsewhere(GUI) == []


@pytest.mark.parametrize(
    "line",
    [
        "from PySide6.QtWidgets import QLabel",
        "button = QtWidgets.QPushButton(text)",
        "widget.setToolTip(photo.name)",
        "QToolTip.showText(at, photo.name)",
        "from PySide6.QtWidgets import QMessageBox",
    ],
)
def test_what_is_made_elsewhere_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "badge.py").write_text(f"{line}\n")
    assert len(made_elsewhere(tmp_path)) == 1
    (tmp_path / "badge.py").write_text("item.setToolTip(as_tooltip(photo.name))\n")
    assert made_elsewhere(tmp_path) == []


def test_qt_takes_these_for_mark_up() -> None:
    """What the other tests are about, so that they test something."""
    assert sum(Text.mightBeRichText(text) for text in MARKED_UP) >= 4
