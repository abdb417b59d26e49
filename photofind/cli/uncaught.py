"""What nobody has caught, as in the answer to a click, is logged before it is shown as ever."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

_log = logging.getLogger(__name__)


def log_uncaught() -> None:
    """Have it logged from now on, on all threads."""
    sys.excepthook, threading.excepthook = _note, _note_in_thread


def _note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, Exception):
        _log.error("nobody has caught this", exc_info=error)
    sys.__excepthook__(kind, error, trace)


def _note_in_thread(args: threading.ExceptHookArgs) -> None:
    if isinstance(args.exc_value, Exception):
        _log.error("nobody has caught this in a thread", exc_info=args.exc_value)
    threading.__excepthook__(args)
