"""Opening the library on its thread, however long that takes: in use elsewhere, on a drive that is away, damaged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from photofind.background.calls import OnError, Post, explain
from photofind.core.care.recovery import recover
from photofind.core.errors import LibraryDamagedError, PhotofindError
from photofind.core.library import Library
from photofind.core.records.care import Way
from photofind.core.records.progress import State
from photofind.core.sentences.sentence import Sentence

# How soon what failed is tried again: another program has the library, or the disk is full.
_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Decision:
    """What the person decided about a damaged library, and who is told what became of it."""

    way: Way
    on_done: Callable[[Sentence], None]
    on_error: OnError


class Opening:
    """Opens a library again and again until it is open; `tell` says why it is not, `post` answers the person."""

    def __init__(
        self, open_library: Callable[[], Library], post: Post, tell: Callable[[State, Sentence | None], None]
    ) -> None:
        self._open_library = open_library
        self._post = post
        self._tell = tell
        self._wake = threading.Condition()
        self._decision: _Decision | None = None
        self._is_damaged = False
        self._is_stopping = False

    # For the main thread

    def recover(self, way: Way, on_done: Callable[[Sentence], None], on_error: OnError) -> None:
        """Have the library mended; `on_done` gets a sentence. Refused while nobody was told that it is damaged."""
        with self._wake:
            is_wanted = self._is_damaged
            if is_wanted:
                self._decision = _Decision(way, on_done, on_error)
                self._wake.notify()
        if not is_wanted:
            self._post(lambda: on_error(Sentence("nothing_to_mend")))

    def stop(self) -> None:
        """Give up soon."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify()

    # For the library's thread

    def open(self) -> Library | None:
        """Open the library; None where it was stopped before, or for a mistake of ours."""
        told: Sentence | None = None
        while not self._is_stopping:
            try:
                return self._open_library()
            except LibraryDamagedError as error:
                self._mend(error)
                told = None
            except PhotofindError as error:
                if error.sentence != told:
                    told = error.sentence
                    self._tell("halted", told)
                self.rest()
            except Exception as error:  # noqa: BLE001 - a mistake of ours is logged and told, and must not end the thread
                self._tell("halted", explain(error))
                break
        return None

    def rest(self) -> None:
        """Wait a moment before what failed is tried again."""
        with self._wake:
            self._wake.wait_for(lambda: self._is_stopping, _AGAIN_SECONDS)

    def _mend(self, damaged: LibraryDamagedError) -> None:
        """Do what the person decides about a damaged library, until it is mended."""
        while (decision := self._ask(damaged.sentence)) is not None:
            try:
                sentence = recover(damaged.directory, decision.way)
            except Exception as error:  # noqa: BLE001 - a mistake of ours is logged and told, and must not end the thread
                self._answer(decision.on_error, explain(error))
            else:
                self._tell("opening", None)  # not before: what shows the work would give way to it
                self._answer(decision.on_done, sentence)
                return

    def _answer(self, told: Callable[[Sentence], None], sentence: Sentence) -> None:
        self._post(lambda: told(sentence))

    def _ask(self, sentence: Sentence) -> _Decision | None:
        """Say that the library is damaged and wait for the person's decision; None where it was stopped."""
        with self._wake:
            self._is_damaged = True
        self._tell("damaged", sentence)
        with self._wake:
            self._wake.wait_for(lambda: self._is_stopping or self._decision is not None)
            decision, self._decision, self._is_damaged = self._decision, None, False
        return None if self._is_stopping else decision
