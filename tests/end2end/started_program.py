"""The real program as a process, with every process that it starts in turn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from tests import CHECKOUT

_MARK = "PHOTOFIND_STARTED_BY_TEST"


class StartedProgram:
    """photofind on a library, without a screen; its children are told by a mark in their environment."""

    def __init__(self, library: Path, *arguments: str | Path, first: str = "") -> None:
        """Start it; `first` is Python code to run before."""
        self._mark = f"{_MARK}={uuid.uuid4().hex}"
        name, _, value = self._mark.partition("=")
        code = f"{first}\nfrom photofind.cli import main\nmain()"
        self._errors = library.with_name(f"{library.name}.stderr")
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, "--library", str(library), *map(str, arguments)],
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen", name: value},
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=CHECKOUT,
            )

    @property
    def errors(self) -> str:
        """What it has said on standard error."""
        return self._errors.read_text()

    def processes(self) -> dict[int, str]:
        """Return the command lines of all its processes that live, itself among them, by number."""
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark.encode() in (place / "environ").read_bytes().split(b"\0"):
                    found[int(place.name)] = (place / "cmdline").read_text().replace("\0", " ")
            except OSError:  # it has just ended, or is another user's
                continue
        return found

    def children(self) -> dict[int, str]:
        """Return its decoders and graph builders that live."""
        return {pid: line for pid, line in self.processes().items() if "spawn_main" in line}

    def kill(self) -> None:
        """Kill it as nothing can be withstood."""
        self.process.kill()
        self.process.wait(10)

    def terminate(self) -> float:
        """Ask it to end and wait for it; return the seconds that took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.monotonic() - start

    def wait_gone(self, seconds: float) -> dict[int, str]:
        """Wait until none of its processes is left; return those that still live after so many seconds."""
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left

    def end(self) -> None:
        """Leave nothing behind, whatever a test found."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has taken; starting a decoder takes about half a second."""
    try:
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:  # it has ended
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
