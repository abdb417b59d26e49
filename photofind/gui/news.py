"""What the session has to say, as signals of the main thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class News(QObject):
    """Lets a session be made before the window that listens to it."""

    progressed = Signal(object)  # Progress
    told = Signal(object)  # Sentence
    changed = Signal()
    folders_changed = Signal(object)  # list[Folder]
