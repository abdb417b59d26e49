"""The words a photo is found by beside its looks: name, folders, date and camera."""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import datetime

from photofind.core.records.names import display_name

_WORD = re.compile(r"[^\W_]+")


def photo_words(folder: bytes, path: bytes, camera: str | None, taken: str | None) -> str:
    """Join all words of a photo; `path` is relative to `folder`, `taken` is ISO 8601."""
    stem = os.path.splitext(path)[0]
    parts = [display_name(os.path.basename(folder)), display_name(stem), camera or ""]
    if taken:
        date = datetime.fromisoformat(taken)
        parts.append(date.strftime("%Y %Y-%m-%d %B"))
    return unicodedata.normalize("NFC", " ".join(parts))


def match_expression(text: str) -> str:
    """Return the FTS5 expression that asks for every word of a text, the beginnings of words too; "" for none."""
    return " ".join(f'"{word}"*' for word in _WORD.findall(unicodedata.normalize("NFC", text))[:20])
