"""Compare a folder on the disk with the catalog, in bulk; the scan is the truth (walk 1).

Runs in steps, so that a search can come between; nothing is written before the walk has ended. The disk is read
through `read`, beside whoever owns the catalog.
`presence` decides whether absence is deletion, `moves` what a file was called before.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.scanned import GONE, ID, MISSING, PATH, Known
from photofind.core.catalog.sidecars import Sidecars
from photofind.core.catalog.states import Missing
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.reading import Read, answered, first, once
from photofind.core.disk.scan import Found, scan_folder
from photofind.core.disk.volumes import Volume, volume_of
from photofind.core.errors import said_by
from photofind.core.records.decoded import Fingerprint
from photofind.core.records.photos import Folder
from photofind.core.records.work import SyncResult
from photofind.core.sentences.sentence import Sentence
from photofind.core.steps import Steps
from photofind.core.sync.moves import Moves, find_moves, find_moves_from_elsewhere
from photofind.core.sync.presence import is_doubtful, is_present, is_still, look_at, what_is_known

_log = logging.getLogger(__name__)
_ROWS_A_STEP = 5_000
_WORDS_A_STEP = 1_000
_ROWS_A_LOOK = 500
_HELD_BACK = int(Missing.HELD_BACK)  # a plain number, because every photo there is comes by it


@dataclass(slots=True)
class _Changes:
    """What the walk found, to be written in one transaction."""

    new: list[Found] = field(default_factory=list)
    changed: list[tuple[Known, Found]] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    moved: list[tuple[int, Found]] = field(default_factory=list)
    arrived: list[tuple[int, Found]] = field(default_factory=list)  # from other folders
    overwritten: list[Known] = field(default_factory=list)
    gone: list[Known] = field(default_factory=list)
    missing: list[Known] = field(default_factory=list)
    unreadable: list[tuple[bytes, OSError]] = field(default_factory=list)
    expected: int = 0  # photos that should be there
    sidecars: Sidecars = field(default_factory=dict)
    in_cloud: int = 0
    came_back: int = 0  # of those that were held back


def sync_folder(
    catalog: Catalog, folder: Folder, exclusions: Exclusions, most_missing_share: float, read: Read
) -> Iterator[SyncResult | None]:
    """Sync one folder; yields None after every step and the result once; then moved photos' words are written anew."""
    known: dict[bytes, Known] = {}
    changes = _Changes()
    try:
        volume = yield from _look_through(catalog, folder, exclusions, known, changes, read)
    except TimeoutError as error:
        _log.warning("a folder does not answer: %s", error)
        catalog.folders.set_away(folder.id, Sentence("folder_does_not_answer"))
        yield SyncResult(online=False)
        return
    if volume is None:
        catalog.folders.set_away(folder.id)
        yield SyncResult(online=False)
        return
    expected = changes.expected
    left_out = _excluded(folder, exclusions, known)
    _find_moves(volume, known, changes)
    if volume.has_stable_inodes and catalog.folders.has_others(folder.id):
        for moves in find_moves_from_elsewhere(catalog, folder, volume, changes.new, read):
            if moves is None:
                yield None
            else:
                changes.arrived += moves.moved
                changes.returned += moves.hidden
                changes.new = moves.new
    lost = _lost(known, changes)
    expected -= sum(row[MISSING] != _HELD_BACK for row in left_out)
    changes.gone = left_out
    if is_doubtful(len(lost), expected, most_missing_share):
        changes.missing = lost
    else:
        changes.gone += lost
    catalog.folders.set_present(folder.id, volume, changes.in_cloud)
    yield from _write(catalog, folder, changes)
    moved = len(changes.moved) + len(changes.arrived)
    yield SyncResult(True, len(changes.new), len(changes.changed), moved, len(changes.gone), len(changes.missing))
    unseen = [path for path, _ in changes.unreadable]
    yield from catalog.sidecars.note(folder.id, changes.sidecars, unseen, _WORDS_A_STEP)
    while catalog.words.refresh(_WORDS_A_STEP):
        yield None


def _look_through(
    catalog: Catalog,
    folder: Folder,
    exclusions: Exclusions,
    known: dict[bytes, Known],
    changes: _Changes,
    read: Read,
) -> Generator[None, None, Volume | None]:
    """Load what is known of a folder and compare it with the disk; return what it lies on, None where it is away."""
    seen = yield from first(read(folder.path, look_at(what_is_known(catalog, folder))))
    if seen is None or not is_present(catalog, folder, seen):
        return None
    yield from _load_known(catalog, folder.id, known)
    changes.expected = sum(not row[GONE] and row[MISSING] != _HELD_BACK for row in known.values())
    yield from _walk(folder, seen.volume, exclusions, known, changes, read)
    is_there = yield from first(read(folder.path, once(partial(is_still, seen.volume, folder))))
    return seen.volume if is_there else None


