"""Photoshop files that the tests make: the whole picture alone, of any depth, mode and compression."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

BITMAP, GREY, INDEXED, RGB, CMYK, MULTICHANNEL, DUOTONE, LAB = 0, 1, 2, 3, 4, 7, 8, 9
PLAIN, RLE, ZIP, ZIP_OF_DIFFERENCES = range(4)
_TYPES = {8: ">u1", 16: ">u2", 32: ">f4"}
_WHITES = {8: 255, 16: 65_535, 32: 1}
Halves = tuple[float, float]
Plane = npt.NDArray[np.float64]


def halves(left: float, right: float, size: tuple[int, int] = (120, 80)) -> Plane:
    """Return a plane of two halves, each of 0 to 1."""
    return np.concatenate(
        [np.full((size[1], size[0] // 2), left), np.full((size[1], size[0] - size[0] // 2), right)], 1
    )


def psd(
    channels: Sequence[Plane],
    depth: int = 8,
    mode: int = RGB,
    *,
    is_big: bool = False,
    compression: int = PLAIN,
    layers: bytes = b"",
    resources: bytes = b"",
    colors: bytes = b"",
) -> bytes:
    """Return a PSD, or a PSB, of channels of 0 to 1; `layers` is what lies in the section of that name."""
    height, width = channels[0].shape
    head = b"8BPS" + struct.pack(">H6xHIIHH", 2 if is_big else 1, len(channels), height, width, depth, mode)
    sections = _with_length(colors) + _with_length(resources) + _with_length(layers, is_big)
    rows = [_rows(channel, depth) for channel in channels]
    return head + sections + struct.pack(">H", compression) + _pack(rows, depth, compression, is_big)


def layers_of(count: int, *, is_big: bool = False, key: bytes = b"") -> bytes:
    """Return a section of layers that counts so many, negative where the first extra channel is transparency.

    With a key they lie in a block of that name, as those of deep pictures do.
    """
    info = struct.pack(">h", count) + bytes(2)
    if not key:
        return _with_length(info, is_big) + _with_length(b"")
    return _with_length(b"", is_big) + _with_length(b"") + b"8BIM" + key + _with_length(info, is_big)


def resource(kind: int, data: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HH", kind, 0) + _with_length(data) + b"\0" * (len(data) % 2)


def _with_length(data: bytes, is_big: bool = False) -> bytes:
    return struct.pack(">Q" if is_big else ">I", len(data)) + data


def _rows(channel: Plane, depth: int) -> npt.NDArray[np.uint8]:
    """Return a channel's bytes, row by row."""
    if depth == 1:
        return np.packbits(channel > 0.5, axis=1)
    samples = (channel * _WHITES[depth]).astype(_TYPES[depth])
    return samples.view(np.uint8).reshape(len(channel), -1)


def _pack(rows: list[npt.NDArray[np.uint8]], depth: int, compression: int, is_big: bool) -> bytes:
    if compression == RLE:
        packed = [_run_lengths(row) for channel in rows for row in channel]
        counts = struct.pack(f">{len(packed)}{'I' if is_big else 'H'}", *(len(row) for row in packed))
        return counts + b"".join(packed)
    if compression == ZIP_OF_DIFFERENCES:
        rows = [_differences(channel, depth) for channel in rows]
    data = b"".join(channel.tobytes() for channel in rows)
    return zlib.compress(data) if compression in (ZIP, ZIP_OF_DIFFERENCES) else data


def _run_lengths(row: npt.NDArray[np.uint8]) -> bytes:
    """Pack a row as PackBits does: runs of equal bytes, and bytes as they are."""
    out, at, data = b"", 0, row.tobytes()
    while at < len(data):
        run = 1
        while run < 128 and data[at : at + run + 1] == data[at : at + 1] * (run + 1):
            run += 1
        out += bytes([257 - run, data[at]]) if run > 1 else bytes([0, data[at]])
        at += run
    return out


def _differences(rows: npt.NDArray[np.uint8], depth: int) -> npt.NDArray[np.uint8]:
    if depth == 32:
        rows = rows.reshape(len(rows), -1, 4).transpose(0, 2, 1).reshape(len(rows), -1)
    samples = rows.view(">u2") if depth == 16 else rows
    wide = np.diff(samples.astype(np.int64), axis=1, prepend=0)
    return np.ascontiguousarray(wide.astype(samples.dtype)).view(np.uint8)
