"""Another drive where a watched folder lay, or a drive inside it: what is there becomes a folder of the same place."""

from __future__ import annotations

import os
from collections.abc import Generator
from functools import partial

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.reading import Read, first, once
from photofind.core.disk.scan import scan_folder
from photofind.core.disk.volumes import Volume
from photofind.core.records.photos import Folder
from photofind.core.sync.presence import Seen, is_present, look_at, what_is_known


def take_up(
    catalog: Catalog, folder: Folder, seen: Seen, exclusions: Exclusions, read: Read
) -> Generator[None, None, Folder | None]:
    """Return a new folder for the drive that is seen in a folder's place.

    None where it is known, has no photos, or is not of the same kind: it has none of the names that are known; that
    one the person may add.
    """
    if seen.is_empty or seen.likeness is None or not seen.likeness.has_known_names:
        return None
    around = [other for other in catalog.folders.all() if folder.path.startswith(os.path.join(other.path, b""))]
    if around:
        return None  # whose own look tells what is there
    return (yield from _take_up(catalog, folder.path, seen.volume, exclusions, read, but=folder.id))


def take_up_inside(
    catalog: Catalog, folder: Folder, path: bytes, volume: Volume, exclusions: Exclusions, read: Read
) -> Generator[None, None, Folder | None]:
    """Return a new folder for the drive that lies inside a folder in another one's place.

    None where it is known, or has no photos.
    """
    return (yield from _take_up(catalog, os.path.join(folder.path, path), volume, exclusions, read))


def _take_up(
    catalog: Catalog, path: bytes, volume: Volume, exclusions: Exclusions, read: Read, but: int | None = None
) -> Generator[None, None, Folder | None]:
    for other in catalog.folders.all():
        if other.path == path and other.id != but:
            found = yield from first(read(path, look_at(what_is_known(catalog, other))))
            if found is not None and is_present(catalog, other, found):
                return None
    if not (yield from first(read(path, once(partial(_has_photos, path, exclusions))))):
        return None
    folder_id = catalog.folders.add(path, volume)
    return next(one for one in catalog.folders.all() if one.id == folder_id)


def _has_photos(path: bytes, exclusions: Exclusions) -> bool:
    return any(directory.photos for directory in scan_folder(path, exclusions))
