"""The wheel, installed into a clean environment and started there: what a person gets, not a checkout.

The dependencies are the running environment's own, seen through a path line; path lines inside that folder
are not followed, so the checkout is not seen.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import CHECKOUT

APP_ID = "io.github.photofind.photofind"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="looks for the commands where POSIX systems put them")


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command that has to succeed; return what it wrote on standard output."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**clean_environment(), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PHOTOFIND"))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=CHECKOUT)
    (built,) = folder.glob("photofind-*.whl")
    return built


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a clean environment where the wheel is installed."""
    environment = tmp_path_factory.mktemp("clean") / "environment"
    cwd = environment.parent
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=cwd)
    python = environment / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", wheel, cwd=cwd)
    site_packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=cwd).strip()
    Path(site_packages, "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return python.parent


@pytest.fixture
def window(bin_folder: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The installed window, started without a screen on a fresh library."""
    process = subprocess.Popen(
        [bin_folder / "photofind-gui"],
        cwd=tmp_path,
        env={
            **clean_environment(),
            "QT_QPA_PLATFORM": "offscreen",
            "PHOTOFIND_LIBRARY": str(tmp_path / "library"),
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_the_wheel_carries_the_program_and_its_resources_only(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert f"photofind/resources/icons/{APP_ID}.svg" in names
    assert f"photofind/resources/packaging/{APP_ID}.desktop" in names
    assert not [name for name in names if not name.startswith(("photofind/", "photofind-"))]
    assert not [name for name in names if name.startswith("photofind/resources/") and name.endswith(".py")]


def test_the_package_is_the_installed_one_and_finds_its_resources(bin_folder: Path, tmp_path: Path) -> None:
    ask = (
        "import photofind; from photofind.resources import resource; print(photofind.__file__);"
        f"print(resource('icons/{APP_ID}.svg'), resource('packaging/{APP_ID}.metainfo.xml'), sep='\\n')"
    )
    for line in run(bin_folder / "python", "-c", ask, cwd=tmp_path).splitlines():
        assert Path(line).is_relative_to(bin_folder.parent)
        assert Path(line).is_file()


def test_the_installed_package_knows_its_towns_and_whose_they_are(bin_folder: Path, tmp_path: Path) -> None:
    ask = (
        "from photofind.core.photos.towns import place_words; from photofind.resources import resource;"
        "print(resource('towns.txt').read_text('utf-8'), *place_words(38.714, -9.139), sep='\\n')"
    )
    said = run(bin_folder / "python", "-X", "utf8", "-c", ask, cwd=tmp_path)
    assert {"Lisbon", "Lisboa", "Portugal"} <= set(said.splitlines())
    assert "GeoNames" in said
    assert "https://creativecommons.org/licenses/by/4.0/" in said


def test_the_commands_answer(bin_folder: Path, tmp_path: Path) -> None:
    import photofind

    assert photofind.__version__ in run(bin_folder / "photofind", "--version", cwd=tmp_path)
    assert "similar" in run(bin_folder / "photofind", "--help", cwd=tmp_path)


def test_the_command_line_opens_a_library(bin_folder: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    status = json.loads(run(bin_folder / "photofind", "--library", library, "status", "--json", cwd=tmp_path))
    assert status["library"] == str(library)
    assert status["photos"] == 0


def test_the_launcher_entry_starts_the_installed_window(bin_folder: Path, tmp_path: Path) -> None:
    data_home = tmp_path / "data"
    run(bin_folder / "photofind", "install-launcher", cwd=tmp_path, XDG_DATA_HOME=str(data_home))
    entry = data_home / "applications" / f"{APP_ID}.desktop"
    assert f'Exec="{bin_folder / "photofind-gui"}" %F' in entry.read_text(encoding="utf-8")
    run(bin_folder / "photofind", "install-launcher", "--remove", cwd=tmp_path, XDG_DATA_HOME=str(data_home))
    assert not list(data_home.iterdir())


def test_the_window_starts_and_ends_when_asked(window: subprocess.Popen[str], tmp_path: Path) -> None:
    library = tmp_path / "library"
    deadline = time.monotonic() + 60
    while not (library.is_dir() and any(library.iterdir())) and time.monotonic() < deadline:
        assert window.poll() is None, window.communicate()[1]
        time.sleep(0.1)
    time.sleep(2)
    assert window.poll() is None, window.communicate()[1]
    window.send_signal(signal.SIGTERM)
    assert window.wait(timeout=60) == 0, window.communicate()[1]
