"""TIFFs of every kind, of red and blue halves, or dark and light ones, written by tifffile."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image

from tests.seen import BLUE, RED, Color, red_and_blue

SIZE = (48, 32)
DEPTHS = ("u1", "u2", "u4", "i1", "i2", "i4", "f2", "f4", "f8")
COLORS = ("rgb", "minisblack", "miniswhite", "separated", "cielab", "icclab", "ycbcr")
EXTRAS: dict[str, list[str]] = {
    "none": [],
    "unspecified": ["unspecified"],
    "premultiplied": ["assocalpha"],
    "alpha": ["unassalpha"],
    "two unspecified": ["unspecified"] * 2,
    "alpha, unspecified": ["unassalpha", "unspecified"],
    "unspecified, alpha": ["unspecified", "unassalpha"],
}
# Compression, and whether what is compressed are differences.
PACKINGS = (
    (None, False),
    ("lzw", False),
    ("lzw", True),
    ("zlib", False),
    ("zlib", True),
    ("packbits", False),
    ("zstd", False),
    ("jpeg", False),
)
_LOOKS: dict[str, tuple[Color, Color]] = {
    "rgb": (RED, BLUE),
    "separated": (RED, BLUE),
    "ycbcr": (RED, BLUE),
    "minisblack": ((51,) * 3, (204,) * 3),
    "miniswhite": ((204,) * 3, (51,) * 3),
    "cielab": ((250, 3, 11), (88, 0, 253)),
    "icclab": ((250, 3, 11), (88, 0, 253)),
}
_HALVES: dict[str, list[tuple[float, float]]] = {
    "rgb": [(1, 0), (0, 0), (0, 1)],
    "minisblack": [(0.2, 0.8)],
    "miniswhite": [(0.2, 0.8)],
    "separated": [(0, 1), (1, 1), (1, 0), (0, 0)],
}
Plane = npt.NDArray[Any]


@dataclass(frozen=True)
class Kind:
    """A kind of TIFF, and how it looks."""

    depth: str
    colors: str
    extras: str
    planar: str
    packing: tuple[str | None, bool]
    byte_order: str
    tile: tuple[int, int] | None = None

    @property
    def looks(self) -> tuple[Color, Color]:
        return _LOOKS[self.colors]


def every_kind(
    packings: Sequence[tuple[str | None, bool]] = PACKINGS, tiles: Sequence[tuple[int, int] | None] = (None, (16, 16))
) -> Iterator[tuple[Kind, bytes]]:
    """Yield every kind that there is, with a file of it."""
    for values in itertools.product(DEPTHS, COLORS, EXTRAS, ("contig", "separate"), packings, "<>", tiles):
        kind = Kind(*values)
        if (data := write(kind)) is not None:
            yield kind, data


def write(kind: Kind) -> bytes | None:
    """Return a file of a kind; None for one that makes no sense, or that tifffile does not write."""
    planes = _planes(kind)
    if planes is None or (len(planes) == 1 and kind.planar == "separate"):
        return None
    compression, has_differences = kind.packing
    if compression == "jpeg" and (kind.depth != "u1" or kind.colors != "rgb"):
        return None
    options: dict[str, Any] = {"planarconfig": kind.planar} if len(planes) > 1 else {}
    if EXTRAS[kind.extras]:
        options["extrasamples"] = EXTRAS[kind.extras]
    if kind.colors == "ycbcr":
        options["subsampling"] = (1, 1)
    samples = np.stack(planes, -1 if kind.planar == "contig" else 0) if len(planes) > 1 else planes[0]
    out = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tifffile.imwrite(
                out,
                samples,
                byteorder=kind.byte_order,  # type: ignore[arg-type]
                photometric=kind.colors,
                compression=compression,
                predictor=has_differences or None,
                tile=kind.tile,
                metadata=None,
                **options,
            )
    except (ValueError, NotImplementedError, KeyError):
        return None
    return out.getvalue()


def _planes(kind: Kind) -> list[Plane] | None:
    depth = np.dtype(kind.depth)
    if kind.colors in ("cielab", "icclab"):
        if depth.kind != "u" or depth.itemsize > 2:
            return None
        planes = _lab(depth, is_signed=kind.colors == "cielab")
    elif kind.colors == "ycbcr":
        if kind.depth != "u1":
            return None
        planes = [np.asarray(red_and_blue(SIZE).convert("YCbCr"))[..., n] for n in range(3)]
    else:
        planes = [_scaled(*pair, depth) for pair in _HALVES[kind.colors]]
    extras = [_scaled(0 if extra == "unspecified" else 1, 1, depth) for extra in EXTRAS[kind.extras]]
    return [*planes, *extras]


def _lab(depth: np.dtype[Any], *, is_signed: bool) -> list[Plane]:
    unit = 256 ** (depth.itemsize - 1)
    lightness = (0.533 * 255, 0.323 * 255)
    colors: tuple[tuple[int, int], ...] = ((80, 79), (67, -108))
    planes = [_plane(*(value * unit for value in lightness))]
    for left, right in colors:
        shift = 0 if is_signed else 128
        planes.append(_plane((left + shift) * unit % 256**depth.itemsize, (right + shift) * unit % 256**depth.itemsize))
    return [plane.astype(depth) for plane in planes]


def _plane(left: float, right: float) -> Plane:
    width, height = SIZE
    return np.concatenate([np.full((height, width // 2), left), np.full((height, width // 2), right)], 1)


def _scaled(left: float, right: float, depth: np.dtype[Any]) -> Plane:
    white = 1.0 if depth.kind == "f" else float(np.iinfo(depth).max)
    return np.round(_plane(left, right) * white, 3 if depth.kind == "f" else 0).astype(depth)


def as_tiff(samples: Plane, **options: Any) -> bytes:
    """Return a TIFF of samples as tifffile writes it."""
    out = io.BytesIO()
    tifffile.imwrite(out, samples, metadata=None, **options)
    return out.getvalue()


def halves(color: Sequence[float], other: Sequence[float], depth: str) -> Plane:
    """Return samples [height, width, channels] of two colours, as they are."""
    return np.stack([_plane(*pair) for pair in zip(color, other, strict=True)], -1).astype(depth)


def rgb8() -> Image.Image:
    return red_and_blue(SIZE)
