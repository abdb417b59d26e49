"""Thumbnails against the catalog: opening them, noticing what is damaged or missing, having it made again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.thumbnails import Thumbnails, ThumbnailsDamagedError, drop_thumbnails
from photofind.core.errors import LibraryDamagedError

_log = logging.getLogger(__name__)
Done = TypeVar("Done")


def open_thumbnails(catalog: Catalog, path: Path, *, read_only: bool) -> Thumbnails:
    """Open a library's thumbnails; where their file is damaged or gone, a new one, and all photos are decoded again."""
    if read_only or path.exists():
        try:
            return Thumbnails(path, read_only=read_only)
        except LibraryDamagedError:
            if read_only:
                raise
            _log.warning("the thumbnails are damaged and are made again")
    catalog.waiting.add_all()
    drop_thumbnails(path)
    return Thumbnails(path)


def mending_thumbnails(catalog: Catalog, thumbnails: Thumbnails, action: Callable[[], Done]) -> Done:
    """Do what uses the thumbnails; where they are damaged, again with a new file, and all photos are decoded again."""
    try:
        return action()
    except ThumbnailsDamagedError as error:
        _log.warning("the thumbnails are damaged and are made again: %s", error.__cause__)
        catalog.waiting.add_all()
        thumbnails.renew()
        return action()


def drop_removed(catalog: Catalog, thumbnails: Thumbnails, photo_ids: Sequence[int]) -> None:
    """Delete the thumbnails of deleted photos, at most a slice of them; what a crash leaves goes at the next start."""
    mending_thumbnails(catalog, thumbnails, lambda: thumbnails.remove(photo_ids))
    catalog.photos.forget_removed(photo_ids)


def decode_again(catalog: Catalog, thumbnails: Thumbnails, *, repair: bool) -> int:
    """Count photos that pass for done but have no thumbnail; with `repair`, make them pending."""
    missing = catalog.photos.done_ids() - thumbnails.ids()
    if missing and repair:
        catalog.waiting.add(missing)
    return len(missing)


def drop_left_over(catalog: Catalog, thumbnails: Thumbnails, *, repair: bool) -> int:
    """Count thumbnails of photos that are not in the catalog; with `repair`, delete them.

    Those that tidying has yet to come to are not left over.
    """
    left_over = thumbnails.ids() - catalog.photos.ids() - set(catalog.photos.removed())
    if left_over and repair:
        thumbnails.remove(left_over)
    return len(left_over)
