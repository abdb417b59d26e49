"""A database that nobody closes fails a test on every Python; by itself, Python tells of it since 3.13."""

from __future__ import annotations

import functools
import sqlite3
import sys
import warnings
from typing import Any


class _TellingConnection(sqlite3.Connection):
    _is_open = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._is_open = True

    def close(self) -> None:
        super().close()
        self._is_open = False

    def __del__(self) -> None:
        if self._is_open:
            warnings.warn(f"unclosed database in {self!r}", ResourceWarning, source=self, stacklevel=1)


if sys.version_info < (3, 13):
    sqlite3.connect = functools.partial(sqlite3.connect, factory=_TellingConnection)  # type: ignore[assignment]
