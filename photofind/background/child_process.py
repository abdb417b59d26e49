"""A child process beside the program: started, looked after and ended here; it never outlives its parent."""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any, Literal

from photofind.core.errors import PhotofindError
from photofind.core.log.log import Log, present_log
from photofind.core.log.nameless import Plain

_log = logging.getLogger(__name__)
_PR_SET_PDEATHSIG = 1
# A process that hangs in a dead network drive cannot even be killed; nobody waits longer for its end.
_END_SECONDS = 2.0
# Who stops in the middle of a message, or of taking one, is given up after so long.
_STALL_SECONDS = 5

# "low" lets whatever the person does go first, "idle" all other programs too: nobody waits for that work.
Priority = Literal["normal", "low", "idle"]


class Child:
    """A child process that does one piece of work and ends; used by one thread of the parent."""

    def __init__(self, name: str, work: Callable[..., None], *arguments: Any, priority: Priority) -> None:
        """Start `work(*arguments)`; OSError where the system has no memory or no process left for it."""
        _leave_lost_folder()
        self._process = multiprocessing.get_context("spawn").Process(
            target=_run, args=(priority, name, present_log(), work, arguments), name=f"photofind {name}", daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int | None:
        """The system's number of the process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, well or not."""
        return not self._process.is_alive()

    @property
    def exit_code(self) -> int | None:
        """How it ended: 0 where the work was done, negative by a signal, None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float) -> None:
        """Wait for its end, so long at most."""
        self._process.join(seconds)

    def kill(self) -> None:
        """Have it ended, whatever it does; returns at once."""
        self._process.kill()

    def stop(self) -> None:
        """End it, whatever it does, and wait until it is gone; nothing where it has ended."""
        self.kill()
        self.wait(_END_SECONDS)


def _leave_lost_folder() -> None:
    """Go elsewhere where the folder that photofind was started in is gone: no child could start there."""
    try:
        os.getcwd()
    except OSError:
        os.chdir(os.sep)


def start_connected(
    name: str, work: Callable[..., None], *arguments: Any, priority: Priority
) -> tuple[Child, Connection]:
    """Start `work(connection, *arguments)` and return this end of its connection too; OSError as `Child` has it.

    OSError too, after some seconds, where the child stops in the middle of a message; wait for a message by `poll`.
    """
    ours, theirs = multiprocessing.Pipe()
    try:
        _limit_stalls(ours)
        return Child(name, work, theirs, *arguments, priority=priority), ours
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()


def _limit_stalls(connection: Connection) -> None:
    if sys.platform != "win32":  # where connections are no sockets
        limit = struct.pack("@ll", _STALL_SECONDS, 0)
        with socket.socket(fileno=os.dup(connection.fileno())) as end:  # a second name of the same socket
            for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                end.setsockopt(socket.SOL_SOCKET, way, limit)


def _run(priority: Priority, name: str, log: Log | None, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    _die_with_parent()
    _take_priority(priority)
    if log is not None:
        log.begin(name)
    try:
        work(*arguments)
    except (PhotofindError, OSError) as error:
        _log.warning("the %s ends: %s", Plain(name), error)
        sys.exit(1)
    except Exception:  # noqa: BLE001 - whatever it is, it is told in the log
        _log.exception("a mistake of ours ends the %s", Plain(name))
        sys.exit(1)


def _die_with_parent() -> None:
    """Leave Ctrl+C to the parent, which then ends us, and die with it, however it dies.

    A decoder that hangs over a file, or a graph that takes a minute, would else go on after a
    `kill -9`, beside the ones that the next start makes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch_parent, name="parent watch", daemon=True).start()
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():  # it died before we asked
        os._exit(1)


def _watch_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _take_priority(priority: Priority) -> None:
    if priority == "normal":
        return
    if sys.platform == "win32":
        below_normal, idle = 0x4000, 0x40
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), idle if priority == "idle" else below_normal)
    else:
        os.nice(19 if priority == "idle" else 10)
