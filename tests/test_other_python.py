"""The other Python that `.ci/run` tests with: found wherever it was installed from, and only one that can do it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import CHECKOUT

FINDER = CHECKOUT / "packaging" / "other_python.py"
OURS = "{} {} 1".format(*sys.version_info)
OTHER, NEWER = [version for version in ("3 11 9", "3 12 10", "3 13 2") if version[:4] != OURS[:4]][-2:]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="stands in for Python with scripts of the shell")


class Home:
    """A home folder with Pythons that only say which they are."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, place: str, says: str, code: int = 0) -> Path:
        python = self.path / place
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
        python.chmod(0o755)
        return python

    def find(self) -> str:
        """Return what the finder prints."""
        environment = {"HOME": str(self.path), "PATH": str(self.path / "bin")}
        done = subprocess.run([sys.executable, FINDER], env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.mark.parametrize(
    "place",
    ["bin/python3.12", ".pyenv/versions/3.12.1/bin/python3", ".local/share/uv/python/cpython-3.12-linux/bin/python3"],
    ids=["path", "pyenv", "uv"],
)
def test_it_is_found_wherever_it_was_installed_from(home: Home, place: str) -> None:
    assert home.find() == ""
    python = home.put(place, OTHER)
    assert home.find() == str(python)


def test_the_newest_is_taken(home: Home) -> None:
    home.put("bin/python3.12", OTHER)
    newest = home.put(".pyenv/versions/newer/bin/python3", NEWER)
    assert home.find() == str(newest)


def test_one_that_cannot_be_tested_with_is_passed_over(home: Home) -> None:
    home.put("bin/python3.10", "3 10 1")
    home.put("bin/python3.11", OURS)
    home.put("bin/python3.12", OTHER, code=127)  # pyenv's stand-in for a version that is not switched on
    home.put("bin/python3.13", "")  # one without what an environment is made with
    home.put("bin/python3.15", "3 15 0")
    assert home.find() == ""


def test_a_real_one_says_which_it_is() -> None:
    ask = f"import runpy; print(runpy.run_path({str(FINDER)!r})['version']({sys.executable!r}))"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    assert said in (str(tuple(sys.version_info[:3])), "()")  # (): without the headers to build with
