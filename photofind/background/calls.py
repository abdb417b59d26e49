"""How other threads speak to the main thread: closures that it runs, and sentences for whatever went wrong."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Final

from photofind.core.errors import PhotofindError, said_by
from photofind.core.log.log import where_more_is
from photofind.core.records.names import display_name
from photofind.core.sentences.sentence import Sentence, in_a_row

_log = logging.getLogger(__name__)
BUG: Final = Sentence("mistake_inside")

# Has the main thread run a closure soon; may be called from any thread.
Post = Callable[[Callable[[], None]], None]
# Takes a sentence for the person.
OnError = Callable[[Sentence], None]


def explain(error: Exception, bug: Sentence = BUG) -> Sentence:
    """Return what an error means for the person; `bug` says that it is a mistake of ours.

    Whatever has no sentence of its own is logged, and the log is named.
    """
    if isinstance(error, PhotofindError):
        return error.sentence
    _log.error("nobody has foreseen this", exc_info=error)
    return in_a_row(_said_of(error) or bug, where_more_is()) or bug


def _said_of(error: Exception) -> Sentence | None:
    """Return what is to be said of a cause outside the program that nobody has foreseen; None for mistakes of ours."""
    if isinstance(error, MemoryError):
        return Sentence("memory_short")
    if not isinstance(error, OSError):
        return None
    if not isinstance(error.filename, str | bytes):
        return Sentence("system_refuses", said=said_by(error))
    return Sentence("system_refuses_file", file=display_name(os.fsencode(error.filename)), said=said_by(error))
