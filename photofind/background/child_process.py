"""What every child process of photofind does first: it must never outlive its parent."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.connection import wait

_PR_SET_PDEATHSIG = 1


def begin_child() -> None:
    """Leave Ctrl+C to the parent, which then ends us, and die with it, however it dies.

    A decoder that hangs over a file, or a graph that takes a minute, would else go on after a
    `kill -9`, beside the ones that the next start makes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_die_with_parent, name="parent watch", daemon=True).start()
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():  # it died before we asked
        os._exit(1)


def lower_priority(*, nobody_waits: bool = False) -> None:
    """Let whatever the person does go first, and all other programs too where nobody waits for the work."""
    if sys.platform == "win32":
        below_normal, idle = 0x4000, 0x40
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), idle if nobody_waits else below_normal)
    else:
        os.nice(19 if nobody_waits else 10)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
