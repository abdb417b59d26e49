"""Another program that things are dragged out of: a small window with one thing, named by its address.

Started as `python -m tests.end2end.drag_source ADDRESS`.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class DragSource(QLabel):
    """Is dragged as soon as it is pressed and moved."""

    def __init__(self, address: str) -> None:
        super().__init__("Drag me")
        self._address = address
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.resize(160, 120)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin the drag."""
        mime = QMimeData()
        mime.setUrls([QUrl(self._address)])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)


if __name__ == "__main__":
    app = QApplication(["drag-source"])
    source = DragSource(sys.argv[1])
    source.show()
    sys.exit(app.exec())
