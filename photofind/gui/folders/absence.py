"""Why a photo cannot be reached now, in words; a folder known to be away is not asked of the disk.

A drive that hangs would hang the window with it, so what the last look at the folders found counts first.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from photofind.core.records.names import display_name
from photofind.core.records.photos import Folder, Photo
from photofind.gui.desktop import disk
from photofind.gui.look.sentences import say


class Absence:
    """Knows which folders are there, and says what is the matter with a photo that is not."""

    def __init__(self) -> None:
        self._online: dict[bytes, bool] = {}

    def note_folders(self, folders: Sequence[Folder]) -> None:
        """Take in what the last look found."""
        self._online = {folder.path: folder.online for folder in folders}

    def in_short(self, photo: Photo) -> str:
        """Return a line for a photo that was not there at the last look, nothing for one that was."""
        if photo.online:
            return ""
        if self._online.get(photo.folder, False):
            return _tr("its file is no longer where it was")
        if photo.drive:
            return _tr("on the drive “{drive}”, which is not connected").format(drive=photo.drive)
        return _tr("its folder cannot be found now")

    def explain(self, photo: Photo) -> str:
        """Return a sentence that says why a photo cannot be reached, nothing where its file is there."""
        is_folder_online = self._online.get(photo.folder, photo.online)
        is_there = disk.is_there(photo.path) if is_folder_online else False
        if is_there:
            return ""
        if is_there is None:
            text = _tr("“{name}” cannot be reached now: its drive, or the network, does not answer.")
        elif is_folder_online and disk.ask(lambda: _holds_anything(photo.folder)):
            text = _tr("“{name}” is no longer where it was; it may have been moved or deleted.")
        elif photo.drive:
            text = _tr("“{name}” is on the drive “{drive}”, which is not connected. Connect it and try again.")
        else:
            text = _tr("“{name}” cannot be reached now. If it is on a drive, connect it and try again.")
        return text.format(name=photo.name, drive=photo.drive)


def folder_name(path: bytes) -> str:
    """Return a folder's own name for display, without the folders it lies in."""
    return display_name(os.path.basename(path) or path)


def away_sentence(folder: Folder) -> str:
    """Return a sentence that says that a folder is away, and what is the matter."""
    if folder.why_away is not None:
        text = _tr("“{folder}” is away. {why} Its photos stay searchable.")
    elif folder.drive:
        text = _tr("“{folder}” is away: the drive “{drive}” is not connected. Its photos stay searchable.")
    else:
        text = _tr("“{folder}” is away: its folder “{path}” cannot be found. Its photos stay searchable.")
    why = say(folder.why_away) if folder.why_away is not None else ""
    return text.format(folder=folder_name(folder.path), drive=folder.drive, path=display_name(folder.path), why=why)


def _holds_anything(folder: bytes) -> bool:
    """Tell whether a folder can be listed and is not empty, as a drive's bare mount point is."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _tr(text: str) -> str:
    return QCoreApplication.translate("absence", text)
