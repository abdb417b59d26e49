"""What a power cut would take: files that were renamed before they were synced, and renames that were not synced."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISDIR
from typing import Any

import pytest


class PowerCut:
    """Follows what this process renames and syncs from now on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._synced: set[tuple[int, int, int]] = set()
        self._renamed: dict[int, str] = {}
        self._unsynced: list[str] = []
        self._fsync, self._replace = os.fsync, os.replace
        patch.setattr(os, "fsync", self._on_fsync)
        patch.setattr(os, "replace", self._on_rename)
        patch.setattr(os, "rename", self._on_rename)

    def lost(self) -> list[str]:
        """Return what would not be there, whole, if the power were cut now."""
        return [*self._unsynced, *self._renamed.values()]

    def _on_fsync(self, opened: int) -> None:
        self._fsync(opened)
        there = os.fstat(opened)
        self._synced.add(_content(there))
        self._renamed.pop(there.st_ino, None)

    def _on_rename(self, source: Any, target: Any) -> None:
        files = [Path(source), *Path(source).iterdir()] if S_ISDIR(os.stat(source).st_mode) else [Path(source)]
        self._unsynced += [str(file) for file in files if _content(file.stat()) not in self._synced]
        self._replace(source, target)
        self._renamed[Path(target).parent.stat().st_ino] = f"the name {target}"


def _content(there: os.stat_result) -> tuple[int, int, int]:
    return there.st_ino, there.st_size, there.st_mtime_ns
