"""The download of a model, on a thread of its own that never touches the library.

A network that stalls can hold a thread for a minute, so nobody waits for one that was cancelled:
it is silent from then on, and only the next download waits until it is gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from photofind.background.worker import BUG, OnError, Post
from photofind.core.download import OnProgress, get_model
from photofind.core.errors import PhotofindError
from photofind.core.models import Model

_log = logging.getLogger(__name__)
_PROGRESS_SECONDS = 0.1

OnDone = Callable[[], None]


class ModelDownload:
    """Download one model at a time; used on the main thread, all callbacks run through `post`."""

    def __init__(self, models_dir: Path, post: Post) -> None:
        self._models_dir = models_dir
        self._post = post
        self._run: _Run | None = None

    def start(self, model: Model, on_progress: OnProgress, on_done: OnDone, on_error: OnError) -> None:
        """Download a model in place of any other; progress (bytes done, in all) comes ten times a second at most."""
        self.cancel()
        self._run = _Run(model, self._models_dir, self._post, on_progress, on_done, on_error, after=self._run)
        self._run.thread.start()

    def cancel(self) -> None:
        """End the download; none of its callbacks is called any more."""
        if self._run is not None:
            self._run.is_cancelled.set()

    def stop(self, timeout: float = 1.0) -> None:
        """End the download and its thread; one that the network holds longer ends with the process."""
        self.cancel()
        if self._run is not None:
            self._run.thread.join(timeout)


class _Run:
    """One download from start to end."""

    def __init__(
        self,
        model: Model,
        models_dir: Path,
        post: Post,
        on_progress: OnProgress,
        on_done: OnDone,
        on_error: OnError,
        *,
        after: _Run | None,
    ) -> None:
        self._model = model
        self._models_dir = models_dir
        self._post = post
        self._on_progress = on_progress
        self._on_done = on_done
        self._on_error = on_error
        self._told_at = 0.0
        self.is_cancelled = threading.Event()
        self.thread = threading.Thread(target=self._work, args=(after,), name="model download", daemon=True)

    def _work(self, after: _Run | None) -> None:
        if after is not None:
            after.thread.join()
        if self.is_cancelled.is_set():
            return
        try:
            is_here = get_model(self._model, self._models_dir, self._show, self.is_cancelled.is_set)
        except PhotofindError as error:
            self._fail(str(error))
        except Exception:  # noqa: BLE001 - a mistake of ours is logged and told, and the person can try again
            _log.exception("the download failed")
            self._fail(BUG)
        else:
            if is_here:
                self._tell(self._on_done)

    def _fail(self, sentence: str) -> None:
        self._tell(lambda: self._on_error(sentence))

    def _show(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - self._told_at >= _PROGRESS_SECONDS:
            self._told_at = now
            self._tell(lambda: self._on_progress(done, total))

    def _tell(self, closure: Callable[[], None]) -> None:
        """Post a closure that does nothing if the person cancels before its turn comes."""
        self._post(lambda: None if self.is_cancelled.is_set() else closure())
