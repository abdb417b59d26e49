"""Whether a folder is really there, and whether what is missing from it may be taken for deleted.

Absence is not deletion (invariant 3). A folder is away when it cannot be listed, is empty,
or lies on another drive than before and holds nothing that is known. What vanished from a folder
that is there is believed only while something known is left, and not too much went at once.

What reads the disk knows nothing of the catalog: it is done elsewhere (`disk.reading`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import Volume, place_of, volume_of
from photofind.core.records.photos import Folder

# Above so many, and the share that the person chose, what vanished at once is kept until the person says so.
_MOST_MISSING_PHOTOS = 50
_KNOWN_PHOTOS = 25


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog knows of a folder before the disk is looked at: its drive, and some of its photos."""

    path: bytes
    volume: str | None
    some_photos: Sequence[tuple[bytes, int]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a folder found: what it lies on, and whether it is as it was when it was seen last."""

    volume: Volume
    is_empty: bool
    is_as_known: bool


def what_is_known(catalog: Catalog, folder: Folder) -> Known:
    """Return what the disk is compared with."""
    return Known(folder.path, catalog.folders.volume(folder.id), catalog.folders.some_photos(folder.id, _KNOWN_PHOTOS))


def look_at(known: Known) -> Iterator[Seen]:
    """Look at a folder; nothing where it cannot be reached (reads the disk)."""
    try:
        volume = volume_of(known.path)
        is_empty = _is_empty(known.path)
    except OSError:
        return
    yield Seen(volume, is_empty, volume.id == known.volume or holds_known_photos(known.some_photos, known.path))


def is_present(catalog: Catalog, folder: Folder, seen: Seen) -> bool:
    """Tell whether a folder that can be reached is the one that is watched."""
    if not catalog.folders.has_photos(folder.id):  # asked anew: another folder's sync may have found them there
        return True
    return seen.is_as_known and not seen.is_empty


def is_still(volume: Volume, folder: Folder) -> bool:
    """Tell whether what was seen is still there: it may go during a walk (reads the disk)."""
    try:
        stat = os.stat(folder.path)
    except OSError:
        return False
    return place_of(stat) == (volume.device, volume.inode)


def is_doubtful(lost: int, known: int, most_share: float) -> bool:
    """Tell whether so many lost of so many known photos look like a missing drive rather than like deletion."""
    return 0 < lost == known or (lost >= _MOST_MISSING_PHOTOS and lost > most_share * known)


def holds_known_photos(photos: Sequence[tuple[bytes, int]], place: bytes) -> bool:
    """Tell whether any of some photos, by relative path, lies at `place` with the size it had (reads the disk).

    File systems without a number of their own (FAT, XFS, NFS) get another one at each mount, so
    the number alone proves nothing.
    """
    for path, size in photos:
        try:
            if os.stat(os.path.join(place, path)).st_size == size:
                return True
        except OSError:
            continue
    return False


def has_left(folder: bytes, path: bytes, *, is_gone: bool) -> bool:
    """Tell whether a photo's file is no longer in a folder that is there (reads the disk).

    `is_gone`: a sync found so already. For others, a directory that is there and empty may be a bare mount point,
    and proves nothing.
    """
    place = os.path.join(folder, path)
    directory = os.path.dirname(place)
    try:
        is_bare = _is_empty(folder) or (os.path.isdir(directory) and _is_empty(directory))
    except OSError:
        return False
    return (is_gone or not is_bare) and not os.path.lexists(place)


def _is_empty(folder: bytes) -> bool:
    """Tell whether a folder is empty, as a drive's bare mount point is; OSError where it cannot be listed."""
    with os.scandir(folder) as entries:
        return next(entries, None) is None
