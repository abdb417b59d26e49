"""A file that several processes of a kind add lines to, never longer than a bound, and the one before it."""

from __future__ import annotations

import logging
import os
import platform
import sys
from pathlib import Path
from typing import Final

from photofind import __version__
from photofind.core.log.nameless import NamelessFormatter

MOST_BYTES: Final = 500_000
_LONGEST_RECORD: Final = 20_000
_FORMAT: Final = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


class LogFile(logging.Handler):
    """Writes records to a file, which is open only while it is written.

    So nothing is done before there is something to say, a file may be renamed on every system, and the lines of two
    processes stand one below the other: each record is one write to the file's end. (On Windows, of two in the same
    moment one may be lost.) `is_kept`: whether the last record is in the file.
    """

    def __init__(self, path: Path, *, with_names: bool) -> None:
        super().__init__()
        self.path = path
        self.with_names = with_names
        self.is_kept = False
        self.setFormatter(logging.Formatter(_FORMAT) if with_names else NamelessFormatter(_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        """Add a record; where that cannot be done, photofind goes on without."""
        try:
            self._add(self.format(record)[:_LONGEST_RECORD])
        except Exception:  # noqa: BLE001 - whatever it is, there is no log to tell it, and it must not be why anything ends
            self.is_kept = False

    def make(self) -> None:
        """Have the file there, so that it can be opened; OSError where that cannot be."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if _size(self.path) == 0:
            self._write(_head())

    def _add(self, text: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        size = _size(self.path)
        if size > MOST_BYTES and self._set_aside():
            size = 0
        self.is_kept = size <= 2 * MOST_BYTES  # where it cannot be set aside, somebody has it open
        if self.is_kept:
            self._write(f"{_head() if size == 0 else ''}{text}\n")

    def _write(self, text: str) -> None:
        with open(self.path, "ab", buffering=0) as file:
            file.write(text.encode("utf-8", "backslashreplace"))

    def _set_aside(self) -> bool:
        """Begin a new file and keep the old one in the place of an older; tell whether that was done."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - once in 500,000 bytes

        try:
            with FileLock(self.path.with_name("setting-aside.lock"), timeout=0):
                if _size(self.path) > MOST_BYTES:  # nobody else was quicker
                    os.replace(self.path, self.path.with_suffix(".old.log"))
        except (OSError, NotImplementedError, Timeout):
            return False
        return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _head() -> str:
    """Return the first line of a file: what whoever reads it asks first."""
    return f"photofind {__version__}, Python {sys.version.split()[0]}, {platform.system()} {platform.release()}\n"
