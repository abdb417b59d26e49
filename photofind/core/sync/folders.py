"""Which folders may be watched, and what becomes of one that lies elsewhere now or lost photos."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from photofind.core.catalog.catalog import Catalog
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.volumes import volume_of
from photofind.core.errors import PhotofindError
from photofind.core.places import expanded
from photofind.core.records.names import display_name
from photofind.core.records.photos import ExclusionPreview, Folder
from photofind.core.sync.presence import holds_known_photos

_MOST_EXAMPLES = 200


def find_watched(folders: Sequence[Folder], path: bytes) -> Folder:
    """Return the watched folder at a path; PhotofindError where there is none."""
    real = os.path.realpath(path)
    for folder in folders:
        if folder.path in (path, real):
            return folder
    raise PhotofindError("folder_unknown", folder=display_name(path))


def readable_folder(path: Path) -> bytes:
    """Return a folder's real path; PhotofindError where it is not there or may not be read."""
    real = os.path.realpath(os.fsencode(expanded(path).absolute()))
    shown = display_name(os.fsencode(path))
    if not os.path.isdir(real):
        raise PhotofindError("folder_not_there", folder=shown)
    if not os.access(real, os.R_OK | os.X_OK):
        raise PhotofindError("folder_not_permitted", folder=shown)
    return real


def refuse_overlap(wanted: bytes, folders: Sequence[Folder], shown: Path) -> None:
    """Raise PhotofindError where a folder is watched already, by itself or by one around or inside it."""
    name = display_name(os.fsencode(shown))
    for folder in folders:
        watched = os.path.realpath(folder.path)
        other = display_name(watched)
        if wanted == watched:
            raise PhotofindError("folder_known", folder=name)
        if wanted.startswith(os.path.join(watched, b"")):
            raise PhotofindError("folder_inside_other", folder=name, other=other)
        if watched.startswith(os.path.join(wanted, b"")):
            raise PhotofindError("folder_around_other", folder=name, other=other)


def refuse_other_drive(catalog: Catalog, folder: Folder) -> None:
    """Raise PhotofindError where what a folder holds cannot be told: it cannot be read, or its drive is away."""
    readable_folder(Path(os.fsdecode(folder.path)))
    volume = volume_of(folder.path)
    if not folder.online and (volume.id, volume.drive) != (catalog.folders.volume(folder.id), folder.drive):
        shown = display_name(folder.path)
        if folder.drive:
            raise PhotofindError("folder_on_absent_drive", folder=shown, drive=folder.drive)
        raise PhotofindError("folder_on_unnamed_absent_drive", folder=shown)


def locate(catalog: Catalog, folder: Folder, place: Path, others: Sequence[Folder]) -> bytes:
    """Give a folder its new place, with all that is known of its photos; return its real path."""
    real = readable_folder(place)
    refuse_overlap(real, others, place)
    if folder.photos and not holds_known_photos(catalog, folder.id, real):
        names = display_name(os.fsencode(place)), display_name(folder.path)
        raise PhotofindError("folder_with_other_photos", place=names[0], folder=names[1])
    catalog.folders.relocate(folder.id, real)
    catalog.folders.set_present(folder.id, volume_of(real))
    return real


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
