"""The files beside a photo that say something of it: XMP as `IMG.jpg.xmp` or `IMG.xmp`, Takeout's JSON, `.picasa.ini`.

Takeout cuts names off, puts the number of a second `IMG.jpg` elsewhere, and gives an edited copy no file of its own.
"""

from __future__ import annotations

import bisect
import functools
import logging
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from photofind.core.disk.scan import is_placeholder, is_sidecar_name
from photofind.core.photos.facts import picasa
from photofind.core.photos.facts.blocks import MOST_BYTES
from photofind.core.photos.facts.picasa import read_picasa
from photofind.core.photos.facts.said import Said
from photofind.core.photos.facts.takeout import read_takeout
from photofind.core.photos.facts.xmp_words import read_xmp

_log = logging.getLogger(__name__)
_TAKEOUT: Final = ".supplemental-metadata"
_CUT_OFF_AT: Final = 46  # characters, of Takeout's names without their ending
_MOST_ALIKE: Final = 100
_NUMBERED: Final = re.compile(r"(?P<name>.*)\((?P<number>\d+)\)$", re.DOTALL)
# What Takeout adds to the name of an edited copy, in the person's language: “-edited”, “-effects”, “-編集済み”.
_EDITED: Final = re.compile(r"(?<=.)-(?:\w+ )?[^\W\d_]+$")
# A listing is used again only where the directory has been still for longer than its clock ticks.
_STILL_SECONDS: Final = 3.0
_DIRECTORIES_KEPT: Final = 4


@dataclass(frozen=True)
class _Listing:
    """The names of sidecars in a directory, in lower case and sorted, and as they are."""

    names: list[str]
    actual: dict[str, list[bytes]]


def find_sidecars(path: bytes) -> Iterator[tuple[Callable[[bytes], Said], bytes]]:
    """Yield the files beside the photo at `path`, the most to be believed first: what reads each, and its content."""
    for name in _sidecars_of(path):
        data = _content(os.path.join(os.path.dirname(path), name))
        if data is not None:
            yield _reader_of(name, path), data


def _reader_of(sidecar: bytes, photo: bytes) -> Callable[[bytes], Said]:
    match os.path.splitext(sidecar)[1].lower():
        case b".xmp":
            return read_xmp
        case b".ini":
            return functools.partial(read_picasa, os.fsdecode(os.path.basename(photo)))
        case _:
            return read_takeout


def _sidecars_of(path: bytes) -> Iterator[bytes]:
    directory, name = os.path.split(path)
    listing = _listing(directory or b".")
    if not listing.names:
        return
    whole = os.fsdecode(name).lower()
    stem = os.path.splitext(whole)[0]
    for wanted in (f"{whole}.xmp", f"{stem}.xmp"):
        yield from _most_alike(listing.actual.get(wanted, []), name)
    yield from _most_alike(_takeout_of(whole, listing), name)
    for wanted in picasa.NAMES:
        yield from listing.actual.get(wanted, [])


def _most_alike(names: Sequence[bytes], photo: bytes) -> list[bytes]:
    """Return those of some names that begin as a photo's own for longest: its twin may differ in case alone."""
    alike = [_common(name, photo) for name in names]
    return [name for name, length in zip(names, alike, strict=True) if length == max(alike)]


def _common(name: bytes, other: bytes) -> int:
    """Return how many bytes two names begin with alike."""
    pairs = enumerate(zip(name, other, strict=False))
    return next((n for n, (one, two) in pairs if one != two), min(len(name), len(other)))


def _takeout_of(whole: str, listing: _Listing) -> list[bytes]:
    """Return Takeout's files on a photo of this name; those on its original, where it is an edited copy without."""
    stem, suffix = os.path.splitext(whole)
    names = [whole]
    if _EDITED.search(stem):
        names.append(_EDITED.sub("", stem) + suffix)
    numbered = _NUMBERED.match(stem)
    if numbered and _EDITED.search(numbered["name"]):
        names.append(f"{_EDITED.sub('', numbered['name'])}({numbered['number']}){suffix}")
    if f"{stem}.json" in listing.actual:
        names.append(stem)
    for name in names:
        known = [known for known in _alike(name, listing) if _is_takeout_of(known, name)]
        if known:
            return [actual for one in known for actual in listing.actual[one]]
    return []


def _alike(name: str, listing: _Listing) -> Iterator[str]:
    """Yield the names of JSON files that begin as a photo's own does."""
    stem, suffix = os.path.splitext(name)
    numbered = _NUMBERED.match(stem)
    begin = ((numbered["name"] + suffix) if numbered else name)[: _CUT_OFF_AT - 3]
    for start in dict.fromkeys((begin, name[: _CUT_OFF_AT - 3])):
        at = bisect.bisect_left(listing.names, start)
        for known in listing.names[at : at + _MOST_ALIKE]:
            if not known.startswith(start):
                break
            if known.endswith(".json"):
                yield known


def _is_takeout_of(known: str, name: str) -> bool:
    """Tell whether a JSON file is the one on a photo, both names in lower case."""
    if known == f"{name}.json":
        return True
    said = known.removesuffix(".json")
    stem, suffix = os.path.splitext(name)
    photo = _NUMBERED.match(stem)
    original = (photo["name"] + suffix) if photo else name
    number = _NUMBERED.match(said)
    if (photo["number"] if photo else None) != (number["number"] if number else None):
        return False
    said = number["name"] if number else said
    is_cut = len(original) > len(said) >= _CUT_OFF_AT - 3
    return f"{original}{_TAKEOUT}".startswith(said) and (len(said) >= len(original) or is_cut)


def _listing(directory: bytes) -> _Listing:
    try:
        changed = os.stat(directory).st_mtime_ns
    except OSError as error:
        _log.info("no sidecars are looked for: %s", error)
        return _Listing([], {})
    is_still = time.time() - changed / 1e9 > _STILL_SECONDS
    return _kept_listing(directory, changed) if is_still else _list(directory)


@functools.lru_cache(maxsize=_DIRECTORIES_KEPT)
def _kept_listing(directory: bytes, _changed: int) -> _Listing:
    return _list(directory)


def _list(directory: bytes) -> _Listing:
    actual: dict[str, list[bytes]] = {}
    try:
        for name in os.listdir(directory):
            if is_sidecar_name(name):
                actual.setdefault(os.fsdecode(name).lower(), []).append(name)
    except OSError as error:
        _log.info("no sidecars are looked for: %s", error)
    return _Listing(sorted(actual), actual)


def _content(path: bytes) -> bytes | None:
    """Return a sidecar's content; None for one that cannot be read, is still on a server, or too large to be one."""
    try:
        there = os.stat(path)
        if not stat.S_ISREG(there.st_mode) or is_placeholder(there) or there.st_size > MOST_BYTES:
            return None
        with open(path, "rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        _log.info("a sidecar cannot be read: %s", error)
        return None
