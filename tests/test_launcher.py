"""The launcher entry: what is shipped, what `install` makes of it, and that `remove` leaves nothing."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from photofind import launcher
from photofind.core.errors import PhotofindError
from photofind.resources import resource

COMMANDS = ["photofind-gui", 'my "best" $apps/photo`find\\gui', "Bilder für Ömer/photofind-gui"]


@pytest.fixture
def data_home(tmp_path: Path) -> Path:
    return tmp_path / "data home"


@pytest.fixture
def command(tmp_path: Path) -> Path:
    return make_command(tmp_path, "photofind-gui")


def make_command(folder: Path, name: str) -> Path:
    """Make a program that writes its arguments into `started`, one a line."""
    command = folder / "bin" / name
    command.parent.mkdir(parents=True)
    command.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{folder}/making" && mv "{folder}/making" "{folder}/started"\n'
    )
    command.chmod(0o755)
    return command


def run_tool(*arguments: str | Path) -> None:
    """Run a tool of the desktop and show what it complains about."""
    if shutil.which(str(arguments[0])) is None:
        pytest.skip(f"{arguments[0]} is not installed")
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def entry_in(folder: Path) -> Path:
    return folder / "applications" / f"{launcher.APP_ID}.desktop"


def test_the_shipped_desktop_entry_is_valid() -> None:
    run_tool("desktop-file-validate", resource(f"packaging/{launcher.APP_ID}.desktop"))


def test_the_shipped_metainfo_is_valid() -> None:
    run_tool("appstreamcli", "validate", "--no-net", resource(f"packaging/{launcher.APP_ID}.metainfo.xml"))


def test_icons_have_the_size_that_their_folder_says() -> None:
    icons = sorted(resource("icons/hicolor").rglob("*.png"))
    assert [int(icon.parts[-3].split("x")[0]) for icon in icons] == [128, 16, 24, 256, 32, 48, 512, 64]
    for icon in icons:
        with Image.open(icon) as image:
            assert f"{image.width}x{image.height}" == icon.parts[-3]
            assert image.mode == "RGBA"
            assert image.getpixel((0, 0)) == (0, 0, 0, 0), "the corners let the desktop through"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_installed_entry_is_valid_wherever_photofind_lies(data_home: Path, tmp_path: Path, name: str) -> None:
    launcher.install(data_home, make_command(tmp_path, name))
    run_tool("desktop-file-validate", entry_in(data_home))
    run_tool("appstreamcli", "validate", "--no-net", data_home / "metainfo" / f"{launcher.APP_ID}.metainfo.xml")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_desktop_starts_this_installation_with_the_photo(data_home: Path, tmp_path: Path, name: str) -> None:
    launcher.install(data_home, make_command(tmp_path, name))
    photo = tmp_path / "a photo.jpg"
    photo.touch()
    run_tool("gio", "launch", entry_in(data_home), photo)
    started = tmp_path / "started"
    deadline = time.monotonic() + 20
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert started.read_text() == f"{photo}\n"


def test_both_ways_to_start_name_this_installation(data_home: Path, command: Path) -> None:
    launcher.install(data_home, command)
    lines = entry_in(data_home).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("Exec=")] == [f'Exec="{command}" %F'] * 2
    assert f"TryExec={command}" in lines


def test_install_reports_the_files_it_wrote(data_home: Path, command: Path) -> None:
    files = launcher.install(data_home, command)
    assert all(file.is_file() for file in files)
    assert data_home / "icons/hicolor/scalable/apps" / f"{launcher.APP_ID}.svg" in files
    assert data_home / "icons/hicolor/48x48/apps" / f"{launcher.APP_ID}.png" in files


def test_installing_twice_is_installing_once(data_home: Path, command: Path) -> None:
    files = launcher.install(data_home, command)
    before = snapshot(data_home)
    assert launcher.install(data_home, command) == files
    assert snapshot(data_home) == before


def test_remove_leaves_nothing(data_home: Path, command: Path) -> None:
    files = launcher.install(data_home, command)
    assert sorted(launcher.remove(data_home)) == sorted(files)
    assert not list(data_home.iterdir())
    assert launcher.remove(data_home) == []


def test_remove_leaves_what_others_put_there(data_home: Path, command: Path) -> None:
    others = [data_home / "applications/other.desktop", data_home / "icons/hicolor/48x48/apps/other.png"]
    for other in others:
        other.parent.mkdir(parents=True)
        other.write_text("[Desktop Entry]\nType=Application\nName=Other\nExec=other\nMimeType=image/png;\n")
    launcher.install(data_home, command)
    launcher.remove(data_home)
    assert all(other.is_file() for other in others)
    assert not [path for path in data_home.rglob("*") if launcher.APP_ID in path.name]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, command: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PhotofindError, match="could not be changed"):
        launcher.install(tmp_path / "file" / "data", command)


def test_a_tool_that_fails_is_logged_and_does_no_harm(
    data_home: Path,
    command: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = tmp_path / "tools" / "update-desktop-database"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(broken.parent), prepend=":")
    with caplog.at_level(logging.WARNING):
        launcher.install(data_home, command)
    assert "update-desktop-database did not work" in caplog.text
    assert entry_in(data_home).is_file()


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_other_systems_get_one_sentence(
    data_home: Path, command: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(PhotofindError, match="Linux only"):
        launcher.install(data_home, command)
    assert not data_home.exists()


def test_the_data_folder_is_the_one_that_desktops_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "elsewhere"))
    assert launcher.user_data_home() == tmp_path / "elsewhere"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert launcher.user_data_home() == tmp_path / ".local" / "share"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert launcher.user_data_home() == tmp_path / ".local" / "share"


def test_the_window_beside_this_command_is_the_one_to_start(command: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(command.with_name("photofind"))])
    assert launcher.gui_command() == command
