"""Check for the system packages that pip cannot bring, before anything is installed.

Runs with the system's own Python and its standard library. Says in one sentence what is missing and how to
install it; with `--packages` it only prints the missing packages' names, for a script that installs them.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

OLDEST_PYTHON = (3, 11)

# What Qt's window needs from a Linux system: the library, its package with apt, its package with pacman.
# dnf and zypper install a library by its own name.
QT_LIBRARIES = [
    ("libEGL.so.1", "libegl1", "libglvnd"),
    ("libGL.so.1", "libgl1", "libglvnd"),
    ("libX11.so.6", "libx11-6", "libx11"),
    ("libX11-xcb.so.1", "libx11-xcb1", "libx11"),
    ("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    ("libxcb.so.1", "libxcb1", "libxcb"),
    ("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    ("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    ("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    ("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    ("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    ("libxcb-render.so.0", "libxcb-render0", "libxcb"),
    ("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    ("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    ("libxcb-shm.so.0", "libxcb-shm0", "libxcb"),
    ("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    ("libxcb-util.so.1", "libxcb-util1", "xcb-util"),
    ("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    ("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
    ("libdbus-1.so.3", "libdbus-1-3", "dbus"),
    ("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    ("libfreetype.so.6", "libfreetype6", "freetype2"),
    ("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    ("libgssapi_krb5.so.2", "libgssapi-krb5-2", "krb5"),
    ("libzstd.so.1", "libzstd1", "zstd"),
]

INSTALL_LINES = {
    "apt": "sudo apt install",
    "dnf": "sudo dnf install",
    "zypper": "sudo zypper install --capability",
    "pacman": "sudo pacman -S --needed",
}
TOOL_OF_DISTRIBUTION = {
    "debian": "apt",
    "ubuntu": "apt",
    "fedora": "dnf",
    "rhel": "dnf",
    "centos": "dnf",
    "suse": "zypper",
    "opensuse": "zypper",
    "arch": "pacman",
}


class Missing(NamedTuple):
    """Something missing: what people call it, and its package with each tool."""

    name: str
    package: dict[str, str]


def package_tool(distribution: dict[str, str]) -> str | None:
    """Return the installer of a distribution, given the fields of its os-release file; None if unknown."""
    names = [distribution.get("ID", ""), *distribution.get("ID_LIKE", "").split()]
    return next((TOOL_OF_DISTRIBUTION[name] for name in names if name in TOOL_OF_DISTRIBUTION), None)


def missing_parts() -> list[Missing]:
    """Return everything that is missing on this system, in the order in which it will be needed."""
    return [*_missing_python_parts(), *_missing_compiler(), *_missing_qt_libraries()]


def sentence(missing: list[Missing], tool: str | None) -> str:
    """Say what is missing and how to install it."""
    names = ", ".join(part.name for part in missing)
    if sys.platform == "darwin":
        return f"photofind needs {names}; install with: xcode-select --install"
    if tool is None:
        return f"photofind needs {names}; install these with your system's package tool."
    return f"photofind needs {names}; install with: {INSTALL_LINES[tool]} {shlex.join(packages(missing, tool))}"


def packages(missing: list[Missing], tool: str) -> list[str]:
    """Return the packages to install, each once."""
    return list(dict.fromkeys(part.package[tool] for part in missing))


def _missing_python_parts() -> list[Missing]:
    version = "{}.{}".format(*sys.version_info)
    parts: list[Missing] = []
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        rpm = {"dnf": "python3", "zypper": "python3"}
        parts.append(Missing("Python's venv module", {"apt": f"python{version}-venv", "pacman": "python", **rpm}))
    if not Path(sysconfig.get_paths()["include"], "Python.h").is_file():
        rpm = dict.fromkeys(("dnf", "zypper"), f"pkgconfig(python-{version})")
        parts.append(Missing("Python's C headers", {"apt": f"python{version}-dev", "pacman": "python", **rpm}))
    return parts


def _missing_compiler() -> list[Missing]:
    """Look for what builds hnswlib, which comes as source only."""
    if sys.platform == "darwin":  # its c++ is always there, as a mere offer to install the real one
        found = subprocess.run(["xcode-select", "-p"], capture_output=True, check=False).returncode == 0
    else:
        commands = [os.environ.get("CXX", ""), "c++", "g++", "clang++"]
        found = any(shutil.which(command) for command in commands)
    per_tool = {"apt": "g++", "dnf": "gcc-c++", "zypper": "gcc-c++", "pacman": "gcc"}
    return [] if found else [Missing("a C++ compiler", per_tool)]


def _missing_qt_libraries() -> list[Missing]:
    if not sys.platform.startswith("linux"):
        return []
    suffix = "()(64bit)" if sys.maxsize > 2**32 else ""
    parts = []
    for library, apt, pacman in QT_LIBRARIES:
        if not _loads(library):
            rpm = dict.fromkeys(("dnf", "zypper"), f"{library}{suffix}")
            parts.append(Missing(library, {"apt": apt, "pacman": pacman, **rpm}))
    return parts


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _this_distribution() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:  # macOS, and systems that do not say what they are
        return {}


def main(arguments: list[str]) -> None:
    """Exit with status 1 and one sentence if Python is too old or something is missing."""
    if sys.version_info < OLDEST_PYTHON:
        raise SystemExit(
            "photofind needs Python {}.{} or newer, and this is {}.{}; name a newer one, as in: "
            "make run PYTHON=python3.12".format(*OLDEST_PYTHON, *sys.version_info)
        )
    missing = missing_parts()
    tool = package_tool(_this_distribution())
    if arguments == ["--packages"]:
        sys.stdout.writelines(f"{name}\n" for name in packages(missing, tool or "apt"))
    elif missing:
        raise SystemExit(sentence(missing, tool))


if __name__ == "__main__":
    main(sys.argv[1:])
