"""Ask where a watched folder lies now."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from photofind.core.records.photos import Folder
from photofind.gui.desktop import disk
from photofind.gui.folders.absence import folder_name


def ask_place(folder: Folder, parent: QWidget) -> Path | None:
    """Let the person choose the folder's new place, beginning at the nearest parent that is there."""
    start = disk.ask(lambda: _nearest(Path(os.fsdecode(folder.path)))) or Path.home()
    title = QCoreApplication.translate("locate_folder", "Where is “{folder}” now?")
    chosen = QFileDialog.getExistingDirectory(parent, title.format(folder=folder_name(folder.path)), str(start))
    return Path(chosen) if chosen else None


def _nearest(place: Path) -> Path:
    while not os.path.isdir(place) and place != place.parent:
        place = place.parent
    return place
