"""Print the newest Python that is installed here besides the running one, and that photofind can be tested with.

One on the PATH (deadsnakes, the system's own), or one that pyenv or uv installed. Prints nothing where there is none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# What the lock file is for.
OLDEST, NEWEST = (3, 11), (3, 14)
# A Python that can make an environment and build hnswlib in it says which it is.
ASK = """
import ensurepip, os, sqlite3, ssl, sys, sysconfig, venv
is_common = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
is_whole = os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
if is_common and is_whole and sys.version_info.releaselevel == "final":
    print(*sys.version_info[:3])
"""


def candidates() -> Iterator[Path]:
    """Yield what may be another Python."""
    for folder in os.get_exec_path():
        yield from Path(folder).glob("python3.[0-9]*[0-9]")
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share"))
    for place in (
        Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR", data / "uv" / "python")),
    ):
        yield from place.glob("*/bin/python3")


def version(python: Path) -> tuple[int, ...]:
    """Return a Python's version; () for what is none, or cannot be tested with."""
    try:
        said = subprocess.run([python, "-I", "-c", ASK], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(int(number) for number in said.stdout.split()) if said.returncode == 0 else ()


def other_python() -> Path | None:
    """Return the newest other Python."""
    found = [(version(python), python) for python in dict.fromkeys(candidates())]
    fitting = [each for each in found if OLDEST <= each[0][:2] <= NEWEST and each[0][:2] != sys.version_info[:2]]
    return max(fitting)[1] if fitting else None


if __name__ == "__main__":
    if other := other_python():
        print(other)  # noqa: T201
