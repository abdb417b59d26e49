"""Unpack what Brotli packed, with imagecodecs, which is an extra."""

from __future__ import annotations


def unpack_brotli(data: bytes, most: int) -> bytes:
    """Return what was packed; nothing where it is damaged or larger than `most`, or the extra is not installed."""
    try:
        import imagecodecs  # noqa: PLC0415 - an extra, which only few photos need
    except ImportError:
        return b""
    try:
        return bytes(imagecodecs.brotli_decode(data, out=most))
    except imagecodecs.BrotliError:
        return b""
