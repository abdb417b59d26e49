"""When a photo was taken: of all that says so, the first to be believed."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from photofind.core.photos.facts.dates import When, believed
from photofind.core.photos.facts.name_dates import read_name
from photofind.core.photos.facts.said import Said
from photofind.core.records.facts import TakenFrom

Taken = tuple[TakenFrom, When]
# Programs that people edit, sort or scan pictures with: the time that EXIF has for the file is then theirs.
_EDITORS: Final = re.compile(
    r"photoshop|lightroom|adobe|gimp|picasa|digikam|darktable|rawtherapee|capture ?one|paint|acdsee|affinity|luminar"
    r"|snapseed|windows|microsoft|\bphotos?\b|iphoto|aperture|irfanview|xnview|imagemagick|graphicsmagick|corel|zoner"
    r"|dxo|viewnx|capture ?nx|photo ?professional|silkypix|pixlr|polarr|vsco|instagram|f-spot|shotwell|gthumb|geeqie"
    r"|gwenview|exiftool|exiv2|canva|google|facebook|whatsapp|picsart|beauty|camera\+|photoscape|pixelmator|faststone"
    r"|scan|silverfast|epson|hugin|ptgui|panorama|ffmpeg|libvips|krita|nero|ulead|magix|arcsoft|roxio",
    re.IGNORECASE,
)
# Below this is what file systems say that know no time.
_FIRST_FILE_TIME: Final = datetime(1980, 1, 2)


def when_taken(own: Sequence[Said], beside: Sequence[Said], path: bytes | None, mtime_ns: int | None) -> Taken | None:
    """Return the date of a photo and what says it.

    `own` is what its file says, `beside` what the files beside it say; the name comes before those, and the file's
    own time after all.
    """
    name = os.path.splitext(os.path.basename(os.fsdecode(path)))[0] if path else ""
    by_name = read_name(name)
    found: dict[TakenFrom, When] = {}
    for said in own:
        for source, when in said.dates.items():
            found.setdefault(source, when)
    if not is_written_by_camera(own):
        found.pop(TakenFrom.WRITTEN, None)
    if by_name:
        found[TakenFrom.NAME] = by_name
    if by_sidecar := _first(beside):
        found[TakenFrom.SIDECAR] = by_sidecar
    if by_file := _file_time(mtime_ns):
        found[TakenFrom.FILE] = by_file
    return next(((source, found[source]) for source in TakenFrom if source in found), None)


def is_written_by_camera(own: Sequence[Said]) -> bool:
    """Tell whether a camera wrote a file's EXIF: it says which, and no program says that it had it in hand."""
    tools = [tool for said in own for tool in said.tools]
    return any(said.camera for said in own) and not any(_EDITORS.search(tool) for tool in tools)


def _first(beside: Sequence[Said]) -> When | None:
    for said in beside:
        for source in TakenFrom:
            if source in said.dates:
                return said.dates[source]
    return None


def _file_time(mtime_ns: int | None) -> When | None:
    if mtime_ns is None:
        return None
    try:
        time = datetime.fromtimestamp(mtime_ns // 10**9)
    except (OverflowError, OSError, ValueError):
        return None
    return believed(time.isoformat()) if time >= _FIRST_FILE_TIME else None
