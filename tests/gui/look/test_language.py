"""Words, numbers and the files that hold their plural forms."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pytestqt.qtbot import QtBot

from photofind import gui
from photofind.gui.look import words
from photofind.resources import resource

GUI = Path(gui.__file__).parent
TOOLS = Path(sys.executable).parent
ENGLISH = resource("translations/photofind_en.ts")
# What takes words for the person; of all that it is given, what is no variable has to be translated.
_SHOWS_WORDS = {
    *("setText", "setInformativeText", "setToolTip", "setAccessibleName", "setAccessibleDescription", "setSuffix"),
    *("setWindowTitle", "setPlaceholderText", "setPrefix", "addAction", "QPushButton", "QLabel"),
    *("PlainButton", "PlainLabel", "ElidedLabel", "set_tooltip", "as_tooltip", "as_item"),
}


def nodes(root: Path) -> Iterator[tuple[str, ast.AST]]:
    """Yield all that the sources below a folder consist of, each with its file's place there."""
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield path.relative_to(root).as_posix(), node


def plural_faults(root: Path) -> list[str]:
    """Return what is wrong between the counted texts of the sources and the English file, which people read."""
    known = {
        message.findtext("source"): [form.text or "" for form in message.iter("numerusform")]
        for message in ElementTree.parse(ENGLISH).iter("message")
    }
    texts = {
        node.value: place
        for place, node in nodes(root)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "%Ln" in node.value
    }
    faults = [f"{place}: “{text}” has no plural" for text, place in texts.items() if text not in known]
    faults += [f"“{text}” is said nowhere" for text in known if text not in texts]
    for text, forms in known.items():
        # Counted texts end in “(s)” in the sources.
        if len(forms) != 2 or not all(forms) or (forms[0] != forms[1]) != ("s)" in str(text)):
            faults.append(f"“{text}” is said as {forms}")
    return faults


def untranslated(root: Path) -> list[str]:
    """Return the words that the sources show to the person without tr() or translate()."""
    return [
        f"{place}:{node.lineno}: {words}"
        for place, node in nodes(root)
        if isinstance(node, ast.Call) and _name(node.func) in _SHOWS_WORDS
        for argument in node.args
        for words in _literal_words(argument)
    ]


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _literal_words(argument: ast.expr) -> list[str]:
    """Return the words that stand in an argument itself; our own name, mark-up and single letters are none."""
    parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
    said = "".join(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return re.findall(r"\w*[a-z]{2}\w*", re.sub(r"<[^>]*>|photofind", "", said))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (5, "less than a minute left"),
        (61, "about 2 minutes left"),
        (60, "about 1 minute left"),
        (7300, "about 2 hours left"),
        (90_000, "about 1 day left"),
    ],
)
def test_time_left_is_said_in_words(qtbot: QtBot, seconds: float, said: str) -> None:
    assert words.time_left(seconds) == said


def test_numbers_follow_the_locale(qtbot: QtBot) -> None:
    assert words.photos(1) == "1 photo"
    assert words.photos(8000) == "8,000 photos"
    assert words.rate(4.25) in ("4.2 photos/s", "4.3 photos/s")
    assert words.score(float("nan")) == ""


def test_the_english_plurals_are_complete() -> None:
    assert plural_faults(GUI) == []


def test_the_compiled_plurals_are_those_of_the_source(tmp_path: Path) -> None:
    compiled = tmp_path / "photofind_en.qm"
    command = [str(TOOLS / "pyside6-lrelease"), str(ENGLISH), "-qm", str(compiled)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert compiled.read_bytes() == resource("translations/photofind_en.qm").read_bytes()


def test_no_words_in_the_window_escape_translation() -> None:
    assert untranslated(GUI) == []


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A copy of the sources with a file two folders deep, for an offence; it is in order itself."""
    copy = shutil.copytree(GUI, tmp_path / "gui", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "grid" / "labels").mkdir()
    (copy / "grid" / "labels" / "badge.py").write_text('label = QLabel(self.tr("Favourite"))\n')
    assert (untranslated(copy), plural_faults(copy)) == ([], [])
    return copy


@pytest.mark.parametrize(
    "line",
    [
        'label.setText("Favourite")',
        'label.setToolTip(f"Favourite {number}")',
        'set_tooltip(label, "Favourite")',
        'label = PlainLabel("Favourite", self, wraps=True)',
        'QLabel(\n    "Favourite",\n    self,\n)',
        'button = QtWidgets.QPushButton("<b>Favourite</b>")',
        'menu.addAction("Favourite photofind")',
    ],
)
def test_untranslated_words_are_found_however_deep_they_lie(planted: Path, line: str) -> None:
    (planted / "grid" / "labels" / "badge.py").write_text(f"{line}\n")
    assert untranslated(planted) == ["grid/labels/badge.py:1: Favourite"]


def test_a_counted_text_without_a_plural_is_found_however_deep_it_lies(planted: Path) -> None:
    (planted / "grid" / "labels" / "badge.py").write_text('self.tr("%Ln favourite(s)", "", 2)\n')
    assert plural_faults(planted) == ["grid/labels/badge.py: “%Ln favourite(s)” has no plural"]


def test_a_plural_that_nothing_says_any_more_is_found(planted: Path) -> None:
    path = planted / "care" / "problems_dialog.py"
    path.write_text(path.read_text(encoding="utf-8").replace("%Ln could be read only in part.", "Some were not whole."))
    assert plural_faults(planted) == ["“%Ln could be read only in part.” is said nowhere"]
