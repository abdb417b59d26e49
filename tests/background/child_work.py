"""What the children of a test do."""

from __future__ import annotations

import os
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from photofind.background.decoding.child import REPLIES, TASKS, PhotoTask, Ready
from photofind.core.records.decoded import DecodedPhoto, Metadata
from tests.image_files import encode
from tests.written import written_error


def write(path: Path) -> None:
    """Write down with which priority this runs."""
    path.write_text(str(os.getpriority(os.PRIO_PROCESS, 0)))


def fill_disk() -> None:
    raise OSError(28, "No space left on device")


def refuse() -> None:
    raise written_error("The model is damaged.")


def fail_with(secret: str) -> None:
    raise ValueError(secret)


def sleep() -> None:
    time.sleep(600)


def echo(connection: Connection, ending: bytes) -> None:
    connection.send_bytes(connection.recv_bytes() + ending)


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: bytes) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self._path,)


def answer_with_a_pickle(connection: Connection) -> None:
    """Do what a decoder would that a photo has taken over: have its parent make a folder beside the photo."""
    REPLIES.send(connection, Ready())
    while True:
        task = TASKS.receive(connection)
        assert isinstance(task, PhotoTask)
        connection.send(Trap(task.source + b" was here"))


def answer_with_other_pixels(connection: Connection) -> None:
    """Answer every task by pixels of a size that nobody asked for."""
    REPLIES.send(connection, Ready())
    while True:
        TASKS.receive(connection)
        REPLIES.send(connection, DecodedPhoto(np.zeros((9, 9, 3), np.uint8), b"", 9, 9, bytes(16), Metadata()))


def answer_with_a_bomb(connection: Connection) -> None:
    """Answer by a thumbnail that its reader would need gigabytes for."""
    REPLIES.send(connection, Ready())
    while True:
        task = TASKS.receive(connection)
        assert isinstance(task, PhotoTask)
        jpeg = encode(Image.new("L", (16, 16)), "JPEG")
        head = jpeg.index(b"\xff\xc0") + 5  # where its height and width are
        bomb = jpeg[:head] + b"\xff\x00\xff\x00" + jpeg[head + 4 :]
        pixels = np.zeros((task.spec.size, task.spec.size, 3), np.uint8)
        REPLIES.send(connection, DecodedPhoto(pixels, bomb, 9, 9, bytes(16), Metadata()))


def answer_unasked(connection: Connection) -> None:
    """Answer before anything is asked, and be ready over and over again."""
    REPLIES.send(connection, Ready())
    while True:
        REPLIES.send(connection, Ready())


def answer_too_much(connection: Connection) -> None:
    """Begin an answer that claims to be larger than any."""
    REPLIES.send(connection, Ready())
    TASKS.receive(connection)
    os.write(connection.fileno(), (-1).to_bytes(4, "big", signed=True) + (1 << 50).to_bytes(8, "big"))
    sleep()


def stop_midway(connection: Connection) -> None:
    """Begin a message of a thousand bytes when all is ready, and neither end it nor listen any more."""
    REPLIES.send(connection, Ready())
    os.write(connection.fileno(), (1000).to_bytes(4, "big") + b"the first of them")
    sleep()
