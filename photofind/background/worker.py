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

from photofind.background.calls import OnError, Post, explain
from photofind.background.decoding.child import Answer, ImageAnswer
from photofind.background.decoding.decoder import VANISHED, Decoder
from photofind.background.errands import Errand
from photofind.background.opening import Opening
from photofind.background.query_picture import QueryPicture
from photofind.background.reports import Listener
from photofind.background.upkeep import Upkeep
from photofind.core.disk.exclusions import Exclusions
from photofind.core.disk.reading import Read
from photofind.core.errors import PhotofindError
from photofind.core.library import Library
from photofind.core.records.answers import SearchResult
from photofind.core.records.arrays import Pixels
from photofind.core.records.care import Way
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec
from photofind.core.records.photos import Folder
from photofind.core.records.progress import Progress, State
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from photofind.core.steps import Steps

_log = logging.getLogger(__name__)
# The longest edge of a picture given to other programs: 50 MB of pixels.
_IMAGE_EDGE = 4096
# How soon it goes on after what failed.
_AGAIN_SECONDS = 2.0
T = TypeVar("T")

Job = Callable[[Upkeep], None]


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
        on_notice: Callable[[Sentence], None],
        on_changed: Callable[[], None],
        on_folders: Callable[[list[Folder], Exclusions], None],
        on_scanned: Callable[[int, float], None],
    ) -> None:
        self._decoder = decoder
        self._post = post
        self._listener = Listener(
            on_progress=lambda progress: post(lambda: on_progress(progress)),
            on_notice=lambda sentence: post(lambda: on_notice(sentence)),
            on_changed=lambda: post(on_changed),
            on_folders=lambda folders, exclusions: post(lambda: on_folders(folders, exclusions)),
            on_scanned=on_scanned,
        )
        self._opening = Opening(open_library, post, self._tell)
        self._wake = threading.Condition()
        self._search: Job | None = None
        self._searches = 0
        self._picture = QueryPicture(decoder)
        self._jobs: deque[Job] = deque()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="library", daemon=True)

    # For the main thread

    def start(self) -> None:
        """Open the library and begin to work."""
        self._thread.start()

    def search(self, query: Query, on_done: Callable[[SearchResult], None], on_error: OnError) -> None:
        """Answer a query before anything else; an older search that still waits is dropped for it.

        So is one whose picture is still being decoded.
        """
        with self._wake:
            self._searches += 1
            number = self._searches
        if query.picture is None:
            self._picture.forget()
            self._set_search(
                number, self._job(lambda library: library.search.answer(query, at_once=True), on_done, on_error)
            )
        else:
            self._set_search(number, self._picture_job(number, query, query.picture, on_done, on_error))

    def do(self, action: Callable[[Library], T], on_done: Callable[[T], None], on_error: OnError) -> None:
        """Run an action on the library's thread, after those asked for before it."""
        self._add(self._job(action, on_done, on_error), Upkeep.notice_changes)

    def do_in_steps(
        self, action: Callable[[Library, Read], Steps[T]], on_done: Callable[[T], None], on_error: OnError
    ) -> None:
        """Run an action of several steps, between which searches come; `Read` reads disks beside the thread."""

        def fail(error: Exception) -> None:
            sentence = explain(error)
            self._post(lambda: on_error(sentence))

        errand = Errand(action, lambda result: self._post(lambda: on_done(result)), fail)
        self._add(lambda upkeep: upkeep.do_in_steps(errand))

    def recover(self, way: Way, on_done: Callable[[Sentence], None], on_error: OnError) -> None:
        """Mend the library and open it then; `on_done` gets a sentence. Refused while its state is not "damaged"."""
        self._opening.recover(way, on_done, on_error)

    def open_image(self, path: bytes, on_done: Callable[[Pixels], None], on_error: OnError) -> None:
        """Open a whole picture, upright sRGB uint8 [h, w, 3] of at most 4096 pixels; nothing waits for it."""

        def answer(image: ImageAnswer) -> None:
            if isinstance(image, Sentence | None):
                self._post(lambda: on_error(image or VANISHED))
            else:
                self._post(lambda: on_done(image))

        try:
            self._decoder.open_image(path, _IMAGE_EDGE, answer)
        except PhotofindError as error:
            answer(error.sentence)

    def sync(self, folder_id: int | None = None) -> None:
        """Compare a folder, or all of them, with the disk soon."""
        self._add(lambda upkeep: upkeep.ask_sync(folder_id))

    def pause(self) -> None:
        """Stop embedding after the present slice; searching goes on."""
        self._add(lambda upkeep: upkeep.set_paused(True))

    def resume(self) -> None:
        """Go on embedding."""
        self._add(lambda upkeep: upkeep.set_paused(False))

    def stop(self, timeout: float = 3.0) -> bool:
        """End after the present slice and close the library; tell whether that was within `timeout` seconds."""
        self.ask_stop()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def ask_stop(self) -> None:
        """Ask the thread to end after the present slice, without waiting for it."""
        self._opening.stop()
        with self._wake:
            self._is_stopping = True
            self._wake.notify()

    def _set_search(self, number: int, job: Job) -> None:
        """Have a search done next, in place of one that waits, unless another was asked since."""
        with self._wake:
            if number == self._searches:
                self._search = job
                self._wake.notify()

    def _picture_job(
        self,
        number: int,
        query: Query,
        picture: Path | bytes,
        on_done: Callable[[SearchResult], None],
        on_error: OnError,
    ) -> Job:
        """Return what has a query's picture decoded for the model that answers, beside this thread, then answers."""

        def begin(upkeep: Upkeep) -> None:
            spec = upkeep.library.search.decoding_spec
            try:
                self._picture.ask(picture, spec, lambda answer: go_on(answer, spec))
            except PhotofindError as error:
                go_on(error.sentence, spec)

        def go_on(answer: Answer, spec: Spec) -> None:
            if isinstance(answer, DecodedPhoto):
                self._set_search(number, lambda upkeep: end(upkeep, answer, spec))
            elif number == self._searches:
                self._post(lambda: on_error(answer or VANISHED))

        def end(upkeep: Upkeep, decoded: DecodedPhoto, spec: Spec) -> None:
            if upkeep.library.search.decoding_spec != spec:  # another model answers since
                begin(upkeep)
            else:
                self._job(lambda library: library.search.answer(query, decoded), on_done, on_error)(upkeep)

        return lambda upkeep: begin(upkeep) if number == self._searches else None

    def _add(self, *jobs: Job) -> None:
        """Queue jobs, with nothing but a search between them."""
        with self._wake:
            self._jobs += jobs
            self._wake.notify()

    def _job(self, action: Callable[[Library], T], on_done: Callable[[T], None], on_error: OnError) -> Job:
        def run(upkeep: Upkeep) -> None:
            try:
                result = action(upkeep.library)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told and must not end the thread
                sentence = explain(error)
                self._post(lambda: on_error(sentence))
            else:
                self._post(lambda: on_done(result))

        return run

    # On the library's thread

    def _run(self) -> None:
        """Open the library, work until asked to stop, and close it; what is asked before it is open waits."""
        library = self._opening.open()
        if library is None:
            return
        try:
            upkeep = self._take_up(library)
            if upkeep is not None:
                self._work(upkeep)
        finally:
            self._close(library)

    def _take_up(self, library: Library) -> Upkeep | None:
        """Begin the upkeep, however often that takes; None where the worker is stopped before."""
        while not self._is_stopping:
            try:
                return Upkeep(library, self._decoder, self._listener)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told and must not end the thread
                self._tell("halted", explain(error))
                self._opening.rest()
        return None

    def _work(self, upkeep: Upkeep) -> None:
        rest_seconds = 0.0
        try:
            while (job := self._next(rest_seconds)) is not None:
                rest_seconds = upkeep.rest_seconds if self._succeeds(job, upkeep) else _AGAIN_SECONDS
        finally:
            upkeep.end()

    def _succeeds(self, job: Job, upkeep: Upkeep) -> bool:
        """Run a job; tell whether it came to its end. Why it did not is told as why indexing stops is."""
        try:
            job(upkeep)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and must not end the thread
            self._tell("halted", explain(error))
            return False
        return True

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
            return self._jobs.popleft() if self._jobs else Upkeep.work

    def _tell(self, state: State, sentence: Sentence | None) -> None:
        """Say how it stands with a library that is not open, or that nothing can be told of."""
        self._listener.on_progress(Progress(state, 0, 0, 0, 0, 0, None, None, "", "", "", None, sentence))

    def _close(self, library: Library) -> None:
        try:
            library.close()
        except Exception:  # noqa: BLE001 - a mistake of ours is logged and told, and must not end the thread
            _log.exception("closing the library failed")
