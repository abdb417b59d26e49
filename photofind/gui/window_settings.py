"""What the window remembers between two starts: every key with its type and what holds before it was ever set."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

_FILE = "window.ini"
_GEOMETRY = "window/geometry"
_CAPTIONS = "view/captions"


class WindowSettings:
    """Settings in a file beside the library that the window shows; written by `save`, at the latest when Qt ends."""

    def __init__(self, library_dir: Path) -> None:
        self._file = QSettings(str(library_dir / _FILE), QSettings.Format.IniFormat)

    @property
    def geometry(self) -> QByteArray | None:
        """Place and size, as `QWidget.saveGeometry` tells them; None at the first start."""
        kept = self._file.value(_GEOMETRY)
        return kept if isinstance(kept, QByteArray) else None

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._file.setValue(_GEOMETRY, geometry)

    @property
    def captions(self) -> bool:
        """Whether names and scores show below the photos; at first they do not."""
        return bool(self._file.value(_CAPTIONS, False, type=bool))

    @captions.setter
    def captions(self, shown: bool) -> None:
        self._file.setValue(_CAPTIONS, shown)

    def save(self) -> None:
        """Write them."""
        self._file.sync()
