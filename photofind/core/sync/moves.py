"""Recognise files that were renamed, moved or swapped, without opening them (invariant 4).

A file keeps its inode, size and time when it is renamed. A match must be the only one on both
sides; twins are refused, and told apart by their content when they are opened.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.scanned import GONE, ID, MISSING, PATH, Known, KnownElsewhere
from photofind.core.disk.reading import Read, once
from photofind.core.disk.scan import Found
from photofind.core.disk.volumes import Volume
from photofind.core.records.photos import Folder

_log = logging.getLogger(__name__)
_Key = tuple[int, int, int]  # inode, size, mtime
_FILES_A_QUERY = 1_000


@dataclass(slots=True)
class Moves:
    """`moved`: row id and the file it now is; `hidden`: those of them that were gone or missing so far.

    `overwritten`: rows whose place another photo's file took.
    """

    moved: list[tuple[int, Found]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    overwritten: list[Known] = field(default_factory=list)
    new: list[Found] = field(default_factory=list)
    changed: list[tuple[Known, Found]] = field(default_factory=list)


def find_moves(lost: Iterable[Known], changed: Sequence[tuple[Known, Found]], new: Sequence[Found]) -> Moves:
    """Tell renames inside one folder from new files and changed content.

    `lost`: rows without a file at their path; `changed`: rows whose path holds another file or
    content; `new`: files at paths no row has. Chains and swaps (a to b while b goes to c) come out whole.
    """
    arrivals = [*new, *(found for _, found in changed)]
    displaced = [*lost, *(row for row, _ in changed)]
    if not arrivals or not displaced:
        return Moves(new=list(new))
    rows: dict[_Key, Known | None] = {}
    for row in displaced:
        _, _, size, mtime_ns, _, inode, _, _ = row
        key = inode, size, mtime_ns
        rows[key] = None if key in rows else row
    keys = Counter(_key(found) for found in arrivals)
    taken: dict[bytes, int] = {}
    moves = Moves()
    for found in arrivals:
        path = _path(found)
        match = rows.get(_key(found))
        if match is not None and keys[_key(found)] == 1 and match[PATH] != path:
            moves.moved.append((match[ID], found))
            if match[GONE] or match[MISSING]:
                moves.hidden.append(match[ID])
            taken[path] = match[ID]
    _sort_the_rest(moves, changed, new, taken)
    return moves


def _sort_the_rest(
    moves: Moves, changed: Sequence[tuple[Known, Found]], new: Sequence[Found], taken: dict[bytes, int]
) -> None:
    went = set(taken.values())
    moves.new = [found for found in new if _path(found) not in taken]
    for row, found in changed:
        if _path(found) in taken:
            moves.overwritten.append(row)
        elif row[ID] in went:
            moves.new.append(found)
        else:
            moves.changed.append((row, found))


def find_moves_from_elsewhere(
    catalog: Catalog, folder: Folder, volume: Volume, new: list[Found], read: Read
) -> Iterator[Moves | None]:
    """Recognise new files as photos that left other folders; yields None now and then, and the result last."""
    moves = Moves()
    keys = [_key(found) for found in new]
    counts = Counter(keys)
    for start in range(0, len(new), _FILES_A_QUERY):
        part = new[start : start + _FILES_A_QUERY]
        left: dict[tuple[int, ...], tuple[int, int] | None] = {}
        known = list(_elsewhere(catalog, folder, volume, part))
        for absent in _absent(known, read):
            if absent is None:
                yield None
                continue
            for inode, size, mtime_ns, device, photo_id, is_hidden, _, _ in absent:
                print_ = inode, size, mtime_ns, device
                left[print_] = None if print_ in left else (photo_id, is_hidden)
        for key, found in zip(keys[start : start + _FILES_A_QUERY], part, strict=True):
            _, _, device = found
            match = left.get((*key, device))
            if match is None or counts[key] > 1:
                moves.new.append(found)
                continue
            photo_id, is_hidden = match
            moves.moved.append((photo_id, found))
            if is_hidden:
                moves.hidden.append(photo_id)
        yield None
    yield moves


def _elsewhere(catalog: Catalog, folder: Folder, volume: Volume, files: list[Found]) -> Iterator[KnownElsewhere]:
    """Yield photos of other folders that may be these files.

    A drive that was connected again has another device number, and still the same id.
    """
    inodes = [inode for _, (_, _, _, inode), _ in files]
    for other, path, last_volume in catalog.folders.places_of_others(folder.id, volume.id):
        device_now = volume.device if last_volume == volume.id else None
        yield from catalog.scanned.elsewhere(other, path, device_now, inodes)


def _absent(known: Sequence[KnownElsewhere], read: Read) -> Iterator[list[KnownElsewhere] | None]:
    """Yield those of other folders' photos that are not there; a folder that does not answer has all of its own."""
    for place, rows in groupby(known, key=_place):
        try:
            yield from read(place, once(partial(_without_file, list(rows))))
        except TimeoutError as error:
            _log.info("nothing known of what left a folder: %s", error)


def _without_file(known: Sequence[KnownElsewhere]) -> list[KnownElsewhere]:
    """Return the photos whose files are gone; where their whole directory is, without looking for each."""
    is_there: dict[tuple[bytes, bytes], bool] = {}
    absent = []
    for row in known:
        _, _, _, _, _, _, folder, path = row
        directory = folder, path[: path.rfind(b"/") + 1]
        if directory not in is_there:
            is_there[directory] = os.path.isdir(os.path.join(*directory))
        if not (is_there[directory] and os.path.lexists(os.path.join(folder, path))):
            absent.append(row)
    return absent


def _place(known: KnownElsewhere) -> bytes:
    *_, folder, _ = known
    return folder


def _path(found: Found) -> bytes:
    path, _, _ = found
    return path


def _key(found: Found) -> _Key:
    _, (size, mtime_ns, _, inode), _ = found
    return inode, size, mtime_ns
