"""How the core has a disk read: it says what is to be read, and takes the records as they come.

A disk may hang for good, so whoever owns the library may have that done beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Protocol, TypeVar

from photofind.core.errors import PhotofindError
from photofind.core.records.names import display_name
from photofind.core.steps import Steps

T = TypeVar("T")


class Read(Protocol):
    """Yields what an iterator reads of the disk at a place, and None while there is nothing new.

    TimeoutError where the disk does not answer; what else the iterator raises comes through.
    """

    def __call__(self, place: bytes, records: Iterator[T], /) -> Iterator[T | None]:
        """Begin to read."""


def in_place(_place: bytes, records: Iterator[T], /) -> Iterator[T | None]:
    """Read on the spot, however long the disk takes."""
    return records


def once(look: Callable[[], T]) -> Iterator[T]:
    """Yield one record: what a look finds."""
    yield look()


def first(records: Iterator[T | None]) -> Generator[None, None, T | None]:
    """Return the first record, None where there is none; yields while there is nothing new."""
    for record in records:
        if record is not None:
            return record
        yield None
    return None


def answered(place: bytes, read: Read, look: Callable[[], T]) -> Steps[T]:
    """Return what a look at a disk finds; PhotofindError where the disk does not answer."""
    try:
        for found in read(place, once(look)):
            if found is not None:
                return found
            yield None
    except TimeoutError as error:
        raise PhotofindError("place_does_not_answer", folder=display_name(place)) from error
    raise PhotofindError("place_does_not_answer", folder=display_name(place))
