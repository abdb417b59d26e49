"""The picture of a query, decoded beside the library thread: one that hangs holds up no search for anything else."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from photofind.background.decoding.child import Answer
from photofind.background.decoding.decoder import Decoder
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec

_Asked = tuple[Path | bytes, str]  # a picture, and the model that it is sized for


class QueryPicture:
    """Keeps the latest picture that was asked for; its methods may be called from any thread."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._lock = threading.Lock()
        self._asked: _Asked | None = None
        self._decoded: DecodedPhoto | None = None
        self._on_answer: Callable[[Answer], None] = _nobody
        self._take_back: Callable[[], None] | None = None

    def ask(self, picture: Path | bytes, spec: Spec, on_answer: Callable[[Answer], None]) -> None:
        """Decode a picture, once: while photos come in, the same is asked again every second.

        What was asked before is not answered any more. `on_answer` is called on any thread, or at once; PhotofindError
        where no picture can be decoded now.
        """
        asked = (picture, spec.model_id)
        with self._lock:
            self._on_answer = on_answer
            is_known = asked == self._asked
            decoded = self._decoded if is_known else None
        if decoded is not None:
            on_answer(decoded)
        elif not is_known:
            self._begin(asked, spec)

    def forget(self) -> None:
        """Ask for no picture any more; the one that is decoded already is kept."""
        with self._lock:
            self._on_answer = _nobody
            take_back, self._take_back = self._take_back, None
            if take_back is not None:
                self._asked = None
        if take_back is not None:
            take_back()

    def _begin(self, asked: _Asked, spec: Spec) -> None:
        with self._lock:
            take_back, self._take_back = self._take_back, None
            self._asked, self._decoded = asked, None
        if take_back is not None:
            take_back()
        picture, _ = asked
        is_content = isinstance(picture, bytes)
        source = picture if isinstance(picture, bytes) else os.fsencode(picture)
        taken_back = self._decoder.decode_soon(
            source, spec, lambda answer: self._on_decoded(asked, answer), is_content=is_content
        )
        with self._lock:
            if self._asked == asked and self._decoded is None:
                self._take_back = taken_back

    def _on_decoded(self, asked: _Asked, answer: Answer) -> None:
        with self._lock:
            if self._asked != asked:
                return
            self._take_back = None
            if isinstance(answer, DecodedPhoto):
                self._decoded = answer
            else:
                self._asked = None  # the next time it may be whole
            on_answer = self._on_answer
        on_answer(answer)


def _nobody(_answer: Answer) -> None:
    pass
