"""The plain form of words, in which names are kept and looked for: however a letter is written, it is the same.

Made letter by letter, so that the plain form of a part of a name is a part of the name's plain form.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from anyascii import anyascii

from photofind.core.records.words import Forms

# From here on scripts write words without spaces between them (Thai, Chinese), or syllables in parts (Korean).
_FIRST_WITHOUT_SPACES = 0x0E00
_FIRST_EMOJI = 0x1F000
# Marks that are put on letters and may be left out, by Unicode's combining classes: what lies over a letter, the
# points of Hebrew and Arabic, and accents. Others are vowels and tones, without which there is another word.
_OVERLAY, _POINTS, _ACCENTS = 1, range(10, 36), 200
_AT_SLASH = re.compile(" ?/[ /]*")
_NO_LETTERS = ("\N{REPLACEMENT CHARACTER}", "\N{OBJECT REPLACEMENT CHARACTER}")
# Letters of Arabic script that are typed in either form; a stretch of a line is none.
_EITHER = {"ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا", "ـ": ""}
# The other way to write letters with two dots and their like.
_SPELT_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


def plain(text: str) -> str:
    """Return a text in small letters without marks; a backslash is a slash, and all other signs are spaces."""
    return text.translate(_PLAIN)


def forms(text: str) -> Forms:
    """Return the plain forms of a text as UTF-8: as it is, and with ä as ae, where that is another.

    However many signs stand between two words, it is one space; at a slash, and where the text begins and ends, none.
    """
    one = _spaced(text)
    if text.isascii():
        return (one,)
    other = _spaced(unicodedata.normalize("NFC", text).casefold().translate(_SPELT_OUT))
    return (one,) if other == one else (one, other)


def _spaced(text: str) -> bytes:
    return _AT_SLASH.sub("/", " ".join(plain(text).split())).encode()


def is_within_words(form: str) -> bool:
    """Tell whether what a plain form begins with is written without spaces before it."""
    return bool(form) and ord(form[0]) >= _FIRST_WITHOUT_SPACES


class _Plain(dict[int, str]):
    """The plain form of every character that was met."""

    def __missing__(self, code: int) -> str:
        found = self[code] = _of_character(chr(code))
        return found


def _of_character(character: str) -> str:
    if character in "/\\":
        return "/"
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(map(_of_part, apart))


def _of_part(part: str) -> str:
    """Return what stands for a character that cannot be taken apart."""
    if part.isascii():
        return part if part.isalnum() else " "
    if part in _EITHER:
        return _EITHER[part]
    category = unicodedata.category(part)
    if category == "Nd":
        return str(unicodedata.decimal(part))
    if category[0] == "M":
        return "" if _may_be_left_out(part, category) else part
    if category[0] in "LN":
        return _of_letter(part)
    if category == "Cf":
        return ""
    is_emoji = category == "So" or (category in ("Sk", "Cn") and ord(part) >= _FIRST_EMOJI)
    return part if is_emoji and part not in _NO_LETTERS else " "


def _may_be_left_out(mark: str, category: str) -> bool:
    order = unicodedata.combining(mark)
    is_accent = order == _OVERLAY or order in _POINTS or order >= _ACCENTS
    return is_accent or category == "Me" or "VARIATION SELECTOR" in unicodedata.name(mark, "")


def _of_letter(letter: str) -> str:
    """Return plain letters for one of the Latin script that is no letter and a mark: ł, ø, đ, þ, æ."""
    if not unicodedata.name(letter, "").startswith("LATIN "):
        return letter
    return "".join(filter(str.isalnum, anyascii(letter).casefold())) or letter


_PLAIN: Final = _Plain()
