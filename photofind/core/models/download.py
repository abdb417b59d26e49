"""Download an offered model from the hub, check it, and only then put it in place.

What was loaded stays where a download is paused, killed or cut off, and the next one goes on from there: each part
belongs to a content hash, so parts of two revisions never meet.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from photofind.core.errors import PhotofindError
from photofind.core.models import hub
from photofind.core.models.installation import (
    IsStopped,
    ModelFile,
    OnProgress,
    arriving,
    begin_part,
    install,
    is_whole,
    sha256,
)
from photofind.core.models.offered import Model

_MOST_TRIES: Final = 5  # in a row that bring nothing
_PAUSE_SECONDS: Final = 1.0  # between two of them


def get_model(model: Model, models_dir: Path, on_progress: OnProgress, is_stopped: IsStopped) -> bool:
    """Download a model into `models_dir/NAME`, or what is missing of it; return False where it was stopped.

    Takes minutes, calls back from the calling thread several times a second while bytes come. Where it fails it
    raises PhotofindError; what was loaded stays, unless it is damaged.
    """
    if is_whole(model, models_dir):
        return True
    with arriving(model, models_dir) as part:
        files = hub.find_files(model)
        begin_part(model, part, files, hub.endpoint())
        total = sum(file.size for file in files)
        before = 0
        for file in files:
            loading = _Loading(model, file, part / file.name, partial(_tell, on_progress, before, total), is_stopped)
            if not loading.run():
                return False
            before += file.size
        for file in files:
            _check(model, file, part / file.name)
        install(model, part, files, hub.endpoint())
    return True


def _tell(on_progress: OnProgress, before: int, total: int, done: int) -> None:
    on_progress(min(before + done, total), total)


class _Loading:
    """One file on its way from the hub."""

    def __init__(
        self, model: Model, file: ModelFile, path: Path, on_progress: Callable[[int], None], is_stopped: IsStopped
    ) -> None:
        self._model = model
        self._file = file
        self._path = path
        self._on_progress = on_progress
        self._is_stopped = is_stopped

    def run(self) -> bool:
        """Load what is missing, over several connections if need be; return False where it was stopped."""
        self._path.touch()
        tries = 0
        while (done := self._path.stat().st_size) < self._file.size:
            self._on_progress(done)
            try:
                self._append(done)
            except hub.ConnectionLostError:
                tries = 0 if self._path.stat().st_size > done else tries + 1
                if tries == _MOST_TRIES:
                    raise
                time.sleep(_PAUSE_SECONDS)
            if self._is_stopped():
                return False
        self._on_progress(done)
        return True

    def _append(self, done: int) -> None:
        """Load from one connection until it ends, the person stops it, or there is more than there should be."""
        with (
            self._path.open("r+b") as part,
            closing(hub.read(self._model, self._file, done)) as chunks,
        ):
            for place, chunk in chunks:
                if place < done:
                    part.truncate(place)
                part.seek(place)
                part.write(chunk)
                done = place + len(chunk)
                self._on_progress(done)
                if self._is_stopped() or done > self._file.size:
                    return
        if done < self._file.size:
            raise hub.ConnectionLostError("download_broke_off", model=self._model.name)


def _check(model: Model, file: ModelFile, path: Path) -> None:
    """Compare a file with the hub's content hash: SHA-256 of large files, git's own of small ones."""
    is_large = len(file.hub_hash) == 64
    if file.hub_hash != (sha256(path) if is_large else _git_hash(path)):
        path.unlink()
        raise PhotofindError("download_damaged", model=model.name)


def _git_hash(path: Path) -> str:
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
