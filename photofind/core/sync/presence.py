"""Whether a folder is really there, and whether what is missing from it may be taken for deleted.

Absence is not deletion (invariant 3). A folder is away when it cannot be listed, is empty, or shows another drive
than before. Which drive it is, its number tells where it has one of its own, else the contents of what lies there.
What vanished from a folder that is there is believed only while something known is left, and not too much went at once.

What reads the disk knows nothing of the catalog: it is done elsewhere (`disk.reading`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import Volume, place_of, volume_of
from photofind.core.records.photos import Folder, KnownPhoto
from photofind.core.sync.likeness import Likeness, compare

# Above so many, and the share that the person chose, what vanished at once is kept until the person says so.
_MOST_MISSING_PHOTOS = 50
# Of what a place should hold, so many of the first and of the last are looked for.
KNOWN_PHOTOS = 25


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog knows of a folder before the disk is looked at: its drive, and some of its photos."""

    path: bytes
    volume: str | None
    was_there: bool
    some_photos: Sequence[KnownPhoto]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a folder found: what it lies on, whether that is the same by its number, and by its photos.

    `likeness` is None where the number is proof enough.
    """

    volume: Volume
    is_empty: bool
    is_same_volume: bool
    likeness: Likeness | None

    @property
    def is_as_known(self) -> bool:
        """Whether this is the drive that was there when the folder was seen last."""
        return self.likeness is None or self.likeness.is_proven


def what_is_known(catalog: Catalog, folder: Folder) -> Known:
    """Return what the disk is compared with."""
    some_photos = catalog.folders.some_photos(folder.id, KNOWN_PHOTOS)
    return Known(folder.path, catalog.folders.volume(folder.id), folder.online, some_photos)


def look_at(known: Known) -> Iterator[Seen]:
    """Look at a folder; nothing where it cannot be reached (reads the disk)."""
    try:
        volume = volume_of(known.path)
        is_empty = _is_empty(known.path)
    except OSError:
        return
    is_same = volume.id == known.volume
    # A number that is only the mount's is the next one's too, when another drive is connected in the same place.
    is_proof = is_same and (volume.has_own_id or (known.was_there and not volume.is_portable))
    yield Seen(volume, is_empty, is_same, None if is_proof else compare(known.some_photos, known.path))


def is_present(catalog: Catalog, folder: Folder, seen: Seen) -> bool:
    """Tell whether a folder that can be reached is the one that is watched."""
    others = [volume for other, volume in catalog.folders.volumes_at(folder.path).items() if other != folder.id]
    if not catalog.folders.has_photos(folder.id):  # asked anew: another folder's sync may have found them there
        return seen.is_same_volume or not others
    is_anothers = seen.volume.has_own_id and not seen.is_same_volume and seen.volume.id in others
    return seen.is_as_known and not seen.is_empty and not is_anothers


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
