"""Takes models into use, downloading them first where they are not there; goes on while no dialog is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QObject, Signal

from photofind.background.model_download import ModelDownload, Transfer
from photofind.core.models import offered as models
from photofind.gui.look.sentences import in_words
from photofind.gui.needs import LibraryWorker, PhotoLibrary

_NOTHING: Final = Transfer(0, 0)


@dataclass(frozen=True, slots=True)
class DownloadState:
    """How a model's download stands; `failure` is a sentence that says why it failed, `is_copy` that it is none."""

    state: Literal["running", "paused", "failed", "gone"] = "running"
    transfer: Transfer = _NOTHING
    failure: str = ""
    is_copy: bool = False


class ModelChooser(QObject):
    """What the person decides about models; `downloads` holds, by name, those since the start.

    `chosen` says which model is in use now, and which one answers until it is ready, which may be the same;
    `told` is a sentence for the person about the one for Find similar, which stands beside them.
    """

    chosen = Signal(str, str)
    told = Signal(str)
    forgotten = Signal()
    failed = Signal(str)
    download_changed = Signal()
    download_failed = Signal(str)

    def __init__(self, worker: LibraryWorker, model_download: ModelDownload, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._model_download = model_download
        self._name = ""
        self.downloads: dict[str, DownloadState] = {}

    @property
    def is_downloading(self) -> bool:
        """Whether a model is on its way; there is never more than one."""
        return any(download.state == "running" for download in self.downloads.values())

    def use(self, name_or_folder: str) -> None:
        """Embed the library with a model that is there; beside the one in use where it is for Find similar."""

        def act(library: PhotoLibrary) -> tuple[str, str, bool]:
            model = library.models.use(name_or_folder)
            return model.spec.name, library.models.answering.spec.name, model.for_similar

        self._worker.do(
            act,
            lambda in_use: self._on_used(name_or_folder, *in_use),
            in_words(lambda sentence: self._on_unusable(name_or_folder, sentence)),
        )

    def stay(self) -> None:
        """Cancel a change: go on with the model that answers."""

        def act(library: PhotoLibrary) -> tuple[str, str]:
            library.models.cancel_change()
            return _in_use(library)

        self._worker.do(act, lambda in_use: self.chosen.emit(*in_use), in_words(self.failed.emit))

    def stop(self, name_or_folder: str) -> None:
        """Find similar photos without the model that was used for that."""

        def act(library: PhotoLibrary) -> str:
            library.models.stop_using(name_or_folder)
            return library.models.answering.spec.name

        sentence = self.tr("Find similar uses “{model}” again; what “{old}” learned is kept.")
        old = Path(name_or_folder).name
        self._worker.do(
            act,
            lambda model: self.told.emit(sentence.format(model=model, old=old)),
            in_words(self.failed.emit),
        )

    def forget(self, name_or_folder: str) -> None:
        """Delete the vectors that a model made."""
        self._worker.do_in_steps(
            lambda library, _: library.models.forgetting(name_or_folder),
            lambda _: self.forgotten.emit(),
            in_words(self.failed.emit),
        )

    def _on_used(self, name_or_folder: str, model: str, answering: str, is_for_similar: bool) -> None:
        self._end_download(name_or_folder)
        if is_for_similar:
            sentence = self.tr("Find similar uses “{model}” once it has seen your photos; words go on with “{old}”.")
            self.told.emit(sentence.format(model=model, old=answering))
        else:
            self.chosen.emit(model, answering)

    def _on_unusable(self, name_or_folder: str, sentence: str) -> None:
        self._end_download(name_or_folder)
        self.failed.emit(sentence)

    def _end_download(self, name: str) -> None:
        """End a download that stayed in view until its model was in use."""
        if self.downloads.pop(name, None) is not None:
            self.download_changed.emit()

    def get(self, name: str, folder: Path | None = None) -> None:
        """Download a model, or copy it from a folder that holds its files, and use it."""
        self._name = name
        before = self.downloads.get(name, DownloadState()).transfer
        self._show(DownloadState(transfer=Transfer(before.done, before.total), is_copy=folder is not None))
        self._model_download.start(
            models.find(name), self._on_transfer, self._on_done, in_words(self._on_error), folder
        )

    def pause(self) -> None:
        """End the download, so that it can go on later from there."""
        self._model_download.pause()
        self._show(replace(self.downloads[self._name], state="paused"))

    def cancel(self, name: str) -> None:
        """End a download and delete what was loaded."""
        self._model_download.cancel(models.find(name))
        self._name = name
        self._show(DownloadState("gone"))

    def _on_transfer(self, transfer: Transfer) -> None:
        self._show(replace(self.downloads[self._name], transfer=transfer))

    def _on_done(self) -> None:
        self.use(self._name)

    def _on_error(self, sentence: str) -> None:
        self._show(replace(self.downloads[self._name], state="failed", failure=sentence))
        self.download_failed.emit(sentence)

    def _show(self, download: DownloadState) -> None:
        self.downloads[self._name] = download
        self.download_changed.emit()


def _in_use(library: PhotoLibrary) -> tuple[str, str]:
    return library.models.indexing.spec.name, library.models.answering.spec.name
