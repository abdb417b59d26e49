"""What is left of removed folders and photos: deleted in slices, and the room that it took given back to the disk.

Every slice is a transaction of its own: a crash leaves the rest to the next start.
"""

from __future__ import annotations

import time
from functools import partial

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.thumbnail_checks import drop_removed
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.steps import Steps, in_slices

# A vanished photo's row, vector and thumbnail outlive it this long, should its file come back.
_KEEP_GONE_SECONDS = 30 * 24 * 3600


def tidy(catalog: Catalog, thumbnails: Thumbnails) -> Steps[None]:
    """Delete what is kept of removed folders, and of photos whose files have been missing for a month."""
    for folder_id in catalog.folders.let_go():
        yield from in_slices(catalog.folders.photo_ids(folder_id), catalog.photos.delete)
        catalog.folders.delete(folder_id)
    gone = catalog.photos.gone_before(time.time() - _KEEP_GONE_SECONDS)
    yield from in_slices(gone, catalog.photos.delete)
    yield from in_slices(catalog.photos.removed(), partial(drop_removed, catalog, thumbnails))
    yield from thumbnails.give_room_back()
