"""Ask where a watched folder lies now."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from photofind.core.records.photos import Folder
from photofind.gui.folders.absence import folder_name


def ask_place(folder: Folder, parent: QWidget) -> Path | None:
    """Let the person choose the folder's new place, beginning at the nearest parent that is there."""
    start = Path(os.fsdecode(folder.path))
    while not os.path.isdir(start) and start != start.parent:
        start = start.parent
    title = QCoreApplication.translate("locate_folder", "Where is “{folder}” now?")
    chosen = QFileDialog.getExistingDirectory(parent, title.format(folder=folder_name(folder.path)), str(start))
    return Path(chosen) if chosen else None
