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
from photofind.core.sync.presence import holds_known_photos, what_is_known

_MOST_EXAMPLES = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder lies: its real path, and what it is on."""

    path: bytes
    volume: Volume


def find_watched(folders: Sequence[Folder], path: bytes) -> Folder:
    """Return the watched folder at a path; PhotofindError where there is none."""
    known = {folder.path: folder for folder in folders}
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


def refuse_other_drive(catalog: Catalog, folder: Folder, read: Read) -> Steps[None]:
    """Raise PhotofindError where what a folder holds cannot be told: it cannot be read, or its drive is away."""
    place = yield from find_place(Path(os.fsdecode(folder.path)), read)
    volume = place.volume
    if not folder.online and (volume.id, volume.drive) != (catalog.folders.volume(folder.id), folder.drive):
        shown = display_name(folder.path)
        if folder.drive:
            raise PhotofindError("folder_on_absent_drive", folder=shown, drive=folder.drive)
        raise PhotofindError("folder_on_unnamed_absent_drive", folder=shown)


def find_new_place(catalog: Catalog, folder: Folder, path: Path, others: Sequence[Folder], read: Read) -> Steps[Place]:
    """Find where a folder lies now; PhotofindError where it cannot be watched there, or holds none of its photos."""
    place = yield from find_place(path, read)
    refuse_overlap(place.path, others, path)
    known = what_is_known(catalog, folder)
    is_it = yield from answered(os.fsencode(path), read, partial(holds_known_photos, known.some_photos, place.path))
    if folder.photos and not is_it:
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
