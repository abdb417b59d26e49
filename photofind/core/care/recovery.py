"""Mend a library whose catalog is damaged: rescue what can be read, or go back to a snapshot.

The new catalog is made beside the damaged one and takes its place by one rename, last; a crash at
any moment leaves the old or the new state. The damaged file is kept aside, the vector index's caches
are dropped, and the new catalog has another identity, so that none of them matches it by chance.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from photofind.core.atomic_file import put_in_place
from photofind.core.care.check import embed_again
from photofind.core.care.salvage import salvage
from photofind.core.care.seal import Seal
from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.checks import ROW_CHECKS
from photofind.core.catalog.database import (
    CATALOG_FILE,
    THUMBNAILS_FILE,
    explain_failure,
    is_damage,
)
from photofind.core.catalog.lock import take_lock
from photofind.core.catalog.snapshots import drop_snapshots, is_sound, newest_sound
from photofind.core.catalog.thumbnail_checks import decode_again, drop_left_over
from photofind.core.catalog.thumbnails import Thumbnails, drop_thumbnails
from photofind.core.embedding.model_in_use import ModelInUse
from photofind.core.errors import LibraryDamagedError, PhotofindError, said_by
from photofind.core.records.care import Way
from photofind.core.records.progress import Counts
from photofind.core.sentences.sentence import Sentence
from photofind.core.settings import ANSWERING, INDEXING

_log = logging.getLogger(__name__)
_SUFFIXES = ("", "-wal", "-shm")
_UNFINISHED = "new-catalog.sqlite"
_RECOVERED = "catalog-recovered.sqlite"
_DAMAGED_KEPT = 2


def recover(directory: Path, way: Way) -> Sentence:
    """Mend the closed, damaged library in `directory` and say what was done, in one sentence for the person.

    `rescue` reads what can be read, filled up from the newest snapshot, and goes back to that snapshot
    where nothing can; `snapshot` goes back to it at once. PhotofindError, and nothing is changed, where
    neither is possible, the disk is full, or another process has the library.
    """
    lock = take_lock(directory)
    try:
        with _telling(directory):
            if finish_recovery(directory) or not _is_damaged(directory):
                return Sentence("mended_already")
            return _recover(directory, way)
    finally:
        lock.release()


@contextmanager
def _telling(directory: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if is_damage(error):
            raise PhotofindError("library_cannot_be_mended", library=directory, said=str(error)) from error
        raise explain_failure(error, directory / CATALOG_FILE) from error
    except OSError as error:
        raise PhotofindError("library_cannot_be_mended", library=directory, said=said_by(error)) from error


def _is_damaged(directory: Path) -> bool:
    """Look again, as opening does: the person decides late, and another process may have mended it meanwhile."""
    path = directory / CATALOG_FILE
    seal = Seal(path)
    try:
        seal.verify()
        if not seal.matched and path.exists():
            with closing(Catalog(path)) as catalog:
                catalog.checks.require_columns()
    except LibraryDamagedError:
        return True
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return True
    return False


def _recover(directory: Path, way: Way) -> Sentence:
    new = directory / _UNFINISHED
    _remove(new)
    try:
        done = (_rescue(directory, new) if way == "rescue" else None) or _go_back(directory, new)
        if not is_sound(new):
            raise PhotofindError("mended_badly")
        put_in_place(new, directory / _RECOVERED)
    finally:
        _remove(new)
        drop_snapshots(new)
    finish_recovery(directory)
    _drop_left_over(directory)
    return Sentence("in_a_row", sentences=(done, Sentence("damaged_file_kept")))


def _rescue(directory: Path, new: Path) -> Sentence | None:
    """Make a new catalog of what can be read; return what was done, None where there is nothing."""
    with closing(Catalog(new)) as catalog:
        found = salvage(directory / CATALOG_FILE, catalog, newest_sound(directory / CATALOG_FILE))
        if found.is_nothing:
            return None
        _settle(catalog, directory)
        counts = catalog.counts()
    return _rescued(counts, is_whole=found.is_whole)


def _rescued(counts: Counts, *, is_whole: bool) -> Sentence:
    photos, pending = counts.photos, counts.pending
    if is_whole and pending:
        return Sentence("rescued_all_to_read_again", photos=photos, pending=pending)
    if is_whole:
        return Sentence("rescued_all", photos=photos)
    if pending:
        return Sentence("rescued_part_to_read_again", photos=photos, pending=pending)
    return Sentence("rescued_part", photos=photos)


def _go_back(directory: Path, new: Path) -> Sentence:
    snapshot = newest_sound(directory / CATALOG_FILE)
    if snapshot is None:
        raise PhotofindError("nothing_to_rescue", library=directory)
    done = _went_back(snapshot.stat().st_mtime)
    _remove(new)
    shutil.copyfile(snapshot, new)
    with closing(Catalog(new)) as catalog:
        _settle(catalog, directory)
    return done


def _went_back(made: float) -> Sentence:
    try:
        return Sentence("went_back", day=date.fromtimestamp(made).isoformat())
    except (OverflowError, ValueError, OSError):  # a time that no calendar holds
        return Sentence("went_back_undated")


def _settle(catalog: Catalog, directory: Path) -> None:
    """Make a catalog consistent in itself and with the thumbnails: what is missing becomes pending."""
    with catalog.unchecked():
        catalog.rescued.drop_dangling()
    for check in ROW_CHECKS:
        catalog.checks.repair(check)
    catalog.checks.forget_senseless_details()
    catalog.problems.store_keys()  # what was rescued may be of an older photofind
    catalog.words.rebuild()
    with _sound_thumbnails(directory) as thumbnails:
        if thumbnails is not None:
            decode_again(catalog, thumbnails, repair=True)
            catalog.renew_identity(thumbnails.highest_id())
        else:
            catalog.waiting.add_all()
            catalog.renew_identity(0)
    reference = catalog.settings.get(INDEXING) or catalog.settings.get(ANSWERING)
    try:
        model = ModelInUse(catalog, directory, reference, read_only=False)
    except PhotofindError as error:  # told when the library is opened
        _log.warning("%s", error)
    else:
        embed_again(catalog, model, repair=True)


def _drop_left_over(directory: Path) -> None:
    """Delete thumbnails of photos that were lost, and damaged ones; not before the new catalog is in its place."""
    with _sound_thumbnails(directory) as thumbnails:
        if thumbnails is not None:
            with closing(Catalog(directory / CATALOG_FILE)) as catalog:
                drop_left_over(catalog, thumbnails, repair=True)
            return
    drop_thumbnails(directory / THUMBNAILS_FILE)


@contextmanager
def _sound_thumbnails(directory: Path) -> Iterator[Thumbnails | None]:
    """Open the thumbnails, None where they are damaged: the next opening of the library begins a new file."""
    try:
        thumbnails = Thumbnails(directory / THUMBNAILS_FILE)
    except LibraryDamagedError as error:
        _log.warning("thumbnails: %s", error)
        yield None
        return
    with closing(thumbnails):
        yield thumbnails if thumbnails.is_sound() else None


def finish_recovery(directory: Path) -> bool:
    """Put a recovered catalog into its place, also one whose recovery a crash cut off; tell whether there was one."""
    recovered, catalog = directory / _RECOVERED, directory / CATALOG_FILE
    if not recovered.exists():
        return False
    kept = _free_name(directory)
    for suffix in _SUFFIXES:
        if (old := catalog.with_name(catalog.name + suffix)).exists():
            old.replace(kept.with_name(kept.name + suffix))
    catalog.with_suffix(".seal").unlink(missing_ok=True)
    if (caches := directory / "vectors").exists():
        shutil.rmtree(caches)
    put_in_place(recovered, catalog)
    for old in sorted(directory.glob("catalog-damaged-*.sqlite"), reverse=True)[_DAMAGED_KEPT:]:
        _remove(old)
    return True


def _free_name(directory: Path) -> Path:
    names = (f"catalog-damaged-{date.today().isoformat()}-{n}.sqlite" for n in range(1, 100))
    return next(directory / name for name in names if not (directory / name).exists())


def _remove(database: Path) -> None:
    for suffix in _SUFFIXES:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
