"""Read a TIFF's samples with tifffile, of any depth and layout; the only user of tifffile, which is an extra."""

from __future__ import annotations

import io

import numpy as np
import tifffile
from PIL import Image

from photofind.core.errors import PhotofindError
from photofind.core.photos.formats.tiff_kind import (
    ALPHA,
    CMYK,
    GREY,
    ICC_LAB,
    LAB,
    PALETTE,
    PREMULTIPLIED,
    RGB,
    WHITE_IS_ZERO,
    YCBCR,
    TiffKind,
)
from photofind.core.photos.samples import Samples, to_bytes, white_of
from photofind.core.records.arrays import Pixels

_MODES = {WHITE_IS_ZERO: "L", GREY: "L", RGB: "RGB", CMYK: "CMYK", YCBCR: "YCbCr", LAB: "LAB", ICC_LAB: "LAB"}
_PLAIN = 1
# Beside the samples there is the file, and their 8 bits.
_MOST_BYTES = 5 << 29
_JPEG_COMPRESSIONS = (6, 7)


def read_samples(content: bytes, kind: TiffKind, *, is_lenient: bool) -> Image.Image:
    """Return a TIFF's first picture in 8 bits; PhotofindError names its kind where tifffile cannot read it.

    OSError for one that was cut off, unless `is_lenient` and its samples lie plainly: then what is missing is black.
    """
    samples = _load(content, kind, is_lenient=is_lenient)
    colors = kind.colors
    if colors is None or samples.shape[2] < colors:
        raise _unreadable(kind)
    if kind.photometric == PALETTE:
        return _look_up(content, samples[..., 0])
    bands = [*_bands(samples[..., :colors], kind)]
    mode = "RGB" if kind.photometric == YCBCR and kind.compression in _JPEG_COMPRESSIONS else _MODES[kind.photometric]
    alpha = _alpha(samples, kind, colors)
    del samples
    images = [Image.fromarray(np.ascontiguousarray(band)) for band in bands]
    if alpha is None or mode not in ("L", "RGB"):
        return images[0] if len(images) == 1 else Image.merge(mode, images)
    which, plane = alpha
    triple = images * 3 if mode == "L" else images
    merged = Image.merge("RGBa" if which == PREMULTIPLIED else "RGBA", [*triple, Image.fromarray(plane)])
    return merged.convert("RGBA")


def _load(content: bytes, kind: TiffKind, *, is_lenient: bool) -> Samples:
    """Return samples [height, width, channels]."""
    try:
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            page = file.pages.first
            if page.dtype is None:
                raise _unreadable(kind)
            if page.size * page.dtype.itemsize > _MOST_BYTES:
                raise MemoryError
            missing = _bytes_missing(page, content)
            if missing and not (is_lenient and kind.compression == _PLAIN and not kind.is_planar):
                raise OSError("image file is truncated")
            samples = page.asarray() if not missing else _load_padded(content, missing)
            axes = page.axes
    except (tifffile.TiffFileError, NotImplementedError, KeyError, TypeError) as error:
        raise _unreadable(kind) from error
    if axes == "YX":
        return samples[..., None]
    if axes == "SYX":
        return np.moveaxis(samples, 0, 2)
    if axes != "YXS":
        raise _unreadable(kind)
    return samples


def _bytes_missing(page: tifffile.TiffPage, content: bytes) -> int:
    ends = [at + count for at, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
    return max(0, max(ends, default=0) - len(content))


def _load_padded(content: bytes, missing: int) -> Samples:
    if missing > _MOST_BYTES:
        raise MemoryError
    with tifffile.TiffFile(io.BytesIO(content + bytes(missing))) as file:
        return np.asarray(file.pages.first.asarray())


def _unreadable(kind: TiffKind) -> PhotofindError:
    return PhotofindError("picture_of_odd_kind", format="TIFF", kind=kind.name)


def _bands(colors: Samples, kind: TiffKind) -> list[Pixels]:
    if kind.photometric in (LAB, ICC_LAB):
        return _lab_bands(colors, kind)
    white = _white(colors, kind)
    bands = [to_bytes(colors[..., n], white) for n in range(colors.shape[2])]
    return [255 - band for band in bands] if kind.photometric == WHITE_IS_ZERO else bands


def _white(colors: Samples, kind: TiffKind) -> float:
    is_odd = colors.dtype.kind == "u" and kind.bits not in (8, 16, 32, 64)
    return float(2**kind.bits - 1) if is_odd else white_of(colors)


def _lab_bands(colors: Samples, kind: TiffKind) -> list[Pixels]:
    """Return L, a and b as Pillow has them: in 0 to 255, a and b with 128 for none."""
    lightness, *rest = (colors[..., n] for n in range(3))
    if colors.dtype.kind == "f":
        return [to_bytes(lightness, 100), *(to_bytes(band + 128, 255) for band in rest)]
    if colors.dtype.itemsize > 2:
        raise _unreadable(kind)
    unit = 256 ** (colors.dtype.itemsize - 1)
    if kind.photometric == ICC_LAB:
        return [to_bytes(lightness, 255 * unit), *(to_bytes(band, 255 * unit) for band in rest)]
    signed = (band.astype(colors.dtype.newbyteorder("=")).view(f"i{colors.dtype.itemsize}") for band in rest)
    white = np.iinfo(colors.dtype).max
    return [to_bytes(lightness, white), *(to_bytes(band.astype(np.float32) / unit + 128, 255) for band in signed)]


def _alpha(samples: Samples, kind: TiffKind, colors: int) -> tuple[int, Pixels] | None:
    """Return what kind of alpha there is, and its plane; one that hides all of the picture is none."""
    for n, which in enumerate(kind.extras):
        if which in (PREMULTIPLIED, ALPHA) and colors + n < samples.shape[2]:
            plane = samples[..., colors + n]
            pixels = to_bytes(plane, _white(plane[..., None], kind))
            return (which, pixels) if pixels.any() else None
    return None


def _look_up(content: bytes, indices: Samples) -> Image.Image:
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        palette = np.asarray(file.pages.first.colormap, np.uint16).T >> 8
    return Image.fromarray(palette.astype(np.uint8)[np.minimum(indices, len(palette) - 1)])
