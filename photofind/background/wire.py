"""What the program and its children tell each other: records in a fixed binary form, read by bounds alone.

A decoder child reads hostile files, and whoever takes it over writes to its parent what he likes; so nothing is
unpickled, and nothing in a message names what is to be made of it. The form follows the fields of the records, so
that a new field needs nothing here. Each message begins with the form's checksum: a child of another version, as
after an update of the program that runs, is not understood rather than misunderstood.
"""

from __future__ import annotations

import operator
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from multiprocessing.connection import Connection
from types import NoneType, UnionType
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from photofind.core.sentences.sentence import Sentence, from_text

# Of one text, and of one tuple; what is large comes as bytes or as an array.
MOST_TEXT_BYTES = 1 << 20
MOST_ITEMS = 1 << 16
_MOST_AXES = 4
_NUMBER = struct.Struct("<q")
_REAL = struct.Struct("<d")

Message = TypeVar("Message")


class MalformedError(ValueError):
    """What came is no message of the form that was agreed."""


class Wire(Generic[Message]):
    """One direction of a connection: messages that are a record, or one of a union of them.

    Fields may be plain values, bytes, arrays, sentences, tuples and records of these. Numbers have 64 bits.
    """

    def __init__(self, kind: Any, most_bytes: int) -> None:
        """Agree on messages of the type `kind`; TypeError for one that cannot be sent."""
        self._form = _form_of(kind)
        self._checksum = zlib.crc32(self._form.name.encode()).to_bytes(4, "little")
        self._most_bytes = most_bytes

    def send(self, connection: Connection, message: Message) -> None:
        """Send a message; OSError where nobody is there to take it."""
        connection.send_bytes(self.pack(message))

    def receive(self, connection: Connection) -> Message:
        """Wait for a message; MalformedError where it is none, EOFError and OSError where none can come any more."""
        return self.unpack(connection.recv_bytes(self._most_bytes))

    def pack(self, message: Message) -> bytes:
        """Return a message as bytes."""
        parts: list[Any] = [self._checksum]
        self._form.write(parts, message)
        return b"".join(parts)

    def unpack(self, data: bytes) -> Message:
        """Return the message that bytes are; MalformedError for those that are none."""
        reader = _Reader(data)
        if reader.take(4) != self._checksum:
            raise MalformedError("of another version, or no message")
        try:
            message: Message = self._form.read(reader)
        except ValueError as error:  # text that is none, an array of impossible shape
            raise MalformedError(str(error)) from error
        if reader.left:
            raise MalformedError(f"{reader.left} bytes too many")
        return message


class _Reader:
    """Hands out a message's bytes from first to last, never more than there are."""

    __slots__ = ("_at", "_data", "_end")

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at, self._end = 0, len(data)

    @property
    def left(self) -> int:
        return self._end - self._at

    def take(self, count: int) -> memoryview:
        start = self._at
        if not 0 <= count <= self._end - start:
            raise MalformedError("it ends too early")
        self._at = start + count
        return self._data[start : start + count]

    def number(self) -> int:
        return int(_NUMBER.unpack(self.take(8))[0])

    def count(self, most: int) -> int:
        """Read how many bytes or items follow: each takes at least a byte."""
        count = self.number()
        if not 0 <= count <= min(most, self.left):
            raise MalformedError(f"{count} of what follows")
        return count

    def one_of(self, choices: Sequence[Any]) -> Any:
        at = self._at
        if at >= self._end:
            raise MalformedError("it ends too early")
        self._at = at + 1
        choice = self._data[at]
        if choice >= len(choices):
            raise MalformedError(f"there is no choice {choice}")
        return choices[choice]


@dataclass(frozen=True, slots=True)
class _Form:
    """How values of a type are written and read; forms of one name are the same."""

    name: str
    kind: type
    write: Callable[[list[Any], Any], None]
    read: Callable[[_Reader], Any]


def _form_of(kind: Any) -> _Form:
    origin, arguments = get_origin(kind), get_args(kind)
    if hasattr(origin, "__value__"):  # an alias of Python 3.12's own kind, as numpy's arrays are since 2.5
        return _form_of(origin.__value__[arguments])
    if kind in _PLAIN:
        return _PLAIN[kind]
    if origin in (Union, UnionType):
        return _union([_form_of(member) for member in arguments])
    if origin is Literal:
        return _choice(arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is ...:
        return _row(_form_of(arguments[0]))
    if origin is tuple:
        return _group("", tuple, [_form_of(member) for member in arguments], tuple, tuple)
    if origin is np.ndarray:
        return _array(np.dtype(get_args(arguments[1])[0]))
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind)
    raise TypeError(f"{kind} cannot be sent")


