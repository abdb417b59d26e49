"""JPEG 2000 of any depth looks like its twin of 8 bits: Pillow alone turns what is white in it black."""

from __future__ import annotations

import struct
import sys

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from photofind.core.errors import PhotofindError
from photofind.core.photos.images import decode_bytes
from photofind.core.sentences.installing import pip_install
from tests.image_files import encode
from tests.seen import BLUE, RED, SPEC, WHITE, Color, assert_sides, reason, red_and_blue


def deep(bits: int, image: Image.Image, kind: str = "jp2") -> bytes:
    samples = np.asarray(image).astype(np.uint32) * (2**bits - 1) // 255
    return bytes(imagecodecs.jpeg2k_encode(samples.astype(np.uint16), level=0, bitspersample=bits, codecformat=kind))


@pytest.mark.parametrize("bits", [9, 10, 12, 14, 16])
@pytest.mark.parametrize("kind", ["jp2", "j2k"])
def test_what_is_bright_stays_bright(bits: int, kind: str) -> None:
    assert_sides(deep(bits, red_and_blue(), kind), RED, BLUE, 4)


@pytest.mark.parametrize("color", [(255, 255, 255), (254, 128, 1), (0, 0, 0)])
def test_every_light_is_as_in_8_bits(color: Color) -> None:
    assert_sides(deep(16, Image.new("RGB", (120, 80), color)), color, color, 4)


@pytest.mark.parametrize(("left", "seen"), [(0, WHITE), (255, RED)])
def test_its_alpha_is_kept(left: int, seen: Color) -> None:
    image = red_and_blue()
    alpha = Image.new("L", image.size, left)
    alpha.paste(255, (60, 0, 120, 80))
    image.putalpha(alpha)
    assert_sides(deep(16, image), seen, BLUE, 4)


def test_alpha_that_hides_all_is_none() -> None:
    image = red_and_blue()
    image.putalpha(0)
    assert_sides(deep(16, image), RED, BLUE, 4)


def test_grey_is_as_ever() -> None:
    assert_sides(deep(16, Image.new("L", (120, 80), 255)), WHITE, WHITE, 4)


def shallow(bits: int, image: Image.Image) -> bytes:
    samples = np.asarray(image).astype(np.uint16) * (2**bits - 1) // 255
    return bytes(imagecodecs.jpeg2k_encode(samples.astype(np.uint8), level=0, bitspersample=bits, codecformat="jp2"))


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 7])
def test_what_is_bright_in_few_bits_is_as_bright(bits: int) -> None:
    assert_sides(shallow(bits, red_and_blue()), RED, BLUE, 2)
    assert_sides(shallow(bits, Image.new("L", (120, 80), 255)), WHITE, WHITE, 2)
    opaque = red_and_blue()
    opaque.putalpha(255)
    assert_sides(shallow(bits, opaque), RED, BLUE, 2)


@pytest.mark.parametrize("bits", [2, 3, 4, 7])
def test_what_lies_between_in_few_bits_is_scaled(bits: int) -> None:
    light = 2 ** (bits - 1) * 255 // (2**bits - 1) + 1  # just above the middle
    assert_sides(shallow(bits, Image.new("RGB", (120, 80), (light, light, light))), (light,) * 3, (light,) * 3, 3)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_palette_of_few_colors_keeps_them(bits: int) -> None:
    indexes = np.zeros((80, 120), np.uint8)
    indexes[:, 60:] = 1
    content = bytes(imagecodecs.jpeg2k_encode(indexes, level=0, bitspersample=bits, codecformat="jp2"))
    colors = bytes((*RED, *BLUE)).ljust(3 * 2**bits, b"\0")
    palette = box(b"pclr", struct.pack(">HB3B", 2**bits, 3, 7, 7, 7) + colors)
    mapping = box(b"cmap", b"".join(struct.pack(">HBB", 0, 1, channel) for channel in range(3)))
    at = content.index(b"jp2h") - 4
    end = at + int.from_bytes(content[at : at + 4], "big")
    grey, rgb = (struct.pack(">BBBI", 1, 0, 0, space) for space in (17, 16))
    head = box(b"jp2h", content[at + 8 : end].replace(grey, rgb) + palette + mapping)
    assert_sides(content[:at] + head + content[end:], RED, BLUE, 2)


def test_cut_it_is_marked_or_refused() -> None:
    rng = np.random.default_rng(1)
    data = deep(16, Image.fromarray(rng.integers(0, 256, (80, 120, 3), np.uint8)))
    for tenth in range(1, 10):
        assert "ends too early" in outcome(data[: len(data) * tenth // 10])


def outcome(data: bytes) -> str:
    """Return a picture's flaw, or why it is refused."""
    try:
        return str(decode_bytes(data, SPEC).flaw)
    except PhotofindError as error:
        return str(error)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    assert reason(deep(16, red_and_blue())) == (
        f"JPEG 2000 of more than 8 bits needs two more packages: {pip_install()} imagecodecs tifffile, then “Try "
        "again” under Problems."
    )
    assert_sides(encode(red_and_blue(), "JPEG2000"))
