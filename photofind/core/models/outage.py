"""The hub may be away for a while: it is asked again, after longer and longer waits, until that is hopeless."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from photofind.core.errors import PhotofindError
from photofind.core.sentences.sentence import Sentence

Got = TypeVar("Got")
OnWait = Callable[[Sentence | None], None]  # what is waited for, None when it goes on


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the hub is waited for, in seconds.

    `connect`: for a connection, its name's address included, doubled at each try in a row up to `longest_connect`:
    some name servers are slow. `read`: for the next byte. `first_wait`: before the second try, doubled at each one
    up to `longest_wait`. `outage`: until the last try. `longest_asked`: the longest wait that the hub may ask for.
    """

    connect: float = 3.0
    longest_connect: float = 12.0
    read: float = 30.0
    first_wait: float = 1.0
    longest_wait: float = 30.0
    outage: float = 120.0
    longest_asked: float = 600.0


PATIENCE: Final = Patience()


class AwayError(PhotofindError):
    """The hub cannot be reached, fell silent, or cannot answer just now; what was read of a file before is good.

    `asked`: the seconds that it asks to wait, 0 where it does not.
    """

    has_answered = False
    asked = 0.0

    def answered(self, asked: float) -> Self:
        """Tell it from a network that is away."""
        self.has_answered, self.asked = True, asked
        return self


class Outage:
    """The tries in a row that brought nothing; used in one event loop."""

    def __init__(self, patience: Patience, on_wait: OnWait) -> None:
        self._patience = patience
        self._on_wait = on_wait
        self._tries = 0
        self._began_at = 0.0

    @property
    def timeouts(self) -> tuple[float, float, float, float]:
        """Return the seconds to wait for a connection, to read, to write, and for a place among connections."""
        patience = self._patience
        connect = min(patience.longest_connect, patience.connect * 2**self._tries)
        return connect, patience.read, patience.read, patience.read

    def end(self) -> None:
        """Take note that the hub is back."""
        self._tries = 0

    async def keep_trying(self, do: Callable[[], Awaitable[Got]]) -> Got:
        """Return what `do` brings, after as many tries as it takes; raise its AwayError where that is hopeless."""
        while True:
            try:
                got = await do()
            except AwayError as error:
                await self._wait(error)
            else:
                self.end()
                return got

    async def _wait(self, error: AwayError) -> None:
        if self._tries == 0:
            self._began_at = time.monotonic()
        own = min(self._patience.longest_wait, self._patience.first_wait * 2**self._tries)
        seconds = max(own, error.asked)
        has_lasted = time.monotonic() - self._began_at
        if has_lasted >= self._patience.outage or seconds > self._patience.longest_asked:
            raise error
        self._tries += 1
        self._on_wait(_what_is_waited_for(error, seconds))
        await asyncio.sleep(seconds)
        self._on_wait(None)


def _what_is_waited_for(error: AwayError, seconds: float) -> Sentence:
    if error.asked == seconds:
        return Sentence("hub_asks_to_wait", seconds=seconds)
    if error.has_answered:
        return Sentence("waiting_for_hub", seconds=seconds)
    return Sentence("waiting_for_network", seconds=seconds)
