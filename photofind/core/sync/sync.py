"""Compare a folder on the disk with the catalog, in bulk; the scan is the truth (walk 1).

Runs in steps, so that a search can come between; nothing is written before the walk has ended. The disk is read
through `read`, beside whoever owns the catalog.
`presence` decides whether absence is deletion, `moves` what a file was called before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.scanned import GONE, ID, MISSING, PATH, Known
from photofind.core.catalog.states import Missing
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.reading import Read, first, once
from photofind.core.disk.scan import Directory, scan_folder
from photofind.core.disk.volumes import Volume
from photofind.core.records.decoded import Fingerprint
from photofind.core.records.photos import Folder
from photofind.core.records.work import SyncResult
from photofind.core.sentences.sentence import Sentence
from photofind.core.sync.changes import Changes, write_changes
from photofind.core.sync.closer_look import CloserLook
from photofind.core.sync.forgetting import forget_long_gone
from photofind.core.sync.moves import Moves, find_moves, find_moves_from_elsewhere
from photofind.core.sync.other_drive import take_up, take_up_inside
from photofind.core.sync.presence import Seen, is_doubtful, is_present, is_still, look_at, what_is_known
from photofind.core.sync.unseen import Unseen

_log = logging.getLogger(__name__)
_WORDS_A_STEP = 1_000
_HELD_BACK = int(Missing.HELD_BACK)  # a plain number, because every photo there is comes by it


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
    changes = Changes(closer=CloserLook(closely))
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
            try:
                inside = yield from take_up_inside(catalog, folder, path, volume, exclusions, read)
            except TimeoutError as error:
                _log.warning("a drive inside a folder does not answer: %s", error)
                continue
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
    changes: Changes,
    read: Read,
) -> Iterator[SyncResult | None]:
    """Write what a walk of a folder that is there has found."""
    left_out = _excluded(folder, exclusions, known)
    forgotten = catalog.scanned.hidden_since(folder.id, changes.began)
    changes.away = _keep_away(known, changes, forgotten)
    changes.returned = [photo_id for photo_id in changes.returned if photo_id not in forgotten]
    _find_moves(volume, known, changes)
    if volume.has_stable_inodes and catalog.folders.has_others(folder.id):
        for moves in find_moves_from_elsewhere(catalog, folder, volume, changes.new, read):
            if moves is None:
                yield None
            else:
                changes.arrived = moves.moved
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
    yield from write_changes(catalog, folder, changes)
    moved = len(changes.moved) + len(changes.arrived)
    yield SyncResult(True, len(changes.new), len(changes.changed), moved, len(changes.gone), len(changes.missing))
    unseen = [*(path for path, _ in changes.unreadable), *changes.elsewhere.away]
    yield from catalog.sidecars.note(folder.id, changes.sidecars, unseen, _WORDS_A_STEP)
    while catalog.words.refresh(_WORDS_A_STEP):
        yield None
    yield from forget_long_gone(catalog, folder, changes.elsewhere.away)


def _look_through(
    catalog: Catalog,
    folder: Folder,
    exclusions: Exclusions,
    known: dict[bytes, Known],
    changes: Changes,
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
    unseen = Unseen(catalog, folder.id)
    yield from unseen.begin()
    changes.expected = catalog.scanned.count_expected(folder.id)
    others = [other.path for other in catalog.folders.all()]
    yield from changes.elsewhere.begin(catalog, folder, read)
    yield from _walk(folder, seen.volume, exclusions, others, unseen, changes, read)
    yield from unseen.load(known)
    _drop_unknown(known, changes)
    yield from changes.elsewhere.end(folder, read)
    if not seen.volume.has_stable_inodes:
        yield from changes.closer.look(catalog, folder, read)
        changes.changed += changes.closer.edited
    is_there = yield from first(read(folder.path, once(partial(is_still, seen.volume, folder))))
    return seen.volume if is_there else None


def _lost(known: dict[bytes, Known], changes: Changes) -> list[Known]:
    """Return the rows of which the scan saw no file.

    What was held back before stays so, however the folder grows, until the person says that it was
    deleted, or the others come back and it does not.
    """
    is_back = changes.came_back > 0
    return [row for row in known.values() if not row[GONE] and (is_back or row[MISSING] != _HELD_BACK)]


def _walk(
    folder: Folder,
    volume: Volume,
    exclusions: Exclusions,
    watched: Sequence[bytes],
    unseen: Unseen,
    changes: Changes,
    read: Read,
) -> Iterator[None]:
    """Sort what is on the disk into new, changed and returned; what stays `unseen` has no file."""
    is_same = _is_same_file if volume.has_stable_inodes else _has_same_size_and_time
    for directory in read(folder.path, scan_folder(folder.path, exclusions, watched)):
        if directory is not None:
            _sort(directory, is_same, unseen, changes)
        yield None


def _drop_unknown(known: dict[bytes, Known], changes: Changes) -> None:
    """Take out of the rows not seen those below directories that could not be listed: they are unknown, not lost."""
    closed = {path for path, _ in changes.unreadable}
    for name in [name for name in known if closed and _lies_below(name, closed)]:
        del known[name]


def _sort(
    directory: Directory, is_same: Callable[[Known, Fingerprint], bool], unseen: Unseen, changes: Changes
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
    known = unseen.in_directory(directory.path) if directory.photos else {}
    for found in directory.photos:
        path, fingerprint, _ = found
        row = known.get(path)
        if row is None:
            changes.new.append(found)
            continue
        if is_hidden:
            continue  # it lies in a bare mount point, in the way of what is known
        unseen.see(row)
        if not is_same(row, fingerprint):
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


def _keep_away(known: dict[bytes, Known], changes: Changes, forgotten: set[int]) -> list[Known]:
    """Take out of the rows not seen those that are away with a link or a drive inside the folder; return them.

    Those that the person deleted during the walk are nobody's doubt either.
    """
    for path in [path for path, row in known.items() if row[ID] in forgotten]:
        del known[path]
    hidden = [path for path in known if changes.elsewhere.hides(path)]
    return [row for row in map(known.pop, hidden) if not row[GONE]]


def _find_moves(volume: Volume, known: dict[bytes, Known], changes: Changes) -> None:
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
