"""Download an offered model from the hub, check it, and only then put it in place.

What was loaded stays where a download is paused, killed or cut off, and the next one goes on from there: each part
belongs to a content hash, or what a mirror without hashes has instead, so parts of two revisions never meet.
"""

from __future__ import annotations

import hashlib
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from photofind.core.errors import PhotofindError
from photofind.core.models.connection import hub_name, new_client
from photofind.core.models.hub import Hub
from photofind.core.models.installation import (
    IsStopped,
    ModelFile,
    OnProgress,
    arriving,
    begin_part,
    install,
    is_whole,
    pinned_file,
    sha256,
)
from photofind.core.models.offered import Model
from photofind.core.models.outage import PATIENCE, AwayError, OnWait, Outage, Patience
from photofind.core.models.stoppable import run_stoppable

_SHA1_DIGITS: Final = 40
_CHUNK: Final = 1 << 20


def get_model(
    model: Model,
    models_dir: Path,
    on_progress: OnProgress,
    is_stopped: IsStopped,
    on_wait: OnWait = lambda _: None,
    patience: Patience = PATIENCE,
) -> bool:
    """Download a model into `models_dir/NAME`, or what is missing of it; return False where it was stopped.

    Takes minutes, calls back from the calling thread several times a second; `on_wait` tells what it waits for where
    the hub is away, which it is given some minutes for. Where it fails it raises PhotofindError; what was loaded
    stays, unless it is damaged.
    """
    if is_whole(model, models_dir):
        return True
    with arriving(model, models_dir) as part:
        arrival = _Arrival(model, part, on_progress)
        files = run_stoppable(arrival.run(Outage(patience, on_wait)), is_stopped, arrival.tell)
        if files is None:
            return False
        checked = [_checked(model, file, part / file.name) for file in files]
        install(model, part, checked, hub_name())
    return True


class _Arrival:
    """The files of one model on their way from the hub."""

    def __init__(self, model: Model, part: Path, on_progress: OnProgress) -> None:
        self._model = model
        self._part = part
        self._on_progress = on_progress
        self._before = 0  # bytes of the files that are here
        self._done = 0  # bytes of the one on its way
        self._furthest = 0  # how many of them there ever were
        self._total = 0

    async def run(self, outage: Outage) -> list[ModelFile]:
        """Load what is missing, over several connections if need be; return the files, which are to be checked."""
        async with new_client() as client:
            hub = Hub(client, self._model, outage)
            files = await self._find_files(hub, outage)
            files = begin_part(self._model, self._part, files, hub_name())
            self._total = sum(file.size for file in files)
            for file in files:
                await outage.keep_trying(partial(self._load, hub, outage, file))
                self._before += file.size
                self._done = self._furthest = 0
        return files

    def tell(self) -> None:
        """Tell how far it is, once that is known."""
        if self._total:
            self._on_progress(min(self._before + self._done, self._total), self._total)

    async def _find_files(self, hub: Hub, outage: Outage) -> list[ModelFile]:
        """Ask for all files, of one revision; of what is pinned nothing is asked."""
        pinned = self._model.pinned
        revisions = {self._model.repo: pinned.commit} if pinned else {}
        found = []
        for repo, name in reversed(self._model.files):  # the weights first: without them the rest is of no use
            file = pinned_file(self._model, name)
            if file is None:
                find = partial(hub.find_file, repo, name, revisions.get(repo, "main"))
                file = await outage.keep_trying(find)
            revisions[repo] = file.revision
            found.append(file)
        return found[::-1]

    async def _load(self, hub: Hub, outage: Outage, file: ModelFile) -> None:
        """Load from one connection until it ends, or there is more than there should be."""
        path = self._part / file.name
        path.touch()
        size = path.stat().st_size
        self._done, self._furthest = size, max(size, self._furthest)
        self.tell()
        if size >= file.size:
            return
        start = size if file.hub_hash or file.version else 0
        with path.open("r+b") as part:
            async with aclosing(hub.read(file, start)) as chunks:
                # From the beginning again where the hub cannot do otherwise: what is there stays until it is passed, if
                # there is a hash to tell that it is the same.
                async for place, chunk in chunks:
                    if not file.hub_hash:
                        part.truncate(place)
                    part.seek(place)
                    part.write(chunk)
                    self._done = place + len(chunk)
                    self.tell()
                    if self._done > self._furthest:
                        self._furthest = self._done
                        outage.end()
                    if self._done > file.size:
                        return
        if self._done < file.size:
            raise AwayError("download_broke_off", model=self._model.name)


def _checked(model: Model, file: ModelFile, path: Path) -> ModelFile:
    """Compare a file with what was told of it; return it with its SHA-256."""
    found = sha256(path)
    hashes = _sha1s(path) if len(file.hub_hash) == _SHA1_DIGITS else ("", found)
    if path.stat().st_size == file.size and file.hub_hash in hashes:
        return replace(file, sha256=found)
    path.unlink()
    if pinned_file(model, file.name) is not None:
        raise PhotofindError("hub_has_other_file", hub=hub_name(), file=file.name, model=model.name)
    raise PhotofindError("download_damaged", model=model.name)


def _sha1s(path: Path) -> tuple[str, str]:
    """Return git's hash of a file, which the hub tells, and its SHA-1, which a mirror may tell in its place."""
    head, content = (hashlib.sha1(usedforsecurity=False) for _ in range(2))
    head.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            head.update(chunk)
            content.update(chunk)
    return head.hexdigest(), content.hexdigest()
