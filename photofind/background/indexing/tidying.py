"""What is left of removed folders and photos goes, a slice at a time, before anything new comes."""

from __future__ import annotations

import time

from photofind.core.library import Library
from photofind.core.steps import Steps


class Tidying:
    """Tidies a library once it is opened, and whenever it is asked to; used on the library's thread."""

    def __init__(self, library: Library, slice_seconds: float) -> None:
        self._library = library
        self._slice_seconds = slice_seconds
        self._steps: Steps[None] | None = None
        self._is_asked = True  # for what was left over when the library was closed
        self.share: float | None = None

    def ask(self) -> None:
        """Have the library tidied soon."""
        self._is_asked = True

    def begin_again(self) -> None:
        """Have it done from its start: something could not be written."""
        if self._steps is not None:
            self._steps, self._is_asked = None, True

    def step(self) -> bool:
        """Do one slice; tell whether there was anything to do."""
        if self._steps is None and self._is_asked:
            self._steps, self._is_asked = self._library.care.tidying(), False
        if self._steps is None:
            return False
        start = time.monotonic()
        for share in self._steps:
            self.share = share
            if time.monotonic() - start > self._slice_seconds / 2:
                return True
        is_more = self.share is not None
        self._steps = self.share = None
        return is_more
