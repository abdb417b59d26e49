"""Compare a folder on the disk with the catalog, in bulk; the scan is the truth (DESIGN walk 1).

Runs in steps, so that a search can come between; nothing is written before the walk has ended.
`presence` decides whether absence is deletion, `moves` what a file was called before.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.scan import scan_folder
from photofind.core.disk.volumes import Volume, volume_of
from photofind.core.records.photos import Folder
from photofind.core.records.work import SyncResult
from photofind.core.sync.moves import (
    GONE,
    ID,
    MISSING,
    PATH,
    Found,
    Known,
    Moves,
    find_moves,
    find_moves_from_elsewhere,
)
from photofind.core.sync.presence import is_doubtful, is_still, present_volume

# A vanished photo's row, vector and thumbnail outlive it this long, should its file come back.
_KEEP_GONE_SECONDS = 30 * 24 * 3600
_ROWS_A_STEP = 5_000
_WORDS_A_STEP = 1_000


@dataclass(slots=True)
class _Changes:
    """What the walk found, to be written in one transaction."""

    new: list[Found] = field(default_factory=list)
    changed: list[tuple[Known, Found]] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    moved: list[tuple[int, Found]] = field(default_factory=list)
    arrived: list[tuple[int, Found]] = field(default_factory=list)  # from other folders
    overwritten: list[Known] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    unreadable: list[tuple[bytes, OSError]] = field(default_factory=list)
    in_cloud: int = 0
    came_back: int = 0  # of those that were held back


def sync_folder(
    catalog: Catalog, folder: Folder, exclusions: Exclusions, most_missing_share: float
) -> Iterator[SyncResult | None]:
    """Sync one folder; yields None after every step and the result once; then moved photos' words are written anew."""
    volume = present_volume(catalog, folder)
    known: dict[bytes, Known] = {}
    changes = _Changes()
    if volume is not None:
        for _ in _load_known(catalog, folder.id, known):
            yield None
        expected = sum(not row[GONE] and row[MISSING] != 1 for row in known.values())
        yield from _walk(folder, volume, exclusions, known, changes)
    if volume is None or not is_still(volume, folder):
        catalog.set_away(folder.id)
        yield SyncResult(online=False)
        return
    left_out = _excluded(folder, exclusions, known)
    _find_moves(volume, known, changes)
    if volume.has_stable_inodes and catalog.has_other_folders(folder.id):
        for moves in find_moves_from_elsewhere(catalog, folder, volume, changes.new):
            if moves is None:
                yield None
            else:
                changes.arrived += moves.moved
                changes.returned += moves.hidden
                changes.new = moves.new
    lost = _lost(known, changes)
    expected -= sum(row[MISSING] != 1 for row in left_out)
    changes.gone = [row[ID] for row in left_out]
    if is_doubtful(len(lost), expected, most_missing_share):
        changes.missing = lost
    else:
        changes.gone += lost
    catalog.set_present(folder.id, volume, changes.in_cloud)
    yield from _write(catalog, folder, changes)
    moved = len(changes.moved) + len(changes.arrived)
    yield SyncResult(True, len(changes.new), len(changes.changed), moved, len(changes.gone), len(changes.missing))
    while catalog.refresh_words(_WORDS_A_STEP):
        yield None


def _lost(known: dict[bytes, Known], changes: _Changes) -> list[int]:
    """Return the photos of which the scan saw no file.

    What was held back before stays so, however the folder grows, until the person says that it was
    deleted, or the others come back and it does not.
    """
    is_back = changes.came_back > 0
    return [row[ID] for row in known.values() if not row[GONE] and (is_back or row[MISSING] != 1)]


def _load_known(catalog: Catalog, folder_id: int, known: dict[bytes, Known]) -> Iterator[None]:
    cursor = catalog.db.execute(
        "SELECT path, id, size, mtime_ns, ctime_ns, inode, gone_since IS NOT NULL, missing "
        "FROM photo WHERE folder_id = ?",
        [folder_id],
    )
    while rows := cursor.fetchmany(_ROWS_A_STEP):
        known.update((row[PATH], row) for row in rows)
        yield


def _walk(
    folder: Folder, volume: Volume, exclusions: Exclusions, known: dict[bytes, Known], changes: _Changes
) -> Iterator[SyncResult | None]:
    """Sort what is on the disk into new, changed and returned; what stays in `known` was not seen."""
    # Where inodes are dealt out anew at each mount, they and what follows from them tell nothing.
    compared = 4 if volume.has_stable_inodes else 2
    for directory in scan_folder(folder.path, exclusions):
        changes.in_cloud += directory.in_cloud
        if directory.error is not None:
            changes.unreadable.append((directory.path, directory.error))
        for found in directory.photos:
            path, fingerprint, _ = found
            row = known.pop(path, None)
            if row is None:
                changes.new.append(found)
            elif row[2 : 2 + compared] != fingerprint[:compared]:
                changes.changed.append((row, found))
            elif row[GONE] or row[MISSING]:
                changes.returned.append(row[ID])
                changes.came_back += row[MISSING] == 1
        yield None
    closed = {path for path, _ in changes.unreadable}
    for name in [name for name in known if closed and _lies_below(name, closed)]:
        del known[name]  # unknown, not lost


def _lies_below(path: bytes, directories: set[bytes]) -> bool:
    """Tell whether a relative path lies in any of some directories, at any depth; the root is b""."""
    while path:
        path = path.rpartition(b"/")[0]
        if path in directories:
            return True
    return False


def _excluded(folder: Folder, exclusions: Exclusions, known: dict[bytes, Known]) -> list[Known]:
    """Take out of the rows not seen those that the person wants left out; return those shown so far."""
    left_out = exclusions.filter_for(folder.path)
    dropped = [path for path in known if left_out.drops(path)]
    rows = [known.pop(path) for path in dropped]
    return [row for row in rows if not row[GONE]]


