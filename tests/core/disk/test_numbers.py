"""Numbers that file systems deal out and SQLite cannot hold, as a property and on a real FUSE file system."""

from __future__ import annotations

import sqlite3

from hypothesis import example, given
from hypothesis import strategies as st

from photofind.core.disk.numbers import bounded, identity

NUMBERS = st.integers(-(1 << 130), 1 << 130)


def as_kept(number: int) -> int:
    with sqlite3.connect(":memory:") as db:
        (kept,) = db.execute("SELECT ?", [number]).fetchone()
    db.close()
    return int(kept)


@given(NUMBERS)
@example(1 << 63)
@example((1 << 63) - 1)
@example(-(1 << 63) - 1)
def test_whatever_a_file_system_says_can_be_kept(number: int) -> None:
    assert as_kept(identity(number)) == identity(number)
    assert as_kept(bounded(number)) == bounded(number)


@given(st.integers(0, (1 << 64) - 1), st.integers(0, (1 << 64) - 1))
@example((1 << 63) - 1, 1 << 63)
@example(0, (1 << 64) - 1)
def test_inodes_of_64_bits_stay_apart(one: int, other: int) -> None:
    assert (identity(one) == identity(other)) == (one == other)


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_what_fits_stays_as_it_is(number: int) -> None:
    """What libraries hold already is still compared equal."""
    assert identity(number) == bounded(number) == number
