"""What the children of a test do."""

from __future__ import annotations

import os
import time
from multiprocessing.connection import Connection
from pathlib import Path

from tests.written import written_error


def write(path: Path) -> None:
    """Write down with which priority this runs."""
    path.write_text(str(os.getpriority(os.PRIO_PROCESS, 0)))


def fill_disk() -> None:
    raise OSError(28, "No space left on device")


def refuse() -> None:
    raise written_error("The model is damaged.")


def sleep() -> None:
    time.sleep(600)


def echo(connection: Connection, ending: str) -> None:
    connection.send(f"{connection.recv()}{ending}")