def _lost(known: dict[bytes, Known], changes: _Changes) -> list[Known]:
    """Return the rows of which the scan saw no file.

    What was held back before stays so, however the folder grows, until the person says that it was
    deleted, or the others come back and it does not.
    """
    is_back = changes.came_back > 0
    return [row for row in known.values() if not row[GONE] and (is_back or row[MISSING] != _HELD_BACK)]


def _load_known(catalog: Catalog, folder_id: int, known: dict[bytes, Known]) -> Iterator[None]:
    for rows in catalog.scanned.known(folder_id, _ROWS_A_STEP):
        known.update((row[PATH], row) for row in rows)
        yield


def _walk(
    folder: Folder,
    volume: Volume,
    exclusions: Exclusions,
    known: dict[bytes, Known],
    changes: _Changes,
    read: Read,
) -> Iterator[None]:
    """Sort what is on the disk into new, changed and returned; what stays in `known` was not seen."""
    is_same = _is_same_file if volume.has_stable_inodes else _has_same_size_and_time
    for directory in read(folder.path, scan_folder(folder.path, exclusions)):
        if directory is None:
            yield None
            continue
        changes.in_cloud += directory.in_cloud
        changes.sidecars.update((path, (size, mtime_ns)) for path, size, mtime_ns in directory.sidecars)
        if directory.error is not None:
            changes.unreadable.append((directory.path, directory.error))
        for found in directory.photos:
            path, fingerprint, _ = found
            row = known.pop(path, None)
            if row is None:
                changes.new.append(found)
            elif not is_same(row, fingerprint):
                changes.changed.append((row, found))
            elif row[GONE] or row[MISSING]:
                changes.returned.append(row[ID])
                changes.came_back += row[MISSING] == _HELD_BACK
        yield None
    closed = {path for path, _ in changes.unreadable}
    for name in [name for name in known if closed and _lies_below(name, closed)]:
        del known[name]  # unknown, not lost


def _is_same_file(row: Known, fingerprint: Fingerprint) -> bool:
    _, _, size, mtime_ns, ctime_ns, inode, _, _ = row
    return (size, mtime_ns, ctime_ns, inode) == fingerprint


def _has_same_size_and_time(row: Known, fingerprint: Fingerprint) -> bool:
    """Compare what tells anything where inodes, and what follows from them, are dealt out anew at each mount."""
    _, _, size, mtime_ns, _, _, _, _ = row
    found_size, found_mtime_ns, _, _ = fingerprint
    return (size, mtime_ns) == (found_size, found_mtime_ns)


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
        changes.came_back += row[MISSING] == _HELD_BACK
        del known[row[PATH]]


def _write(catalog: Catalog, folder: Folder, changes: _Changes) -> Iterator[None]:
    """Write the changes; new photos in parts, so that 100,000 of them do not hold up a search."""
    scanned = catalog.scanned
    with catalog.unchecked(), catalog.transaction():
        scanned.put_aside(folder.id, changes.overwritten)  # first: others get their paths
        scanned.rename(folder.id, changes.moved)
        scanned.bring(folder.id, changes.arrived)
        scanned.hide_known(folder.id, changes.gone)
        scanned.hold_back(folder.id, changes.missing)
        scanned.show(changes.returned)
        scanned.change(folder.id, ((row[ID], found) for row, found in changes.changed))
        catalog.problems.set_unreadable(
            folder.id,
            (
                (path, Sentence("folder_cannot_be_opened", said=said_by(error)))
                for path, error in changes.unreadable
                if not isinstance(error, FileNotFoundError)  # it went while the walk was on its way there
            ),
        )
    for start in range(0, len(changes.new), _ROWS_A_STEP):
        scanned.insert(folder.id, changes.new[start : start + _ROWS_A_STEP])
        yield


def accept_missing(catalog: Catalog, folder: Folder, read: Read) -> Steps[int]:
    """Mark as gone every photo of a folder whose file is not there; return how many that are."""
    known: dict[bytes, Known] = {}
    yield from _load_known(catalog, folder.id, known)
    shown = [row for row in known.values() if not row[GONE]]
    absent: list[Known] = []
    for start in range(0, len(shown), _ROWS_A_LOOK):
        look = partial(_absent, folder.path, shown[start : start + _ROWS_A_LOOK])
        absent += yield from answered(folder.path, read, look)
        yield start / len(shown)
    volume = yield from answered(folder.path, read, partial(volume_of, folder.path))
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
