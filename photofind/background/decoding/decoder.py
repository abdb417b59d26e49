"""The decoder: a few child processes that open photos, watched by one thread.

The children are the only ones that touch untrusted image bytes (invariant 6). One that
takes too long is killed, one that dies is replaced; either costs the one file it had. A child may
die for no fault of its file (the system is short of memory, somebody ends it), so that a second
one tries it too; one that dies before it has started says nothing about the file at all.
"""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from multiprocessing.connection import wait

from photofind.background.child_process import start_connected
from photofind.background.decoding.child import (
    REPLIES,
    TASKS,
    Answer,
    FactsAnswer,
    FactsTask,
    ImageAnswer,
    ImageTask,
    PhotoTask,
    Ready,
    is_answer,
    run_child,
)
from photofind.background.decoding.orders import Order, Orders, RunningChild
from photofind.background.wire import MalformedError
from photofind.core.cores import usable_cores
from photofind.core.errors import PhotofindError
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.models import Spec
from photofind.core.sentences.sentence import Sentence

_log = logging.getLogger(__name__)
SECONDS_A_FILE = 60.0
_CLOSING = Sentence("photofind_closes")
VANISHED = Sentence("file_gone")
_MOST_CHILDREN = 8
_MOST_DEATHS = 2
# Between two tries to start a child where starting fails.
_START_AGAIN_SECONDS = 1.0
# So long a child goes on with what nobody wants any more: most are done sooner than a new child would be there.
_UNWANTED_SECONDS = 1.0
# A child is replaced after so many files, so that a leak in a decoder library stays small.
_FILES_A_CHILD = 2_000

OnAnswer = Callable[[Answer], None]
OnFacts = Callable[[FactsAnswer], None]
OnImage = Callable[[ImageAnswer], None]


