"""The watched folders: which they are, what is left out of them, and comparing them with the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from photofind.core.catalog.catalog import Catalog
from photofind.core.catalog.telling import Telling
from photofind.core.catalog.thumbnails import Thumbnails
from photofind.core.catalog.tidying import tidy
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.reading import Read, in_place
from photofind.core.records.photos import ExclusionPreview, Folder
from photofind.core.records.work import SyncResult
from photofind.core.settings import EXCLUSIONS, MISSING_SHARE
from photofind.core.steps import Steps, finish
from photofind.core.sync.folders import (
    Place,
    find_new_place,
    find_place,
    find_watched,
    preview_exclusions,
    refuse_overlap,
    see_own_drive,
)
from photofind.core.sync.forgetting import accept_missing, forget_gone
from photofind.core.sync.sync import sync_folder


class WatchedFolders:
    """The library's folders; every call may raise PhotofindError.

    A path names a folder; where several drives are connected there in turn, its id tells which, else it is the one that
    is there, and to locate one that is not. What takes long, or reads a disk, can be done in steps; `read` is then
    asked to read the disk.
    `on_synced` is called where photos may have been brought back.
    """

    def __init__(
        self, catalog: Catalog, thumbnails: Thumbnails, telling: Telling, *, on_synced: Callable[[], None]
    ) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._telling = telling
        self._on_synced = on_synced

    def all(self) -> list[Folder]:
        """Return the watched folders with their counts."""
        with self._telling.reading():
            return self._catalog.folders.all()

    def add(self, path: Path) -> Folder:
        """Watch a folder; PhotofindError where it cannot be, is watched already, or overlaps one that is."""
        return finish(self.adding(path))

    def adding(self, path: Path, read: Read = in_place) -> Steps[Folder]:
        """Watch a folder as `add` does, in steps."""
        with self._telling.writing():
            place = yield from find_place(path, read)
            refuse_overlap(place.path, self._there(place), path)
            return self._folder(self._catalog.folders.add(place.path, place.volume))

    def remove(self, path: bytes, folder_id: int | None = None) -> None:
        """Forget a folder and what is known of its photos; the files stay as they are."""
        self.let_go(path, folder_id)
        with self._telling.writing():
            finish(tidy(self._catalog, self._thumbnails))

    def let_go(self, path: bytes, folder_id: int | None = None) -> None:
        """Forget a folder as `remove` does, at once; its photos go when the library is tidied."""
        with self._telling.writing():
            self._catalog.folders.let_go_of(find_watched(self.all(), path, folder_id).id)

    def locate(self, path: bytes, place: Path, folder_id: int | None = None) -> Folder:
        """Say where a watched folder lies now; all that is known of its photos is kept.

        PhotofindError where none of its photos is there, or the place cannot be watched.
        """
        return finish(self.locating(path, place, folder_id=folder_id))

    def locating(self, path: bytes, place: Path, read: Read = in_place, folder_id: int | None = None) -> Steps[Folder]:
        """Say where a watched folder lies now as `locate` does, in steps."""
        with self._telling.writing():
            folder = find_watched(self.all(), path, folder_id, away_first=True)
            others = [other for other in self.all() if other.id != folder.id]
            now = yield from find_new_place(self._catalog, folder, place, others, read)
            with self._catalog.transaction():
                self._remove_doubles(folder, now)
                self._catalog.folders.relocate(folder.id, now.path)
                self._catalog.folders.set_present(folder.id, now.volume)
                self.set_exclusions(self.exclusions().relocated(folder.path, now.path))
            return self._folder(folder.id)

    def accept_missing(self, path: bytes, folder_id: int | None = None) -> int:
        """Take a folder's photos that are not there for deleted; return how many that are.

        PhotofindError where the folder or its drive is away, so that nothing can be known.
        """
        return finish(self.accepting_missing(path, folder_id=folder_id))

    def accepting_missing(self, path: bytes, read: Read = in_place, folder_id: int | None = None) -> Steps[int]:
        """Take a folder's photos that are not there for deleted as `accept_missing` does, in steps."""
        with self._telling.writing():
            folder = find_watched(self.all(), path, folder_id)
            volume = yield from see_own_drive(self._catalog, folder, read)
            return (yield from accept_missing(self._catalog, folder, volume, read))

    # Deleted by the person, from inside photofind

    def forget(self, photo_ids: Sequence[int]) -> None:
        """Hide photos whose files the person deleted, as a sync does and without its doubts; at most a slice of them.

        All that is known of them is kept for a month; a file that a later sync finds in its place brings it back.
        """
        with self._telling.writing(), self._catalog.transaction():
            self._catalog.scanned.hide(photo_ids)

    def bring_back(self, photo_ids: Sequence[int]) -> None:
        """Show photos again that were hidden, with all that was known of them; at most a slice of them."""
        with self._telling.writing():
            with self._catalog.transaction():
                self._catalog.scanned.bring_back(photo_ids)
            self._on_synced()

    # Comparing with the disk

    def sync(self, folder: Folder, read: Read = in_place, *, closely: bool = False) -> Iterator[SyncResult | None]:
        """Compare a folder with the catalog, step by step; yields None between steps, and the result once.

        `closely`: files are looked into where nothing else tells of edits.
        """
        with self._telling.writing():
            for result in sync_folder(
                self._catalog, folder, self.exclusions(), self.missing_share(), read, closely=closely
            ):
                if result is not None and result.online:
                    self._on_synced()
                yield result

    def forget_gone(self) -> None:
        """Drop what is kept of photos whose files have been missing for a month."""
        with self._telling.writing():
            for folder in self.all():
                forget_gone(self._catalog, folder)
            finish(tidy(self._catalog, self._thumbnails))

    # How they are looked at

    def exclusions(self) -> Exclusions:
        """Return what is left out of all folders."""
        with self._telling.reading():
            return Exclusions.from_json(self._catalog.settings.get(EXCLUSIONS))

    def set_exclusions(self, exclusions: Exclusions) -> None:
        """Leave this out from the next sync on; what was left out before and no longer is comes back by it."""
        with self._telling.writing():
            self._catalog.settings.set(EXCLUSIONS, exclusions.to_json())

    def preview_exclusions(self, exclusions: Exclusions) -> ExclusionPreview:
        """Count the known photos that exclusions would leave out."""
        with self._telling.reading():
            return preview_exclusions(self._catalog, self.all(), exclusions)

    def missing_share(self) -> float:
        """Return the share of a folder's photos above which vanished ones are not taken for deleted, 0 to 1."""
        with self._telling.reading():
            return self._catalog.settings.get(MISSING_SHARE)

    def set_missing_share(self, share: float) -> None:
        """Change that share."""
        with self._telling.writing():
            self._catalog.settings.set(MISSING_SHARE, min(1.0, max(0.0, share)))

    def _there(self, place: Place) -> list[Folder]:
        """Return the folders, but for those of other drives that are connected in this very place in turn."""
        volumes = self._catalog.folders.volumes_at(place.path)
        return [one for one in self.all() if one.online or volumes.get(one.id, place.volume.id) == place.volume.id]

    def _remove_doubles(self, folder: Folder, now: Place) -> None:
        """Drop what was taken for another drive in a folder's place and is this folder, as the person says."""
        volumes = self._catalog.folders.volumes_at(now.path) if now.path == folder.path else {}
        for other, volume in volumes.items():
            if other != folder.id and volume == now.volume.id:
                self._catalog.folders.let_go_of(other)

    def _folder(self, folder_id: int) -> Folder:
        return next(folder for folder in self.all() if folder.id == folder_id)
