"""Commands about a folder that hangs end with a sentence, and change nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from photofind.background import disk_reader
from photofind.cli.group import cli
from photofind.core.library import Library
from tests.core.sync.test_scan_and_sync import sync
from tests.hanging_disk import HangingDisk, hanging_disk
from tests.pictures import COLORS, write_photo


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingDisk]:
    """A server that hangs; a library watches it, and a folder beside it."""
    monkeypatch.setattr(disk_reader, "SILENT_SECONDS", 0.5)
    for place in ("server", "server/inside", "new", "folder"):
        write_photo(tmp_path / place / "one.jpg", COLORS["green"], (60, 40), len(place))
    with Library(tmp_path / "library") as library:
        for name in ("folder", "server"):
            library.folders.add(tmp_path / name)
            sync(library)
    with hanging_disk(tmp_path / "server", monkeypatch) as server:
        yield server


def run(home: Path, *arguments: str) -> Result:
    paths = [str(home / one[1:]) if one.startswith("@") else one for one in arguments]
    return CliRunner().invoke(cli, ["--library", str(home / "library"), *paths])


@pytest.mark.parametrize(
    "command",
    [
        ["folders", "add", "@server/new"],
        ["folders", "accept", "@server"],
        ["folders", "accept", "@server/inside"],
        ["folders", "remove", "@server/inside"],
        ["folders", "locate", "@folder", "@server/inside"],
        ["folders", "locate", "@server/inside", "@folder"],
        ["similar", "@server/one.jpg"],
    ],
)
def test_a_command_about_a_place_that_hangs_ends_with_a_sentence(
    tmp_path: Path, disk: HangingDisk, command: list[str]
) -> None:
    before = run(tmp_path, "folders", "--json").stdout
    disk.hang()
    start = time.monotonic()
    result = run(tmp_path, *command)
    assert time.monotonic() - start < 10
    assert result.exit_code == 1
    assert "does not answer" in result.stderr
    assert disk.asked
    disk.answer()
    assert run(tmp_path, "folders", "--json").stdout == before


def test_a_folder_that_hangs_can_be_removed_and_located(tmp_path: Path, disk: HangingDisk) -> None:
    disk.hang()
    assert run(tmp_path, "folders", "remove", "@folder").exit_code == 0
    assert "none of the photos" in run(tmp_path, "folders", "locate", "@server", "@new").stderr
    assert run(tmp_path, "folders", "remove", "@server").exit_code == 0
    assert not disk.asked