class Decoder:
    """Decode files in child processes; its calls may come from any thread."""

    def __init__(self, children: int | None = None, *, seconds_a_file: float = SECONDS_A_FILE) -> None:
        self.children = children or min(_MOST_CHILDREN, usable_cores())
        self._seconds_a_file = seconds_a_file
        self._queue = Orders()
        self._lock = threading.Lock()
        self._running: list[RunningChild] = []
        self._start_after = 0.0
        self._wake_receiver, self._wake_sender = multiprocessing.Pipe(duplex=False)
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    # For any thread

    def submit(self, path: bytes, spec: Spec, on_answer: OnAnswer) -> None:
        """Decode the file at `path`; `on_answer` is called on the decoder's thread."""
        self._add(Order(PhotoTask(path, False, spec), on_answer, is_urgent=False))

    def decode_now(self, source: bytes, spec: Spec, *, is_content: bool) -> DecodedPhoto:
        """Decode a file, or an image file's content, before all waiting tasks; waits for it.

        Raises PhotofindError with the reason where that cannot be.
        """
        answered: Future[Answer] = Future()
        self.decode_soon(source, spec, answered.set_result, is_content=is_content)
        answer = answered.result()
        if isinstance(answer, DecodedPhoto):
            return answer
        raise PhotofindError.saying(answer or VANISHED)

    def decode_soon(self, source: bytes, spec: Spec, on_answer: OnAnswer, *, is_content: bool) -> Callable[[], None]:
        """Decode as `decode_now` does, without waiting; return what takes that back, after which nothing is answered.

        `on_answer` is called on the decoder's thread.
        """
        order = Order(PhotoTask(source, is_content, spec), on_answer, is_urgent=True)
        self._add(order)
        return partial(self._take_back, order)

    def open_image(self, path: bytes, edge: int, on_answer: OnImage) -> None:
        """Open the whole picture at `path`, at most `edge` pixels wide and high, before all waiting photos.

        `on_answer` is called on the decoder's thread.
        """
        self._add(Order(ImageTask(path, edge), on_answer, is_urgent=True))

    def read_facts(self, path: bytes, on_answer: OnFacts) -> None:
        """Read what is known of the photo at `path` beside its pixels.

        `on_answer` is called on the decoder's thread.
        """
        self._add(Order(FactsTask(path), on_answer, is_urgent=False))

    def stop(self, timeout: float = 3.0) -> None:
        """End the children.

        Whoever waits for a picture is told so; photos on the way are not answered: nothing may
        be concluded about them.
        """
        with self._lock:
            self._is_stopping = True
            thread = self._thread
        if thread is not None:
            self._wake()
            thread.join(timeout)

    def _add(self, order: Order) -> None:
        with self._lock:
            if self._is_stopping:
                raise PhotofindError.saying(_CLOSING)
            self._queue.add(order)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="decoder", daemon=True)
                self._thread.start()
        self._wake()

    def _take_back(self, order: Order) -> None:
        order.unwanted_since = time.monotonic()
        self._wake()

    def _wake(self) -> None:
        self._wake_sender.send_bytes(b"!")

    # On the decoder's thread

    def _run(self) -> None:
        while not self._is_stopping:
            self._hand_out()
            by_connection = {child.connection: child for child in self._running}
            for ready in wait([self._wake_receiver, *by_connection], timeout=1.0):
                if ready is self._wake_receiver:
                    self._wake_receiver.recv_bytes()
                elif ready in by_connection:
                    self._receive(by_connection[ready])
            self._end_late()
        self._end_all()

    def _hand_out(self) -> None:
        for child in self._idle_children():
            with self._lock:
                order = self._queue.take()
            if order is None:
                return
            self._give(child, order)

    def _idle_children(self) -> list[RunningChild]:
        """Return children without a task, starting one more where there is work for it."""
        idle = [child for child in self._running if child.order is None]
        with self._lock:
            waiting = len(self._queue)
        if time.monotonic() < self._start_after:
            return idle
        while waiting > len(idle) and len(self._running) < self.children:
            try:
                child = RunningChild(*start_connected("decoder", run_child, priority="low"))
            except OSError as error:  # no memory or no processes left: go on with the children there are
                _log.warning("no further decoder can be started: %s", error)
                break
            self._running.append(child)
            idle.append(child)
        return idle

    def _give(self, child: RunningChild, order: Order) -> None:
        """Give a child an order, which is sent once it listens: a pasted picture would fill the pipe before."""
        child.order, child.deadline = order, time.monotonic() + self._seconds_a_file
        if child.is_ready:
            self._send(child, order)

    def _send(self, child: RunningChild, order: Order) -> None:
        try:
            TASKS.send(child.connection, order.task)
        except OSError:
            child.order = None  # it died while idle: the task never reached it
            self._put_back(order)
            self._end(child)

    def _receive(self, child: RunningChild) -> None:
        try:
            reply = REPLIES.receive(child.connection)
        except (MalformedError, EOFError, OSError) as error:
            _log.info("nothing to be understood came from a decoder: %r", error)
            child.is_confused = not isinstance(error, EOFError | ConnectionError)
            self._lose(child)
            return
        if isinstance(reply, Ready) and not child.is_ready:
            self._begin(child)
        elif child.order is None or isinstance(reply, Ready) or not is_answer(child.order.task, reply):
            _log.info("a decoder said what nobody had asked")
            child.is_confused = True
            self._lose(child)
        else:
            self._answer(child, reply)
            child.files += 1
            if child.files >= _FILES_A_CHILD:
                self._end(child)

    def _begin(self, child: RunningChild) -> None:
        child.is_ready, child.deadline = True, time.monotonic() + self._seconds_a_file
        if child.order is not None:
            self._send(child, child.order)

    @staticmethod
    def _answer(child: RunningChild, reply: Answer | ImageAnswer | FactsAnswer) -> None:
        order, child.order = child.order, None
        if order is not None and order.unwanted_since is None:
            order.on_reply(reply)

    def _end_late(self) -> None:
        now = time.monotonic()
        for child in list(self._running):
            if child.order is None:
                continue
            if child.order.unwanted_since is not None and now > child.order.unwanted_since + _UNWANTED_SECONDS:
                self._end(child)
                continue
            if now <= child.deadline:
                continue
            if child.is_ready:
                self._end(child)
                self._answer(child, Sentence("opening_takes_too_long", seconds=round(self._seconds_a_file)))
            else:
                self._lose(child)

    def _lose(self, child: RunningChild) -> None:
        """Do without a child that died, and let another one try its file unless it is the second."""
        self._end(child)
        if not child.is_ready:
            self._start_after = time.monotonic() + _START_AGAIN_SECONDS
        order = child.order
        if order is None:
            return
        # Whoever waits for a picture is told when nothing can start; photos stay pending.
        order.deaths += child.is_ready or order.is_urgent
        if order.deaths < _MOST_DEATHS:
            self._put_back(order)
        else:
            self._answer(child, child.cause_of_death)

    def _put_back(self, order: Order) -> None:
        with self._lock:
            self._queue.put_back(order)

    def _end(self, child: RunningChild) -> None:
        """End a child, whatever it does; the next task starts a new one."""
        self._running.remove(child)
        child.connection.close()
        child.process.stop()
        if child.order is not None:
            _log.warning("a decoder ended with exit code %s", child.process.exit_code)

    def _end_all(self) -> None:
        orders = [child.order for child in self._running if child.order is not None]
        for child in self._running:
            child.process.kill()
        for child in list(self._running):
            child.order = None
            self._end(child)
        with self._lock:
            while (order := self._queue.take()) is not None:
                orders.append(order)
        for order in orders:
            if order.is_urgent:
                order.on_reply(_CLOSING)
