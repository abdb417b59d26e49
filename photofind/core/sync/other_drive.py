"""Another drive where a watched folder lay: that folder is away, and what is there becomes one of the same place."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.reading import Read, first, once
from photofind.core.disk.scan import scan_folder
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
    for other in catalog.folders.all():
        if other.path == folder.path and other.id != folder.id:
            found = yield from first(read(other.path, look_at(what_is_known(catalog, other))))
            if found is not None and is_present(catalog, other, found):
                return None
    has_photos = yield from first(read(folder.path, once(partial(_has_photos, folder.path, exclusions))))
    if not has_photos:
        return None
    folder_id = catalog.folders.add(folder.path, seen.volume)
    return next(one for one in catalog.folders.all() if one.id == folder_id)


def _has_photos(path: bytes, exclusions: Exclusions) -> bool:
    return any(directory.photos for directory in scan_folder(path, exclusions))
