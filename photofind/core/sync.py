"""Compare a folder on the disk with the catalog, in bulk; the scan is the truth (DESIGN walk 1).

Runs in steps, so that a search can come between; nothing is written before the walk has ended.
Absence is not deletion: a folder that cannot be reached keeps every row (invariant 3), a photo
that vanished is hidden and kept for a while, and a moved file keeps its identity (invariant 4).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from photofind.core.catalog import Catalog
from photofind.core.records import Folder
from photofind.core.scan import Directory, Fingerprint, scan_folder
from photofind.core.words import photo_words

# A vanished photo's row, vector and thumbnail outlive it this long, should its file come back.
_KEEP_GONE_SECONDS = 30 * 24 * 3600
_ROWS_A_STEP = 5_000
_SAMPLE = 20

# A catalog row: path, id, fingerprint (four numbers), gone. Kept as SQLite gives it, because a sync holds one of
# every photo there is: made into objects, they take as long as the walk itself.
_Known = tuple[bytes, int, int, int, int, int, int]
_ID: Final = 1
_GONE: Final = 6


@dataclass(slots=True)
class SyncResult:
    """What a sync changed, in photos; `online` is False where the folder could not be reached."""

    online: bool = True
    added: int = 0
    updated: int = 0
    moved: int = 0
    removed: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.updated or self.moved or self.removed)


@dataclass(slots=True)
class _Changes:
    """What the walk found, to be written in one transaction."""

    new: list[tuple[bytes, Fingerprint, int]] = field(default_factory=list)
    changed: list[tuple[int, Fingerprint]] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    moved: list[tuple[int, bytes, Fingerprint, int]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    unreadable: list[tuple[bytes, str]] = field(default_factory=list)


def sync_folder(catalog: Catalog, folder: Folder) -> Iterator[SyncResult | None]:
    """Sync one folder; yields None after every step and the result at the end."""
    device = _device_if_present(catalog, folder)
    if device is None:
        catalog.set_online(folder.id, False)
        yield SyncResult(online=False)
        return
    known: dict[bytes, _Known] = {}
    for _ in _load_known(catalog, folder.id, known):
        yield None
    there_before = sum(not row[_GONE] for row in known.values())
    changes = _Changes()
    for directory in scan_folder(folder.path):
        _compare(directory, known, changes)
        yield None
    _keep_unreadable(known, changes)
    changes.gone = [row[_ID] for row in known.values() if not row[_GONE]]
    for _ in _find_moves(catalog, folder, known, changes):
        yield None
    if len(changes.gone) == there_before > _SAMPLE:
        # Every photo vanished at once: a drive's bare mount point, not a person's tidying.
        catalog.set_online(folder.id, False)
        yield SyncResult(online=False)
        return
    catalog.set_online(folder.id, True, device)
    yield from _write(catalog, folder, changes)
    yield SyncResult(True, len(changes.new), len(changes.changed), len(changes.moved), len(changes.gone))


def _device_if_present(catalog: Catalog, folder: Folder) -> int | None:
    """Return the folder's device, or None where it must be taken for offline."""
    try:
        device = os.stat(folder.path).st_dev
        os.scandir(folder.path).close()
    except OSError:
        return None
    if not folder.photos:
        return device
    is_moved_device = device != catalog.folder_device(folder.id)
    if _is_empty(folder.path) or (is_moved_device and not _sample_exists(catalog, folder)):
        return None
    return device


def _sample_exists(catalog: Catalog, folder: Folder) -> bool:
    """Tell whether any of some known photos is there: a drive that got another number still holds them."""
    rows = catalog.db.execute(
        "SELECT path FROM photo WHERE folder_id = ? AND gone_since IS NULL LIMIT ?", [folder.id, _SAMPLE]
    )
    return any(os.path.lexists(os.path.join(folder.path, row[0])) for row in rows)


def _load_known(catalog: Catalog, folder_id: int, known: dict[bytes, _Known]) -> Iterator[None]:
    cursor = catalog.db.execute(
        "SELECT path, id, size, mtime_ns, ctime_ns, inode, gone_since IS NOT NULL FROM photo WHERE folder_id = ?",
        [folder_id],
    )
    while rows := cursor.fetchmany(_ROWS_A_STEP):
        known.update((row[0], row) for row in rows)
        yield


def _compare(directory: Directory, known: dict[bytes, _Known], changes: _Changes) -> None:
    """Sort a directory's photos into new, changed and returned; what stays in `known` was not seen."""
    if directory.error is not None:
        reason = directory.error.strerror or str(directory.error)
        changes.unreadable.append((directory.path, f"The folder cannot be opened: {reason}."))
    for path, fingerprint, device in directory.photos:
        row = known.pop(path, None)
        if row is None:
            changes.new.append((path, fingerprint, device))
        elif row[2:6] != fingerprint:
            changes.changed.append((row[_ID], fingerprint))
        elif row[_GONE]:
            changes.returned.append(row[_ID])


def _keep_unreadable(known: dict[bytes, _Known], changes: _Changes) -> None:
    """Drop from the vanished what lies below a directory that could not be listed."""
    for directory, _ in changes.unreadable:
        below = directory + b"/" if directory else b""
        for path in [path for path in known if path.startswith(below)]:
            del known[path]


