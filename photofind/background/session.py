"""A session: all that works beside the window for one open library, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from photofind.background.calls import Post
from photofind.background.decoding.decoder import Decoder
from photofind.background.model_download import ModelDownload
from photofind.background.photo_reader import PhotoReader
from photofind.background.watching.watcher import Watcher
from photofind.background.worker import Worker
from photofind.core.disk.exclusions import Exclusions
from photofind.core.library import Library
from photofind.core.places import models_dir
from photofind.core.records.photos import Folder
from photofind.core.records.progress import Progress
from photofind.core.sentences.sentence import Sentence


class Session:
    """Everything that runs beside the window for one library; made, started and stopped on the main thread."""

    def __init__(
        self,
        library_dir: Path,
        post: Post,
        *,
        on_progress: Callable[[Progress], None],
        on_notice: Callable[[Sentence], None],
        on_changed: Callable[[], None],
        on_folders: Callable[[list[Folder]], None],
    ) -> None:
        self.library_dir = library_dir
        self._tell_folders = on_folders
        self._decoder = Decoder()
        self.reader = PhotoReader(library_dir, post)
        self.download = ModelDownload(models_dir(library_dir), post)
        self._watcher = Watcher(
            on_dirty=lambda folder_id: self.worker.sync(folder_id),
            on_notice=lambda sentence: post(lambda: on_notice(sentence)),
        )
        self.worker = Worker(
            lambda: Library(library_dir),
            self._decoder,
            post,
            on_progress=on_progress,
            on_notice=on_notice,
            on_changed=on_changed,
            on_folders=self._on_folders,
            on_scanned=self._watcher.note_scan,
        )

    def _on_folders(self, folders: list[Folder], exclusions: Exclusions) -> None:
        self._watcher.watch(folders, exclusions)
        self._tell_folders(folders)

    def start(self) -> None:
        """Open the library and begin to work, all in the background."""
        self._watcher.start()
        self.reader.start()
        self.worker.start()

    def stop(self) -> bool:
        """End all threads and child processes, within three seconds; tell whether the library's thread has ended.

        It has not while it loads a model, which nothing can interrupt; what is done is kept all the same.
        """
        self.worker.ask_stop()
        self.download.stop(0.2)
        self._watcher.stop(0.5)
        self._decoder.stop(0.5)
        self.reader.stop(0.2)
        return self.worker.stop(1.5)
