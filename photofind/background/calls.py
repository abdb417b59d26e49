"""How other threads speak to the main thread: closures that it runs, and sentences for whatever went wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from photofind.core.errors import PhotofindError
from photofind.core.sentences.sentence import Sentence

_log = logging.getLogger(__name__)
BUG: Final = Sentence("mistake_inside")

# Has the main thread run a closure soon; may be called from any thread.
Post = Callable[[Callable[[], None]], None]
# Takes a sentence for the person.
OnError = Callable[[Sentence], None]


def explain(error: Exception, bug: Sentence = BUG) -> Sentence:
    """Return what an error means for the person; a mistake of ours is logged, and `bug` says so."""
    if isinstance(error, PhotofindError):
        return error.sentence
    _log.error("a mistake of ours", exc_info=error)
    return bug
