"""What an XMP packet says, in a photo's file or in one beside it; one that is hostile or damaged says nothing."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from photofind.core.photos.facts.blocks import MOST_BYTES

_log = logging.getLogger(__name__)
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_LISTS: Final = tuple(f"{{{_RDF}}}{name}" for name in ("Bag", "Seq", "Alt"))
_ITEM: Final = f"{{{_RDF}}}li"
# Where the value is of what more is said of.
_VALUES: Final = (f"{{{_RDF}}}value", f"{{{_RDF}}}Description/{{{_RDF}}}value")
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_MOST_DEPTH: Final = 64
_MOST_ELEMENTS: Final = 50_000
_MOST_VALUES: Final = 1_000
# What lies around a packet, and what no XML may have in it.
_PACKET: Final = re.compile(r"<(?:\w+:)?(xmpmeta|xapmeta|RDF)\b.*</(?:\w+:)?\1\s*>", re.DOTALL)
_NO_XML: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class _Shallow(TreeBuilder):
    """Builds a tree that is neither deep nor large."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > _MOST_DEPTH or self._count > _MOST_ELEMENTS:
            raise ValueError("the packet is too deep, or too large")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


class Packet:
    """The properties of an XMP packet, by their names as {namespace}name."""

    def __init__(self, data: bytes) -> None:
        self._root = _parse(data)
        self._values: dict[str, list[str]] = {}
        for node in self.nodes():
            for name, value in node.attrib.items():
                self._add(name, [value])
            self._add(node.tag, _values(node))

    def _add(self, name: str, values: list[str]) -> None:
        found = self._values.setdefault(name, [])
        found += values[: _MOST_VALUES - len(found)]

    def nodes(self) -> Iterator[Element]:
        """Yield all that is in the packet."""
        return iter(()) if self._root is None else self._root.iter()

    def all(self, *names: str) -> list[str]:
        """Return the values of some properties, wherever they stand; of one in several languages its default first."""
        return [value for name in names for value in self._values.get(name, [])]

    def first(self, *names: str) -> str:
        """Return the first value of the first of some properties that has any, else nothing."""
        return next(iter(self.all(*names)), "")


def field(node: Element, name: str) -> str:
    """Return a field of a structure, however it is written, else nothing."""
    if name in node.attrib:
        return node.attrib[name].strip()
    return next((text for child in node if child.tag == name for text in _values(child)), "")


def _values(node: Element) -> list[str]:
    """Return the texts of a property: its own, or those of the list that it is."""
    for part in node:
        if part.tag in _LISTS:
            items = [(item.get(_LANGUAGE), _text(item)) for item in part if item.tag == _ITEM]
            items.sort(key=lambda item: item[0] not in (None, "x-default"))
            return [text for _, text in items if text]
    text = _text(node)
    return [text] if text else []


def _text(node: Element) -> str:
    """Return a node's own text, or its value where more is said of that; none of a structure."""
    told = next((value for way in _VALUES if (value := node.find(way)) is not None), node)
    return (told.text or "").strip() if not len(told) else ""


def _parse(data: bytes) -> Element | None:
    if len(data) > MOST_BYTES:
        _log.info("XMP of %d bytes is not read", len(data))
        return None
    packet = _PACKET.search(_NO_XML.sub(" ", _decode(data)))
    if packet is None:
        return None
    parser = DefusedXMLParser(target=_Shallow(), forbid_dtd=True)
    try:
        parser.feed(packet[0])
        root: Element = parser.close()
    except (ParseError, DefusedXmlException, ValueError) as error:
        _log.info("XMP cannot be read: %s", error)
        return None
    return root


def _decode(data: bytes) -> str:
    """Return a packet as text, by its mark or its first letter; what it says of its encoding is often wrong."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    start = data.find(b"<", 0, 1_000)
    if start >= 0 and data[start + 1 : start + 2] == b"\0":
        return data[start:].decode("utf-16-le", "replace")
    if start > 0 and data[start - 1 : start] == b"\0":
        return data[start - 1 :].decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
