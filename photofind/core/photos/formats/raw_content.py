"""Whether a file is a camera's RAW: its content says so, whatever its name."""

from __future__ import annotations

import re
from typing import BinaryIO

from PIL.ExifTags import Base

from photofind.core.photos.formats.tiff_tags import BEGINNINGS, number, numbers, read_directories

# RAF; X3F; MRW; RW2; ORF (three); CRW; CR3; CR2 and IIQ, which say so behind a TIFF's head; ARQ-like Contax.
_RAW = re.compile(
    rb"FUJIFILMCCD-RAW|FOVb|\0MRM|IIU\0|IIRO|IIRS|MMOR|II\x1a\0\0\0HEAPCCDR|....ftypcrx "
    rb"|II\*\0....CR|II\*\0....IIII|MM\0\*....MMMM",
    re.DOTALL,
)
# What is no RAW, though its name may say so. TIFF is left out: nearly all RAWs are built as one.
_PICTURE = re.compile(
    rb"\xff\xd8\xff|\x89PNG|GIF8|BM|RIFF....WEBP|8BPS|\xff\x0a|\0\0\0\x0cJXL |\0\0\0\x0cjP  |....ftyp(?!crx )",
    re.DOTALL,
)
_DNG_VERSION, _FILTER_ARRAY = 50_706, 33_422
_SENSOR_DATA = (32_803, 34_892)
# Nikon, Sony, Samsung (two), Kodak (two), Pentax.
_CAMERA_COMPRESSIONS = (34_713, 32_767, 32_769, 32_770, 32_867, 65_000, 65_535)


def is_raw(file: BinaryIO) -> bool:
    """Tell whether a file is surely a RAW."""
    file.seek(0)
    head = file.read(16)
    if _RAW.match(head):
        return True
    return head.startswith(BEGINNINGS) and any(
        _DNG_VERSION in tags
        or _FILTER_ARRAY in tags
        or number(tags, Base.PhotometricInterpretation, 0) in _SENSOR_DATA
        or bool(set(numbers(tags, Base.Compression)) & set(_CAMERA_COMPRESSIONS))
        for tags in read_directories(file)
    )


def may_be_raw(head: bytes) -> bool:
    """Tell whether a file with such a beginning, and a RAW's name, is worth a try as RAW."""
    return not _PICTURE.match(head)
