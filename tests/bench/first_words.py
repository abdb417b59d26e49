"""The real program, asked for words as soon as it is painted: prints the moments of both.

The moments are on the system's monotonic clock, which the starting process reads too.
"""

from __future__ import annotations

import sys
import time
from unittest.mock import patch

from PySide6.QtWidgets import QApplication

from photofind.background.session import Session
from photofind.cli import main
from photofind.core.records.answers import SearchResult
from photofind.gui import app
from photofind.gui.window import Window

_WORDS = "a dog on the beach"


class AskedWindow(Window):
    """The window, into which words are typed when it is painted; it closes at their answer."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.painted.connect(self._on_painted)
        self.searches.answered.connect(self._on_answer)

    def _on_painted(self) -> None:
        sys.stdout.write(f"{time.monotonic()} ")
        self.search_bar.field.setText(_WORDS)

    def _on_answer(self, result: SearchResult) -> None:
        if result.query.text == _WORDS:
            sys.stdout.write(f"{time.monotonic()}\n")
            QApplication.quit()


if __name__ == "__main__":
    with patch.object(app, "Window", AskedWindow):
        main()
