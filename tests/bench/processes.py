"""What a program and its children take of the memory, as Linux says it; pages of files are not counted."""

from __future__ import annotations

import subprocess
import threading
from contextlib import suppress
from pathlib import Path

_EVERY_SECONDS = 0.2


def anonymous_mib(pid: int) -> float:
    """Return the anonymous memory of a process in MiB, 0 where it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Anonymous:"):
                return int(line.split()[1]) / 1024
    return 0.0


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    below: dict[int, list[int]] = {}
    for line in listed.splitlines():
        child, parent = map(int, line.split())
        below.setdefault(parent, []).append(child)
    found = [pid]
    for each in found:
        found += below.get(each, [])
    return found


class MemoryWatch:
    """Watches what a program takes, itself and with its children; `most` is the most of both at one time, in MiB."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._is_over = threading.Event()
        self.most = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._is_over.wait(_EVERY_SECONDS):
            self.most = max(self.most, sum(self.now().values()))

    def now(self) -> dict[int, float]:
        """Return what each process takes now, in MiB."""
        return {pid: anonymous_mib(pid) for pid in family(self._pid)}

    def take_most(self) -> float:
        """Return the most since this was asked last."""
        most, self.most = self.most, 0.0
        return most

    def stop(self) -> None:
        """Watch no more."""
        self._is_over.set()
        self._thread.join()
