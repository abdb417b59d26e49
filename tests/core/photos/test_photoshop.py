"""Photoshop files of any depth, mode and compression look like their twins of 8 bits."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from photofind.core.disk.scan import is_photo_name
from photofind.core.errors import PhotofindError
from photofind.core.photos.images import decode_bytes
from tests.core.photos.test_image_formats import swapped
from tests.image_files import encode
from tests.photoshop_files import (
    BITMAP,
    CMYK,
    DUOTONE,
    GREY,
    INDEXED,
    LAB,
    MULTICHANNEL,
    PLAIN,
    RGB,
    RLE,
    ZIP,
    ZIP_OF_DIFFERENCES,
    Plane,
    halves,
    layers_of,
    psd,
    resource,
)
from tests.seen import BLUE, RED, SPEC, WHITE, Color, assert_sides, reason, red_and_blue

DARK, LIGHT = (51, 51, 51), (204, 204, 204)
# Each mode with its channels and how they look.
PICTURES: dict[int, tuple[list[Plane], Color, Color]] = {
    GREY: ([halves(0.2, 0.8)], DARK, LIGHT),
    DUOTONE: ([halves(0.2, 0.8)], DARK, LIGHT),
    RGB: ([halves(1, 0), halves(0, 0), halves(0, 1)], RED, BLUE),
    CMYK: ([halves(1, 0), halves(0, 0), halves(0, 1), halves(1, 1)], RED, BLUE),
    LAB: ([halves(0.5, 0.5), halves(0.75, 0.4), halves(0.7, 0.2)], (218, 53, 36), (0, 136, 250)),
}


@pytest.mark.parametrize("compression", [PLAIN, RLE, ZIP, ZIP_OF_DIFFERENCES])
@pytest.mark.parametrize("depth", [8, 16, 32])
@pytest.mark.parametrize("mode", PICTURES)
@pytest.mark.parametrize("is_big", [False, True], ids=["psd", "psb"])
def test_every_depth_mode_and_compression_looks_like_its_twin(
    mode: int, depth: int, compression: int, is_big: bool
) -> None:
    channels, left, right = PICTURES[mode]
    assert_sides(psd(channels, depth, mode, compression=compression, is_big=is_big), left, right, 4)


@pytest.mark.parametrize("compression", [PLAIN, RLE, ZIP])
def test_a_bitmap_is_black_where_it_has_ones(compression: int) -> None:
    plane = halves(1, 0, (123, 80))
    assert_sides(psd([plane], 1, BITMAP, compression=compression), (0, 0, 0), WHITE, 4)


def test_a_palette_is_looked_up() -> None:
    colors = np.zeros((3, 256), np.uint8)
    colors[:, 3], colors[:, 9] = RED, BLUE
    assert_sides(psd([halves(3 / 255, 9 / 255)], 8, INDEXED, colors=colors.tobytes()), RED, BLUE, 4)


@pytest.mark.parametrize("depth", [8, 16, 32])
@pytest.mark.parametrize("selections", [1, 2])
@pytest.mark.parametrize(
    "layers", [b"", layers_of(3), layers_of(3, key=b"Lr16"), layers_of(3, key=b"Lr32")], ids=["flat", "1", "16", "32"]
)
def test_saved_selections_are_no_transparency(depth: int, selections: int, layers: bytes) -> None:
    """Beside the colours of a flattened picture, and of one whose layers are counted with a plain number."""
    masks = [halves(0, 1), halves(1, 0)][:selections]
    assert_sides(psd([*PICTURES[RGB][0], *masks], depth, layers=layers), RED, BLUE, 4)


@pytest.mark.parametrize(
    ("depth", "layers", "is_big"),
    [
        (8, layers_of(-3), False),
        (16, layers_of(-3, key=b"Lr16"), False),
        (16, layers_of(0, key=b"Mt16"), False),
        (32, layers_of(-3, key=b"Lr32"), False),
        (8, layers_of(-3, is_big=True), True),
        (16, layers_of(-3, is_big=True, key=b"Lr16"), True),
    ],
)
def test_what_is_transparent_lies_on_white(depth: int, layers: bytes, is_big: bool) -> None:
    assert_sides(psd([*PICTURES[RGB][0], halves(0, 1)], depth, layers=layers, is_big=is_big), WHITE, BLUE, 4)
    grey = psd([halves(0.2, 0.2), halves(0, 0.5)], depth, GREY, layers=layers, is_big=is_big)
    assert_sides(grey, WHITE, (153, 153, 153), 4)


def test_light_beyond_white_is_white() -> None:
    channels = [halves(40, 0.5), halves(1, 0.5), halves(7, float("nan"))]
    assert_sides(psd(channels, 32), WHITE, (128, 128, 0), 4)


def test_a_palette_has_one_colour_that_is_transparent() -> None:
    colors = np.zeros((3, 256), np.uint8)
    colors[:, 3], colors[:, 9] = RED, BLUE
    data = psd([halves(3 / 255, 9 / 255)], 8, INDEXED, colors=colors.tobytes(), resources=resource(1047, bytes([0, 3])))
    assert_sides(data, WHITE, BLUE, 4)


def version(*, has_whole_picture: bool) -> bytes:
    """Return what Photoshop says of the picture beside the layers: it is white where it was left out."""
    return resource(1057, bytes([0, 0, 0, 1, has_whole_picture]) + bytes(12))


def small_copy() -> bytes:
    jpeg = encode(red_and_blue((60, 40)), "JPEG", quality=95)
    return resource(1036, bytes(28) + jpeg)


def test_where_layers_alone_were_saved_the_small_copy_beside_them_is_shown() -> None:
    left_out = [halves(1, 1)] * 3
    data = psd(left_out, layers=layers_of(3), resources=version(has_whole_picture=False) + small_copy())
    assert_sides(data, RED, BLUE)
    photo = decode_bytes(data, SPEC)
    assert (photo.width, photo.height) == (120, 80)
    whole = psd(PICTURES[CMYK][0], mode=CMYK, resources=version(has_whole_picture=True) + small_copy())
    assert_sides(whole, RED, BLUE, 4)


def test_layers_alone_are_no_white_picture() -> None:
    data = psd([halves(1, 1)] * 3, layers=layers_of(3), resources=version(has_whole_picture=False))
    assert reason(data) == (
        "This Photoshop file holds layers alone; saved with “Maximize Compatibility”, it can be read."
    )


def test_profile_and_facts_are_read() -> None:
    exif = Image.Exif()
    exif[272] = "Camera 1"
    resources = resource(1039, swapped()) + resource(1058, exif.tobytes())
    data = psd(PICTURES[RGB][0], resources=resources)
    assert_sides(data, BLUE, RED, 40)  # the profile swaps red and blue
    assert decode_bytes(data, SPEC).metadata.camera == "Camera 1"


def test_a_profile_of_another_kind_of_colours_loses_no_picture() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for mode, (channels, left, right) in PICTURES.items():
        assert_sides(psd(channels, mode=mode, resources=resource(1039, srgb)), left, right, 4)


def test_what_cannot_be_read_is_named() -> None:
    assert reason(psd([halves(1, 0)] * 3, 8, MULTICHANNEL)) == (
        "Photoshop pictures of this kind (8-bit multichannel) cannot be read."
    )


@pytest.mark.parametrize("compression", [PLAIN, RLE, ZIP])
def test_cut_anywhere_it_is_marked_or_refused(compression: int) -> None:
    rng = np.random.default_rng(1)
    data = psd([rng.random((80, 120)) for _ in "rgb"], compression=compression)
    for tenth in range(1, 10):
        cut = data[: len(data) * tenth // 10]
        if tenth < 8:  # a channel is missing: every colour would be another
            assert reason(cut) == "The picture is damaged: the file ends too early."
        else:
            assert str(decode_bytes(cut, SPEC).flaw).startswith("The file ends too early: ")


def test_hostile_lengths_end_with_a_reason() -> None:
    data = psd(PICTURES[RGB][0], layers=layers_of(-3))
    rng = np.random.default_rng(2)
    for _ in range(300):
        broken = bytearray(data)
        broken[int(rng.integers(4, 80))] = int(rng.integers(0, 256))
        with contextlib.suppress(PhotofindError):
            decode_bytes(bytes(broken), SPEC)


def test_a_psb_is_looked_for() -> None:
    assert is_photo_name(b"poster.psb")
