"""What all tests share: pictures made on the spot, a fresh library, and a look for threads left behind."""

from __future__ import annotations

import os

# Before torch is imported, and for all processes that tests start: on a busy computer, threads that compute together
# wait for each other most of the time, and awake, which takes twice the processor time of all that they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from photofind.core.library import Library
from tests import CHECKOUT
from tests import closed_databases as closed_databases
from tests.long_thirds import pytest_addoption as pytest_addoption
from tests.long_thirds import pytest_collection_modifyitems as pytest_collection_modifyitems
from tests.long_thirds import pytest_report_header as pytest_report_header
from tests.made_once import made_once as made_once
from tests.pictures import write_colors
from tests.tiny_clip.fitted import tiny_clip_fits as tiny_clip_fits

REAL_PHOTOS = CHECKOUT.parent / "shared" / "photos" / "library"


@pytest.fixture
def real_photos() -> Path:
    """The folder of real photos that lies beside the checkout on the developers' machines."""
    if not REAL_PHOTOS.is_dir():
        pytest.skip("the folder of real photos is not here")
    return REAL_PHOTOS


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A fresh library without folders."""
    library = Library(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with eight plainly coloured photos: red.jpg, green.jpg and so on."""
    return write_colors(tmp_path / "photos")


@pytest.fixture(autouse=True)
def no_thread_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread of photofind running."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 3
    while left := [t for t in threading.enumerate() if t not in before and not t.name.startswith("Dummy")]:
        if time.monotonic() > deadline:
            pytest.fail(f"threads left running: {[thread.name for thread in left]}")
        time.sleep(0.02)
