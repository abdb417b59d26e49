"""JPEG XL is read upright and in its colours where the extra is installed; else one sentence says what to install."""

from __future__ import annotations

import contextlib
import struct
import sys
from collections.abc import Iterator
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import pytest
from PIL import ExifTags, Image

from photofind.core.errors import PhotofindError
from photofind.core.photos.formats.jpeg_xl_head import read_head
from photofind.core.photos.images import decode_bytes
from photofind.core.sentences.installing import pip_install
from tests.image_files import encode
from tests.seen import BLUE, RED, SPEC, WHITE, Color, assert_sides, reason, red_and_blue

RGB = np.asarray(red_and_blue())
ALPHA = np.full((80, 120, 1), 255, np.uint8)
ALPHA[:, :60] = 128


def jxl(pixels: npt.NDArray[Any], *, lossless: bool = True, container: bool = False) -> bytes:
    return bytes(imagecodecs.jpegxl_encode(pixels, lossless=lossless, usecontainer=container))


@pytest.mark.parametrize("container", [False, True])
@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize(
    ("pixels", "left", "right"),
    [
        (RGB, RED, BLUE),
        (RGB.astype(np.uint16) * 257, RED, BLUE),
        ((RGB / 255).astype(np.float32), RED, BLUE),
        ((RGB / 255).astype(np.float16), RED, BLUE),
        (RGB[..., 0], WHITE, (0, 0, 0)),
        (np.concatenate([RGB, ALPHA], 2), (255, 127, 127), BLUE),
        (RGB[:77, :119], RED, BLUE),
    ],
    ids=["8 bits", "16 bits", "float", "half", "grey", "alpha", "odd size"],
)
def test_every_depth_is_seen_in_its_colours(
    pixels: npt.NDArray[Any], left: Color, right: Color, lossless: bool, container: bool
) -> None:
    data = jxl(pixels, lossless=lossless, container=container)
    assert_sides(data, left, right, 8)
    assert decode_bytes(data, SPEC).width == pixels.shape[1]


def test_alpha_that_hides_everything_is_none() -> None:
    assert_sides(jxl(np.concatenate([RGB, np.zeros_like(ALPHA)], 2)))


def bits_of(data: bytes) -> Iterator[int]:
    return (byte >> n & 1 for byte in data for n in range(8))


def written(*fields: tuple[int, int]) -> list[int]:
    """Return numbers as so many bits each, the lowest first."""
    return [value >> n & 1 for value, count in fields for n in range(count)]


