"""Real drives for tests: file systems in memory, mounted where root may mount; else the test is skipped."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def unmount(place: Path) -> None:
    subprocess.run(["umount", place], check=True, capture_output=True)


@cache
def can_mount() -> bool:
    """Tell whether this process may mount; tried, because containers let even root not."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory() as here:
        try:
            mount("--bind", here, here)
            unmount(Path(here))
        except (OSError, subprocess.CalledProcessError):
            return False
    return True


def require_mounts() -> None:
    if not can_mount():
        pytest.skip("mounting a drive needs root")


@contextmanager
def mounted_tmpfs(place: Path) -> Iterator[Path]:
    """Mount an empty drive, made if need be, at `place`; at the end nothing stays mounted there or beside it."""
    require_mounts()
    place.mkdir(parents=True, exist_ok=True)
    mount("-t", "tmpfs", "photofind-test", place)
    try:
        yield place
    finally:
        unmount_below(place.parent)


def unmount_below(folder: Path) -> None:
    """Take away all that is mounted below a folder."""
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    for place in reversed([line.split()[1].replace("\\040", " ") for line in mounts]):
        if place.startswith(f"{folder}/"):
            subprocess.run(["umount", "-l", place], check=False, capture_output=True)
