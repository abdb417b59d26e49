"""A fourth channel is transparency where its format says so and something is left to see, else nothing."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from photofind.core.photos.images import open_image
from tests.image_files import encode
from tests.seen import BLUE, RED, WHITE, Color, assert_sides, red_and_blue

LOSSLESS: dict[str, dict[str, object]] = {
    "AVIF": {"quality": 100},
    "DDS": {},
    "ICO": {"sizes": [(120, 80)]},
    "JPEG2000": {},
    "PNG": {},
    "QOI": {},
    "SGI": {},
    "TGA": {},
    "TIFF": {},
    "WEBP": {"lossless": True, "exact": True},
}


def with_alpha(left: int, right: int) -> Image.Image:
    image = red_and_blue()
    alpha = Image.new("L", image.size, left)
    alpha.paste(right, (60, 0, 120, 80))
    image.putalpha(alpha)
    return image


@pytest.mark.parametrize("kind", LOSSLESS)
def test_what_hides_all_of_a_picture_is_no_transparency(kind: str) -> None:
    assert_sides(encode(with_alpha(0, 0), kind, **LOSSLESS[kind]), RED, BLUE)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_what_lets_nothing_be_seen_of_a_picture_is_no_transparency(kind: str) -> None:
    assert_sides(encode(with_alpha(1, 3), kind, **LOSSLESS[kind]), RED, BLUE)


@pytest.mark.parametrize("kind", LOSSLESS)
@pytest.mark.parametrize(("alpha", "left"), [(0, WHITE), (128, (255, 127, 127))])
def test_what_hides_a_part_lies_on_white_as_ever(kind: str, alpha: int, left: Color) -> None:
    assert_sides(encode(with_alpha(alpha, 255), kind, **LOSSLESS[kind]), left, BLUE)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "TGA"])
def test_grey_that_is_hidden_wholly_is_shown(kind: str) -> None:
    grey = Image.merge("LA", [red_and_blue().getchannel("R"), Image.new("L", (120, 80))])
    assert_sides(encode(grey, kind), WHITE, (0, 0, 0))


@pytest.mark.parametrize("transparency", [0, bytes(256)], ids=["one", "all"])
def test_a_palette_of_which_all_that_is_used_is_transparent_is_shown(transparency: int | bytes) -> None:
    image = Image.new("P", (120, 80), 0)
    image.putpalette([*RED, *BLUE])
    assert_sides(encode(image, "PNG", transparency=transparency), RED, RED)
    image.paste(1, (60, 0, 120, 80))
    assert_sides(encode(image, "PNG", transparency=0), WHITE, BLUE)


def test_a_large_picture_keeps_the_colours_that_are_hidden(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Scaled down first, what cannot be seen would lose its colours."""
    image = red_and_blue((1_600, 1_200))
    image.putalpha(0)
    data = encode(image, "PNG", compress_level=1)
    assert_sides(data, RED, BLUE)
    path = tmp_path_factory.mktemp("photos") / "large.png"
    path.write_bytes(data)
    pixels = open_image(bytes(path), 400)
    assert pixels.shape == (300, 400, 3)
    assert tuple(pixels[150, 100]) == RED


def targa(attribute_bits: int, *, depth: int = 32, kind: int | None = None) -> bytes:
    """Return a Targa file whose fourth channel is clear on the left, and what the file says of it."""
    rgba = np.asarray(with_alpha(0, 255))
    if depth == 32:
        pixels = rgba[..., [2, 1, 0, 3]].tobytes()
    else:
        wide = rgba.astype(np.uint16) >> 3
        packed = wide[..., 0] << 10 | wide[..., 1] << 5 | wide[..., 2] | (wide[..., 3] > 0).astype(np.uint16) << 15
        pixels = packed.astype("<u2").tobytes()
    data = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 120, 80, depth, 0x20 | attribute_bits) + pixels
    if kind is None:
        return data
    extension = struct.pack("<H", 495) + bytes(492) + bytes([kind])
    return data + extension + struct.pack("<II", len(data), 0) + b"TRUEVISION-XFILE.\0"


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (targa(8), WHITE),
        (targa(8, kind=3), WHITE),
        (targa(0), RED),
        (targa(8, kind=0), RED),
        (targa(8, kind=1), RED),
        (targa(8, kind=2), RED),
        (targa(0, depth=16), RED),
    ],
    ids=["alpha", "useful", "no bits", "none", "undefined", "undefined but kept", "5 bits"],
)
def test_a_targa_says_itself_what_its_fourth_channel_is(data: bytes, left: Color) -> None:
    assert_sides(data, left, BLUE)


def bitmap(head_size: int, compression: int, alpha_mask: int, left: int, right: int) -> bytes:
    """Return a BMP of 32 bits a pixel."""
    pixels = np.asarray(with_alpha(left, right))[::-1, :, [2, 1, 0, 3]].tobytes()
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, alpha_mask)
    info = struct.pack("<IiiHHIIiiII", head_size, 120, 80, 1, 32, compression, len(pixels), 0, 0, 0, 0)
    info += (masks + bytes(120))[: head_size - 40] if head_size > 40 else masks[:12] if compression == 3 else b""
    at = 14 + len(info)
    return b"BM" + struct.pack("<IHHI", at + len(pixels), 0, 0, at) + info + pixels


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (bitmap(40, 0, 0, 0, 0), RED),
        (bitmap(40, 0, 0, 0, 255), RED),
        (bitmap(40, 3, 0, 0, 255), RED),
        (bitmap(56, 3, 0, 0, 255), RED),
        (bitmap(56, 3, 0xFF000000, 0, 255), WHITE),
        (bitmap(124, 3, 0xFF000000, 0, 0), RED),
        (bitmap(124, 3, 0xFF000000, 0, 255), WHITE),
    ],
    ids=["plain", "plain, half", "masks", "no mask for alpha", "alpha", "alpha all clear", "newest head"],
)
def test_a_bitmap_has_alpha_only_where_it_has_a_mask_for_it(data: bytes, left: Color) -> None:
    assert_sides(data, left, BLUE)


def test_an_icon_whose_bitmap_is_all_clear_shows_its_colours() -> None:
    icon = red_and_blue((64, 64))
    icon.putalpha(0)
    assert_sides(encode(icon, "ICO", sizes=[(64, 64)], bitmap_format="bmp"), RED, BLUE)
