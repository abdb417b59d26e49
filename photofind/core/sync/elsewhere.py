"""What a folder holds by links, and on drives that are mounted inside it: while that is away, it is not deleted.

A link that leads nowhere, a place where nothing is mounted any more or that is empty, and one with another drive than
before are away, each by itself: what is known below stays, whatever becomes of the rest of the folder.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.scanned import PATH, Known
from photofind.core.disk.crossings import Crossing
from photofind.core.disk.reading import Read, first, once
from photofind.core.disk.volumes import volume_of
from photofind.core.records.photos import Folder, KnownPhoto
from photofind.core.sentences.sentence import Sentence
from photofind.core.sync.likeness import compare

_KNOWN_PHOTOS = 25


@dataclass(slots=True)
class Elsewhere:
    """The crossings of one walk, by path, and which of them are away."""

    found: dict[bytes, Crossing] = field(default_factory=dict)
    away: set[bytes] = field(default_factory=set)
    replaced: set[bytes] = field(default_factory=set)  # away, and another drive is in the place

    def note(self, crossing: Crossing) -> None:
        """Note where the folder leads elsewhere."""
        self.found[crossing.path] = crossing

    def look(self, catalog: Catalog, folder: Folder, read: Read) -> Generator[None]:
        """Compare with what was found before."""
        self.away |= {path for path, crossing in self.found.items() if crossing.is_dead}
        for before in catalog.crossings.followed(folder.id):
            now = self.found.get(before.path)
            if now is None and before.is_link:
                continue  # the person took the link away
            if now is None:
                self._set_away(before, Sentence("drive_inside_is_away"))
            elif now.is_empty or now.is_dead:
                self._set_away(
                    before, Sentence("link_leads_nowhere") if now.is_link else Sentence("drive_inside_is_away")
                )
            elif now.volume is not None and now.volume != before.volume:
                photos = catalog.folders.some_photos(folder.id, _KNOWN_PHOTOS, before.path)
                if not (yield from self._is_same(folder, photos, read)):
                    self._set_away(before, Sentence("drive_inside_is_another"))
                    self.replaced.add(before.path)

    def hides(self, path: bytes) -> bool:
        """Tell whether what is known of a path is away with what it lies in."""
        return bool(self.away) and lies_in(path, self.away)

    def is_anothers(self, path: bytes) -> bool:
        """Tell whether a path lies on another drive than what is known there."""
        return bool(self.replaced) and lies_in(path, self.replaced)

    def kept(self, known: Iterable[Known]) -> list[Crossing]:
        """Return what is to be kept of them; of links that lead nowhere only those where photos are `known`."""
        paths = {path for row in known for path in _ways(row[PATH])} if self.away else set()
        return [one for one in self.found.values() if not one.is_dead or one.path in paths]

    def _set_away(self, before: Crossing, why: Sentence) -> None:
        self.away.add(before.path)
        self.found[before.path] = replace(before, why=why)

    @staticmethod
    def _is_same(folder: Folder, photos: Sequence[KnownPhoto], read: Read) -> Generator[None, None, bool]:
        if not photos:
            return True
        likeness = yield from first(read(folder.path, once(partial(compare, photos, folder.path))))
        return likeness is not None and likeness.is_proven


def lies_in(path: bytes, places: Collection[bytes]) -> bool:
    """Tell whether a relative path is one of some places, or lies below one at any depth."""
    return any(way in places for way in _ways(path))


def _ways(path: bytes) -> Iterable[bytes]:
    """Yield a path and all directories on the way to it."""
    while path:
        yield path
        path = path.rpartition(b"/")[0]


def away_now(root: bytes, crossings: Sequence[Crossing]) -> set[bytes]:
    """Return the paths of those crossings that do not lead to where they led (reads the disk)."""
    return {one.path for one in crossings if not _is_there(os.path.join(root, one.path), one)}


def _is_there(place: bytes, crossing: Crossing) -> bool:
    if crossing.is_link and not os.path.lexists(place):
        return True  # the person took the link away
    try:
        with os.scandir(place) as entries:
            return next(entries, None) is not None and volume_of(place).id == crossing.volume
    except OSError:
        return False