def _find_moves(volume: Volume, known: dict[bytes, Known], changes: _Changes) -> None:
    if not volume.has_stable_inodes:
        return  # told by their content, when they are opened
    moves: Moves = find_moves(known.values(), changes.changed, changes.new)
    changes.new, changes.changed = moves.new, moves.changed
    changes.moved, changes.overwritten = moves.moved, moves.overwritten
    went_on = {row[ID] for row in moves.overwritten}
    changes.returned += [*moves.hidden, *(photo_id for photo_id, _ in moves.moved if photo_id in went_on)]
    moved = {photo_id for photo_id, _ in moves.moved}
    for row in [row for row in known.values() if row[ID] in moved]:
        changes.came_back += row[MISSING] == 1
        del known[row[PATH]]


def _write(catalog: Catalog, folder: Folder, changes: _Changes) -> Iterator[None]:
    """Write the changes; new photos in parts, so that 100,000 of them do not hold up a search."""
    connection, now = catalog.db.conn, time.time()
    with catalog.bulk_transaction():
        # Out of the way first: its path is given to another row. No file can lie below a file.
        connection.executemany(
            "UPDATE photo SET path = ?, gone_since = ?, missing = 0 WHERE id = ?",
            ((b"%s/%d" % (row[PATH], row[ID]), now, row[ID]) for row in changes.overwritten),
        )
        # No more columns than can differ: each one named here has its indexes written again.
        connection.executemany(
            "UPDATE photo SET path = ?, ctime_ns = ?, device = ?, words_due = 1 WHERE id = ?",
            ((path, print_[2], device, i) for i, (path, print_, device) in changes.moved),
        )
        connection.executemany(
            "UPDATE photo SET folder_id = ?, path = ?, ctime_ns = ?, device = ?, words_due = 1 WHERE id = ?",
            ((folder.id, path, print_[2], device, i) for i, (path, print_, device) in changes.arrived),
        )
        connection.executemany(
            "UPDATE photo SET gone_since = ?, missing = 0 WHERE id = ?", ((now, i) for i in changes.gone)
        )
        connection.executemany("UPDATE photo SET missing = 1 WHERE id = ?", ((i,) for i in changes.missing))
        connection.executemany(
            "UPDATE photo SET gone_since = NULL, missing = 0 WHERE id = ?", ((i,) for i in changes.returned)
        )
        connection.executemany(
            "UPDATE photo SET state = 0, changed = 1, gone_since = NULL, missing = 0, size = ?, mtime_ns = ?, "
            "ctime_ns = ?, inode = ?, device = ? WHERE id = ?",
            ((*print_, device, row[ID]) for row, (_, print_, device) in changes.changed),
        )
        _write_unreadable(catalog, folder, changes, now)
    for start in range(0, len(changes.new), _ROWS_A_STEP):
        with catalog.transaction():
            connection.executemany(
                "INSERT INTO photo (folder_id, path, size, mtime_ns, ctime_ns, inode, device, sort_time) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (folder.id, path, *print_, device, print_[1] / 1e9)
                    for path, print_, device in changes.new[start : start + _ROWS_A_STEP]
                ),
            )
        yield


def _write_unreadable(catalog: Catalog, folder: Folder, changes: _Changes, now: float) -> None:
    catalog.db.execute("DELETE FROM unreadable_directory WHERE folder_id = ?", [folder.id])
    catalog.db.conn.executemany(
        "INSERT INTO unreadable_directory VALUES (?, ?, ?, ?)",
        (
            (folder.id, path, f"The folder cannot be opened: {error.strerror or error}.", now)
            for path, error in changes.unreadable
            if not isinstance(error, FileNotFoundError)  # it went while the walk was on its way there
        ),
    )


def note_missing(catalog: Catalog, photo_ids: Sequence[int]) -> frozenset[int]:
    """Note that photos' files were not there when they were to be read; return the folders to sync, which decides."""
    with catalog.transaction():
        catalog.db.conn.executemany("UPDATE photo SET missing = 2 WHERE id = ?", ((i,) for i in photo_ids))
    marks = ",".join("?" * len(photo_ids))
    rows = catalog.db.execute(f"SELECT DISTINCT folder_id FROM photo WHERE id IN ({marks})", list(photo_ids))
    return frozenset(int(row[0]) for row in rows)


def accept_missing(catalog: Catalog, folder: Folder) -> int:
    """Mark as gone every photo of a folder whose file is not there; return how many that are."""
    rows = catalog.db.execute("SELECT id, path FROM photo WHERE folder_id = ? AND gone_since IS NULL", [folder.id])
    absent = [row[0] for row in rows.fetchall() if _is_absent(os.path.join(folder.path, row[1]))]
    now = time.time()
    with catalog.transaction():
        catalog.db.conn.executemany(
            "UPDATE photo SET gone_since = ?, missing = 0 WHERE id = ?", ((now, i) for i in absent)
        )
        catalog.set_present(folder.id, volume_of(folder.path))
    return len(absent)


def _is_absent(path: bytes) -> bool:
    """Tell whether nothing is at a path; not knowing, as below a closed folder, is no."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def forget_gone(catalog: Catalog) -> None:
    """Delete photos of online folders whose files have been missing for a month."""
    ids = [
        int(row[0])
        for row in catalog.db.execute(
            "SELECT p.id FROM photo p JOIN folder f ON f.id = p.folder_id WHERE f.online AND p.gone_since < ?",
            [time.time() - _KEEP_GONE_SECONDS],
        )
    ]
    if ids:
        catalog.delete_photos(ids)
