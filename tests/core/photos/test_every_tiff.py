"""No TIFF is shown in other colours without a word: read rightly, or refused with its depth and format named."""

from __future__ import annotations

import struct
import sys
import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from photofind.core.errors import PhotofindError
from photofind.core.photos.images import decode_bytes
from photofind.core.photos.samples import white_of
from photofind.core.sentences.installing import pip_install
from photofind.core.sentences.sentence import Sentence
from tests.core.photos.test_image_formats import swapped
from tests.core.photos.tiffs import PACKINGS, SIZE, Kind, as_tiff, every_kind, halves, write
from tests.image_files import encode
from tests.seen import BLUE, RED, SPEC, WHITE, Color, assert_sides, is_seen, reason, red_and_blue, sides

NEEDS_PACKAGE = f"needs two more packages: {pip_install()} imagecodecs tifffile, then “Try again” under Problems."


def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the imports of the extra fail as where it is not installed."""
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    monkeypatch.delitem(sys.modules, "photofind.core.photos.formats.tiff_samples", raising=False)


def seen_otherwise(kinds: Sequence[tuple[Kind, bytes]], *, refusal: str | None) -> list[tuple[Kind, str]]:
    """Return the kinds that are seen in other colours, marked as damaged, or refused for another reason."""
    wrong = []
    for kind, data in kinds:
        try:
            photo = decode_bytes(data, SPEC)
        except PhotofindError as error:
            if refusal is None or error.sentence.key != refusal:
                wrong.append((kind, str(error)))
            continue
        if photo.flaw is not None or not is_seen(photo.pixels, *kind.looks):
            wrong.append((kind, f"{photo.flaw} {sides(photo.pixels)}"))
    return wrong


SOME = list(every_kind(PACKINGS[:3], (None,)))


def test_every_kind_of_tiff_is_seen_in_its_colours() -> None:
    assert len(SOME) > 1_500
    assert seen_otherwise(SOME, refusal=None) == []


def test_without_the_extra_what_pillow_reads_wrongly_is_refused_with_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    without_the_extra(monkeypatch)
    assert seen_otherwise(SOME, refusal="tiff_needs_package") == []


@pytest.mark.long(seconds=60)
@pytest.mark.parametrize("has_extra", [True, False])
def test_every_kind_in_every_packing(has_extra: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = list(every_kind())
    assert len(kinds) > 7_000
    if not has_extra:
        without_the_extra(monkeypatch)
    assert seen_otherwise(kinds, refusal=None if has_extra else "tiff_needs_package") == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind("u2", "rgb", "none", "separate", (None, False), "<"), "16-bit RGB, in planes"),
        (Kind("u2", "cielab", "none", "contig", (None, False), "<"), "16-bit Lab"),
        (Kind("f4", "rgb", "none", "contig", (None, False), ">"), "32-bit float RGB"),
        (Kind("u4", "rgb", "none", "contig", ("lzw", False), ">"), "32-bit RGB"),
        (Kind("u2", "rgb", "two unspecified", "contig", (None, False), "<"), "16-bit RGB, 2 more channels"),
    ],
)
def test_the_reason_names_depth_and_format_and_what_to_install(
    kind: Kind, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_extra(monkeypatch)
    data = write(kind)
    assert data is not None
    assert reason(data) == f"This TIFF ({name}) {NEEDS_PACKAGE}"


def plain_tiff(
    data: bytes, bits: int, photometric: int, more: Sequence[tuple[int, int, tuple[int, ...]]] = ()
) -> bytes:
    """Return a TIFF of three channels whose samples are stored as they are, which tifffile does not write."""
    width, height = SIZE
    tags = [(256, 3, (width,)), (257, 3, (height,)), (258, 3, (bits,) * 3), (259, 3, (1,)), (262, 3, (photometric,))]
    tags += [(273, 4, (8,)), (277, 3, (3,)), (278, 3, (height,)), (279, 4, (len(data),)), (284, 3, (1,)), *more]
    at = 8 + len(data)
    entries, behind = b"", b""
    for tag, kind, values in tags:
        packed = struct.pack(f"<{len(values)}{'H' if kind == 3 else 'I'}", *values)
        if len(packed) > 4:
            packed, behind = struct.pack("<I", at + 6 + 12 * len(tags) + len(behind)), behind + packed
        entries += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<I", at) + data + struct.pack("<H", len(tags)) + entries + bytes(4) + behind


def subsampled(steps: tuple[int, int]) -> bytes:
    """Return a TIFF whose two colours are stored for several pixels together."""
    pixels = np.asarray(red_and_blue(SIZE).convert("YCbCr"))
    across, down = steps
    data = b""
    for row in range(0, SIZE[1], down):
        for column in range(0, SIZE[0], across):
            cell = pixels[row : row + down, column : column + across]
            data += cell[..., 0].tobytes() + cell[0, 0, 1:].tobytes()
    return plain_tiff(data, 8, 6, [(530, 3, steps)])


@pytest.mark.parametrize("steps", [(2, 1), (2, 2)])
def test_colours_for_several_pixels_stored_plainly_are_refused_with_their_kind(steps: tuple[int, int]) -> None:
    """Pillow shows green noise, and tifffile has no way for it; compressed they are read by libtiff."""
    assert reason(subsampled(steps)) == ("TIFF pictures of this kind (8-bit YCbCr, with few colours) cannot be read.")
    assert_sides(subsampled((1, 1)))


@pytest.mark.parametrize("depth", ["f2", "f4", "f8"])
def test_light_beyond_white_is_white_and_no_number_is_black(depth: str) -> None:
    samples = halves((40, 1.5, 7), (0.25, 0.5, 0.75), depth)
    assert_sides(as_tiff(samples, photometric="rgb"), WHITE, (64, 128, 191), 4)
    samples[:, :24] = (np.nan, np.inf, -np.inf)
    samples[:, 24:] = (-3, 0.5, 1)
    assert_sides(as_tiff(samples, photometric="rgb"), (0, 255, 0), (0, 128, 255), 4)


def test_a_bright_sky_does_not_darken_the_rest() -> None:
    """A quarter of the picture is far beyond white; the rest is as bright as it was."""
    samples = halves((0.5, 0.5, 0.5), (0.25, 0.25, 0.25), "f4")
    samples[:8] = 60
    assert_sides(as_tiff(samples, photometric="rgb"), (128,) * 3, (64,) * 3, 4)


@pytest.mark.parametrize(("depth", "white"), [("f4", 255), ("f4", 65_535), ("f8", 255)])
def test_floats_that_hold_whole_numbers_are_scaled_by_what_they_count_to(depth: str, white: int) -> None:
    assert_sides(as_tiff(halves((white, 0, 0), (0, 0, white), depth), photometric="rgb"), RED, BLUE, 4)


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_odd_depths_are_scaled(bits: int) -> None:
    samples = halves((2**bits - 1, 0, 0), (0, 0, 2**bits - 1), "u2")
    digits = np.unpackbits(samples.astype(">u2").view(np.uint8).reshape(*samples.shape, 2), axis=-1)[..., 16 - bits :]
    rows = np.packbits(digits.reshape(SIZE[1], -1), axis=1)
    assert_sides(plain_tiff(rows.tobytes(), bits, 2), RED, BLUE, 4)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("is_big", [False, True], ids=["tiff", "bigtiff"])
def test_what_tifffile_reads_is_upright_and_has_its_facts(orientation: int, is_big: bool) -> None:
    from tests.core.photos.test_image_formats import UNDO

    upright = Image.new("RGB", (96, 64), RED)
    upright.paste(BLUE, (48, 0, 96, 64))
    turn = UNDO[orientation]
    stored = np.asarray(upright if turn is None else upright.transpose(turn)).astype("f4") / 255
    tags = [(274, "H", 1, orientation, True), (272, "s", 0, "Camera 1", True)]
    data = as_tiff(stored, photometric="rgb", extratags=tags, bigtiff=is_big)
    photo = decode_bytes(data, SPEC)
    assert (photo.width, photo.height) == (96, 64)
    assert photo.metadata.camera == "Camera 1"
    assert_sides(data, RED, BLUE, 4)


def test_a_profile_is_heeded_in_what_tifffile_reads() -> None:
    samples = halves((1, 0, 0), (0, 0, 1), "f4")
    assert_sides(as_tiff(samples, photometric="rgb", iccprofile=swapped()), BLUE, RED, 40)


def test_lab_with_the_profile_of_what_it_was_made_from_keeps_its_colours() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    lab = ImageCms.profileToProfile(red_and_blue(), srgb, ImageCms.createProfile("LAB"), outputMode="LAB")
    assert lab is not None
    assert_sides(encode(lab, "TIFF", icc_profile=srgb.tobytes()), RED, BLUE)


@pytest.mark.parametrize(
    ("extra", "alpha", "left", "right"),
    [
        ("unassalpha", (0, 0), RED, BLUE),
        ("assocalpha", (0, 0), RED, BLUE),
        ("unspecified", (0, 0), RED, BLUE),
        ("unspecified", (0, 1), RED, BLUE),
        ("unassalpha", (0, 1), WHITE, BLUE),
        ("assocalpha", (1, 1), RED, BLUE),
    ],
)
@pytest.mark.parametrize("depth", ["u1", "u2", "f4"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_a_fourth_channel_is_what_the_format_calls_it(
    depth: str, planar: str, extra: str, alpha: tuple[float, float], left: Color, right: Color
) -> None:
    white = 1 if depth == "f4" else np.iinfo(depth).max
    samples = halves((white, 0, 0, alpha[0] * white), (0, 0, white, alpha[1] * white), depth)
    planes = samples if planar == "contig" else np.moveaxis(samples, -1, 0)
    assert_sides(as_tiff(planes, photometric="rgb", planarconfig=planar, extrasamples=[extra]), left, right)


def test_a_cut_deep_tiff_is_refused_as_one_that_ends_early() -> None:
    rng = np.random.default_rng(1)
    data = as_tiff(rng.random((32, 48, 3)).astype("f4"), photometric="rgb", compression="zlib")
    assert reason(data[: len(data) // 2]) == "The picture is damaged: the file ends too early."


def test_of_a_cut_deep_tiff_that_is_not_packed_the_part_that_is_there_is_shown() -> None:
    rng = np.random.default_rng(1)
    samples = rng.random((320, 48, 3)).astype("f4")
    data = as_tiff(samples, photometric="rgb", rowsperstrip=8)
    photo = decode_bytes(data[: len(data) * 3 // 4], SPEC)
    assert str(photo.flaw) == "The file ends too early: a part of the picture is missing."
    assert photo.pixels[:40].std() > 3
    assert photo.pixels[60:].max() == 0


def test_what_neither_reads_is_named() -> None:
    """LogLuv, whose numbers tifffile would hand out as they are."""
    data = plain_tiff(bytes(SIZE[0] * SIZE[1] * 6), 16, 32_845)
    assert reason(data) == "TIFF pictures of this kind (16-bit LogLuv) cannot be read."


def test_its_reasons_are_sentences() -> None:
    assert str(Sentence("tiff_needs_package", kind="16-bit Lab")) == f"This TIFF (16-bit Lab) {NEEDS_PACKAGE}"


def test_a_tiff_made_as_a_camera_does_is_still_pillows() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Camera 2"
    data = encode(red_and_blue(), "TIFF", exif=exif)
    assert decode_bytes(data, SPEC).metadata.camera == "Camera 2"


def test_what_white_is_costs_little_of_a_large_picture() -> None:
    """Sorting all of its numbers took longer than decoding them."""
    large = np.full((4_000, 6_000), 0.5, np.float32)
    large[::7, ::7] = 90
    tracemalloc.start()
    try:
        assert white_of(large) == 1
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < large.nbytes / 2
