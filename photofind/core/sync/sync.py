"""Compare a folder on the disk with the catalog, in bulk; the scan is the truth (walk 1).

Runs in steps, so that a search can come between; nothing is written before the walk has ended. The disk is read
through `read`, beside whoever owns the catalog.
`presence` decides whether absence is deletion, `moves` what a file was called before.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.scanned import GONE, ID, MISSING, PATH, Known
from photofind.core.catalog.sidecars import Sidecars
from photofind.core.catalog.states import Missing
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.reading import Read, answered, first, once
from photofind.core.disk.scan import Directory, Found, scan_folder
from photofind.core.disk.volumes import Volume
from photofind.core.errors import said_by
from photofind.core.records.decoded import Fingerprint
from photofind.core.records.photos import Folder
from photofind.core.records.work import SyncResult
from photofind.core.sentences.sentence import Sentence
from photofind.core.steps import Steps, finish, in_slices
from photofind.core.sync.closer_look import CloserLook
from photofind.core.sync.elsewhere import Elsewhere, away_now, lies_in, what_is_followed
from photofind.core.sync.folders import absent_drive
from photofind.core.sync.moves import Moves, find_moves, find_moves_from_elsewhere
from photofind.core.sync.other_drive import take_up, take_up_inside
from photofind.core.sync.presence import Seen, is_doubtful, is_present, is_still, look_at, what_is_known

_log = logging.getLogger(__name__)
# A vanished photo's row, vector and thumbnail outlive it this long, should its file come back.
_KEEP_GONE_SECONDS = 30 * 24 * 3600
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
    away: list[Known] = field(default_factory=list)  # with a link or a drive inside the folder
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    closer: CloserLook = field(default_factory=partial(CloserLook, False))
    began: float = field(default_factory=time.time)


def sync_folder(
    catalog: Catalog,
    folder: Folder,
    exclusions: Exclusions,
    most_missing_share: float,
    read: Read,
    *,
    closely: bool = False,
) -> Iterator[SyncResult | None]:
    """Sync one folder; yields None after every step and the result once; then moved photos' words are written anew.

    `closely`: where nothing else tells of edits, files are looked into.
    """
    known: dict[bytes, Known] = {}
    changes = _Changes(closer=CloserLook(closely))
    other = why = instead = None
    try:
        seen = yield from _look_through(catalog, folder, exclusions, known, changes, read)
        if isinstance(seen, Seen):
            instead = None if seen.is_empty else Sentence("folder_shows_another_drive")
            other = yield from take_up(catalog, folder, seen, exclusions, read)
    except TimeoutError as error:
        _log.warning("a folder does not answer: %s", error)
        seen, why, instead = None, Sentence("folder_does_not_answer"), None
    if isinstance(seen, Volume):
        yield from _take_in(catalog, folder, seen, exclusions, most_missing_share, known, changes, read)
        for path, volume in changes.elsewhere.others().items():
            inside = yield from take_up_inside(catalog, folder, path, volume, exclusions, read)
            if inside is not None:
                yield from sync_folder(catalog, inside, exclusions, most_missing_share, read)
        return
    catalog.folders.set_away(folder.id, why, instead)
    if other is None:
        yield SyncResult(online=False)
        return
    for result in sync_folder(catalog, other, exclusions, most_missing_share, read):
        yield None if result is None else replace(result, online=False)


def _take_in(
    catalog: Catalog,
    folder: Folder,
    volume: Volume,
    exclusions: Exclusions,
    most_missing_share: float,
    known: dict[bytes, Known],
    changes: _Changes,
    read: Read,
) -> Iterator[SyncResult | None]:
    """Write what a walk of a folder that is there has found."""
    left_out = _excluded(folder, exclusions, known)
    forgotten = catalog.scanned.hidden_since(folder.id, changes.began)
    changes.away = _keep_away(known, changes, forgotten)
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
    expected = changes.expected - len(forgotten)
    expected -= sum(row[MISSING] != _HELD_BACK for row in (*left_out, *changes.away))
    changes.gone = left_out
    if is_doubtful(len(lost), expected, most_missing_share):
        changes.missing = lost
    else:
        changes.gone += lost
    changes.missing += [row for row in changes.away if row[MISSING] != _HELD_BACK]
    catalog.folders.set_present(folder.id, volume, changes.in_cloud)
    yield from _write(catalog, folder, changes)
    moved = len(changes.moved) + len(changes.arrived)
    yield SyncResult(True, len(changes.new), len(changes.changed), moved, len(changes.gone), len(changes.missing))
    unseen = [*(path for path, _ in changes.unreadable), *changes.elsewhere.away]
    yield from catalog.sidecars.note(folder.id, changes.sidecars, unseen, _WORDS_A_STEP)
    while catalog.words.refresh(_WORDS_A_STEP):
        yield None
    yield from _forget_gone(catalog, folder, changes.elsewhere.away)


def _look_through(
    catalog: Catalog,
    folder: Folder,
    exclusions: Exclusions,
    known: dict[bytes, Known],
    changes: _Changes,
    read: Read,
) -> Generator[None, None, Volume | Seen | None]:
    """Load what is known of a folder and compare it with the disk; return what it lies on.

    None where it is away, what is seen instead where another drive is in its place.
    """
    seen = yield from first(read(folder.path, look_at(what_is_known(catalog, folder))))
    if seen is None:
        return None
    if not is_present(catalog, folder, seen):
        return seen
    yield from _load_known(catalog, folder.id, known)
    changes.expected = sum(not row[GONE] and row[MISSING] != _HELD_BACK for row in known.values())
    others = [other.path for other in catalog.folders.all()]
    yield from changes.elsewhere.begin(catalog, folder, read)
    yield from _walk(folder, seen.volume, exclusions, others, known, changes, read)
    yield from changes.elsewhere.end(folder, read)
    if not seen.volume.has_stable_inodes:
        yield from changes.closer.look(catalog, folder, read)
        changes.changed += changes.closer.edited
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
    watched: Sequence[bytes],
    known: dict[bytes, Known],
    changes: _Changes,
    read: Read,
) -> Iterator[None]:
    """Sort what is on the disk into new, changed and returned; what stays in `known` was not seen."""
    is_same = _is_same_file if volume.has_stable_inodes else _has_same_size_and_time
    for directory in read(folder.path, scan_folder(folder.path, exclusions, watched)):
        if directory is not None:
            _sort(directory, is_same, known, changes)
        yield None
    closed = {path for path, _ in changes.unreadable}
    for name in [name for name in known if closed and _lies_below(name, closed)]:
        del known[name]  # unknown, not lost


def _sort(
    directory: Directory, is_same: Callable[[Known, Fingerprint], bool], known: dict[bytes, Known], changes: _Changes
) -> None:
    if directory.crossing is not None:
        changes.elsewhere.note(directory.crossing)
    if changes.elsewhere.is_anothers(directory.path):
        return
    changes.in_cloud += directory.in_cloud
    changes.sidecars.update((path, (size, mtime_ns)) for path, size, mtime_ns in directory.sidecars)
    if directory.error is not None:
        changes.unreadable.append((directory.path, directory.error))
    is_hidden = changes.elsewhere.hides(directory.path)
    for found in directory.photos:
        path, fingerprint, _ = found
        if is_hidden and path in known:
            continue  # it lies in a bare mount point, in the way of what is known
        row = known.pop(path, None)
        if row is None:
            changes.new.append(found)
        elif not is_same(row, fingerprint):
            changes.changed.append((row, found))
        else:
            changes.closer.note(row, found)
            if row[GONE] or row[MISSING]:
                changes.returned.append(row[ID])
                changes.came_back += row[MISSING] == _HELD_BACK


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


def _keep_away(known: dict[bytes, Known], changes: _Changes, forgotten: set[int]) -> list[Known]:
    """Take out of the rows not seen those that are away with a link or a drive inside the folder; return them.

    Those that the person deleted during the walk are nobody's doubt either.
    """
    for path in [path for path, row in known.items() if row[ID] in forgotten]:
        del known[path]
    hidden = [path for path in known if changes.elsewhere.hides(path)]
    return [row for row in map(known.pop, hidden) if not row[GONE]]


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
        changes.closer.write(catalog, folder)
        catalog.crossings.keep(folder.id, changes.elsewhere.kept(changes.away))
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


def accept_missing(catalog: Catalog, folder: Folder, volume: Volume, read: Read) -> Steps[int]:
    """Mark as gone every photo of a folder whose file is not there; return how many that are.

    But for those that are away with a link or a drive inside; PhotofindError where the folder's drive goes meanwhile.
    """
    known: dict[bytes, Known] = {}
    yield from _load_known(catalog, folder.id, known)
    followed = yield from what_is_followed(catalog, folder)
    away = yield from answered(folder.path, read, partial(away_now, followed))
    shown = [row for row in known.values() if not row[GONE] and not lies_in(row[PATH], away)]
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
        for _ in _forget_gone(catalog, folder, away):
            pass


def _forget_gone(catalog: Catalog, folder: Folder, away: Collection[bytes]) -> Iterator[None]:
    """Delete them, but for those that are away with a link or a drive inside the folder."""
    gone = catalog.photos.gone_before(time.time() - _KEEP_GONE_SECONDS, folder.id)
    ids = [photo_id for photo_id, path in gone if not lies_in(path, away)]
    for _ in in_slices(ids, catalog.photos.delete):
        yield
