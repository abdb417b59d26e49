"""Work that waits for a network, run so that it can be left off at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

Got = TypeVar("Got")

_LOOK_SECONDS: Final = 0.1


def run_stoppable(
    work: Coroutine[Any, Any, Got], is_stopped: Callable[[], bool], on_look: Callable[[], None]
) -> Got | None:
    """Run a coroutine to its end and return what it brings; None where it was left off, as `is_stopped` said so.

    Both are called ten times a second, in the calling thread.
    """
    return asyncio.run(_watch(work, is_stopped, on_look))


async def _watch(
    work: Coroutine[Any, Any, Got], is_stopped: Callable[[], bool], on_look: Callable[[], None]
) -> Got | None:
    task = asyncio.create_task(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_LOOK_SECONDS)
            if is_stopped():
                return None
            on_look()
        return await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
