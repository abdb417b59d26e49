"""The channels of the whole picture in a Photoshop file: one after the other, plain or in one of three compressions."""

from __future__ import annotations

import zlib

import numpy as np
from PIL import Image

from photofind.core.photos.samples import Samples
from photofind.core.photos.wholeness import LEAST_SHARE

_PLAIN, _RLE, _ZIP, _ZIP_OF_DIFFERENCES = range(4)
_TYPES = {8: ">u1", 16: ">u2", 32: ">f4"}


def read_channels(
    data: memoryview,
    size: tuple[int, int],
    depth: int,
    channels: int,
    wanted: int,
    is_big: bool,
    *,
    is_lenient: bool,
) -> list[Samples]:
    """Return the first `wanted` of a picture's channels, each [height, width].

    `data` begins with the kind of compression. OSError where it ends too early, unless `is_lenient`.
    """
    width, height = size
    row = (width + 7) // 8 if depth == 1 else width * depth // 8
    compression, data = int.from_bytes(data[:2], "big"), data[2:]
    needed = min(wanted, channels) * height * row
    if compression == _RLE:
        packed = _unpack_rows(data, row, height, channels, min(wanted, channels), 4 if is_big else 2)
    elif compression in (_ZIP, _ZIP_OF_DIFFERENCES):
        packed = zlib.decompressobj().decompress(data, needed)
    else:
        packed = bytes(data[:needed])
    if len(packed) < needed:
        # Of a picture whose last channel is missing, every colour would be another.
        if not is_lenient or len(packed) * wanted < needed * (wanted - 1 + LEAST_SHARE):
            raise OSError("image file is truncated")
        packed += bytes(needed - len(packed))
    rows = np.frombuffer(packed, np.uint8).reshape(-1, height, row)
    if compression == _ZIP_OF_DIFFERENCES:
        return [_add_up(channel, width, depth) for channel in rows]
    return [_samples(channel, width, depth) for channel in rows]


def _unpack_rows(data: memoryview, row: int, height: int, channels: int, wanted: int, count_bytes: int) -> bytes:
    """Undo the run-length encoding (PackBits) of the channels wanted, up to the last row that is whole."""
    counts = np.frombuffer(data[: len(data) // count_bytes * count_bytes], f">u{count_bytes}", -1)
    counts = counts[: channels * height].astype(np.int64)
    if len(counts) < channels * height:
        return b""
    ends = channels * height * count_bytes + np.cumsum(counts[: wanted * height])
    whole = int(np.searchsorted(ends, len(data), side="right"))
    if not whole:
        return b""
    packed = bytes(data[channels * height * count_bytes : int(ends[whole - 1])])
    return Image.frombytes("L", (row, whole), packed, "packbits", "L").tobytes()


def _samples(rows: Samples, width: int, depth: int) -> Samples:
    if depth == 1:
        return np.unpackbits(rows, axis=1)[:, :width] * np.uint8(255)
    return rows if depth == 8 else rows.view(_TYPES[depth])


def _add_up(rows: Samples, width: int, depth: int) -> Samples:
    """Undo that a sample is stored as its difference to the last; of floats, bytes of one rank lie together."""
    if depth == 32:
        summed = np.cumsum(rows, axis=1, dtype=np.uint8)
        return np.ascontiguousarray(summed.reshape(len(rows), 4, width).transpose(0, 2, 1)).view(">f4")[..., 0]
    if depth == 16:
        return np.cumsum(rows.view(">u2"), axis=1, dtype=np.uint16)
    return _samples(rows, width, 1) if depth == 1 else np.cumsum(rows, axis=1, dtype=np.uint8)
