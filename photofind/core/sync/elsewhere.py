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
from photofind.core.catalog.scanned import PATH
from photofind.core.catalog.scanned import Known as Row
from photofind.core.disk.crossings import Crossing
from photofind.core.disk.reading import Read, first, once
from photofind.core.disk.volumes import Volume
from photofind.core.records.photos import Folder
from photofind.core.sentences.sentence import Sentence
from photofind.core.sync.presence import KNOWN_PHOTOS, Known, Seen, look_at

# A crossing that was followed before, and what is known of the place that it led to.
Followed = tuple[Crossing, Known]


@dataclass(frozen=True, slots=True)
class Away:
    """Why what a crossing led to is away, and the other drive that is in its place, if one is."""

    why: Sentence
    instead: Volume | None = None


@dataclass(slots=True)
class Elsewhere:
    """The crossings of one walk, by path, and which of them are away."""

    found: dict[bytes, Crossing] = field(default_factory=dict)
    away: dict[bytes, Away] = field(default_factory=dict)
    _followed: list[Followed] = field(default_factory=list)

    def begin(self, catalog: Catalog, folder: Folder, read: Read) -> Generator[None]:
        """Compare what was followed before with what is there, before it is walked."""
        self._followed = yield from what_is_followed(catalog, folder)
        yield from self._look(folder, read)

    def note(self, crossing: Crossing) -> None:
        """Note where the folder leads elsewhere."""
        self.found[crossing.path] = crossing

    def end(self, folder: Folder, read: Read) -> Generator[None]:
        """Compare again: what went during the walk is away as well."""
        yield from self._look(folder, read)
        for path, crossing in self.found.items():
            if crossing.is_dead:
                self.away.setdefault(path, Away(crossing.why or Sentence("link_leads_nowhere")))
        for before, _ in self._followed:
            if not before.is_link and before.path not in self.found:
                self.away.setdefault(before.path, Away(Sentence("drive_inside_is_away")))

    def hides(self, path: bytes) -> bool:
        """Tell whether what is known of a path is away with what it lies in."""
        return bool(self.away) and lies_in(path, self.away)

    def is_anothers(self, path: bytes) -> bool:
        """Tell whether a path lies on another drive than what is known there."""
        return bool(self.away) and any(way in self.away and self.away[way].instead for way in _ways(path))

    def others(self) -> dict[bytes, Volume]:
        """Return the other drives by where they are."""
        return {path: away.instead for path, away in self.away.items() if away.instead is not None}

    def kept(self, known: Iterable[Row]) -> list[Crossing]:
        """Return what is to be kept of them: of what is away where photos are `known`, or a dead link says why."""
        paths = {path for row in known for path in _ways(row[PATH])} if self.away else set()
        before = {one.path: one for one, _ in self._followed if one.path in self.away and one.path in paths}
        return [
            replace(one, why=self.away[path].why) if path in self.away else one
            for path, one in (self.found | before).items()
            if path not in self.away or path in paths or (one.is_dead and one.why is not None)
        ]

    def _look(self, folder: Folder, read: Read) -> Generator[None]:
        if self._followed:
            away = yield from first(read(folder.path, once(partial(away_now, self._followed))))
            self.away |= away or {}


def what_is_followed(catalog: Catalog, folder: Folder) -> Generator[None, None, list[Followed]]:
    """Return where a folder led elsewhere, and what the disk there is compared with."""
    followed = []
    for one in catalog.crossings.followed(folder.id):
        photos = catalog.folders.some_photos(folder.id, KNOWN_PHOTOS, one.path)
        inside = [photo._replace(path=photo.path[len(one.path) + 1 :]) for photo in photos]
        place = os.path.join(folder.path, one.path)
        followed.append((one, Known(place, one.volume, one.why is None, inside)))
        yield
    return followed


def away_now(followed: Sequence[Followed]) -> dict[bytes, Away]:
    """Return by path those that do not lead to where they led (reads the disk)."""
    found = ((one.path, _away(one, known)) for one, known in followed)
    return {path: away for path, away in found if away is not None}


def _away(one: Crossing, known: Known) -> Away | None:
    if one.is_link and not os.path.lexists(known.path):
        return None  # the person took the link away
    seen = next(look_at(known), None)
    if seen is None or seen.is_empty or _is_bare(one, known, seen):
        return Away(Sentence("link_leads_nowhere") if one.is_link else Sentence("drive_inside_is_away"))
    if known.some_photos and not seen.is_as_known:
        return Away(Sentence("drive_inside_is_another"), seen.volume)
    return None


def _is_bare(one: Crossing, known: Known, seen: Seen) -> bool:
    """Tell whether this is what the folder itself has where a drive was mounted."""
    return not one.is_link and not seen.is_same_volume and not os.path.ismount(known.path)


def lies_in(path: bytes, places: Collection[bytes]) -> bool:
    """Tell whether a relative path is one of some places, or lies below one at any depth."""
    return any(way in places for way in _ways(path))


def _ways(path: bytes) -> Iterable[bytes]:
    """Yield a path and all directories on the way to it."""
    while path:
        yield path
        path = path.rpartition(b"/")[0]
