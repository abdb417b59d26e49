"""What the `.picasa.ini` in a folder says of the photos there: captions, keywords, and the people whose faces it has.

Picasa wrote captions and keywords into JPEGs too; what it knew of other files, and whose faces those are, is only here.
"""

from __future__ import annotations

import configparser
import functools
import logging
import re
from typing import Final

from photofind.core.photos.facts.said import Said

_log = logging.getLogger(__name__)
NAMES: Final = (".picasa.ini", "picasa.ini")
# “rect64(3f845bcb59418507),8e62398ebda8c1a5”, one after the other: where a face is, and whose; all f for nobody's.
_FACE: Final = re.compile(r"rect64\([0-9a-f]+\),([0-9a-f]+)", re.IGNORECASE)
_CONTACTS: Final = ("contacts", "contacts2")
_MOST_PEOPLE: Final = 200

# By section, in lower case, and key.
_Sections = dict[str, dict[str, str]]


def read_picasa(photo: str, data: bytes) -> Said:
    """Return what the file says of the photo of that name, in whatever case; nothing where it cannot be read."""
    said = Said()
    sections = _parse(data)
    section = sections.get(photo.lower(), {})
    caption = section.get("caption", "").strip()
    said.captions += [caption] if caption else []
    said.list_keywords([section["keywords"]] if section.get("keywords") else [])
    contacts = {key: name for part in _CONTACTS for key, name in sections.get(part, {}).items()}
    for face in _FACE.findall(section.get("faces", ""))[:_MOST_PEOPLE]:
        name = contacts.get(face.lower(), "").partition(";")[0].strip()
        said.people += [name] if name else []
    return said


@functools.lru_cache(maxsize=2)  # one file is about all photos of its folder
def _parse(data: bytes) -> _Sections:
    parser = configparser.RawConfigParser(
        delimiters=("=",), comment_prefixes=(), strict=False, allow_no_value=True, default_section=""
    )
    try:
        parser.read_string(_decode(data))
    except configparser.Error as error:
        _log.info("Picasa's file cannot be read: %s", error)
        return {}
    return {
        section.lower(): {key: value for key, value in parser.items(section) if value} for section in parser.sections()
    }


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:  # Picasa 3.5 and before wrote as the system does
        return data.decode("cp1252", "replace")
