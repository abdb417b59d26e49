"""What is slow to make is made once in a run of the tests, whichever of its processes needs it first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

Maker = Callable[[Path], object]


class MadeOnce:
    """Folders that all tests share, so none may change them."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def get(self, name: str, make: Maker) -> Path:
        """Return the folder of that name; `make` fills it where nobody has yet, under another name until it is done."""
        made, unfinished = self._place / name, self._place / f"{name}.part"
        with FileLock(self._place / f"{name}.lock"):
            if not made.exists():
                shutil.rmtree(unfinished, ignore_errors=True)  # of one that failed
                unfinished.mkdir()
                make(unfinished)
                unfinished.rename(made)
        return made


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    place = tmp_path_factory.getbasetemp()
    # Under pytest-xdist each process has a folder of its own in the one of the run.
    return MadeOnce(place.parent if "PYTEST_XDIST_WORKER" in os.environ else place)
