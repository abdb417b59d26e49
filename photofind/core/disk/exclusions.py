"""What is left out of a folder, by pattern or by place; scan and watcher ask the same `Filter`."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

_WILD = re.compile(rb"[*?\[]")
# Read as names: hidden, trash, what storage boxes and other photo programs keep for themselves, caches.
_DEFAULT_PATTERNS = (
    ".*",
    "@eaDir",
    "@Recycle",
    "#recycle",
    "#snapshot",
    "$RECYCLE.BIN",
    "System Volume Information",
    "lost+found",
    "Trash",
    "node_modules",
    "__pycache__",
    "Cache",
    "Caches",
    "*.photoslibrary",
    "*.photolibrary",
    "*.aplibrary",
    "*.migratedphotolibrary",
    "*.lrdata",
    "*.lrlibrary",
    "*.cocatalogdb",
)


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Patterns as shells know them (`*`, `?`, `[a-z]`), and folders by absolute path.

    A pattern is compared with every folder's and file's name, or, where it holds a `/`, with the
    path inside the watched folder; upper and lower case are the same.
    """

    patterns: tuple[str, ...] = _DEFAULT_PATTERNS
    folders: tuple[bytes, ...] = ()

    def filter_for(self, root: bytes) -> Filter:
        """Return what decides inside one watched folder (absolute path)."""
        inside = os.path.join(root, b"")
        places = frozenset(
            folder[len(inside) :].replace(os.fsencode(os.sep), b"/")
            for folder in self.folders
            if folder.startswith(inside)
        )
        return Filter(self.patterns, places)

    def relocated(self, before: bytes, after: bytes) -> Exclusions:
        """Return this for a watched folder that lies elsewhere now."""
        inside = os.path.join(before, b"")
        moved = (
            os.path.join(after, folder[len(inside) :]) if folder.startswith(inside) else folder
            for folder in self.folders
        )
        return replace(self, folders=tuple(moved))

    def to_json(self) -> str:
        """Return this as text for the catalog."""
        return json.dumps({"patterns": self.patterns, "folders": [folder.hex() for folder in self.folders]})

    @staticmethod
    def from_json(text: str | None) -> Exclusions:
        """Read what `to_json` wrote; the usual exclusions where nothing was."""
        if text is None:
            return DEFAULT_EXCLUSIONS
        stored = json.loads(text)
        return Exclusions(tuple(stored["patterns"]), tuple(bytes.fromhex(folder) for folder in stored["folders"]))


DEFAULT_EXCLUSIONS = Exclusions()


class _Matcher:
    """Compare byte strings with many patterns at once: exact ones, beginnings and endings before real patterns.

    Most patterns are of these simple kinds, which cost a tenth of one regular expression over all.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        exact, beginnings, endings, others = set(), [], [], []
        for pattern in patterns:
            fixed = _fold(os.fsencode(pattern))
            if not _WILD.search(fixed):
                exact.add(fixed)
            elif fixed.endswith(b"*") and not _WILD.search(fixed[:-1]):
                beginnings.append(fixed[:-1])
            elif fixed.startswith(b"*") and not _WILD.search(fixed[1:]):
                endings.append(fixed[1:])
            else:
                others.append(fnmatch.translate(os.fsdecode(fixed)))
        self._exact = frozenset(exact)
        self._beginnings, self._endings = tuple(beginnings), tuple(endings)
        self._others = re.compile("|".join(others)) if others else None

    def matches(self, text: bytes) -> bool:
        """Tell whether any pattern fits the whole text."""
        lower = _fold(text)
        return (
            lower in self._exact
            or lower.startswith(self._beginnings)
            or lower.endswith(self._endings)
            or (self._others is not None and self._others.match(os.fsdecode(lower)) is not None)
        )


def _fold(name: bytes) -> bytes:
    """Return a name as it is compared: in lower case, letters with marks written as one, as keyboards write them."""
    if name.isascii():
        return name.lower()
    return os.fsencode(unicodedata.normalize("NFC", os.fsdecode(name)).lower())


class Filter:
    """Decides what of one watched folder is left out; every file of a library comes by here."""

    def __init__(self, patterns: tuple[str, ...], places: frozenset[bytes]) -> None:
        wanted = [pattern.strip().rstrip("/") for pattern in patterns if pattern.strip("/ ")]
        self._names = _Matcher(pattern for pattern in wanted if "/" not in pattern)
        in_path = [pattern.strip("/") for pattern in wanted if "/" in pattern]
        self._paths = _Matcher(in_path) if in_path else None
        self._places = places

    def skips(self, name: bytes, path: bytes) -> bool:
        """Tell whether the file or folder `name`, at `path` below the root, is left out by itself."""
        return (
            self._names.matches(name) or path in self._places or (self._paths is not None and self._paths.matches(path))
        )

    def drops(self, path: bytes) -> bool:
        """Tell whether `path` below the root, or any folder on the way to it, is left out."""
        start, end = 0, path.find(b"/")
        while end >= 0:
            if self.skips(path[start:end], path[:end]):
                return True
            start, end = end + 1, path.find(b"/", end + 1)
        return self.skips(path[start:], path)
