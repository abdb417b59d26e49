"""Have a model fitted to this computer once, in a child process: exported, measured, and proved equal.

It needs the memory of a few copies of the model, and libraries that nobody needs afterwards.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from photofind.background.child_process import Child
from photofind.core.embedding.running_model import RunningModel
from photofind.core.embedding.trial_photos import size_thumbnails
from photofind.core.encoders.engines import unfinished_dir
from photofind.core.encoders.model_folder import read_model_folder
from photofind.core.library import Library
from photofind.core.records.work import TrialThumbnail
from photofind.core.sentences.sentence import Sentence

_log = logging.getLogger(__name__)
# How soon it is worth looking again whether there are enough photos.
_LOOK_AGAIN_SECONDS = 60.0


class EngineBuilder:
    """At most one child that fits the model that `choose` names; used on the library thread."""

    def __init__(
        self, choose: Callable[[Library], RunningModel | None] = lambda library: library.models.indexing
    ) -> None:
        self._choose = choose
        self._child: Child | None = None
        self._model_id = ""  # of the model that the child fits
        self._target = Path()  # where it writes
        self._is_first = False
        self._look_again_at = 0.0
        self._begun: set[str] = set()  # models that need no first fitting any more, or have had their try
        self._decided: set[str] = set()  # models that need no fitting by own photos any more
        self._notice: Sentence | None = None

    def work(self, library: Library, *, at_rest: bool) -> bool:
        """Fit the model, where it is not yet; tell whether that is worth waiting for.

        Once there are enough photos it is fitted by them, when there is nothing else to do; nobody waits for that.
        Returns at once. One try a start: where it fails, torch runs the model as it is.
        """
        model = self._choose(library)
        if model is None or model.spec.model_id != self._model_id:
            self.stop()
        if model is None:
            return False
        if self._child is None:
            if self._is_open(model, at_rest=at_rest):
                self._look(model, library, at_rest=at_rest)
        elif self._child.has_ended:
            self._finish(model, library, self._child)
        return self.is_working and self._is_first

    @property
    def is_working(self) -> bool:
        """Whether a model is being fitted."""
        return self._child is not None

    def take_notice(self) -> Sentence | None:
        """Return, once, a sentence for the person where photos are to be embedded again."""
        notice, self._notice = self._notice, None
        return notice

    def wait(self, seconds: float) -> None:
        """Wait for the end of the child's work, so long at most."""
        if self._child is not None:
            self._child.wait(seconds)

    def stop(self) -> None:
        """End the child; what it has written so far is deleted."""
        if self._child is not None:
            self._child.stop()
            shutil.rmtree(unfinished_dir(self._target), ignore_errors=True)  # gigabytes, and nobody may fit it again
            self._begun.discard(self._model_id)
            self._decided.discard(self._model_id)
        self._child = None

    def _is_open(self, model: RunningModel, *, at_rest: bool) -> bool:
        """Tell whether it is worth looking what there is to do."""
        if at_rest:
            return model.spec.model_id not in self._decided and time.monotonic() >= self._look_again_at
        return model.spec.model_id not in self._begun

    def _look(self, model: RunningModel, library: Library, *, at_rest: bool) -> None:
        """Start a child where there is something for it to do."""
        model_id = model.spec.model_id
        self._begun.add(model_id)
        if model.folder is None:
            self._decided.add(model_id)
            return
        self._distrust_refused(model, library)  # where the program was killed before it could
        engines = model.engines()
        if engines is not None and engines.pictures:
            self._decided.add(model_id)
        elif at_rest or engines is None:
            self._look_again_at = time.monotonic() + _LOOK_AGAIN_SECONDS
            thumbnails = library.embedding.trial_thumbnails()
            if thumbnails:
                self._decided.add(model_id)
            if thumbnails or engines is None:
                self._start(model, model.folder, thumbnails, is_first=engines is None)

    def _start(self, model: RunningModel, folder: Path, thumbnails: list[TrialThumbnail], *, is_first: bool) -> None:
        try:
            self._child = Child("engine builder", _fit, folder, model.engines_dir, thumbnails, priority="low")
        except OSError as error:
            _log.warning("%s is not fitted to this computer: %s", model.spec.name, error)
        self._model_id, self._target, self._is_first = model.spec.model_id, model.engines_dir, is_first

    def _finish(self, model: RunningModel, library: Library, child: Child) -> None:
        if child.exit_code == 0:
            model.reload()
            self._distrust_refused(model, library)  # where that cannot be written, this is done again
        else:
            _log.warning("%s could not be fitted to this computer (exit code %s)", model.spec.name, child.exit_code)
        self._child = None

    def _distrust_refused(self, model: RunningModel, library: Library) -> None:
        refused = library.embedding.distrust_refused(model)
        if refused:
            self._notice = Sentence("engine_refused", model=model.spec.name)


def _fit(folder: Path, target: Path, thumbnails: list[TrialThumbnail]) -> None:
    from photofind.core.encoders.fitting import fit_model  # noqa: PLC0415 - imports torch

    fit_model(folder, target, size_thumbnails(thumbnails, read_model_folder(folder).spec))
