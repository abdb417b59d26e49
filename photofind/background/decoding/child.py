"""A decoder child: opens untrusted image files one after the other, under a memory limit and at low priority.

What it answers is read as fixed binary records, and believed only where it is an answer to what was asked: a file may
have taken the child over.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TypeAlias

import numpy as np

from photofind.background.wire import Wire
from photofind.core.errors import PhotofindError
from photofind.core.photos.facts.reading import read_photo_facts
from photofind.core.photos.images import decode_bytes, decode_photo, is_thumbnail, open_image
from photofind.core.photos.opening import TOO_MUCH_MEMORY
from photofind.core.records.arrays import Pixels
from photofind.core.records.decoded import DecodedPhoto, Metadata
from photofind.core.records.models import Spec
from photofind.core.sentences.sentence import Sentence

# 210 megapixels with alpha, their conversion and their profile fit; a decoder gone wild does not.
MEMORY_LIMIT_BYTES = 4 << 30
_M_ARENA_MAX = -8
# Of an answer: the pixels of the largest picture that is asked for, and as much again.
_MOST_ANSWER_BYTES = 100_000_000
_HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class PhotoTask:
    """Decode the photo at a path, or an image file's content, for a model; answered by an `Answer`."""

    source: bytes
    is_content: bool
    spec: Spec


@dataclass(frozen=True, slots=True)
class ImageTask:
    """Open the whole picture at a path, at most `edge` pixels wide and high; answered by an `ImageAnswer`."""

    path: bytes
    edge: int


@dataclass(frozen=True, slots=True)
class FactsTask:
    """Read what is known of the photo at a path beside its pixels; answered by a `FactsAnswer`."""

    path: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """A child's first word: it has started, so that what ends it from now on may be the file it has."""


Task: TypeAlias = PhotoTask | ImageTask | FactsTask
# What was asked for, the reason why it cannot be had, or None for a file that has vanished.
Answer: TypeAlias = DecodedPhoto | Sentence | None
ImageAnswer: TypeAlias = Pixels | Sentence | None
FactsAnswer: TypeAlias = Metadata | Sentence | None
Reply: TypeAlias = Answer | ImageAnswer | FactsAnswer | Ready

TASKS: Wire[Task] = Wire(Task, 1 << 40)
REPLIES: Wire[Reply] = Wire(Reply, _MOST_ANSWER_BYTES)


def run_child(connection: Connection) -> None:
    """Answer tasks until the parent closes the connection or dies."""
    _share_one_heap()
    _limit_memory()
    try:
        REPLIES.send(connection, Ready())
        while True:
            REPLIES.send(connection, decode(TASKS.receive(connection)))
    except (EOFError, OSError):  # the parent has gone; what is wrong with a file is an answer
        return


def decode(task: Task) -> Answer | ImageAnswer | FactsAnswer:
    """Do one task; whatever is wrong with the file becomes a reason."""
    try:
        match task:
            case PhotoTask(source, is_content, spec):
                return decode_bytes(source, spec) if is_content else decode_photo(source, spec)
            case ImageTask(path, edge):
                return open_image(path, edge)
            case FactsTask(path):
                return read_photo_facts(path)
    except PhotofindError as error:
        return error.sentence
    except MemoryError:
        return TOO_MUCH_MEMORY
    except FileNotFoundError:
        return None


def is_answer(task: Task, reply: Reply) -> bool:
    """Tell whether a reply is one that a sound child may give to a task."""
    match task, reply:
        case _, Sentence() | None:
            return True
        case PhotoTask(spec=Spec(size=size)), DecodedPhoto(pixels=pixels, thumbnail=thumbnail):
            is_whole = reply.width > 0 and reply.height > 0 and len(reply.content_hash) == _HASH_BYTES
            is_whole = is_whole and len(reply.ends) <= _HASH_BYTES
            return is_whole and pixels.shape == (size, size, 3) and is_thumbnail(thumbnail)
        case ImageTask(edge=edge), np.ndarray(ndim=3, shape=(height, width, 3)):
            return bool(0 < height <= edge and 0 < width <= edge)
        case FactsTask(), Metadata():
            return True
    return False


def _share_one_heap() -> None:
    """Have all threads of the process take their memory from one place, on Linux.

    libheif decodes by new threads each time, and the C library gives each a heap of its own whose freed memory stays
    with it: 60 HEICs left 207 MB in a child, with one heap 49 MB, at the same speed.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has neither it nor such heaps
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - there is no such module on Windows

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limit = MEMORY_LIMIT_BYTES if most == resource.RLIM_INFINITY else min(MEMORY_LIMIT_BYTES, most)
        # macOS refuses RLIMIT_AS; there the limit on megapixels is what holds.
        if sys.platform != "darwin":
            resource.setrlimit(resource.RLIMIT_AS, (limit, most))
