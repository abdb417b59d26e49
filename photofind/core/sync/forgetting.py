"""Photos that are taken for deleted because the person says so, and those that are forgotten after a month.

Never while their drive is away, nor what is away with a link or a drive inside the folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Sequence
from functools import partial

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.scanned import GONE, PATH, ROWS_A_STEP, Known
from photofind.core.disk.reading import Read, answered
from photofind.core.disk.volumes import Volume
from photofind.core.records.photos import Folder
from photofind.core.steps import Steps, finish, in_slices
from photofind.core.sync.elsewhere import away_now, lies_in, what_is_followed
from photofind.core.sync.folders import absent_drive
from photofind.core.sync.presence import is_present, is_still, look_at, what_is_known

# A vanished photo's row, vector and thumbnail outlive it this long, should its file come back.
_KEEP_GONE_SECONDS = 30 * 24 * 3600
_ROWS_A_LOOK = 500


def accept_missing(catalog: Catalog, folder: Folder, volume: Volume, read: Read) -> Steps[int]:
    """Mark as gone every photo of a folder whose file is not there; return how many that are.

    But for those that are away with a link or a drive inside; PhotofindError where the folder's drive goes meanwhile.
    """
    known: list[Known] = []
    for rows in catalog.scanned.known(folder.id, ROWS_A_STEP):
        known += rows
        yield None
    followed = yield from what_is_followed(catalog, folder)
    away = yield from answered(folder.path, read, partial(away_now, followed))
    shown = [row for row in known if not row[GONE] and not lies_in(row[PATH], away)]
    absent: list[Known] = []
    for start in range(0, len(shown), _ROWS_A_LOOK):
        look = partial(_absent, folder.path, shown[start : start + _ROWS_A_LOOK])
        absent += yield from answered(folder.path, read, look)
        yield start / len(shown)
    went = yield from answered(folder.path, read, partial(away_now, followed))
    absent = [row for row in absent if not lies_in(row[PATH], went)]
    if not (yield from answered(folder.path, read, partial(is_still, volume, folder))):
        raise absent_drive(folder)
    with catalog.transaction():
        catalog.scanned.hide_known(folder.id, absent)
        catalog.folders.set_present(folder.id, volume)
    return len(absent)


def _absent(folder: bytes, known: Sequence[Known]) -> list[Known]:
    return [row for row in known if _is_absent(os.path.join(folder, row[PATH]))]


def _is_absent(path: bytes) -> bool:
    """Tell whether nothing is at a path; not knowing, as below a closed folder, is no."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def forget_gone(catalog: Catalog, folder: Folder) -> None:
    """Delete photos of a folder whose files have been gone for a month, if it is there now (reads the disk)."""
    seen = next(look_at(what_is_known(catalog, folder)), None)
    if seen is not None and is_present(catalog, folder, seen):
        away = away_now(finish(what_is_followed(catalog, folder)))
        for _ in forget_long_gone(catalog, folder, away):
            pass


def forget_long_gone(catalog: Catalog, folder: Folder, away: Collection[bytes]) -> Iterator[None]:
    """Delete them in slices, but for those that are away with a link or a drive inside the folder."""
    gone = catalog.photos.gone_before(time.time() - _KEEP_GONE_SECONDS, folder.id)
    ids = [photo_id for photo_id, path in gone if not lies_in(path, away)]
    for _ in in_slices(ids, catalog.photos.delete):
        yield
