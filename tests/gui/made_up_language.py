"""A language that nobody speaks, as a translation file that is compiled and installed like a real one.

It has Polish’s plurals and numbers. A sentence is its key in «», then its values in the reverse of the English order.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from photofind.core.sentences.english import ENGLISH
from photofind.core.sentences.template import Counted
from tests import CHECKOUT

UPDATE = CHECKOUT / "packaging" / "update_sentences.py"
_LRELEASE = Path(sys.executable).parent / "pyside6-lrelease"
_EMPTY = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n<TS version="2.1" language="pl"></TS>\n'


def begin(path: Path) -> list[str]:
    """Write a file without any translation; return what `update_sentences` says is left to do."""
    path.write_text(_EMPTY, "utf-8")
    return update(path)


def update(path: Path) -> list[str]:
    command = [sys.executable, str(UPDATE), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()


def translate_all(path: Path) -> None:
    """Translate everything that the file holds, in the order of its forms where something is counted."""
    tree = ElementTree.parse(path)
    for message in tree.iter("message"):
        key = str(message.findtext("source"))
        translation = message.find("translation")
        assert translation is not None
        translation.attrib.pop("type", None)
        text = f"«{key}» {_values(key)}".strip()
        if message.get("numerus"):
            for number in range(3):
                ElementTree.SubElement(translation, "numerusform").text = f"{text} ({number})"
        else:
            translation.text = text
    tree.write(path, "utf-8", xml_declaration=True)


def _values(key: str) -> str:
    template = ENGLISH[key]
    text = template.many if isinstance(template, Counted) else template
    named = [f"{{{name}:{form}}}" if form else f"{{{name}}}" for _, name, form, _ in Formatter().parse(text) if name]
    return " ".join(reversed(named))


@contextmanager
def spoken(app: QCoreApplication, path: Path) -> Iterator[None]:
    """Compile a translation and install it for as long as the context lasts, with Polish's way to write numbers."""
    compiled = path.with_suffix(".qm")
    subprocess.run([str(_LRELEASE), str(path), "-qm", str(compiled)], check=True, capture_output=True, timeout=60)
    translator, before = QTranslator(app), QLocale()
    assert translator.load(str(compiled))
    app.installTranslator(translator)
    QLocale.setDefault(QLocale("pl_PL"))
    try:
        yield
    finally:
        QLocale.setDefault(before)
        app.removeTranslator(translator)
