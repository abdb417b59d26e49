"""One window for each library: a second start hands its paths to the first and ends.

Lock first, socket second: whoever holds the lock file is the first, and only it may take away a socket
that a crash left behind. The lock of a program that was killed is taken over at once.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, QThread, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from photofind.core.errors import PhotofindError
from photofind.gui.desktop import disk

_LOCK_FILE = "window.lock"
# A first start that has only just begun answers within this.
_PATIENCE_MS = 5000
_PAUSE_MS = 50
_TAKEN = b"taken\n"
# More than any system lets a command line be long, written as hexadecimal numbers.
_MOST_BYTES = 16 << 20

_log = logging.getLogger(__name__)


class SingleInstance(QObject):
    """Decides whether this start opens the window; listens for others on a socket that only this user can reach."""

    received = Signal(object)  # list[Path]

    def __init__(self, library_dir: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = _socket_name(library_dir)
        self._library_dir = library_dir
        self._lock = QLockFile(str(library_dir / _LOCK_FILE))
        # However old: only the lock of a process that has ended is stale.
        self._lock.setStaleLockTime(0)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connected)

    def become_first(self, paths: list[Path]) -> bool:
        """Tell whether this start is the one that opens the window; if not, the first has taken `paths`.

        PhotofindError where the first neither answers nor ends within some seconds.
        """
        deadline = QDeadlineTimer(_PATIENCE_MS)
        while not deadline.hasExpired():
            if self._take_lock():
                return True
            if self._hand_over(paths, deadline):
                return False
            QThread.msleep(_PAUSE_MS)
        raise PhotofindError("photofind_hangs")

    def close(self) -> None:
        """Take no more, and let the next start be the first."""
        self._server.close()
        self._lock.unlock()

    def _take_lock(self) -> bool:
        try:
            self._library_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            return True  # The window says what is wrong with the library; there is nothing to share.
        if self._lock.tryLock(0):
            QLocalServer.removeServer(self._name)
            self._server.listen(self._name)
            return True
        return self._lock.error() != QLockFile.LockError.LockFailedError

    def _hand_over(self, paths: list[Path], deadline: QDeadlineTimer) -> bool:
        """Give paths to the first start; return False where it is not yet, or no longer, there to take them."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(deadline.remainingTime()):
            return False
        names = [os.fsencode(path.absolute()).hex() for path in paths]
        socket.write(json.dumps(names).encode("ascii") + b"\n")
        socket.flush()
        # Said once, on one connection: a first that is busy starting takes it later, and takes it once.
        is_taken = socket.waitForReadyRead(deadline.remainingTime()) and bytes(socket.readAll().data()) == _TAKEN
        socket.disconnectFromServer()
        return is_taken

    def _on_connected(self) -> None:
        # Belongs to the server and goes with it; second starts are few.
        socket = self._server.nextPendingConnection()
        socket.setReadBufferSize(_MOST_BYTES)
        socket.readyRead.connect(lambda: self._on_ready(socket))
        self._on_ready(socket)

    def _on_ready(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() >= _MOST_BYTES:
                self._refuse(socket)
            return
        paths = _read_paths(bytes(socket.readLine().data()))
        if paths is None:
            self._refuse(socket)
            return
        socket.write(_TAKEN)
        socket.flush()
        self.received.emit(paths)

    def _refuse(self, socket: QLocalSocket) -> None:
        _log.warning("another program spoke to the window, and not as photofind does")
        socket.abort()


def _read_paths(line: bytes) -> list[Path] | None:
    """Return the paths that another start names; None for what no photofind says."""
    try:
        names = json.loads(line)
        return [Path(os.fsdecode(bytes.fromhex(name))) for name in names] if isinstance(names, list) else None
    except (ValueError, TypeError, RecursionError):
        return None


def _socket_name(library_dir: Path) -> str:
    place = disk.real_path(os.fsencode(library_dir))
    return f"photofind-{hashlib.sha256(place).hexdigest()[:20]}"
