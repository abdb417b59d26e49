"""Which folders may be watched, and what becomes of one that lies elsewhere now or lost photos."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.reading import Read, answered
from photofind.core.disk.volumes import Volume, volume_of
from photofind.core.errors import PhotofindError
from photofind.core.places import expanded
from photofind.core.records.names import display_name
from photofind.core.records.photos import ExclusionPreview, Folder
from photofind.core.steps import Steps
from photofind.core.sync.likeness import compare
from photofind.core.sync.presence import Known, Seen, look_at, what_is_known

_MOST_EXAMPLES = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder lies: its real path, and what it is on."""

    path: bytes
    volume: Volume


def find_watched(
    folders: Sequence[Folder], path: bytes, folder_id: int | None = None, *, away_first: bool = False
) -> Folder:
    """Return the watched folder at a path; PhotofindError where there is none.

    Of several drives that are connected there in turn, it is the one with this id, else the one that is there, or
    `away_first` one that is not.
    """
    known = {
        folder.path: folder
        for folder in sorted(folders, key=lambda folder: folder.online != away_first)
        if folder_id in (None, folder.id)
    }
    folder = known.get(path) or known.get(os.path.realpath(path))  # the window's is known, and no disk is asked
    if folder is None:
        raise PhotofindError("folder_unknown", folder=display_name(path))
    return folder


def readable_folder(path: Path) -> bytes:
    """Return a folder's real path; PhotofindError where it is not there or may not be read (reads the disk)."""
    real = os.path.realpath(os.fsencode(expanded(path).absolute()))
    shown = display_name(os.fsencode(path))
    if not os.path.isdir(real):
        raise PhotofindError("folder_not_there", folder=shown)
    if not os.access(real, os.R_OK | os.X_OK):
        raise PhotofindError("folder_not_permitted", folder=shown)
    return real


def find_place(path: Path, read: Read) -> Steps[Place]:
    """Find the folder at a path; PhotofindError where it is not there, may not be read or does not answer."""
    return (yield from answered(os.fsencode(path), read, partial(_look_at, path)))


def _look_at(path: Path) -> Place:
    real = readable_folder(path)
    return Place(real, volume_of(real))


def refuse_overlap(wanted: bytes, folders: Sequence[Folder], shown: Path) -> None:
    """Raise PhotofindError where a folder is watched already, by itself or by one around or inside it."""
    name = display_name(os.fsencode(shown))
    for folder in folders:
        watched = folder.path
        other = display_name(watched)
        if wanted == watched:
            raise PhotofindError("folder_known", folder=name)
        if wanted.startswith(os.path.join(watched, b"")):
            raise PhotofindError("folder_inside_other", folder=name, other=other)
        if watched.startswith(os.path.join(wanted, b"")):
            raise PhotofindError("folder_around_other", folder=name, other=other)


def see_own_drive(catalog: Catalog, folder: Folder, read: Read) -> Steps[Volume]:
    """Look at a folder; PhotofindError where what it holds cannot be told: it cannot be read, or its drive is away."""
    yield from find_place(Path(os.fsdecode(folder.path)), read)
    seen = yield from answered(folder.path, read, partial(_seen, what_is_known(catalog, folder)))
    # Emptied by the person, it holds nothing that could prove anything; then the number must do.
    is_it = seen.is_same_volume and (seen.volume.has_own_id or not seen.volume.is_portable)
    if is_it or seen.is_as_known:
        return seen.volume
    raise absent_drive(folder)


def _seen(known: Known) -> Seen:
    return next(look_at(known))


def absent_drive(folder: Folder) -> PhotofindError:
    """Return what is said where a folder's photos are not there because its drive is not."""
    shown = display_name(folder.path)
    if folder.drive:
        return PhotofindError("folder_on_absent_drive", folder=shown, drive=folder.drive)
    return PhotofindError("folder_on_unnamed_absent_drive", folder=shown)


def find_new_place(catalog: Catalog, folder: Folder, path: Path, others: Sequence[Folder], read: Read) -> Steps[Place]:
    """Find where a folder lies now; PhotofindError where it cannot be watched there, or holds none of its photos."""
    place = yield from find_place(path, read)
    refuse_overlap(place.path, [other for other in others if other.path != folder.path], path)
    photos = what_is_known(catalog, folder).some_photos
    likeness = yield from answered(os.fsencode(path), read, partial(compare, photos, place.path))
    if folder.photos and not likeness.is_likely:
        names = display_name(os.fsencode(path)), display_name(folder.path)
        raise PhotofindError("folder_with_other_photos", place=names[0], folder=names[1])
    return place


def preview_exclusions(catalog: Catalog, folders: Sequence[Folder], exclusions: Exclusions) -> ExclusionPreview:
    """Count the known photos that exclusions would leave out."""
    dropped, total = 0, 0
    examples: list[bytes] = []
    for folder in folders:
        left_out = exclusions.filter_for(folder.path)
        for _, path in catalog.folders.photos(folder.id):
            total += 1
            if left_out.drops(path):
                dropped += 1
                if len(examples) < _MOST_EXAMPLES:
                    examples.append(os.path.join(folder.path, path))
    return ExclusionPreview(dropped, total, examples)
