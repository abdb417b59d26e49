"""Takes models into use, downloading them first where they are not there; goes on while no dialog is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photofind.core import models

if TYPE_CHECKING:
    from photofind.background.model_download import ModelDownload
    from photofind.background.worker import Worker


@dataclass(frozen=True, slots=True)
class DownloadState:
    """The download that runs, in bytes; or the one that failed, with a sentence that says why."""

    name: str
    done: int = 0
    total: int = 0
    failure: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it has not failed."""
        return not self.failure


class ModelChooser(QObject):
    """What the person decides about models; `download` is the one to show, if there is one."""

    chosen = Signal(str)
    failed = Signal(str)
    download_changed = Signal()
    download_failed = Signal(str)

    def __init__(self, worker: Worker, model_download: ModelDownload, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._model_download = model_download
        self.download: DownloadState | None = None

    def use(self, name_or_folder: str) -> None:
        """Embed the library with a model that is there."""
        self._worker.do(
            lambda library: library.use_model(name_or_folder),
            lambda _: self.chosen.emit(name_or_folder),
            self.failed.emit,
        )

    def get(self, name: str) -> None:
        """Download a model and use it."""
        self._show(DownloadState(name))
        self._model_download.start(models.find(name), self._on_progress, self._on_done, self._on_error)

    def cancel(self) -> None:
        """End the download."""
        self._model_download.cancel()
        self._show(None)

    def _on_progress(self, done: int, total: int) -> None:
        if self.download is not None:
            self._show(replace(self.download, done=done, total=total))

    def _on_done(self) -> None:
        if self.download is not None:
            self.use(self.download.name)
        self._show(None)

    def _on_error(self, sentence: str) -> None:
        if self.download is not None:
            self._show(replace(self.download, failure=sentence))
        self.download_failed.emit(sentence)

    def _show(self, download: DownloadState | None) -> None:
        self.download = download
        self.download_changed.emit()
