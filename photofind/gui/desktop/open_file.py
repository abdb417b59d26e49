"""Hand a photo to the system: open it in the person's viewer, or show it in its folder.

Paths are bytes and stay bytes: QDesktopServices cannot name a file whose name is not UTF-8.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from urllib.parse import quote

from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

from photofind.core.errors import PhotofindError

_ANSWER_MS = 5000
# Those that have not been answered: they would go with the last name they have.
_asked: set[QDBusPendingCallWatcher] = set()
_FILE_MANAGER = "org.freedesktop.FileManager1"


def open_file(path: bytes) -> None:
    """Open a file in the system's viewer; PhotofindError where nothing can open it."""
    if sys.platform == "win32":
        os.startfile(os.fsdecode(path))
    else:
        _start(b"open" if sys.platform == "darwin" else b"xdg-open", path)


def show_in_folder(path: bytes) -> None:
    """Show a file in the system's file manager, picked if the file manager can do that."""
    if sys.platform == "win32":
        subprocess.Popen(["explorer", f"/select,{os.fsdecode(path)}"])
    elif sys.platform == "darwin":
        _start(b"open", b"-R", path)
    elif not _ask_file_manager(path):
        _open_folder(path)


def file_uri(path: bytes) -> str:
    """Return a path as a file URI."""
    return "file://" + quote(path)


def _start(program: bytes, *arguments: bytes) -> None:
    """Start a program that lives on by itself; the shell leaves it to the system to clean up after it."""
    if shutil.which(program) is None:
        raise PhotofindError("opener_missing", program=program.decode())
    detached = b'"$@" >/dev/null 2>&1 </dev/null &'
    subprocess.run([b"sh", b"-c", detached, b"sh", program, *arguments], start_new_session=True, check=False)


def _ask_file_manager(path: bytes) -> bool:
    """Ask the desktop's file manager over D-Bus, without waiting; return whether there is one to be asked.

    One that fails, or says nothing for some seconds, is done without then.
    """
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    message = QDBusMessage.createMethodCall(_FILE_MANAGER, "/org/freedesktop/FileManager1", _FILE_MANAGER, "ShowItems")
    message.setArguments([[file_uri(path)], ""])
    watcher = QDBusPendingCallWatcher(bus.asyncCall(message, _ANSWER_MS))
    _asked.add(watcher)
    watcher.finished.connect(lambda: _on_answered(watcher, path))
    return True


def _on_answered(watcher: QDBusPendingCallWatcher, path: bytes) -> None:
    _asked.discard(watcher)
    if watcher.isError():
        _open_folder(path)


def _open_folder(path: bytes) -> None:
    _start(b"xdg-open", os.path.dirname(path))
