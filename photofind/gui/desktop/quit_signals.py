"""End the program cleanly on SIGTERM and SIGINT, as when its window is closed."""

from __future__ import annotations

import contextlib
import signal
import socket

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier


class QuitSignals(QObject):
    """Wakes the event loop when a signal comes: Python alone would wait for the next Python code to run."""

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__(app)
        self._reading, self._writing = socket.socketpair()
        for end in (self._reading, self._writing):
            end.setblocking(False)
        self._previous = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
        signal.set_wakeup_fd(self._writing.fileno())
        self._notifier = QSocketNotifier(self._reading.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)
        self._app = app

    def restore(self) -> None:
        """Give the signals back their old meaning."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._reading.close()
        self._writing.close()

    def _on_signal(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._reading.recv(64)
        self._app.quit()
