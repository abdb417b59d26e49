"""Names of files as people see them."""

from __future__ import annotations

import os


def name_text(path: bytes) -> str:
    """Return a file name or path given as bytes as text, with � for bytes that are none."""
    return path.decode("utf-8", "replace") if os.name == "posix" else os.fsdecode(path)


def display_name(path: bytes) -> str:
    """Return a printable form of a file name or path given as bytes.

    Bytes that are no text become �; control and bidi-override characters, which could make a
    name look like another one, become � too (invariant 10).
    """
    text = name_text(path)
    if text.isprintable():  # nearly all are, and every photo's name comes by here
        return text
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
