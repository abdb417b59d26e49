"""One window for each library: a second start hands its paths to the first and ends."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS = 1500
_TAKEN = b"taken\n"


class SingleInstance(QObject):
    """Listens for second starts on a socket that only this user can reach."""

    received = Signal(object)  # list[Path]

    def __init__(self, library_dir: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = _socket_name(library_dir)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connected)

    def listen(self) -> None:
        """Begin to take paths; a socket left behind by a crash is removed."""
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)

    def close(self) -> None:
        """Take no more."""
        self._server.close()

    def hand_over(self, paths: list[Path]) -> bool:
        """Give paths to the instance that runs already; return False where there is none."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_WAIT_MS):
            return False
        names = [os.fsencode(path.absolute()).hex() for path in paths]
        socket.write(json.dumps(names).encode("ascii") + b"\n")
        socket.flush()
        taken = socket.waitForReadyRead(_WAIT_MS) and bytes(socket.readAll().data()) == _TAKEN
        socket.disconnectFromServer()
        return taken

    def _on_connected(self) -> None:
        # Belongs to the server and goes with it; second starts are few.
        socket = self._server.nextPendingConnection()
        socket.readyRead.connect(lambda: self._on_ready(socket))
        self._on_ready(socket)

    def _on_ready(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            return
        names = json.loads(bytes(socket.readLine().data()))
        socket.write(_TAKEN)
        socket.flush()
        self.received.emit([Path(os.fsdecode(bytes.fromhex(name))) for name in names])


def _socket_name(library_dir: Path) -> str:
    place = os.fsencode(library_dir.resolve())
    return f"photofind-{hashlib.sha256(place).hexdigest()[:20]}"