def _record(kind: type) -> _Form:
    names, hints = [field.name for field in fields(kind)], get_type_hints(kind)
    forms = [_form_of(hints[name]) for name in names]
    label = f"{kind.__name__}:{','.join(names)}"
    get = operator.attrgetter(*names) if len(names) > 1 else lambda record: [getattr(record, name) for name in names]
    return _group(label, kind, forms, get, lambda values: kind(*values))


def _group(
    label: str, kind: type, forms: list[_Form], split: Callable[[Any], Any], join: Callable[[list[Any]], Any]
) -> _Form:
    """Have values of several forms one after the other."""
    writers, readers = [form.write for form in forms], [form.read for form in forms]

    def write(parts: list[Any], value: Any) -> None:
        for write_part, part in zip(writers, split(value), strict=True):
            write_part(parts, part)

    def read(reader: _Reader) -> Any:
        return join([read_part(reader) for read_part in readers])

    return _Form(f"{label}({','.join(form.name for form in forms)})", kind, write, read)


def _row(form: _Form) -> _Form:
    def write(parts: list[Any], value: Any) -> None:
        parts.append(_NUMBER.pack(len(value)))
        for item in value:
            form.write(parts, item)

    def read(reader: _Reader) -> Any:
        return tuple(form.read(reader) for _ in range(reader.count(MOST_ITEMS)))

    return _Form(f"{form.name}*", tuple, write, read)


def _union(forms: list[_Form]) -> _Form:
    kinds = {form.kind: (bytes([number]), form.write) for number, form in enumerate(forms)}
    readers = [form.read for form in forms]
    if len(kinds) < len(forms):
        raise TypeError("two of a union look the same in Python")

    def write(parts: list[Any], value: Any) -> None:
        found = kinds.get(type(value)) or next(kinds[kind] for kind in kinds if isinstance(value, kind))
        parts.append(found[0])
        found[1](parts, value)

    return _Form("|".join(form.name for form in forms), object, write, lambda reader: reader.one_of(readers)(reader))


def _choice(choices: tuple[Any, ...]) -> _Form:
    def write(parts: list[Any], value: Any) -> None:
        parts.append(bytes([choices.index(value)]))

    return _Form(repr(choices), type(choices[0]), write, lambda reader: reader.one_of(choices))


def _bytes(
    name: str, kind: type, most: int, encode: Callable[[Any], bytes], decode: Callable[[memoryview], Any]
) -> _Form:
    def write(parts: list[Any], value: Any) -> None:
        data = encode(value)
        parts += (_NUMBER.pack(len(data)), data)

    return _Form(name, kind, write, lambda reader: decode(reader.take(reader.count(most))))


def _array(dtype: np.dtype[Any]) -> _Form:
    def write(parts: list[Any], value: Any) -> None:
        parts.append(_NUMBER.pack(value.ndim))
        parts += map(_NUMBER.pack, value.shape)
        parts.append(np.ascontiguousarray(value, dtype).data if value.size else b"")

    def read(reader: _Reader) -> Any:
        shape = [reader.number() for _ in range(reader.count(_MOST_AXES))]
        if min(shape, default=0) < 0:
            raise MalformedError(f"an array of shape {shape}")
        size = int(np.prod(np.array(shape, object)))
        # A copy of its own, so that what is kept of a message does not hold all of it.
        return np.frombuffer(reader.take(size * dtype.itemsize), dtype).reshape(shape).copy()

    return _Form(f"{dtype.str}[]", np.ndarray, write, read)


def _nothing(_parts: list[Any], _value: None) -> None:
    """Write what needs no bytes."""


def _text(data: memoryview) -> str:
    return str(data, "utf-8", "surrogatepass")


_PLAIN: dict[Any, _Form] = {
    NoneType: _Form("none", NoneType, _nothing, lambda _: None),
    bool: _choice((False, True)),
    int: _Form("int", int, lambda parts, value: parts.append(_NUMBER.pack(operator.index(value))), _Reader.number),
    float: _Form(
        "float",
        float,
        lambda parts, value: parts.append(_REAL.pack(value)),
        lambda reader: _REAL.unpack(reader.take(8))[0],
    ),
    str: _bytes("str", str, MOST_TEXT_BYTES, lambda text: text.encode("utf-8", "surrogatepass"), _text),
    bytes: _bytes("bytes", bytes, 1 << 62, lambda data: data, bytes),
    Sentence: _bytes(
        "sentence",
        Sentence,
        MOST_TEXT_BYTES,
        lambda sentence: sentence.to_text().encode("utf-8", "surrogatepass"),
        lambda data: from_text(_text(data)),
    ),
}
