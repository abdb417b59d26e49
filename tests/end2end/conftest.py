"""A desktop for a module of tests, photos for it, and a place for what was seen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import REAL_PHOTOS
from tests.end2end.desktop import Desktop
from tests.pictures import write_colors


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("PHOTOFIND_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    desktop = Desktop(tmp_path_factory.mktemp("home"))
    yield desktop
    desktop.close()


def draw_photos(folder: Path) -> None:
    """Draw plain colours, and patchworks that are each like no other."""
    write_colors(folder)
    rng = np.random.default_rng(5)
    for number in range(24):
        patches = Image.fromarray(rng.integers(0, 256, (4, 5, 3), dtype=np.uint8))
        patches.resize((640, 480), Image.Resampling.BICUBIC).save(folder / f"patchwork {number:02}.jpg")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real photos where they are at hand, else drawn ones; a copy, as a test adds to it."""
    folder = tmp_path_factory.mktemp("pictures") / "photos"
    if REAL_PHOTOS.is_dir():
        shutil.copytree(REAL_PHOTOS, folder)
    else:
        draw_photos(folder)
    return folder
