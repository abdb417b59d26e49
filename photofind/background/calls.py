"""How other threads speak to the main thread: closures that it runs, and sentences for whatever went wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from photofind.core.errors import PhotofindError

_log = logging.getLogger(__name__)
BUG: Final = "Something went wrong inside photofind; the log says more."

# Has the main thread run a closure soon; may be called from any thread.
Post = Callable[[Callable[[], None]], None]
# Takes a sentence for the person.
OnError = Callable[[str], None]


def explain(error: Exception, bug: str = BUG) -> str:
    """Return what an error means for the person; a mistake of ours is logged, and `bug` says so."""
    if isinstance(error, PhotofindError):
        return str(error)
    _log.error("a mistake of ours", exc_info=error)
    return bug
