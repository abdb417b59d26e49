"""Bring what core and background say into a translation: `python packaging/update_sentences.py FILE.ts`.

Adds the sentences that the file lacks, with the English for whoever translates, and takes out those that are no more.
What is translated stays; where the English has changed since, it is marked as unfinished. Prints what is left to do.
"""

from __future__ import annotations

import sys
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree

from photofind.core.sentences.english import ENGLISH
from photofind.core.sentences.template import Counted, Template

CONTEXT = "sentences"
parse = Formatter().parse


def to_translate() -> dict[str, Template]:
    """Return the sentences that have words of their own, by key."""
    return {key: template for key, template in ENGLISH.items() if any(text for text, *_ in parse(_english(template)))}


def update(path: Path) -> list[str]:
    """Update a file; return the keys that are not translated, or were translated from another English."""
    root = ElementTree.parse(path).getroot()
    context = next((each for each in root.iter("context") if each.findtext("name") == CONTEXT), None)
    if context is None:
        context = ElementTree.SubElement(root, "context")
        ElementTree.SubElement(context, "name").text = CONTEXT
    known = {message.findtext("source"): message for message in context.findall("message")}
    for message in known.values():
        context.remove(message)
    for key, template in sorted(to_translate().items()):
        context.append(_message(key, template, known.get(key)))
    ElementTree.indent(root, "    ")
    text = ElementTree.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{text}\n', "utf-8")
    return [
        str(message.findtext("source"))
        for message in context.findall("message")
        if message.find("translation[@type]") is not None
    ]


def _message(key: str, template: Template, old: ElementTree.Element | None) -> ElementTree.Element:
    message = ElementTree.Element("message", {"numerus": "yes"} if isinstance(template, Counted) else {})
    ElementTree.SubElement(message, "source").text = key
    ElementTree.SubElement(message, "extracomment").text = _english(template)
    translation = old.find("translation") if old is not None else None
    if translation is None:
        translation = ElementTree.Element("translation")
    if not "".join(translation.itertext()).strip() or _changed(old, template):
        translation.set("type", "unfinished")
    elif translation.get("type") in ("vanished", "obsolete"):  # lupdate finds none of them in the window's sources
        del translation.attrib["type"]
    message.append(translation)
    return message


def _changed(old: ElementTree.Element | None, template: Template) -> bool:
    return old is not None and old.findtext("extracomment") != _english(template)


def _english(template: Template) -> str:
    """Return what a translator is told: of what is counted, both forms."""
    if isinstance(template, Counted):
        return f"{template.one}\n{template.many}"
    return template


if __name__ == "__main__":
    sys.stdout.writelines(f"{left}\n" for left in update(Path(sys.argv[1])))
