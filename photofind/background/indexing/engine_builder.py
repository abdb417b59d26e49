"""Have a model fitted to this computer once, in a child process: exported, measured, and proved equal.

It needs the memory of a few copies of the model, and libraries that nobody needs afterwards.
"""

from __future__ import annotations

import logging
import multiprocessing
import sys
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

from photofind.background.child_process import begin_child, lower_priority
from photofind.core.embedding.running_model import RunningModel
from photofind.core.embedding.sample_photos import size_thumbnails
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.work import SampleThumbnail

_log = logging.getLogger(__name__)
# How soon it is worth looking again whether there are enough photos.
_LOOK_AGAIN_SECONDS = 60.0


class EngineBuilder:
    """At most one child that fits the model that `choose` names; used on the library thread."""

    def __init__(
        self, choose: Callable[[Library], RunningModel | None] = lambda library: library.models.indexing
    ) -> None:
        self._choose = choose
        self._builder: BaseProcess | None = None
        self._model_id = ""
        self._is_first = False
        self._look_again_at = 0.0
        self._fitted: set[str] = set()
        self._settled: set[str] = set()
        self._notice = ""

    def work(self, library: Library, *, at_rest: bool) -> bool:
        """Fit the model, where it is not yet; tell whether that is worth waiting for.

        Once there are enough photos it is fitted by them, when there is nothing else to do; nobody waits for that.
        Returns at once. One try a start: where it fails, torch runs the model as it is.
        """
        model = self._choose(library)
        if model is None:
            self.stop()
            return False
        if self._builder is not None and model.spec.model_id != self._model_id:
            self.stop()
        if self._builder is not None:
            if not self._builder.is_alive():
                self._finish(model, library, self._builder)
        elif self._is_open(model, at_rest=at_rest):
            self._look(model, library, at_rest=at_rest)
        return self._builder is not None and self._is_first

    @property
    def is_working(self) -> bool:
        """Whether a model is being fitted."""
        return self._builder is not None

    def take_notice(self) -> str:
        """Return, once, a sentence for the person where photos are to be embedded again, else an empty one."""
        notice, self._notice = self._notice, ""
        return notice

    def wait(self, seconds: float) -> None:
        """Wait for the end of the child's work, so long at most."""
        if self._builder is not None:
            self._builder.join(seconds)

    def stop(self) -> None:
        """End the child; what it has written so far does not count."""
        if self._builder is not None:
            self._builder.kill()
            self._builder.join()
            self._fitted.discard(self._model_id)
            self._settled.discard(self._model_id)
        self._builder = None

    def _is_open(self, model: RunningModel, *, at_rest: bool) -> bool:
        """Tell whether it is worth looking what there is to do."""
        if at_rest:
            return model.spec.model_id not in self._settled and time.monotonic() >= self._look_again_at
        return model.spec.model_id not in self._fitted

    def _look(self, model: RunningModel, library: Library, *, at_rest: bool) -> None:
        """Start a child where there is something for it to do."""
        model_id = model.spec.model_id
        self._fitted.add(model_id)
        if model.folder is None:
            self._settled.add(model_id)
            return
        self._distrust_refused(model, library)  # where the program was killed before it could
        engines = model.engines()
        if engines is not None and engines.pictures:
            self._settled.add(model_id)
        elif at_rest or engines is None:
            self._look_again_at = time.monotonic() + _LOOK_AGAIN_SECONDS
            thumbnails = library.embedding.sample_thumbnails()
            if thumbnails:
                self._settled.add(model_id)
            if thumbnails or engines is None:
                self._start(model, model.folder, thumbnails, is_first=engines is None)

    def _start(self, model: RunningModel, folder: Path, thumbnails: list[SampleThumbnail], *, is_first: bool) -> None:
        context = multiprocessing.get_context("spawn")
        arguments = (folder, model.engines_dir, thumbnails)
        builder = context.Process(target=_build, args=arguments, name="photofind engine builder", daemon=True)
        try:
            builder.start()
        except OSError as error:  # no memory, or too many processes
            _log.warning("%s is not fitted to this computer: %s", model.spec.name, error)
            return
        self._builder, self._model_id, self._is_first = builder, model.spec.model_id, is_first

    def _finish(self, model: RunningModel, library: Library, builder: BaseProcess) -> None:
        builder.join()
        if builder.exitcode == 0:
            model.reload()
            self._distrust_refused(model, library)
        else:
            _log.warning("%s could not be fitted to this computer (exit code %s)", model.spec.name, builder.exitcode)
        self._builder = None

    def _distrust_refused(self, model: RunningModel, library: Library) -> None:
        refused = library.embedding.distrust_refused(model)
        if refused:
            self._notice = (
                f"How the model {model.spec.name} ran until now is not exact enough for your photos, so they are "
                "embedded again; searching goes on meanwhile."
            )


def _build(folder: Path, target: Path, thumbnails: list[SampleThumbnail]) -> None:
    begin_child()
    lower_priority()
    from photofind.core.encoders.prepare import prepare  # noqa: PLC0415 - imports torch

    try:
        prepare(folder, target, size_thumbnails(thumbnails, read_model_folder(folder).spec))
    except (PhotofindError, OSError) as error:
        _log.warning("not fitted to this computer: %s", error)
        sys.exit(1)
