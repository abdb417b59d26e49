"""TIFFs that hold more than a picture, say less of it than they should, or are written as few programs do."""

from __future__ import annotations

import io
from typing import Any, Literal

import numpy as np
import pytest
import tifffile

from tests.core.photos.tiffs import SIZE, as_tiff, halves
from tests.seen import BLUE, RED, assert_sides

PICTURE = halves((255, 0, 0), (0, 0, 255), "u1")
SMALL = np.full((8, 12, 3), (0, 255, 0), np.uint8)
EXTRA_SAMPLES, PRIVATE = 338, 65_000


def pages(*pages: tuple[Any, dict[str, Any]], is_big: bool = False, order: Literal["<", ">"] = "<") -> bytes:
    out = io.BytesIO()
    with tifffile.TiffWriter(out, bigtiff=is_big, byteorder=order) as file:
        for samples, options in pages:
            file.write(samples, metadata=None, **options)
    return out.getvalue()


@pytest.mark.parametrize("depth", ["u1", "u2", "f4"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_bigtiff_of_the_other_byte_order_is_read(depth: str, planar: str, compression: str | None) -> None:
    white = 1 if depth == "f4" else np.iinfo(depth).max
    samples = halves((white, 0, 0), (0, 0, white), depth)
    planes = samples if planar == "contig" else np.moveaxis(samples, -1, 0)
    options = {"photometric": "rgb", "planarconfig": planar, "compression": compression}
    assert_sides(as_tiff(planes, bigtiff=True, byteorder=">", **options), RED, BLUE, 4)


@pytest.mark.parametrize(
    ("is_big", "is_below"), [(False, False), (True, False), (False, True)], ids=["next page", "bigtiff", "below"]
)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("depth", ["u1", "f4"])
def test_a_small_copy_that_comes_first_is_not_the_picture(
    is_big: bool, order: Literal["<", ">"], depth: str, is_below: bool
) -> None:
    first = {"photometric": "rgb", "subfiletype": 1, **({"subifds": 1} if is_below else {})}
    picture = halves((1, 0, 0), (0, 0, 1), "f4") if depth == "f4" else PICTURE
    assert_sides(pages((SMALL, first), (picture, {"photometric": "rgb"}), is_big=is_big, order=order), RED, BLUE, 4)


def test_a_mask_that_comes_first_is_not_the_picture() -> None:
    mask = np.zeros(SIZE[::-1], bool)
    data = pages((mask, {"photometric": "minisblack", "subfiletype": 4}), (PICTURE, {"photometric": "rgb"}))
    assert_sides(data, RED, BLUE, 4)


def test_a_picture_that_is_only_called_a_copy_is_shown() -> None:
    assert_sides(pages((PICTURE, {"photometric": "rgb", "subfiletype": 1})), RED, BLUE, 4)


@pytest.mark.parametrize("depth", ["u1", "u2"])
@pytest.mark.parametrize("compression", [None, "lzw"])
@pytest.mark.parametrize("infrared", [(0, 0), (0, 1), (0.8, 0.3), (1, 1)])
def test_a_fourth_channel_of_which_nothing_is_said_is_no_transparency(
    depth: str, compression: str | None, infrared: tuple[float, float]
) -> None:
    """As scanners store what they see in infrared, the dust."""
    white = np.iinfo(depth).max
    dust = [int(light * white) for light in infrared]
    samples = halves((white, 0, 0, dust[0]), (0, 0, white, dust[1]), depth)
    data = as_tiff(samples, photometric="rgb", extrasamples=["unspecified"], compression=compression, byteorder="<")
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        at = file.pages.first.tags[EXTRA_SAMPLES].offset
    assert data[at : at + 2] == EXTRA_SAMPLES.to_bytes(2, "little")
    assert_sides(data[:at] + PRIVATE.to_bytes(2, "little") + data[at + 2 :], RED, BLUE, 4)


@pytest.mark.parametrize("depth", ["u1", "u2"])
@pytest.mark.parametrize("compression", ["zlib", "lzw"])
def test_packed_planes_that_are_hidden_wholly_show_their_colours(depth: str, compression: str) -> None:
    white = np.iinfo(depth).max
    planes = np.moveaxis(halves((white, 0, 0, 0), (0, 0, white, 0), depth), -1, 0)
    options = {"photometric": "rgb", "planarconfig": "separate", "extrasamples": ["assocalpha"]}
    assert_sides(as_tiff(planes, compression=compression, **options), RED, BLUE, 4)


@pytest.mark.parametrize("depth", ["f2", "f4", "f8"])
@pytest.mark.parametrize("brightest", [1, 4, 16])
def test_light_of_whole_numbers_beyond_white_is_not_black(depth: str, brightest: int) -> None:
    samples = halves((brightest, 0, 0), (0, 0, brightest), depth)
    assert_sides(as_tiff(samples, photometric="rgb"), RED, BLUE, 4)
