"""The download of a model, on a thread of its own that never touches the library.

A name server or disk that hangs can hold a thread for seconds, so nobody waits for one that was stopped: it is silent
from then on, and only the next download waits until it is gone.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from photofind.background.calls import OnError, Post, explain
from photofind.core.models.download import get_model
from photofind.core.models.installation import IsStopped, OnProgress, discard
from photofind.core.models.offered import Model
from photofind.core.models.outage import PATIENCE, OnWait, Patience
from photofind.core.models.own_files import copy_model
from photofind.core.sentences.sentence import Sentence

_PROGRESS_SECONDS: Final = 0.1
_SPEED_WINDOW_SECONDS: Final = 5.0
_SPEED_AFTER_SECONDS: Final = 1.0  # before, it would jump about


@dataclass(frozen=True, slots=True)
class Transfer:
    """How far a download is; the speed is that of the last seconds, None until it is known, 0 where nothing comes.

    `waits_for`: what it waits for before it tries again.
    """

    done: int
    total: int
    bytes_per_second: float | None = None
    waits_for: Sentence | None = None

    @property
    def seconds_left(self) -> float | None:
        """The time left at this speed."""
        return (self.total - self.done) / self.bytes_per_second if self.bytes_per_second else None


OnTransfer = Callable[[Transfer], None]
OnDone = Callable[[], None]


class ModelDownload:
    """Get one model at a time; used on the main thread, all callbacks run through `post`."""

    def __init__(self, models_dir: Path, post: Post, patience: Patience = PATIENCE) -> None:
        self._models_dir = models_dir
        self._post = post
        self._patience = patience
        self._run: _Run | None = None

    def start(
        self,
        model: Model,
        on_transfer: OnTransfer,
        on_done: OnDone,
        on_error: OnError,
        folder: Path | None = None,
    ) -> None:
        """Download a model in place of any other, or copy it from a folder; tells ten times a second at most."""

        def work(show: OnProgress, on_wait: OnWait, is_stopped: IsStopped) -> bool:
            if folder is None:
                return get_model(model, self._models_dir, show, is_stopped, on_wait, self._patience)
            return copy_model(model, folder, self._models_dir, show, is_stopped)

        self._begin(_Run(work, self._post, on_transfer, on_done, on_error))

    def pause(self) -> None:
        """End the download, keeping what was loaded; none of its callbacks is called any more."""
        if self._run is not None:
            self._run.is_stopped.set()

    def cancel(self, model: Model) -> None:
        """End the download and delete what was loaded, or what is left of an earlier one."""

        def work(_show: OnProgress, _on_wait: OnWait, _is_stopped: IsStopped) -> bool:
            discard(model, self._models_dir)
            return False

        self._begin(_Run(work, self._post, lambda _: None, lambda: None, lambda _: None))

    def stop(self, timeout: float = 1.0) -> None:
        """End the download and its thread; one that the network holds longer ends with the process."""
        self.pause()
        if self._run is not None:
            self._run.thread.join(timeout)

    def _begin(self, run: _Run) -> None:
        self.pause()
        run.begin(after=self._run)
        self._run = run


Work = Callable[[OnProgress, OnWait, IsStopped], bool]


class _Run:
    """One download from start to end; `work` returns False where it was stopped."""

    def __init__(self, work: Work, post: Post, on_transfer: OnTransfer, on_done: OnDone, on_error: OnError) -> None:
        self._do = work
        self._post = post
        self._on_transfer = on_transfer
        self._on_done = on_done
        self._on_error = on_error
        self._told_at = 0.0
        self._speed = _Speed()
        self._transfer = Transfer(0, 0)
        self.is_stopped = threading.Event()

    def begin(self, after: _Run | None) -> None:
        """Start, once the run before is gone."""
        self.thread = threading.Thread(target=self._work, args=(after,), name="model download", daemon=True)
        self.thread.start()

    def _work(self, after: _Run | None) -> None:
        if after is not None:
            after.thread.join()
        try:
            is_here = self._do(self._show, self._wait, self.is_stopped.is_set)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the person can try again
            self._fail(explain(error))
        else:
            if is_here:
                self._tell(self._on_done)

    def _fail(self, sentence: Sentence) -> None:
        self._tell(lambda: self._on_error(sentence))

    def _show(self, done: int, total: int) -> None:
        now = time.monotonic()
        self._speed.add(now, done)
        if done < total and now - self._told_at < _PROGRESS_SECONDS:
            return
        self._told_at = now
        self._say(replace(self._transfer, done=done, total=total, bytes_per_second=self._speed.per_second))

    def _wait(self, waits_for: Sentence | None) -> None:
        self._say(replace(self._transfer, waits_for=waits_for))

    def _say(self, transfer: Transfer) -> None:
        self._transfer = transfer
        self._tell(lambda: self._on_transfer(transfer))

    def _tell(self, closure: Callable[[], None]) -> None:
        """Post a closure that does nothing if the person stops the download before its turn comes."""
        self._post(lambda: None if self.is_stopped.is_set() else closure())


class _Speed:
    """Bytes per second over the last seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, now: float, done: int) -> None:
        """Count what is done now."""
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()  # it began again
        self._seen.append((now, done))
        while now - self._seen[0][0] > _SPEED_WINDOW_SECONDS and len(self._seen) > 2:
            self._seen.popleft()

    @property
    def per_second(self) -> float | None:
        """The speed, None until it is known."""
        (then, before), (now, done) = self._seen[0], self._seen[-1]
        return (done - before) / (now - then) if now - then >= _SPEED_AFTER_SECONDS else None
