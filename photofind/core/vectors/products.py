"""Products of many rows with one vector, by a few threads; the only user of numkong.

Every row is multiplied by itself, so that equal rows get equal products wherever they lie: NumPy's product of a matrix
and a vector does not promise that. Both give other Python threads their turn.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from photofind.core.cores import usable_cores
from photofind.core.records.arrays import Ids, Vectors

try:
    import numkong
except ImportError:  # no wheel for this system, perhaps: full precision is slower and answers the same
    numkong = None  # type: ignore[assignment]

Codes = npt.NDArray[np.int8]
Scope = slice | Ids  # which rows: some in order, or any

# Reading memory is what takes the time, and a few cores read as fast as all. For less a thread is not worth it.
_MOST_THREADS = 4
_BYTES_A_THREAD = 1 << 25
_PIECE_BYTES = 1 << 21  # what a core's own cache holds

# The instructions that numkong has kernels of bytes for; without them it takes longer than NumPy with floats.
_FAST_WITH = {"haswell", "neonsdot"}


def can_multiply_codes() -> bool:
    """Tell whether rows of one byte a number are multiplied faster than floats on this computer, and rightly."""
    if numkong is None or not any(numkong.get_capabilities().get(name) for name in _FAST_WITH):
        return False
    rows = (np.arange(7 * 203) * 37 % 255 - 127).astype(np.int8).reshape(7, 203)
    products = np.empty(len(rows), np.float32)
    multiply_codes(rows, slice(None), rows[0], products)
    return bool(np.array_equal(products, rows.astype(np.int32) @ rows[0].astype(np.int32)))


def multiply(rows: Vectors, scope: Scope, vector: Vectors) -> Vectors:
    """Return the product [m] of each row [n, dim] in a scope with a vector [dim]."""

    def fill(part: Scope, products: Vectors) -> None:
        np.vecdot(rows[part], vector, out=products)

    return for_each_part(rows, scope, fill)


def multiply_codes(rows: Codes, part: Scope, code: Codes, products: Vectors) -> None:
    """Write the product of each row int8 [n, dim] in a part with a code int8 [dim] into float32 [m]."""
    numkong.cdist(code[np.newaxis], rows[part], "dot", out=products[np.newaxis])


def for_each_part(rows: npt.NDArray[np.generic], scope: Scope, fill: Callable[[Scope, Vectors], None]) -> Vectors:
    """Have a float32 [m] filled for the rows of a scope, by each thread a part; any rows a piece at a time.

    What is copied together of those then still lies in the core's cache.
    """
    size = len(range(*scope.indices(len(rows)))) if isinstance(scope, slice) else len(scope)
    row_bytes = rows.shape[1] * rows.itemsize
    step = max(1, size if isinstance(scope, slice) else _PIECE_BYTES // row_bytes)
    filled = np.empty(size, np.float32)

    def fill_between(start: int, end: int) -> None:
        for first in range(start, end, step):
            part = slice(first, min(first + step, end))
            fill(_inside(scope, part), filled[part])

    threads = min(_MOST_THREADS, usable_cores(), size * row_bytes // _BYTES_A_THREAD)
    if threads < 2:
        fill_between(0, size)
        return filled
    edges = [size * n // threads for n in range(threads + 1)]
    with ThreadPoolExecutor(threads - 1) as pool:  # this thread takes the first part: to start one takes a while
        others = [pool.submit(fill_between, *part) for part in pairwise(edges[1:])]
        fill_between(edges[0], edges[1])
    for other in others:
        other.result()
    return filled


def _inside(scope: Scope, part: slice) -> Scope:
    """Return a part of a scope, as rows."""
    if isinstance(scope, slice):
        first = scope.start or 0
        return slice(first + part.start, first + part.stop)
    return scope[part]