def with_head(data: bytes, fields: list[int]) -> bytes:
    """Return a codestream whose metadata are others; its frames begin at a whole byte.

    Its size is in eights: a bit for that, the height, a ratio, and where that is none the width.
    """
    old = list(bits_of(data[2:40]))
    size = 1 + 5 + 3 + (0 if any(old[6:9]) else 5)
    # Behind the colours, unless all is as usual: no extensions; then, always, the usual transform.
    end = -(-(bits_to_colors(data) + (1 if old[size] else 3)) // 8)
    bits = old[:size] + fields
    bits += [0] * (-len(bits) % 8)
    packed = bytes(sum(bit << n for n, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8))
    return data[:2] + packed + data[2 + end :]


def bits_to_colors(data: bytes) -> int:
    """Return how many bits of a codestream the reader that is tested takes, up to the colours."""
    from photofind.core.photos.formats import jpeg_xl_head

    taken = 0
    take = jpeg_xl_head._Bits.take

    def counting(self: jpeg_xl_head._Bits, count: int) -> int:
        nonlocal taken
        taken += count
        return take(self, count)

    jpeg_xl_head._Bits.take = counting  # type: ignore[method-assign]
    try:
        read_head(data)
    finally:
        jpeg_xl_head._Bits.take = take  # type: ignore[method-assign]
    return taken


def metadata(orientation: int = 1, *, is_lossy: bool, colors: list[int]) -> list[int]:
    """Return an image's metadata: 8 bits, no extra channels, such an orientation and such colours."""
    turned = [(0, 1), (1, 1), (orientation - 1, 3), (0, 3)] if orientation > 1 else [(0, 1), (0, 1)]
    fields = written(*turned, (0, 1), (0, 2), (1, 1), (0, 2), (is_lossy, 1)) + colors
    # The default brightness, where there is more than usual; no extensions; the default transform.
    return fields + written(*[(1, 1)] * (orientation > 1), (0, 2), (1, 1))


SRGB_COLORS = written((1, 1))
# Not the default, no profile, RGB, white D65; primaries P3 (11 = 2 + 9) and the curve of sRGB (13 = 2 + 11); relative.
P3_COLORS = written((0, 1), (0, 1), (0, 2), (1, 2), (2, 2), (9, 4), (0, 1), (2, 2), (11, 4), (1, 2))
P3_RED_AS_SRGB = (234, 51, 35)


def test_the_tests_own_heads_are_what_they_say() -> None:
    for lossless in (True, False):
        data = jxl(RGB, lossless=lossless)
        assert_sides(with_head(data, metadata(is_lossy=not lossless, colors=SRGB_COLORS)))


def test_colours_of_another_space_are_brought_to_srgb() -> None:
    """The numbers of sRGB's red, seen in P3 by mistake, would be a stronger red; P3's own of it are weaker ones."""
    pixels = np.zeros((80, 120, 3), np.uint8)
    pixels[:, :60], pixels[:, 60:] = P3_RED_AS_SRGB, (128, 128, 128)
    data = with_head(jxl(pixels), metadata(is_lossy=False, colors=P3_COLORS))
    assert read_head(data).colors.primaries[0] == (0.68, 0.32)
    assert_sides(data, RED, (128, 128, 128), 8)


def test_lossy_colours_of_another_space_stay_what_they_were() -> None:
    """libjxl turns its own colours into the space that is named, and we turn that into sRGB."""
    assert_sides(with_head(jxl(RGB, lossless=False), metadata(is_lossy=True, colors=P3_COLORS)), RED, BLUE, 12)


@pytest.mark.parametrize(
    ("curve", "number", "seen"), [(8, 55, 128), (16, 148, 255), (18, 128, 153), (1, 128, 136), (13, 128, 128)]
)
def test_every_curve_is_undone(curve: int, number: int, seen: int) -> None:
    """Linear, PQ, whose white at 203 nits is 148 of 255, HLG, BT.709, sRGB."""
    curve_bits = [(1, 2)] if curve == 1 else [(2, 2), (curve - 2, 4)] if curve < 18 else [(3, 2), (curve - 18, 6)]
    colors = written((0, 1), (0, 1), (0, 2), (1, 2), (1, 2), (0, 1), *curve_bits, (1, 2))
    pixels = np.full((80, 120, 3), number, np.uint8)
    pixels[:, 60:] = 0
    assert_sides(with_head(jxl(pixels), metadata(is_lossy=False, colors=colors)), (seen,) * 3, (0, 0, 0), 8)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_it_is_upright(orientation: int) -> None:
    from tests.core.photos.test_image_formats import UNDO

    turn = UNDO[orientation]
    assert turn is not None
    upright = red_and_blue((80, 120) if orientation > 4 else (120, 80))
    data = with_head(
        jxl(np.asarray(upright.transpose(turn))), metadata(orientation, is_lossy=False, colors=SRGB_COLORS)
    )
    photo = decode_bytes(data, SPEC)
    assert (photo.width, photo.height) == upright.size
    assert_sides(data)


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(data), kind) + data


