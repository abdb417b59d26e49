"""How a package is put where photofind runs: a bare “pip” may be that of another Python."""

from __future__ import annotations

import shlex
import subprocess
import sys
from functools import cache
from importlib.util import find_spec


@cache
def pip_install() -> str:
    """Return the beginning of a command that installs packages for this Python, as it is typed on a command line."""
    python = subprocess.list2cmdline([sys.executable]) if sys.platform == "win32" else shlex.quote(sys.executable)
    # An environment made by uv has no pip.
    return f"{python} -m pip install" if find_spec("pip") else f"uv pip install --python {python}"
