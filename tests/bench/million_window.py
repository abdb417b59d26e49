"""The real program on a large library: prints what happens as it happens, a line of JSON each, and goes on.

It says when the window is painted, when it first shows the newest photos and when it shows all of them, when there is
nothing more to do; then it scrolls, and says how long each frame took, and searches for words. It is ended by a signal.
"""

from __future__ import annotations

import json
import random
import sys
import time
from unittest.mock import patch

from PySide6.QtCore import QTimer

from photofind.background.session import Session
from photofind.cli import main
from photofind.core.records.answers import SearchResult
from photofind.core.records.progress import Progress
from photofind.gui import app
from photofind.gui.window import Window

_SETTLED_MS = 4_000
_FRAME_MS = 16
_FRAMES, _JUMP_EVERY, _STEP = 400, 8, 240
_WORDS = "lisbon at night"


class LargeWindow(Window):
    """The window, which tells what it shows, and scrolls by itself when the library is at rest."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._chance = random.Random(3)
        self._frames: list[float] = []
        self._settled = QTimer(self, interval=_SETTLED_MS, singleShot=True)
        self._settled.timeout.connect(self._scroll)
        self._scrolling = QTimer(self, interval=_FRAME_MS)
        self._scrolling.timeout.connect(self._on_frame)
        self.painted.connect(lambda: tell("painted"))
        self.searches.answered.connect(self._on_shown)

    def _on_shown(self, result: SearchResult) -> None:
        tell("found" if result.query.text else "shown", len(result.photo_ids))

    def show_progress(self, progress: Progress) -> None:
        """Show it, and begin to scroll once nothing has been done for a while."""
        super().show_progress(progress)
        if progress.state != "idle":
            self._settled.stop()
        elif not self._frames and not self._settled.isActive():
            self._settled.start()

    def _scroll(self) -> None:
        tell("idle")
        self._scrolling.start()

    def _on_frame(self) -> None:
        """Scroll on, now and then to anywhere else, and paint; the first frame only warms up."""
        bar = self.grid.verticalScrollBar()
        jumps = len(self._frames) % _JUMP_EVERY == 0
        start = time.perf_counter()
        bar.setValue(self._chance.randrange(bar.maximum() + 1) if jumps else bar.value() + _STEP)
        self.grid.viewport().repaint()
        self._frames.append(1000 * (time.perf_counter() - start))
        if len(self._frames) > _FRAMES:
            self._scrolling.stop()
            tell("scrolled", self._frames[1:])
            self.search_bar.field.setText(_WORDS)


def tell(what: str, value: object = None) -> None:
    """Print what has happened and when, on the system's monotonic clock, which the starting process reads too."""
    sys.stdout.write(json.dumps({"what": what, "at": time.monotonic(), "value": value}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with patch.object(app, "Window", LargeWindow):
        main()
