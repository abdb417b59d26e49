"""What processes tell each other arrives as it was; what is no message is refused, whatever it is."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, make_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photofind.background.decoding.child import REPLIES, TASKS, ImageTask, PhotoTask, Ready, Reply
from photofind.background.wire import MOST_ITEMS, MOST_TEXT_BYTES, MalformedError, Wire
from photofind.core.records.decoded import DecodedPhoto, Metadata
from photofind.core.records.models import Spec
from photofind.core.sentences.sentence import Sentence, in_a_row
from tests import CHECKOUT

SPEC = Spec("model", "model", 8, 4)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
# With lone surrogates: a file's name, and what a camera writes, need not be text.
TEXTS = st.text(st.characters(exclude_categories=()))
SENTENCES = st.one_of(
    st.just(Sentence("file_empty")),
    st.builds(lambda said: Sentence("file_unreadable", said=said), TEXTS),
    st.builds(lambda size: Sentence("file_too_big", gigabytes=size), st.floats(0, 1e9)),
    st.just(in_a_row(Sentence("detail_missing"), Sentence("parts_look_wrong"))),
)


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return all values of a field's type, so that a field that is added to a record is tested too."""
    plain: dict[Any, st.SearchStrategy[Any]] = {
        NoneType: st.none(),
        bool: st.booleans(),
        int: NUMBERS,
        float: st.floats(allow_nan=False),
        str: TEXTS,
        bytes: st.binary(),
        Sentence: SENTENCES,
    }
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in plain:
        return plain[kind]
    if origin is UnionType:
        return st.one_of([values_of(member) for member in arguments])
    if origin is tuple and arguments[1:] == (...,):
        return st.lists(values_of(arguments[0]), max_size=5).map(tuple)
    if origin is tuple:
        return st.tuples(*[values_of(member) for member in arguments])
    return values(kind)


def values(record: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(record)
    return st.tuples(*[values_of(hints[field.name]) for field in fields(record)]).map(lambda made: record(*made))


@settings(deadline=None, derandomize=True, database=None)
@given(values(Metadata), st.binary(max_size=50), NUMBERS, SENTENCES | st.none(), st.integers(0, 5))
def test_a_decoded_photo_arrives_as_it_was(
    metadata: Metadata, thumbnail: bytes, width: int, flaw: Sentence | None, edge: int
) -> None:
    pixels = np.arange(edge * edge * 3, dtype=np.uint8).reshape(edge, edge, 3)
    sent = DecodedPhoto(pixels, thumbnail, width, 1, bytes(16), metadata, flaw, (1, 2, 3, -(2**63)))
    came = REPLIES.unpack(REPLIES.pack(sent))
    assert isinstance(came, DecodedPhoto)
    assert np.array_equal(came.pixels, pixels)
    assert came.pixels.dtype == np.uint8
    assert all(getattr(came, f.name) == getattr(sent, f.name) for f in fields(DecodedPhoto) if f.name != "pixels")


@settings(deadline=None, derandomize=True, database=None)
@given(st.one_of(st.builds(PhotoTask, st.binary(), st.booleans(), st.just(SPEC)), values(ImageTask)))
def test_a_task_arrives_as_it_was(task: PhotoTask | ImageTask) -> None:
    assert TASKS.unpack(TASKS.pack(task)) == task


@settings(deadline=None, derandomize=True, database=None)
@given(st.one_of(SENTENCES, st.none(), st.just(Ready())))
def test_a_reply_without_a_picture_arrives_as_it_was(reply: Sentence | Ready | None) -> None:
    assert REPLIES.unpack(REPLIES.pack(reply)) == reply


def test_pixels_that_lie_in_memory_in_another_order_arrive_as_they_were() -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)[::-1, ::2]
    came = REPLIES.unpack(REPLIES.pack(pixels))
    assert isinstance(came, np.ndarray)
    assert np.array_equal(came, pixels)
    came[0, 0] = 7  # they are the receiver's own


def test_records_that_a_later_version_may_have_arrive_as_they_were() -> None:
    @dataclass(frozen=True, slots=True)
    class Later:
        words: tuple[str, ...]
        places: tuple[tuple[str, float], ...]
        lens: str | None
        is_screenshot: bool

    wire: Wire[Later] = Wire(Later, 1 << 20)
    for words in ((), ("dog", "Ærø", "a\nb", "\udcff")):
        sent = Later(words, (("Lisbon", -9.1),), None, True)
        assert wire.unpack(wire.pack(sent)) == sent


# What is no message


def unpacked(data: bytes) -> Reply | MalformedError:
    try:
        return REPLIES.unpack(data)
    except MalformedError as error:
        return error


@pytest.fixture(scope="module")
def message() -> bytes:
    photo = DecodedPhoto(np.zeros((4, 4, 3), np.uint8), b"jpeg", 2, 3, bytes(16), Metadata("2020-01-01", "Canon"))
    return REPLIES.pack(photo)


