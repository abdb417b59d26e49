"""Steps in the life of a library, each run in a process that can be killed, or refused, at any system call.

`python -m tests.end2end.crash_scenario` reads one task a line, forks a process for it, prints the
process's number and, when it has ended, its exit status. The process stops itself before it begins, so
that strace can be attached; forking saves the time to start Python and import everything again.
Photos are decoded in the process itself: what a decoder child does is never written.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import mmap
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from photofind.background.decoding.child import FactsTask, PhotoTask, decode
from photofind.background.indexing import pipeline
from photofind.cli import index_all
from photofind.cli.group import cli
from photofind.core.encoders.quick_look import QuickLook
from photofind.core.records.arrays import Pixels, Vectors
from photofind.core.records.models import Spec
from photofind.core.vectors import vector_index
from photofind.core.vectors.building import build_hnsw

STEPS = ("add", "index", "move", "remove", "rebuild", "forget")
GRAPH_FROM_ROWS = 4
_PR_SET_PTRACER = 0x59616D61


@dataclass
class Task:
    """A step to take; what the process says goes to `said`, how many pictures it encoded to `encoded`."""

    step: str
    library: str
    photos: str
    said: str
    encoded: str


class DecoderHere:
    """Stands where the decoder stands and opens photos in this very process."""

    children = 1

    def submit(self, path: bytes, spec: Spec, on_answer: Callable[[Any], None]) -> None:
        on_answer(decode(PhotoTask(path, False, spec)))

    def read_facts(self, path: bytes, on_answer: Callable[[Any], None]) -> None:
        on_answer(decode(FactsTask(path)))

    def stop(self) -> None:
        pass


def take_step(task: Task) -> int:
    """Do what a person does with the library; return the exit status."""
    commands: dict[str, list[str]] = {
        "add": ["folders", "add", task.photos],
        "rebuild": ["check"],
        "forget": ["folders", "remove", task.photos],
    }
    status = _photofind("--library", task.library, *commands.get(task.step, ["index"]))
    if task.step == "rebuild" and status == 0:
        spec = QuickLook.spec
        # What cannot be written ends the child that builds it; the program goes on without a graph.
        with contextlib.suppress(OSError):
            build_hnsw(next(Path(task.library).glob("vectors/*")), spec.model_id, spec.dim)
    return status


def _photofind(*arguments: str) -> int:
    try:
        cli(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _count_encoded(path: str) -> None:
    """Count pictures where a kill cannot take the number away, without a system call."""
    with open(path, "r+b") as file:
        counter = mmap.mmap(file.fileno(), 8)
    encode = QuickLook.encode_images

    def counting(self: QuickLook, images: Pixels) -> Vectors:
        counter[:8] = (int.from_bytes(counter[:8], "little") + len(images)).to_bytes(8, "little")
        return encode(self, images)

    QuickLook.encode_images = counting  # type: ignore[method-assign]


def _run(task: Task) -> int:
    said = os.open(task.said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    _count_encoded(task.encoded)
    mock.patch.object(index_all, "Decoder", DecoderHere).start()
    pipeline._WAIT_SECONDS = 0.0  # a photo is decoded when it is asked for
    vector_index.HNSW_FROM_ROWS = GRAPH_FROM_ROWS
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, -1)  # where only a parent may trace, let any process of this user
    os.kill(os.getpid(), signal.SIGSTOP)
    try:
        return take_step(task)
    except Exception:  # noqa: BLE001 - as Python itself would tell it
        traceback.print_exc()
        return 1


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = _run(Task(**json.loads(line)))
            os._exit(status)
        os.waitpid(pid, os.WUNTRACED)
        _tell(pid)
        _tell(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if __name__ == "__main__":
    main()