def _find_moves(catalog: Catalog, folder: Folder, known: dict[bytes, _Known], changes: _Changes) -> Iterator[None]:
    """Recognise new files as vanished ones by device, inode, size and mtime; ambiguous ones stay new."""
    lost = {row[_ID] for row in known.values()}
    stay_new = []
    for number, (path, fingerprint, device) in enumerate(changes.new):
        size, mtime_ns, _, inode = fingerprint
        rows = catalog.db.execute(
            "SELECT p.id, f.path, p.path, p.folder_id FROM photo p JOIN folder f ON f.id = p.folder_id "
            "WHERE p.inode = ? AND p.size = ? AND p.device = ? AND p.mtime_ns = ?",
            [inode, size, device, mtime_ns],
        ).fetchall()
        twins = [row[0] for row in rows if row[0] in lost or _left(row, folder)]
        if len(twins) == 1:
            changes.moved.append((twins[0], path, fingerprint, device))
            lost.discard(twins[0])
        else:
            stay_new.append((path, fingerprint, device))
        if number % _ROWS_A_STEP == 0:
            yield
    changes.new = stay_new
    moved = {row[0] for row in changes.moved}
    changes.gone = [i for i in changes.gone if i not in moved]


def _left(row: tuple[int, bytes, bytes, int], folder: Folder) -> bool:
    """Tell whether a photo of another folder is no longer where it was, while that folder is there."""
    return row[3] != folder.id and os.path.isdir(row[1]) and not os.path.lexists(os.path.join(row[1], row[2]))


def _write(catalog: Catalog, folder: Folder, changes: _Changes) -> Iterator[None]:
    """Write the changes; new photos in parts, so that 100,000 of them do not hold up a search."""
    connection, now = catalog.db.conn, time.time()
    with catalog.transaction():
        connection.executemany(
            "UPDATE photo SET folder_id = ?, path = ?, size = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, "
            "device = ?, gone_since = NULL WHERE id = ?",
            ((folder.id, path, *print_, device, i) for i, path, print_, device in changes.moved),
        )
        connection.executemany("UPDATE photo SET gone_since = ? WHERE id = ?", ((now, i) for i in changes.gone))
        connection.executemany("UPDATE photo SET gone_since = NULL WHERE id = ?", ((i,) for i in changes.returned))
        connection.executemany(
            "UPDATE photo SET state = 0, changed = 1, gone_since = NULL, size = ?, mtime_ns = ?, ctime_ns = ?, "
            "inode = ? WHERE id = ?",
            ((*print_, i) for i, print_ in changes.changed),
        )
        _write_words(catalog, folder, [path for _, path, *_ in changes.moved])
        connection.execute("DELETE FROM unreadable_directory WHERE folder_id = ?", [folder.id])
        connection.executemany(
            "INSERT INTO unreadable_directory VALUES (?, ?, ?, ?)",
            ((folder.id, path, reason, now) for path, reason in changes.unreadable),
        )
    for start in range(0, len(changes.new), _ROWS_A_STEP):
        _insert(catalog, folder, changes.new[start : start + _ROWS_A_STEP])
        yield


def _insert(catalog: Catalog, folder: Folder, new: list[tuple[bytes, Fingerprint, int]]) -> None:
    with catalog.transaction():
        catalog.db.conn.executemany(
            "INSERT INTO photo (folder_id, path, size, mtime_ns, ctime_ns, inode, device, sort_time) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((folder.id, path, *print_, device, print_[1] / 1e9) for path, print_, device in new),
        )
        _write_words(catalog, folder, [path for path, *_ in new])


def _write_words(catalog: Catalog, folder: Folder, paths: list[bytes]) -> None:
    """Make new and moved photos findable by name at once, before they are opened."""
    query = "SELECT id, camera, taken FROM photo WHERE folder_id = ? AND path = ?"
    words = []
    for path in paths:
        photo_id, camera, taken = catalog.db.execute(query, [folder.id, path]).fetchone()
        words.append((photo_id, photo_words(folder.path, path, camera, taken)))
    catalog.set_words(words)


def note_vanished(catalog: Catalog, photo_ids: Sequence[int]) -> None:
    """Hide photos whose files vanished while being read, or take their folder for offline where all is missing."""
    for photo_id in photo_ids:
        row = catalog.db.execute(
            "SELECT f.id, f.path FROM photo p JOIN folder f ON f.id = p.folder_id WHERE p.id = ?", [photo_id]
        ).fetchone()
        if row is None:
            continue
        if _is_empty(row[1]):
            catalog.set_online(row[0], False)
        else:
            with catalog.transaction():
                catalog.db.execute("UPDATE photo SET gone_since = ? WHERE id = ?", [time.time(), photo_id])


def _is_empty(folder: bytes) -> bool:
    """Tell whether a folder is missing, unreadable or empty, as a drive's bare mount point is."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def forget_gone(catalog: Catalog) -> list[int]:
    """Delete photos of online folders whose files have been missing for a month; returns their ids."""
    ids = [
        int(row[0])
        for row in catalog.db.execute(
            "SELECT p.id FROM photo p JOIN folder f ON f.id = p.folder_id WHERE f.online AND p.gone_since < ?",
            [time.time() - _KEEP_GONE_SECONDS],
        )
    ]
    if ids:
        catalog.delete_photos(ids)
    return ids
