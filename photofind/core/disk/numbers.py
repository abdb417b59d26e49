"""Numbers of file systems as SQLite can hold them, in 64 bits with a sign; one that does not fit costs only itself.

mergerfs, rclone and other FUSE systems deal out inodes of 64 bits without a sign, Windows' ReFS such of 128 bits, and a
damaged file system any time and any size.
"""

from __future__ import annotations

from typing import Final

_LEAST: Final = -(1 << 63)
_MOST: Final = (1 << 63) - 1


def can_be_held(one: int, two: int, three: int, four: int) -> bool:
    """Tell whether numbers are to be kept as they are; asked of every file, so of all that it has in one go."""
    return _LEAST <= one <= _MOST and _LEAST <= two <= _MOST and _LEAST <= three <= _MOST and _LEAST <= four <= _MOST


def identity(number: int) -> int:
    """Map the number of a file or device, so that those of 64 bits stay apart."""
    return number if _LEAST <= number <= _MOST else (number - _LEAST) % (1 << 64) + _LEAST


def bounded(amount: int) -> int:
    """Return a size or time, or the nearest one that can be held."""
    return amount if _LEAST <= amount <= _MOST else max(_LEAST, min(amount, _MOST))
