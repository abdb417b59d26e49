"""Quitting at any moment: at once, with status 0, without a word, and without losing what was done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from photofind.core.library import Library
from tests.pictures import COLORS, write_photo
from tests.tiny_clip import TINY_CLIP


@pytest.mark.parametrize("seconds", [0.5, 1.5, 2.5, 4.0])
def test_quitting_while_a_model_loads_or_embeds_is_quick_and_clean(tmp_path: Path, seconds: float) -> None:
    pytest.importorskip("PySide6")
    for number in range(200):
        write_photo(tmp_path / "photos" / f"{number}.jpg", COLORS["blue"], (800, 600), number)
    library = Library(tmp_path / "library")
    library.models.use(str(TINY_CLIP))
    library.folders.add(tmp_path / "photos")
    library.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "photofind", "--library", str(tmp_path / "library")],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(seconds)
    start = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    took = time.monotonic() - start
    assert (process.returncode, errors) in ((0, ""), (-signal.SIGTERM, "")), "or killed before it had begun"
    assert took < 4
    again = Library(tmp_path / "library")
    assert again.care.check(repair=False) == []
    again.close()
