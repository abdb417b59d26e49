"""The folders as they were told last: what was added, moved, went away or came back, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from photofind.core.library import Library
from photofind.core.records.photos import Folder


class KnownFolders:
    """Notices what is new of the watched folders, and tells `on_folders` so; used on the library's thread."""

    def __init__(self, library: Library, on_folders: Callable[[list[Folder], Exclusions], None]) -> None:
        self._library = library
        self._on_folders = on_folders
        self._exclusions = DEFAULT_EXCLUSIONS
        self.by_id: dict[int, Folder] = {}

    def notice(self) -> list[int]:
        """Tell of folders where anything is new of them; return those to look through for that."""
        before, had = self.by_id, self._exclusions
        self._exclusions = self._library.folders.exclusions()
        self.by_id = {folder.id: folder for folder in self._library.folders.all()}
        has_new_rules = self._exclusions != had
        if _states(before.values()) == _states(self.by_id.values()) and not has_new_rules:
            return []
        self._on_folders(list(self.by_id.values()), self._exclusions)
        return [
            folder.id
            for folder in self.by_id.values()
            if has_new_rules or folder.id not in before or before[folder.id].path != folder.path
        ]


def _states(folders: Iterable[Folder]) -> list[Folder]:
    """Return what of folders is worth telling; how many photos are in them is told as progress."""
    return [replace(folder, photos=0, pending=0, failed=0) for folder in folders]
