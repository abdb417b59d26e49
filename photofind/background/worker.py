"""The worker: the one thread that owns the library, and the queue in front of it.

Always a search first, then what the person asked for, then comparing folders with the disk, then
embedding; all long work is cut into slices of about 150 ms, so a search waits for one slice at
most. Answers are posted to the main thread as closures; nobody else sees a thread.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from photofind.background.decoding.child import ImageAnswer
from photofind.background.decoding.decoder import VANISHED, Decoder
from photofind.background.upkeep import Upkeep
from photofind.core.care.recovery import recover
from photofind.core.disk.exclusions import Exclusions
from photofind.core.errors import LibraryDamagedError, PhotofindError
from photofind.core.library import Library
from photofind.core.records.answers import SearchResult
from photofind.core.records.arrays import Pixels
from photofind.core.records.care import Way
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.photos import Folder
from photofind.core.records.progress import Progress, State
from photofind.core.records.query import Query

_log = logging.getLogger(__name__)
BUG = "Something went wrong inside photofind; the log says more."
# The longest edge of a picture given to other programs: 50 MB of pixels.
_IMAGE_EDGE = 4096
# How soon what failed is tried again: another program has the library, or the disk is full.
_AGAIN_SECONDS = 2.0
T = TypeVar("T")

Post = Callable[[Callable[[], None]], None]
OnError = Callable[[str], None]
Job = Callable[[Library], None]


class Worker:
    """Own the library on a thread of its own; every method may be called from the main thread.

    `on_progress`, `on_notice` (a sentence for the person), `on_changed` (photos came, went or
    were embedded, at most once a second), `on_folders` (the folders to watch and what is left out
    of them) and all callbacks of calls run through `post`.
    """

    def __init__(
        self,
        open_library: Callable[[], Library],
        decoder: Decoder,
        post: Post,
        *,
        on_progress: Callable[[Progress], None],
        on_notice: Callable[[str], None],
        on_changed: Callable[[], None],
        on_folders: Callable[[list[Folder], Exclusions], None],
        on_scanned: Callable[[int, float], None],
    ) -> None:
        self._open_library = open_library
        self._decoder = decoder
        self._post = post
        self._on_progress = on_progress
        self._upkeep = Upkeep(
            decoder,
            on_progress=lambda progress: post(lambda: on_progress(progress)),
            on_notice=lambda sentence: post(lambda: on_notice(sentence)),
            on_changed=lambda: post(on_changed),
            on_folders=lambda folders, exclusions: post(lambda: on_folders(folders, exclusions)),
            on_scanned=on_scanned,
        )
        self._wake = threading.Condition()
        self._search: Job | None = None
        self._decoded: tuple[tuple[Path | bytes, str], DecodedPhoto] | None = None
        self._jobs: deque[Job] = deque()
        self._recovery: tuple[Way, Callable[[str], None], OnError] | None = None
        self._is_damaged = False
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="library", daemon=True)

    # For the main thread

    def start(self) -> None:
        """Open the library and begin to work."""
        self._thread.start()

    def search(self, query: Query, on_done: Callable[[SearchResult], None], on_error: OnError) -> None:
        """Answer a query before anything else; an older search that still waits is dropped for it."""
        job = self._job(lambda library: self._answer(library, query), on_done, on_error)
        with self._wake:
            self._search = job
            self._wake.notify()

    def do(self, action: Callable[[Library], T], on_done: Callable[[T], None], on_error: OnError) -> None:
        """Run an action on the library's thread, after those asked for before it."""
        self._add(self._job(action, on_done, on_error), self._upkeep.notice_changes)

    def recover(self, way: Way, on_done: Callable[[str], None], on_error: OnError) -> None:
        """Mend the library and open it then; `on_done` gets a sentence. Refused while its state is not "damaged"."""
        with self._wake:
            is_wanted = self._is_damaged
            if is_wanted:
                self._recovery = (way, on_done, on_error)
                self._wake.notify()
        if not is_wanted:
            self._post(lambda: on_error("There is nothing to mend now."))

    def open_image(self, path: bytes, on_done: Callable[[Pixels], None], on_error: OnError) -> None:
        """Open a whole picture, upright sRGB uint8 [h, w, 3] of at most 4096 pixels; nothing waits for it."""

        def answer(image: ImageAnswer) -> None:
            if isinstance(image, str | None):
                self._post(lambda: on_error(image or VANISHED))
            else:
                self._post(lambda: on_done(image))

        try:
            self._decoder.open_image(path, _IMAGE_EDGE, answer)
        except PhotofindError as error:
            answer(str(error))

    def sync(self, folder_id: int | None = None) -> None:
        """Compare a folder, or all of them, with the disk soon."""
        self._add(lambda library: self._upkeep.ask_sync(library, folder_id))

    def pause(self) -> None:
        """Stop embedding after the present slice; searching goes on."""
        self._add(lambda library: self._upkeep.set_paused(library, True))

    def resume(self) -> None:
        """Go on embedding."""
        self._add(lambda library: self._upkeep.set_paused(library, False))

    def stop(self, timeout: float = 3.0) -> bool:
        """End after the present slice and close the library; tell whether that was within `timeout` seconds."""
        self.ask_stop()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def ask_stop(self) -> None:
        """Ask the thread to end after the present slice, without waiting for it."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify()

    def _add(self, *jobs: Job) -> None:
        """Queue jobs, with nothing but a search between them."""
        with self._wake:
            self._jobs += jobs
            self._wake.notify()

    def _job(self, action: Callable[[Library], T], on_done: Callable[[T], None], on_error: OnError) -> Job:
        def run(library: Library) -> None:
            try:
                result = action(library)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told and must not end the thread
                sentence = _explain(error)
                self._post(lambda: on_error(sentence))
            else:
                self._post(lambda: on_done(result))

        return run

    # On the library's thread

    def _run(self) -> None:
        library = self._open()
        if library is None:
            return
        try:
            while not self._is_stopping and not self._succeeds(self._upkeep.begin, library):
                self._rest()
            rest_seconds = 0.0
            while (job := self._next(rest_seconds)) is not None:
                is_done = self._succeeds(job, library)
                rest_seconds = self._upkeep.rest_seconds if is_done else _AGAIN_SECONDS
        finally:
            try:
                self._upkeep.end()
            finally:
                self._close(library)

    def _succeeds(self, job: Job, library: Library) -> bool:
        """Run a job; tell whether it came to its end. Why it did not is told as why indexing stops is."""
        try:
            job(library)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and must not end the thread
            self._tell("halted", _explain(error))
            return False
        return True

    def _open(self) -> Library | None:
        """Open the library, however long that takes; None when the worker is stopped before, or for a mistake of ours.

        What is asked meanwhile waits.
        """
        told = ""
        while not self._is_stopping:
            try:
                return self._open_library()
            except LibraryDamagedError as error:
                self._mend(error)
                told = ""
            except PhotofindError as error:
                if str(error) != told:
                    told = str(error)
                    self._tell("halted", told)
                self._rest()
            except Exception:  # noqa: BLE001 - a mistake of ours is logged and told, and must not end the thread
                _log.exception("the library could not be opened")
                self._tell("halted", BUG)
                break
        return None

    def _rest(self) -> None:
        with self._wake:
            self._wake.wait_for(lambda: self._is_stopping, _AGAIN_SECONDS)

    def _mend(self, damaged: LibraryDamagedError) -> None:
        """Do what the person decides about a damaged library, until it is mended."""
        while (chosen := self._decision(str(damaged))) is not None:
            way, on_done, on_error = chosen
            try:
                sentence = recover(damaged.directory, way)
            except PhotofindError as error:
                refusal = str(error)
            except Exception:  # noqa: BLE001 - a mistake of ours is logged and told, and must not end the thread
                _log.exception("the library could not be mended")
                refusal = BUG
            else:
                self._tell("opening", "")  # not before: what shows the work would give way to it
                self._post(lambda sentence=sentence, on_done=on_done: on_done(sentence))  # type: ignore[misc]
                return
            self._post(lambda refusal=refusal, on_error=on_error: on_error(refusal))  # type: ignore[misc]

    def _decision(self, sentence: str) -> tuple[Way, Callable[[str], None], OnError] | None:
        """Say that the library is damaged and wait for the person's decision; None when the worker is stopped."""
        with self._wake:
            self._is_damaged = True
        self._tell("damaged", sentence)
        with self._wake:
            self._wake.wait_for(lambda: self._is_stopping or self._recovery is not None)
            chosen, self._recovery, self._is_damaged = self._recovery, None, False
        return None if self._is_stopping else chosen

    def _tell(self, state: State, sentence: str) -> None:
        """Say how it stands with a library that is not open."""
        progress = Progress(state, 0, 0, 0, 0, 0, None, None, "", "", "", None, sentence)
        self._post(lambda: self._on_progress(progress))

    def _close(self, library: Library) -> None:
        try:
            library.close()
        except Exception:  # noqa: BLE001 - a mistake of ours is logged and told, and must not end the thread
            _log.exception("closing the library failed")

    def _next(self, rest_seconds: float) -> Job | None:
        """Take the next job, waiting for one at most so long; None when the worker is stopped.

        The search goes before all others; where none is waiting, it is a slice of upkeep.
        """
        with self._wake:
            if self._search is None and not self._jobs and rest_seconds > 0 and not self._is_stopping:
                self._wake.wait(rest_seconds)
            if self._is_stopping:
                return None
            if self._search is not None:
                job, self._search = self._search, None
                return job
            return self._jobs.popleft() if self._jobs else self._upkeep.work

    def _answer(self, library: Library, query: Query) -> SearchResult:
        if query.picture is None:
            return library.search.answer(query)
        return library.search.answer(query, self._decode(library, query.picture))

    def _decode(self, library: Library, picture: Path | bytes) -> DecodedPhoto:
        """Decode the query's picture, once: while photos come in, the same is asked again every second."""
        spec, is_content = library.search.decoding_spec, isinstance(picture, bytes)
        asked = (picture, spec.model_id)
        if self._decoded is None or self._decoded[0] != asked:
            self._decoded = (asked, self._decoder.decode_now(bytes(picture), spec, is_content=is_content))
        return self._decoded[1]


def _explain(error: Exception) -> str:
    """Return what an error on the library's thread means for the person; a mistake of ours is logged."""
    if isinstance(error, PhotofindError):
        return str(error)
    _log.error("a mistake on the library's thread", exc_info=error)
    return BUG
