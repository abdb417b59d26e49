"""Which packages that photofind does not bring would let what was refused for want of them be read."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

_CODECS: Final = ("imagecodecs", "tifffile")
# By the key of the reason that the readers give.
_NEEDED: Final = {
    "picture_jpeg_xl": _CODECS,
    "tiff_needs_package": _CODECS,
    "jpeg_2000_needs_package": _CODECS,
    "raw_needs_package": ("rawpy",),
}


def reasons_gone() -> list[str]:
    """Return the reasons that hold no longer, as the packages are there now."""
    return [reason for reason, packages in _NEEDED.items() if all(find_spec(package) for package in packages)]
