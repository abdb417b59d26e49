"""Whether a folder is really there, and whether what is missing from it may be taken for deleted.

Absence is not deletion (invariant 3). A folder is away when it cannot be listed, is empty,
or lies on another drive than before and holds nothing that is known. What vanished from a folder
that is there is believed only while something known is left, and not too much went at once.
"""

from __future__ import annotations

import os

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.volumes import Volume, place_of, volume_of
from photofind.core.records.photos import Folder

# Above so many, and the share that the person chose, what vanished at once is kept until the person says so.
_MOST_MISSING_PHOTOS = 50
_KNOWN_PHOTOS = 25


def present_volume(catalog: Catalog, folder: Folder) -> Volume | None:
    """Return what a folder lies on, or None where it must be taken for away."""
    try:
        volume = volume_of(folder.path)
        is_empty = _is_empty(folder.path)
    except OSError:
        return None
    if not catalog.folders.has_photos(folder.id):  # asked anew: another folder's sync may have found them there
        return volume
    if is_empty:
        return None
    if volume.id != catalog.folders.volume(folder.id) and not holds_known_photos(catalog, folder.id, folder.path):
        return None
    return volume


def is_still(volume: Volume, folder: Folder) -> bool:
    """Tell whether the same file system is there as when `volume` was taken: it may go during a walk."""
    try:
        stat = os.stat(folder.path)
    except OSError:
        return False
    return place_of(stat) == (volume.device, volume.inode)


def is_doubtful(lost: int, known: int, most_share: float) -> bool:
    """Tell whether so many lost of so many known photos look like a missing drive rather than like deletion."""
    return 0 < lost == known or (lost >= _MOST_MISSING_PHOTOS and lost > most_share * known)


def holds_known_photos(catalog: Catalog, folder_id: int, place: bytes) -> bool:
    """Tell whether any of some photos known of a folder lies at `place`, with the size it had.

    File systems without a number of their own (FAT, XFS, NFS) get another one at each mount, so
    the number alone proves nothing.
    """
    for path, size in catalog.folders.some_photos(folder_id, _KNOWN_PHOTOS):
        try:
            if os.stat(os.path.join(place, path)).st_size == size:
                return True
        except OSError:
            continue
    return False


def has_left(folder: bytes, path: bytes, *, is_gone: bool) -> bool:
    """Tell whether a photo's file is no longer in a folder that is there; `is_gone`: a sync found so already.

    For others, a directory that is there and empty may be a bare mount point, and proves nothing.
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