def test_a_message_that_was_cut_off_or_goes_on_is_refused(message: bytes) -> None:
    assert all(isinstance(unpacked(message[:end]), MalformedError) for end in range(len(message)))
    assert isinstance(unpacked(message + b"\0"), MalformedError)


@settings(deadline=None, derandomize=True, database=None)
@given(st.data())
def test_whatever_bytes_come_are_a_reply_or_refused(message: bytes, data: st.DataObject) -> None:
    changed = bytearray(message)
    for at in data.draw(st.lists(st.integers(4, len(message) - 1), min_size=1, max_size=4)):
        changed[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]))
    came = unpacked(bytes(changed))
    assert isinstance(came, DecodedPhoto | Ready | Sentence | np.ndarray | NoneType | MalformedError)


@settings(deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=200))
def test_noise_behind_the_right_beginning_is_a_reply_or_refused(message: bytes, noise: bytes) -> None:
    came = unpacked(message[:4] + noise)
    assert isinstance(came, DecodedPhoto | Ready | Sentence | np.ndarray | NoneType | MalformedError)


def in_eight(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, "little", signed=True) for number in numbers)


@pytest.mark.parametrize("shape", [(2**40, 2**40, 3), (2**62, 4, 3), (-1, -1, 3), (0, 2**62, 2**62), (2**63 - 1,)])
def test_an_array_that_claims_to_be_huge_costs_nothing(shape: tuple[int, ...]) -> None:
    wire: Wire[Any] = Wire(np.ndarray[Any, np.dtype[np.uint8]], 1 << 20)
    start = wire.pack(np.zeros(0, np.uint8))[:4]
    with pytest.raises(MalformedError):
        wire.unpack(start + in_eight(len(shape), *shape))


@pytest.mark.parametrize("count", [-1, 17, 2**62])
def test_text_that_claims_to_be_longer_than_the_message_is_refused(count: int) -> None:
    wire: Wire[str] = Wire(str, 1 << 20)
    with pytest.raises(MalformedError):
        wire.unpack(wire.pack("")[:4] + in_eight(count) + b"sixteen letters.")


@pytest.mark.parametrize(
    ("kind", "most", "make"), [(str, MOST_TEXT_BYTES, "a".__mul__), (tuple[bool, ...], MOST_ITEMS, (True,).__mul__)]
)
def test_text_and_tuples_have_bounds_of_their_own(kind: Any, most: int, make: Callable[[int], Any]) -> None:
    wire: Wire[Any] = Wire(kind, 1 << 30)
    assert wire.unpack(wire.pack(make(most))) == make(most)
    with pytest.raises(MalformedError):
        wire.unpack(wire.pack(make(most + 1)))


def test_text_that_is_no_text_is_refused() -> None:
    wire: Wire[str] = Wire(str, 1 << 20)
    with pytest.raises(MalformedError):
        wire.unpack(wire.pack("")[:4] + in_eight(1) + b"\xff")


def test_records_of_another_version_are_not_understood() -> None:
    """As after an update of the program that runs: its new children have fields that it does not know."""
    before = make_dataclass("Facts", [("taken", str), ("camera", str)], frozen=True)
    swapped = make_dataclass("Facts", [("camera", str), ("taken", str)], frozen=True)
    longer = make_dataclass("Facts", [("taken", str), ("camera", str), ("lens", str | None)], frozen=True)
    said = Wire[Any](before, 1 << 20).pack(before("2020", "Canon"))
    for other in (swapped, longer):
        with pytest.raises(MalformedError, match="another version"):
            Wire[Any](other, 1 << 20).unpack(said)


def test_a_pickle_is_not_opened(message: bytes, tmp_path: Path) -> None:
    trap = pickle.dumps(Trap(tmp_path / "sprung"))
    assert isinstance(unpacked(trap), MalformedError)
    assert isinstance(unpacked(message[:4] + trap), MalformedError)
    assert not (tmp_path / "sprung").exists()


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


@pytest.mark.parametrize(
    "kind", [dict[str, int], object, list[int], Path, str | Path, tuple[int, ...] | tuple[str, ...]]
)
def test_what_has_no_fixed_form_cannot_be_agreed_on(kind: Any) -> None:
    with pytest.raises(TypeError):
        Wire(kind, 1)


def test_nothing_in_photofind_unpickles() -> None:
    """`recv` of a connection does, which a socket's, with a number of bytes, does not; so do queues of processes."""
    unpickles = re.compile(
        r"(?:import|from) (?:pickle|shelve|marshal)\b|\.recv\(\)"
        r"|multiprocessing\.\w*(?:Queue|Pool|Manager)|ProcessPoolExecutor|allow_pickle=True"
    )
    sources = {path: path.read_text("utf-8") for path in sorted((CHECKOUT / "photofind").rglob("*.py"))}
    assert [(path.name, found) for path, text in sources.items() for found in unpickles.findall(text)] == []
    for line in ("import pickle", "    reply = self._connection.recv()", "answers = multiprocessing.SimpleQueue()"):
        assert unpickles.search(line)
