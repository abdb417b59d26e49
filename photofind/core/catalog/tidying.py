"""What is left of removed folders and photos: deleted in slices, and the room that it took given back to the disk.

Every slice is a transaction of its own: a crash leaves the rest to the next start.
"""

from __future__ import annotations

from functools import partial

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.thumbnail_checks import drop_removed
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.steps import Steps, in_slices


def tidy(catalog: Catalog, thumbnails: Thumbnails) -> Steps[None]:
    """Delete what is kept of removed folders, and of photos that were deleted."""
    for folder_id in catalog.folders.let_go():
        yield from in_slices(catalog.folders.photo_ids(folder_id), catalog.photos.delete)
        catalog.folders.delete(folder_id)
    yield from in_slices(catalog.photos.removed(), partial(drop_removed, catalog, thumbnails))
    yield from thumbnails.give_room_back()
