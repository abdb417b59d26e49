"""All that is known of a photo without its pixels: its file's head, its name, and the files beside it, in one pass."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO, Final, TypeVar

from photofind.core.errors import PhotofindError
from photofind.core.photos.facts.blocks import Blocks
from photofind.core.photos.facts.containers import MISREAD, read_blocks
from photofind.core.photos.facts.dates import read_date
from photofind.core.photos.facts.exif import is_no_caption, read_exif
from photofind.core.photos.facts.iptc import read_iptc
from photofind.core.photos.facts.said import Said
from photofind.core.photos.facts.sidecars import find_sidecars
from photofind.core.photos.facts.taken import when_taken
from photofind.core.photos.facts.tiff import read_tags
from photofind.core.photos.facts.traits import read_kind, read_traits
from photofind.core.photos.facts.xmp_words import read_xmp
from photofind.core.photos.file import explaining
from photofind.core.photos.formats.raw import is_raw_name, open_raw, require_rawpy
from photofind.core.photos.formats.raw_content import is_raw
from photofind.core.photos.towns import place_words
from photofind.core.records.decoded import Metadata
from photofind.core.records.facts import TakenFrom

_log = logging.getLogger(__name__)
# Heads lie in few places, and a network's drive is asked for each; more at a time is read in vain.
BYTES_A_READ: Final = 8 << 10
Value = TypeVar("Value")
Block = TypeVar("Block")
# A photo's words are bounded: what says more is no photo's caption.
_MOST_NAMES: Final = 300
_MOST_IN_A_NAME: Final = 200
_MOST_IN_A_TEXT: Final = 4_000
_MOST_TEXTS: Final = 8


def read_facts(file: BinaryIO, path: bytes | None = None, mtime_ns: int | None = None) -> Metadata:
    """Return what a photo's file says of it, and, where its path is known, its name and the files beside it.

    Reads little of the file; what is damaged or hostile costs what it would have said. Raises OSError where the
    file itself cannot be read.
    """
    blocks = read_blocks(file)
    own = list(_all_said(blocks))
    if not own and path is not None and is_raw_name(path):
        own = read_raw_preview(file)
    beside = list(_said_beside(path)) if path is not None else []
    said = [*beside, *own]  # what was written beside a file was written after it
    kind = read_kind(blocks, path)
    source, when = when_taken(own, beside, path, mtime_ns) or (None, None)
    latitude, longitude = _first(one.position for one in (*own, *beside)) or (None, None)
    titles = _texts(title for one in said for title in one.titles)
    captions = _texts(caption for one in said for caption in one.captions)
    return Metadata(
        taken=when.taken if when else None,
        taken_from=source,
        zone=when.zone if when else None,
        camera=_short(_first(one.camera for one in (*own, *beside))),
        latitude=latitude,
        longitude=longitude,
        lens=_short(_first(one.lens for one in (*own, *beside))),
        aperture=_first(one.aperture for one in own),
        shutter=_first(one.shutter for one in own),
        iso=_first(one.iso for one in own),
        focal_length=_first(one.focal_length for one in own),
        kind=kind,
        title=titles[0] if titles else None,
        caption=captions[0] if captions else None,
        rating=_first(one.rating for one in said),
        keywords=_names(name for one in said for name in one.keywords),
        people=_names(name for one in said for name in one.people),
        places=_names((*(name for one in said for name in one.places), *place_words(latitude, longitude))),
        also=(*titles[1:], *captions[1:], *_texts(text for one in said for text in one.also)),
        traits=read_traits(blocks, kind, own, path, is_raw=is_raw(file)),
    )


def read_photo_facts(path: bytes) -> Metadata:
    """Return what is known of the photo at `path`; raises what `read_photo_file` raises for its file."""
    with explaining(), open(path, "rb", buffering=BYTES_A_READ) as file:
        return read_facts(file, path, os.fstat(file.fileno()).st_mtime_ns)


def read_raw_preview(file: BinaryIO) -> list[Said]:
    """Return what the preview in a RAW file says, where the file's own head is of a kind that nobody reads."""
    file.seek(0)
    try:
        require_rawpy()
        picture = open_raw(file.read()).picture
    except PhotofindError as error:
        _log.info("a RAW file says nothing: %s", error)
        return []
    return said_of_preview(picture) if isinstance(picture, bytes) else []


def said_of_preview(picture: bytes) -> list[Said]:
    """Return what a preview says; EXIF that LibRaw makes up leaves open which half of the world a place is in."""
    own = list(_all_said(read_blocks(io.BytesIO(picture))))
    for said in own:
        if any("dcraw" in tool for tool in said.tools):
            said.position = None
    return own


def _all_said(blocks: Blocks) -> Iterator[Said]:
    """Yield what each part of a file says, the most to be believed first."""
    for block in blocks.exif:
        yield from _safely(lambda block: read_exif(read_tags(block, blocks)), block)
    for block in blocks.gps:
        yield from _safely(lambda block: read_exif(read_tags(block, blocks, gps=True)), block)
    for packet in blocks.xmp:
        yield from _safely(read_xmp, packet)
    for records in blocks.iptc:
        yield from _safely(read_iptc, records)
    if blocks.texts:
        yield _read_texts(blocks.texts)


def _said_beside(path: bytes) -> Iterator[Said]:
    for read, content in find_sidecars(path):
        yield from _safely(read, content)


def _safely(read: Callable[[Block], Said], block: Block) -> Iterator[Said]:
    try:
        yield read(block)
    except MISREAD as error:
        _log.info("what a photo says cannot be read: %r", error)


def _read_texts(texts: Mapping[str, str]) -> Said:
    """Return what the named texts of a PNG say."""
    said = Said(tools=[texts["Software"]] if "Software" in texts else [])
    said.titles += [texts["Title"]] if "Title" in texts else []
    said.captions += [texts[key] for key in ("Description", "Comment") if not is_no_caption(texts.get(key, "").strip())]
    said.date(TakenFrom.CREATED, read_date(texts.get("Creation Time")))
    return said


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value is not None), None)


def _short(name: str | None) -> str | None:
    return " ".join(name.split())[:_MOST_IN_A_NAME] if name else None


def _names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names, each once, however often and in whatever case it is said."""
    found: dict[str, str] = {}
    for name in names:
        short = _short(_clean(name))
        if short and len(found) < _MOST_NAMES:
            found.setdefault(short.casefold(), short)
    return tuple(found.values())


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    whole = dict.fromkeys(_clean(text)[:_MOST_IN_A_TEXT] for text in texts)
    return tuple(text for text in whole if text)[:_MOST_TEXTS]


def _clean(text: str) -> str:
    """Return a text that can be stored and shown: without halves of letters, and without what is not to be seen."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t").strip()
