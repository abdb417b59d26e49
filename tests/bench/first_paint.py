"""The real program, closed by its first answer: prints the moments of paint and answer, and whether torch was there.

The moments are on the system's monotonic clock, which the starting process reads too.
"""

from __future__ import annotations

import sys
import time
from unittest.mock import patch

from PySide6.QtWidgets import QApplication

from photofind.background.session import Session
from photofind.cli import main
from photofind.gui import app
from photofind.gui.window import Window


class TimedWindow(Window):
    """The window, which says when it was painted, and when it showed the newest photos."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.painted.connect(self._on_painted)
        self.searches.answered.connect(self._on_first_answer)

    def _on_painted(self) -> None:
        sys.stdout.write(f"{time.monotonic()} {'torch' in sys.modules} ")

    def _on_first_answer(self) -> None:
        self.searches.answered.disconnect(self._on_first_answer)
        sys.stdout.write(f"{time.monotonic()}\n")
        QApplication.quit()


if __name__ == "__main__":
    with patch.object(app, "Window", TimedWindow):
        main()
