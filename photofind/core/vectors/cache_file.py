"""Large files that only grow: rows are appended, a checksum of all of them is carried on, a reader maps them.

Which rows count, and the checksum, are in a manifest that is written afterwards: what an interrupted append left
behind is beyond them, and written over by the next.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def append_rows(path: Path, offset: int, rows: npt.NDArray[Any], checksum: int) -> int:
    """Write rows at an offset in bytes, so that they survive a power cut, and return the checksum carried on."""
    content = np.ascontiguousarray(rows).tobytes()
    with open(path, "r+b" if path.exists() else "w+b") as file:
        file.truncate(offset)
        file.seek(offset)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return zlib.crc32(content, checksum)


def map_rows(path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Return the first rows of a file, read only when they are used; OSError or ValueError where it is shorter."""
    if not shape[0]:
        return np.empty(shape, dtype)
    # As a plain array: NumPy's own class for maps takes a sixth of a millisecond for every part of it.
    return np.asarray(np.memmap(path, dtype, "r", shape=shape))


def map_checked_rows(path: Path, dtype: npt.DTypeLike, shape: tuple[int, ...], checksum: int) -> npt.NDArray[Any]:
    """Return the first rows of a file after comparing their checksum; ValueError where it does not match."""
    rows = map_rows(path, dtype, shape)
    if shape[0] and zlib.crc32(rows.view(np.uint8).data) != checksum:
        raise ValueError(f"checksum of {path.name} does not match")
    return rows
