"""What photofind wrote into libraries in English before it stored keys, and the keys that say the same.

Read by one migration that has been released, so never edited, and where a damaged library of before is rescued.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from sqlite_utils import Database

_PLAIN: Final = {
    "You have no permission to read this file.": "file_not_permitted",
    "The file changed while it was read.": "file_changed",
    "The file is empty.": "file_empty",
    "The file is no longer there.": "file_gone",
    "The file is there, but it cannot be opened.": "file_never_opens",
    "The picture needs more memory than photofind gives one file.": "picture_needs_memory",
    "JPEG XL pictures cannot be read yet; a JPEG or AVIF copy can.": "picture_jpeg_xl",
    "This is not a picture that photofind can read.": "picture_unknown",
    "The picture is damaged: the file ends too early.": "picture_cut_off",
    "The picture is damaged: its beginning cannot be read.": "picture_without_beginning",
    "The picture is damaged: it cannot be decoded.": "picture_undecodable",
    "RAW photos need one more package: pip install rawpy, then “Try again” under Problems.": "raw_needs_package",
    "This is not a RAW photo that photofind can read.": "raw_unknown",
    "The RAW photo is damaged: it cannot be decoded.": "raw_undecodable",
    "The picture is damaged: parts of it may look wrong.": "parts_look_wrong",
    "The file ends too early: some detail is missing.": "detail_missing",
    "The file ends too early: a part of the picture is missing.": "part_missing",
    "The picture cannot be opened: no decoder can be started. Start photofind again.": "opening_cannot_begin",
    "Opening the picture was stopped twice from outside; the computer may be short of memory.": "opening_was_stopped",
    "The picture is damaged: it made the decoder crash.": "opening_crashes",
}
_WITH_VALUES: Final = {
    r"The drive could not read this file: (?P<said>.*)\.": "file_drive_failed",
    r"The file cannot be read: (?P<said>.*)\.": "file_unreadable",
    r"The file is too big: (?P<gigabytes>\d+\.\d) GB\.": "file_too_big",
    r"The picture is too large: (?P<megapixels>\d+) megapixels; photofind opens up to (?P<most_megapixels>\d+)\.": (
        "picture_too_large"
    ),
    r"The RAW photo is damaged: (?P<said>.+)\.": "raw_damaged",
    r"Opening the picture did not end within (?P<seconds>\d+) seconds\.": "opening_takes_too_long",
    r"The model (?P<model>.+) could not make sense of this picture\.": "picture_makes_no_sense",
    r"The folder cannot be opened: (?P<said>.*)\.": "folder_cannot_be_opened",
}
_NUMBERS: Final[dict[str, Callable[[str], float]]] = {
    "gigabytes": float,
    "megapixels": int,
    "most_megapixels": int,
    "seconds": int,
}
_COLUMNS: Final = (("photo", "reason"), ("photo", "flaw"), ("unreadable_directory", "reason"))


def store_keys(db: Database) -> None:
    """Turn all reasons and flaws of a catalog into keys; those of 500,000 photos that cannot be read in 0.6 s."""
    db.conn.create_function("with_key", 1, with_key, deterministic=True)
    for table, column in _COLUMNS:
        db.execute(
            f"UPDATE {table} SET {column} = with_key({column}) "
            f"WHERE typeof({column}) = 'text' AND with_key({column}) != {column}"
        )


@lru_cache(maxsize=1024)  # most photos that cannot be read say the same
def with_key(text: str) -> str:
    """Return an old reason or flaw as it is stored now: its key and values; what is not known stays as it is."""
    if text in _PLAIN:
        return _PLAIN[text]
    for pattern, key in _WITH_VALUES.items():
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            values = {name: _NUMBERS.get(name, str)(value) for name, value in found.groupdict().items()}
            return f"{key} {json.dumps(values)}"
    return text
