"""The check for system packages: what it says when something is missing, and on which system."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import CHECKOUT

CHECK = CHECKOUT / "packaging" / "check_system.py"
_spec = importlib.util.spec_from_file_location("check_system", CHECK)
assert _spec
assert _spec.loader
check_system = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(check_system)

CURSOR = check_system.Missing(
    "libxcb-cursor.so.0",
    {
        "apt": "libxcb-cursor0",
        "pacman": "xcb-util-cursor",
        "dnf": "libxcb-cursor.so.0()(64bit)",
        "zypper": "libxcb-cursor.so.0()(64bit)",
    },
)

# In every system, in Qt's own folder, or in the same package as one that is checked.
RUNTIMES = re.compile(
    r"lib(c|m|dl|pthread|resolv|rt|gcc_s|stdc\+\+|z|gthread-2\.0|brotli\w+|Qt6\w+|icu\w+)\.so|ld-linux"
)


def run_check(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, CHECK, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("name", "like", "line"),
    [
        ("ubuntu", "debian", "sudo apt install libxcb-cursor0"),
        ("linuxmint", "ubuntu debian", "sudo apt install libxcb-cursor0"),
        ("fedora", "", "sudo dnf install 'libxcb-cursor.so.0()(64bit)'"),
        ("rocky", "rhel centos fedora", "sudo dnf install 'libxcb-cursor.so.0()(64bit)'"),
        ("opensuse-leap", "suse opensuse", "sudo zypper install --capability 'libxcb-cursor.so.0()(64bit)'"),
        ("arch", "", "sudo pacman -S --needed xcb-util-cursor"),
    ],
)
def test_the_install_line_fits_the_distribution(name: str, like: str, line: str) -> None:
    tool = check_system.package_tool({"ID": name, "ID_LIKE": like})
    said = check_system.sentence([CURSOR], tool)
    assert said == f"photofind needs libxcb-cursor.so.0; install with: {line}"


def test_an_unknown_distribution_still_learns_what_is_missing() -> None:
    assert check_system.package_tool({"ID": "plan9"}) is None
    assert "libxcb-cursor.so.0" in check_system.sentence([CURSOR], None)


def test_every_package_is_named_once() -> None:
    parts = [check_system.Missing(name, {"pacman": "libxcb"}) for name in ("libxcb.so.1", "libxcb-shm.so.0")]
    assert check_system.packages(parts, "pacman") == ["libxcb"]


def test_a_missing_compiler_is_reported_in_one_line(tmp_path: Path) -> None:
    done = run_check(PATH=str(tmp_path), CXX="")
    assert done.returncode == 1
    assert re.fullmatch(r"photofind needs .*a C\+\+ compiler.*\n", done.stderr)
    assert done.stdout == ""


def test_a_script_gets_the_names_of_the_missing_packages(tmp_path: Path) -> None:
    done = run_check("--packages", PATH=str(tmp_path), CXX="")
    assert done.returncode == 0
    assert {"g++", "gcc-c++", "gcc"} & set(done.stdout.splitlines())


def test_a_library_that_is_not_there_is_noticed() -> None:
    assert not check_system._loads("libphotofind-that-nobody-has.so.1")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads what Linux libraries need")
def test_every_library_that_qt_takes_from_the_system_is_checked() -> None:
    """Qt's own libraries say what they load; all of it but the C and C++ runtimes has to be in the list."""
    pytest.importorskip("PySide6")
    import PySide6

    qt = Path(PySide6.__path__[0]) / "Qt"
    used = ["Core", "Gui", "Widgets", "Svg", "Network", "DBus", "XcbQpa"]
    files = [qt / "plugins/platforms/libqxcb.so", *(qt / f"lib/libQt6{name}.so.6" for name in used)]
    wanted = {library for file in files for library in needed_by(file)}
    from_system = {library for library in wanted if not RUNTIMES.match(library)}
    assert from_system <= {library for library, *_ in check_system.QT_LIBRARIES}


def needed_by(file: Path) -> list[str]:
    """Return the libraries that an ELF file names as needed."""
    done = subprocess.run(["readelf", "-d", file], capture_output=True, text=True, timeout=60, check=True)
    return re.findall(r"\(NEEDED\).*\[(.*)\]", done.stdout)
