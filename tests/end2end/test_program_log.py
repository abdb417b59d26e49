"""The log of the real program: named where something goes wrong inside, and without the names of anybody's photos."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from photofind.core.library import Library
from tests import CHECKOUT
from tests.odd_names import ODD_NAMES
from tests.pictures import COLORS, write_photo

SECRETS = ("Anna", "Alster", "Geburtstag", "wedding")

# Mistakes of ours that hold, in their texts, what they were at: a folder, a file, a query.
MISTAKES = """
import logging
from photofind.core.catalog import problems
from photofind.core.search import search
from photofind.core.sync import watched_folders

real_sync, real_answer = watched_folders.WatchedFolders.sync, search.Search.answer

def sync(self, folder, *read, **how):
    if b"Geburtstag" in folder.path:
        raise ValueError(f"cannot compare {folder.path!r}") from OSError(5, "Input/output error", folder.path)
    yield from real_sync(self, folder, *read, **how)

def answer(self, query, picture=None, **how):
    if "wedding" in query.text:
        logging.getLogger("photofind.search").warning("odd words: %s", query.text)
        logging.getLogger("torch.text").warning(f"cannot tokenize {query.text}")
        raise KeyError(query.text)
    return real_answer(self, query, picture, **how)

watched_folders.WatchedFolders.sync, search.Search.answer = sync, answer
"""


def run(library: Path, *command: str, status: int) -> str:
    code = f"{MISTAKES}\nfrom photofind.cli import main\nmain()"
    start = [sys.executable, "-c", code, "--library", str(library), *command]
    done = subprocess.run(start, capture_output=True, timeout=120, cwd=CHECKOUT)
    assert done.returncode == status, done.stderr.decode()
    return done.stderr.decode()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    photos, broken = tmp_path / "Anna an der Alster", tmp_path / "Geburtstag"
    for number, name in enumerate(ODD_NAMES.values()):
        write_photo(photos / "a.jpg", COLORS["red"], seed=number).rename(photos / os.fsdecode(b"Anna" + name[-200:]))
    (photos / "Anna damaged.jpg").write_bytes(b"no picture at all")
    (photos / "Anna half.jpg").write_bytes(write_photo(photos / "Anna.jpg").read_bytes()[:3000])
    write_photo(broken / "Anna.jpg")
    with Library(tmp_path / "library") as library:
        library.folders.add(photos)
        library.folders.add(broken)
    return tmp_path / "library"


def logs(library: Path) -> str:
    return "".join(file.read_text("utf-8") for file in (library / "logs").glob("*.log"))


def test_no_name_and_no_query_is_in_the_log_whatever_goes_wrong(library: Path) -> None:
    said = run(library, "index", status=1)
    log = library / "logs" / "command.log"
    assert "Geburtstag” was not looked through to its end because of a mistake inside photofind." in said
    assert f"The log “{log}” says more." in said
    assert "Traceback" not in said
    said = run(library, "search", "Anna's wedding", status=1)
    assert said == f"photofind: Something went wrong inside photofind. The log “{log}” says more.\n"
    told = logs(library)
    assert "ValueError" in told
    assert "OSError EIO" in told
    assert "KeyError" in told
    assert "odd words: …" in told
    assert "folder_syncs.py:" in told
    assert not [secret for secret in SECRETS if secret in told]


def test_who_wants_names_gets_them_in_the_log_and_on_standard_error(library: Path) -> None:
    for command in (["--verbose", "index"], ["--verbose", "search", "Anna's wedding"]):
        assert "Traceback" in run(library, *command, status=1)
    told = logs(library)
    assert "cannot compare" in told
    assert "Geburtstag" in told
    assert "odd words: Anna's wedding" in told


def test_nothing_wrong_leaves_no_log(library: Path) -> None:
    run(library, "status", status=0)
    run(library, "search", "Alster", status=0)
    assert not (library / "logs").exists()
