"""Bring closures from other threads to the main thread, in order: the `post` of background."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal


class MainThread(QObject):
    """Runs what is posted to it in the thread it was made in."""

    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, closure: Callable[[], None]) -> None:
        """Run the closure soon on the main thread; callable from any thread."""
        self._posted.emit(closure)

    def _run(self, closure: Callable[[], None]) -> None:
        closure()
