"""Which reader opens a file; its content decides, never its name."""

from __future__ import annotations

import functools
import io
import re

import pi_heif
from PIL import Image, UnidentifiedImageError

from photofind.core.photos.formats import jpeg_2000, jpeg_xl, photoshop, tiff
from photofind.core.photos.limits import check_size

# EPS would start Ghostscript on the file; PSD has a reader of its own; the others are stubs that open and then cannot
# be loaded.
_REFUSED_FORMATS = frozenset(("EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG", "PSD"))
# A JPEG of any size can be read at an eighth of it: what counts is what `draft` leaves.
_REDUCED_WHILE_DECODED = ("JPEG", "MPO")
_HEIC = re.compile(rb"....ftyp(hei|hev|mif1|msf1)", re.DOTALL)

pi_heif.register_heif_opener()


def open_content(content: bytes, *, is_lenient: bool) -> Image.Image:
    """Open an image file's content; what is wrong with it is raised here or when the image is loaded."""
    if content.startswith(photoshop.BEGINNINGS):
        return photoshop.read_photoshop(content, is_lenient=is_lenient)
    if content.startswith(jpeg_xl.BEGINNINGS):
        picture = jpeg_xl.read_jpeg_xl(content)
        return _open_with_pillow(picture) if isinstance(picture, bytes) else picture
    if content.startswith(tiff.BEGINNINGS):
        return tiff.open_tiff(content, is_lenient=is_lenient)
    image = _open_with_pillow(content)
    if content.startswith(jpeg_2000.BEGINNINGS):
        return jpeg_2000.replace_misread(image, content, is_lenient=is_lenient)
    return image


def _open_with_pillow(content: bytes) -> Image.Image:
    image = _identify(content)
    try:
        if image.format not in _REDUCED_WHILE_DECODED:
            check_size(image.size)  # before anything: a look for EXIF decodes a PNG
    except Exception:
        image.close()
        raise
    if image.format == "TGA" and not _targa_has_alpha(content):
        image.info["has_alpha"] = False
    return image


def _identify(content: bytes) -> Image.Image:
    """Open a file with Pillow; a HEIC of more than a thousand tiles, at which libheif stops, without its limits.

    A decoder's own limits on memory and time hold all the same.
    """
    try:
        return Image.open(io.BytesIO(content), formats=_formats())
    except UnidentifiedImageError:
        if not _HEIC.match(content):
            raise
    pi_heif.options.DISABLE_SECURITY_LIMITS = True
    try:
        return Image.open(io.BytesIO(content), formats=_formats())
    finally:
        pi_heif.options.DISABLE_SECURITY_LIMITS = False


@functools.cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in Image.ID if name not in _REFUSED_FORMATS)


def _targa_has_alpha(content: bytes) -> bool:
    """Tell whether a Targa file calls the fourth channel alpha: it counts its bits, and may name its kind."""
    if not content[17] & 0x0F:
        return False
    extension = int.from_bytes(content[-26:-22], "little") if content.endswith(b"TRUEVISION-XFILE.\0") else 0
    kind = content[extension + 494 : extension + 495] if extension else b""
    return kind not in (b"\0", b"\1", b"\2")  # none, and undefined
