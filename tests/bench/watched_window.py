"""The real program with a heartbeat: prints the gaps of its event loop by state, and how many photos were embedded.

Closes when all is embedded, or when it has run long enough to tell.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from unittest.mock import patch

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from photofind.background.session import Session
from photofind.cli import main
from photofind.core.records.progress import Progress
from photofind.gui import app
from photofind.gui.window import Window

_BEAT_MS = 2
_MOST_MS = 100_000


class WatchedWindow(Window):
    """The window, which notes how long each turn of the event loop took, in milliseconds."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._gaps: dict[str, list[float]] = defaultdict(list)
        self._state, self._embedded = "opening", 0
        self._last_beat = time.perf_counter()
        self._timer = QTimer(self, interval=_BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start()
        QTimer.singleShot(_MOST_MS, self, self._finish)

    def _on_beat(self) -> None:
        now = time.perf_counter()
        self._gaps[self._state].append(1000 * (now - self._last_beat))
        self._last_beat = now

    def show_progress(self, progress: Progress) -> None:
        """Show it, and note in which state the next gaps fall."""
        super().show_progress(progress)
        self._state, self._embedded = progress.state, progress.embedded
        if progress.state == "idle" and progress.embedded and not progress.pending:
            self._finish()

    def _finish(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            json.dump({"gaps": self._gaps, "embedded": self._embedded}, sys.stdout)
            QApplication.quit()


if __name__ == "__main__":
    with patch.object(app, "Window", WatchedWindow):
        main()
