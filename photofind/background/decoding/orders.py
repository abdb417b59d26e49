"""What the decoder is asked for, in which order it is done, and which child has what."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from photofind.background.child_process import Child
from photofind.background.decoding.child import Task
from photofind.core.sentences.sentence import Sentence

# Takes whatever its task is answered by.
OnReply = Callable[[Any], None]
# The exit code after SIGKILL, which Windows does not know by name.
_KILLED = -9


@dataclass
class Order:
    """A task, who is told its answer, whether a person waits for it, and how many children died of it."""

    task: Task
    on_reply: OnReply
    is_urgent: bool
    deaths: int = 0
    unwanted_since: float | None = None


@dataclass
class RunningChild:
    """A child process, the order it works on, and by when that must be done; a confused one makes no sense."""

    process: Child
    connection: Connection
    order: Order | None = None
    deadline: float = 0.0
    files: int = 0
    is_ready: bool = False
    is_confused: bool = False

    @property
    def cause_of_death(self) -> Sentence:
        """Why a file is given up whose children died."""
        if not self.is_ready:
            return Sentence("opening_cannot_begin")
        if self.process.exit_code == _KILLED and not self.is_confused:
            return Sentence("opening_was_stopped")
        return Sentence("opening_crashes")


@dataclass
class Orders:
    """Orders that wait, urgent ones first."""

    urgent: deque[Order] = field(default_factory=deque)
    ordinary: deque[Order] = field(default_factory=deque)

    def add(self, order: Order) -> None:
        """Add one behind those of its kind."""
        (self.urgent if order.is_urgent else self.ordinary).append(order)

    def put_back(self, order: Order) -> None:
        """Put one that was taken before those of its kind."""
        (self.urgent if order.is_urgent else self.ordinary).appendleft(order)

    def take(self) -> Order | None:
        """Take the next one that is still wanted."""
        for orders in (self.urgent, self.ordinary):
            while orders:
                order = orders.popleft()
                if order.unwanted_since is None:
                    return order
        return None

    def __len__(self) -> int:
        return len(self.urgent) + len(self.ordinary)