def contained(stream: bytes, *boxes: bytes, parts: int = 1) -> bytes:
    """Return a codestream in a file with boxes before it, whole or in parts, the first of which are short."""
    head = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    if parts == 1:
        return head + b"".join(boxes) + box(b"jxlc", stream)
    pieces = [stream[n * 7 : (n + 1) * 7] for n in range(parts - 1)] + [stream[(parts - 1) * 7 :]]
    numbered = [box(b"jxlp", struct.pack(">I", n | (n == parts - 1) << 31) + piece) for n, piece in enumerate(pieces)]
    return head + b"".join(boxes) + b"".join(numbered)


def exif() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Model], exif[ExifTags.Base.Orientation] = "Camera 1", 6
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize("is_packed", [False, True])
def test_its_facts_are_read_and_its_exif_turns_nothing(is_packed: bool) -> None:
    """libjxl turns it as the codestream says; the EXIF beside it tells of the same turn."""
    data = bytes(4) + exif()
    facts = box(b"brob", b"Exif" + bytes(imagecodecs.brotli_encode(data))) if is_packed else box(b"Exif", data)
    file = contained(jxl(RGB), facts, box(b"xml ", b"<x:xmpmeta/>"))
    photo = decode_bytes(file, SPEC)
    assert photo.metadata.camera == "Camera 1"
    assert (photo.width, photo.height) == (120, 80)
    assert_sides(file)


@pytest.mark.parametrize("parts", [2, 3, 5])
def test_a_codestream_in_parts_is_read(parts: int) -> None:
    assert_sides(contained(jxl(RGB), parts=parts))


@pytest.mark.parametrize(
    "facts", [box(b"brob", b"Exifno brotli at all"), box(b"Exif", b"\xff\xff\xff\xff"), box(b"xml ", b"")]
)
def test_damaged_facts_lose_no_picture(facts: bytes) -> None:
    assert_sides(contained(jxl(RGB), facts))


def test_what_was_a_jpeg_is_that_jpeg_again() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Model], exif[ExifTags.Base.Orientation] = "Camera 1", 6
    jpeg = encode(red_and_blue((80, 120)).transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif)
    photo = decode_bytes(bytes(imagecodecs.jpegxl_encode_jpeg(jpeg)), SPEC)
    assert (photo.width, photo.height) == (80, 120)
    assert photo.metadata.camera == "Camera 1"
    assert np.abs(photo.pixels.astype(int) - decode_bytes(jpeg, SPEC).pixels).max() == 0


@pytest.mark.parametrize("container", [False, True])
def test_cut_anywhere_it_is_refused_as_one_that_ends_early(container: bool) -> None:
    rng = np.random.default_rng(1)
    data = jxl(rng.integers(0, 256, (80, 120, 3), dtype=np.uint8), container=container)
    for tenth in range(1, 10):
        assert reason(data[: len(data) * tenth // 10]) == "The picture is damaged: the file ends too early."
    assert reason(data[:14]) == "The picture is damaged: the file ends too early."


def test_hostile_files_end_with_a_reason_or_a_picture() -> None:
    data = contained(jxl(RGB), box(b"Exif", bytes(4) + exif()))
    rng = np.random.default_rng(2)
    for _ in range(300):
        broken = bytearray(data)
        broken[int(rng.integers(2, len(data)))] = int(rng.integers(0, 256))
        with contextlib.suppress(PhotofindError):
            decode_bytes(bytes(broken), SPEC)


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[object] = []
    monkeypatch.setattr(imagecodecs, "jpegxl_decode", lambda *args, **_: decoded.append(args))
    side = written((0, 1), (3, 2), (19_999, 30), (1, 3), (1, 1))
    side += [0] * (-len(side) % 8)
    packed = bytes(sum(bit << n for n, bit in enumerate(side[at : at + 8])) for at in range(0, len(side), 8))
    assert reason(b"\xff\x0a" + packed + bytes(20)).startswith("The picture is too large: 400 megapixels")
    assert not decoded


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    for data in (jxl(RGB), jxl(RGB, container=True)):
        assert reason(data) == (
            f"JPEG XL pictures need two more packages: {pip_install()} imagecodecs tifffile, "
            "then “Try again” under Problems."
        )
