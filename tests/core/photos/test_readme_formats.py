"""The README's list of formats is true to the letter: what it names is looked for and read, and nothing else is."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from photofind.core.disk.scan import RAW_SUFFIXES, SUFFIXES
from photofind.core.photos.formats.tiff_kind import TiffKind
from photofind.core.photos.images import decode_photo
from photofind.core.photos.limits import MAX_MEGAPIXELS
from tests.core.photos.test_every_tiff import plain_tiff, subsampled
from tests.core.photos.tiffs import SIZE, as_tiff, halves
from tests.heic_files import heic
from tests.image_files import encode
from tests.photoshop_files import MULTICHANNEL, psd
from tests.photoshop_files import halves as plane
from tests.raw_files import dng
from tests.seen import SPEC, assert_sides, reason, red_and_blue

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## Formats")[1].split("\n## ")[0]
ROWS = {
    name: (endings, remark)
    for name, endings, remark in re.findall(r"^\| ([^|`]+?) \| ((?:`\w+` ?)+)\| ?(.*?) ?\|$", SECTION, re.MULTILINE)
}
PICTURE = red_and_blue((240, 160))
SAMPLES = {
    "JPEG": encode(PICTURE, "JPEG"),
    "PNG": encode(PICTURE, "PNG"),
    "WebP": encode(PICTURE, "WEBP"),
    "HEIC": heic(1, 1, 512, 512),
    "AVIF": encode(PICTURE, "AVIF"),
    "GIF": encode(PICTURE, "GIF"),
    "BMP": encode(PICTURE, "BMP"),
    "JPEG 2000": encode(PICTURE, "JPEG2000"),
    "Targa": encode(PICTURE, "TGA"),
    "ICO": encode(PICTURE, "ICO"),
    "Netpbm": encode(PICTURE, "PPM"),
    "Photoshop": psd([plane(1, 0), plane(0, 0), plane(0, 1)], 32),
    "TIFF": encode(PICTURE, "TIFF"),
    "JPEG XL": bytes(imagecodecs.jpegxl_encode(np.asarray(PICTURE), lossless=True)),
    "RAW": dng(Image.new("RGB", (960, 640)), PICTURE),
}


def endings_of(name: str) -> list[str]:
    return re.findall(r"`(\w+)`", ROWS[name][0])


def test_every_ending_that_is_looked_for_is_listed_and_no_other() -> None:
    assert set(ROWS) == set(SAMPLES)
    assert {f".{ending}".encode() for name in ROWS for ending in endings_of(name)} == SUFFIXES
    assert {f".{ending}".encode() for ending in endings_of("RAW")} == RAW_SUFFIXES


@pytest.mark.parametrize("name", SAMPLES)
def test_each_format_is_read_under_each_of_its_endings(name: str, tmp_path: Path) -> None:
    for ending in endings_of(name):
        path = tmp_path / f"photo.{ending}"
        path.write_bytes(SAMPLES[name])
        assert decode_photo(os.fsencode(path), SPEC).flaw is None


def test_the_largest_size_is_the_one_that_holds() -> None:
    assert f"Up to {MAX_MEGAPIXELS} megapixels" in SECTION


@pytest.mark.parametrize(
    "data",
    [
        as_tiff(halves((1, 0, 0), (0, 0, 1), "f2"), photometric="rgb"),
        as_tiff(halves((2**64 - 2048, 0, 0), (0, 0, 2**64 - 2048), "u8"), photometric="rgb"),
        as_tiff(halves((2**32 - 1, 0, 0), (0, 0, 2**32 - 1), "u4"), photometric="rgb"),
        as_tiff(halves((2**15 - 1, 0, 0), (0, 0, 2**15 - 1), "i2"), photometric="rgb"),
        as_tiff(halves((2**16 - 1, 0, 0), (0, 0, 2**16 - 1), "u2"), photometric="rgb", bigtiff=True, byteorder=">"),
        as_tiff(np.asarray(red_and_blue(SIZE)), photometric="rgb", compression="jpegxl"),
        as_tiff(np.asarray(red_and_blue(SIZE)), photometric="rgb", compression="zstd"),
        as_tiff(np.asarray(red_and_blue(SIZE)), photometric="rgb", compression="lzma"),
        as_tiff(np.asarray(red_and_blue(SIZE)), photometric="rgb", compression="webp"),
        as_tiff(np.asarray(red_and_blue(SIZE)), photometric="rgb", compression="jpeg2000"),
    ],
    ids=["half floats", "64 bits", "32 bits", "signed", "BigTIFF", "JPEG XL", "Zstandard", "LZMA", "WebP", "JPEG 2000"],
)
def test_what_it_says_of_tiff_holds(data: bytes) -> None:
    assert_sides(data)


@pytest.mark.parametrize(
    "data",
    [
        psd([plane(1, 0)] * 3, 8, MULTICHANNEL),
        plain_tiff(bytes(SIZE[0] * SIZE[1] * 6), 16, 32_845),
        subsampled((2, 2)),
    ],
    ids=["multichannel", "LogLuv", "few colours"],
)
def test_what_it_says_is_not_read_is_refused_by_name(data: bytes) -> None:
    assert "pictures of this kind" in reason(data)


def test_of_a_webp_that_ends_too_early_nothing_is_read_and_that_is_said() -> None:
    whole = io.BytesIO()
    red_and_blue(SIZE).save(whole, "webp")
    assert "damaged" in reason(whole.getvalue()[:-20])


def test_a_kind_has_a_name_for_people() -> None:
    kind = TiffKind(2, 16, 3, 1, (), 1, is_planar=True, is_big_endian=False, is_subsampled=True)
    assert kind.name == "16-bit RGB, in planes"
