"""What a look at a folder found to be other than the catalog has it, and keeping that."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.scanned import ID, ROWS_A_STEP, Known
from photofind.core.catalog.sidecars import Sidecars
from photofind.core.disk.scan import Found
from photofind.core.errors import said_by
from photofind.core.records.photos import Folder
from photofind.core.sentences.sentence import Sentence
from photofind.core.sync.closer_look import CloserLook
from photofind.core.sync.elsewhere import Elsewhere


@dataclass(slots=True)
class Changes:
    """What the walk of a folder found, sorted; `write_changes` keeps it."""

    closer: CloserLook
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
    began: float = field(default_factory=time.time)


def write_changes(catalog: Catalog, folder: Folder, changes: Changes) -> Iterator[None]:
    """Write them in one transaction, then new photos in parts: 100,000 of them must not hold up a search."""
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
    for start in range(0, len(changes.new), ROWS_A_STEP):
        scanned.insert(folder.id, changes.new[start : start + ROWS_A_STEP])
        yield
