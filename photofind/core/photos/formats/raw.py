"""Open a camera's RAW file through the preview in it; the only user of rawpy (LibRaw), which is an extra.

The preview is what the camera itself made of the shot, and costs a fraction of developing it.
A RAW file without one is developed at half size: 0.2 s for 24 megapixels.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photofind.core.disk.scan import RAW_SUFFIXES
from photofind.core.errors import PhotofindError
from photofind.core.records.arrays import Pixels

if TYPE_CHECKING:
    import rawpy

# LibRaw's flip is a sum of 1 (mirror), 2 (upside down) and 4 (swap rows and columns).
_ORIENTATION_OF_FLIP = {0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 8, 6: 6, 7: 7}


@dataclass(frozen=True, slots=True)
class RawPreview:
    """A RAW file's picture: an image file's content, or sRGB pixels uint8 [h, w, 3].

    `orientation` is EXIF's 1 to 8, of how the pixels lie; width and height are upright, in pixels
    of the RAW itself.
    """

    picture: bytes | Pixels
    orientation: int
    width: int
    height: int


def is_raw_name(path: bytes) -> bool:
    """Tell whether a file is called as RAWs are; what it is, its content decides."""
    return os.path.splitext(path)[1].lower() in RAW_SUFFIXES


def require_rawpy() -> None:
    """Raise PhotofindError where the extra for RAW photos is not installed."""
    try:
        import rawpy  # noqa: F401, PLC0415 - an extra, and only children that meet a RAW file load it
    except ImportError as error:
        raise PhotofindError("raw_needs_package") from error


def open_raw(content: bytes) -> RawPreview:
    """Return the picture in a RAW file's content; PhotofindError says why there is none, or what is not installed."""
    require_rawpy()
    import rawpy  # noqa: PLC0415 - an extra

    try:
        with rawpy.imread(io.BytesIO(content)) as raw:
            sizes = raw.sizes  # developing changes them
            size = (sizes.height, sizes.width) if sizes.flip & 4 else (sizes.width, sizes.height)
            return RawPreview(_picture(raw), _ORIENTATION_OF_FLIP[sizes.flip & 7], *size)
    except rawpy.LibRawFileUnsupportedError as error:
        raise PhotofindError("raw_unknown") from error
    except (rawpy.LibRawError, ValueError) as error:
        raise _damaged(error) from error


def _picture(raw: rawpy.RawPy) -> bytes | Pixels:
    import rawpy  # noqa: PLC0415 - an extra

    try:
        return raw.extract_thumb().data
    except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError, rawpy.NotSupportedError):
        return raw.postprocess(half_size=True, use_camera_wb=True, user_flip=0)


def _damaged(error: Exception) -> PhotofindError:
    said = error.args[0] if error.args else b""
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)
    return PhotofindError("raw_damaged", said=text) if text else PhotofindError("raw_undecodable")
