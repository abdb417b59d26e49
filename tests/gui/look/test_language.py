"""Words, numbers and the files that hold their plural forms."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pytestqt.qtbot import QtBot

from photofind import gui
from photofind.gui.look import words
from photofind.resources import resource

GUI = Path(gui.__file__).parent
TOOLS = Path(sys.executable).parent


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
    """Counted texts end in “(s)” in the sources; the English file holds what people read."""
    known = {
        message.findtext("source"): [form.text for form in message.iter("numerusform")]
        for message in ElementTree.parse(resource("translations/photofind_en.ts")).iter("message")
    }
    texts = {
        node.value
        for path in GUI.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "%Ln" in node.value
    }
    assert texts == set(known)
    for text, (one, many) in known.items():
        assert one
        assert many
        assert (one != many) == ("s)" in str(text))


def test_the_compiled_plurals_are_those_of_the_source(tmp_path: Path) -> None:
    compiled = tmp_path / "photofind_en.qm"
    source = resource("translations/photofind_en.ts")
    command = [str(TOOLS / "pyside6-lrelease"), str(source), "-qm", str(compiled)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert compiled.read_bytes() == resource("translations/photofind_en.qm").read_bytes()


def test_no_words_in_the_window_escape_translation() -> None:
    """Every text given to a widget in the sources goes through tr() or translate()."""
    named = "set(Text|ToolTip|AccessibleName|WindowTitle|PlaceholderText)|QPushButton|QLabel"
    setter = re.compile(rf'({named})\(f?"[^"]*[a-z]{{2}}')
    escaped = [
        f"{path.name}: {line.strip()}"
        for path in GUI.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if setter.search(line) and "photofind" not in line
    ]
    assert escaped == []
