"""Every mode, depth, profile, orientation and container that Pillow writes is decoded as a person sees it."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import ExifTags, Image, ImageCms

from photofind.core.photos.images import decode_bytes, open_thumbnail
from photofind.core.records.models import Spec
from tests.image_files import encode

SPEC = Spec("test", "test", 8, 64, "squash")
UNDO = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
# Each container with what it can hold, and how to make it do so faithfully.
MODES: dict[str, str] = {
    "AVIF": "1 L LA P PA RGB RGBA RGBX CMYK YCbCr LAB HSV RGBa",
    "BLP": "P",
    "BMP": "1 L P RGB RGBA",
    "DDS": "L LA RGB RGBA",
    "DIB": "1 L P RGB RGBA",
    "GIF": "1 L LA P RGB",
    "ICNS": "L LA P RGB RGBA I;16",
    "ICO": "1 L LA P RGB RGBA I;16",
    "IM": "1 L LA P PA RGB RGBA RGBX CMYK YCbCr I F I;16 I;16B",
    "JPEG": "1 L RGB RGBX CMYK YCbCr",
    "JPEG2000": "L LA RGB RGBA CMYK YCbCr I;16 I;16B",
    "MPO": "1 L RGB RGBX CMYK YCbCr",
    "MSP": "1",
    "PCX": "1 L P RGB",
    "PNG": "1 L LA P RGB RGBA I;16 I;16B",
    "PPM": "1 L RGB RGBA I F I;16",
    "QOI": "RGB RGBA",
    "SGI": "L RGB RGBA",
    "SPIDER": "1 L I F I;16",
    "TGA": "1 L LA P RGB RGBA",
    "TIFF": "1 L LA P PA RGB RGBA RGBX CMYK YCbCr LAB I F I;16 I;16B",
    "WEBP": "1 L LA P PA RGB RGBA RGBX CMYK YCbCr LAB HSV RGBa",
    "XBM": "1",
}
OPTIONS: dict[str, dict[str, Any]] = {
    "AVIF": {"quality": 95},
    "ICO": {"sizes": [(256, 256)]},
    "JPEG": {"quality": 95},
    "MPO": {"quality": 95},
    "WEBP": {"lossless": True},
}
DEEP_MODES = ("I", "F", "I;16", "I;16B")


def colors(size: tuple[int, int] = (256, 256)) -> Image.Image:
    """Red grows to the right, green downwards, blue to the left: no turn or swap of it looks like another."""
    down, right = np.mgrid[0 : size[1], 0 : size[0]] / (np.array(size[::-1]).reshape(2, 1, 1) - 1)
    return Image.fromarray(np.stack([255 * right, 160 * down, 200 - 200 * right], -1).astype(np.uint8))


def ramp(size: tuple[int, int] = (256, 256)) -> npt.NDArray[np.float64]:
    """Return grey from 0 at the left to 1 at the right."""
    return np.linspace(0, 1, size[0])[None].repeat(size[1], 0)


def assert_seen(data: bytes, expected: Image.Image, tolerance: float = 5) -> None:
    photo = decode_bytes(data, SPEC)
    assert photo.flaw is None
    assert (photo.width, photo.height) == expected.size
    wanted = small(expected.convert("RGB"))
    for pixels in (photo.pixels, open_thumbnail(photo.thumbnail)):
        off = np.abs(small(Image.fromarray(pixels)) - wanted).mean()
        assert off < tolerance


def small(image: Image.Image) -> npt.NDArray[np.int64]:
    """Average away what dithering and compression do."""
    return np.asarray(image.resize((16, 16), Image.Resampling.BOX)).astype(np.int64)


def in_mode(mode: str) -> tuple[Image.Image, Image.Image]:
    """Return a picture in a mode, and how it looks."""
    picture = colors()
    if mode in DEEP_MODES:
        grey = Image.fromarray((ramp() * 255).astype(np.uint8))
        values = ramp() if mode == "F" else ramp() * 65_535
        deep = Image.fromarray(values.astype({"I": np.int32, "F": np.float32}.get(mode, np.uint16)))
        return (deep.convert("I").convert("I;16B") if mode == "I;16B" else deep), grey
    if mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        lab = ImageCms.profileToProfile(picture, *profiles, outputMode="LAB")
        assert lab is not None
        return lab, picture
    converted = picture.convert("RGBA").convert(mode) if mode == "RGBa" else picture.convert(mode)
    return converted, picture if mode == "RGBa" else converted.convert("RGB")


@pytest.mark.filterwarnings("ignore:.*image format is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes.split()])
def test_every_mode_in_every_container_looks_as_it_should(kind: str, mode: str) -> None:
    picture, looks = in_mode(mode)
    if kind == "SPIDER" and mode == "1":
        picture = picture.convert("L")
    if kind == "ICNS":  # knows a few sizes only
        picture, looks = (image.resize((1024, 1024), Image.Resampling.NEAREST) for image in (picture, looks))
    assert_seen(encode(picture, kind, **OPTIONS.get(kind, {})), looks)


def test_every_container_that_pillow_writes_is_in_the_sweep() -> None:
    """EPS, PDF and PALM Pillow cannot or must not read; the rest are stubs for other programs."""
    Image.init()
    assert set(Image.SAVE) - {"EPS", "PDF", "PALM", "BUFR", "GRIB", "HDF5", "WMF", "HEIF"} == set(MODES)


def writable(kinds: list[str], modes: list[str]) -> list[tuple[str, str]]:
    """Return the pairs of container and mode that Pillow can write."""
    return [(kind, mode) for kind in kinds for mode in modes if mode in MODES[kind].split()]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("kind", "mode"), writable(["AVIF", "JPEG", "MPO", "PNG", "TIFF", "WEBP"], ["L", "RGB", "RGBA", "CMYK", "I;16"])
)
def test_every_orientation_of_every_mode_is_seen_upright(kind: str, mode: str, orientation: int) -> None:
    upright, looks = in_mode(mode)
    upright, looks = (image.crop((0, 0, 256, 160)) for image in (upright, looks))
    turn = UNDO[orientation]
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = upright if turn is None else upright.transpose(turn)
    assert_seen(encode(stored, kind, exif=exif, **OPTIONS.get(kind, {})), looks)


@pytest.mark.parametrize(
    ("kind", "mode"),
    writable(
        ["AVIF", "DDS", "ICO", "JPEG2000", "PNG", "QOI", "SGI", "TGA", "TIFF", "WEBP"], ["LA", "RGBA", "PA", "RGBa"]
    ),
)
def test_what_is_transparent_lies_on_white_in_every_container(kind: str, mode: str) -> None:
    picture = Image.new("RGBA", (256, 256), (90, 90, 90, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 128, 256))
    looks = Image.new("RGB", (256, 256), (90, 90, 90))
    looks.paste("white", (0, 0, 128, 256))
    assert_seen(encode(picture.convert(mode), kind, **OPTIONS.get(kind, {})), looks)


@pytest.mark.parametrize("kind", ["AVIF", "JPEG", "PNG", "TIFF", "WEBP"])
def test_a_profile_is_heeded_in_every_container(kind: str) -> None:
    """Under a profile that swaps red and blue, numbers that are swapped too look right."""
    looks = colors()
    data = encode(Image.merge("RGB", looks.split()[::-1]), kind, icc_profile=swapped(), **OPTIONS.get(kind, {}))
    assert_seen(data, looks)


def swapped() -> bytes:
    """Return the sRGB profile with red's and blue's primary swapped."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at = {bytes(profile[n : n + 4]): n + 4 for n in range(132, 132 + 12 * profile[131], 12)}
    red, blue = at[b"rXYZ"], at[b"bXYZ"]
    profile[red : red + 8], profile[blue : blue + 8] = profile[blue : blue + 8], profile[red : red + 8]
    return bytes(profile)


def tiff(values: npt.NDArray[Any], bits: int, photometric: int, sample_format: int = 1) -> bytes:
    """Return a TIFF of 256 x 256 grey samples, which Pillow itself would not write like this."""
    data = values.tobytes()
    tags = [(256, 256), (257, 256), (258, bits), (259, 1), (262, photometric), (273, 8), (277, 1), (278, 256)]
    tags += [(279, len(data)), (339, sample_format)]
    entries = b"".join(struct.pack("<HHII", tag, 4 if value > 65_535 else 3, 1, value) for tag, value in tags)
    head = b"II*\0" + struct.pack("<I", 8 + len(data))
    return head + data + struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)


def twelve_bits(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    first, second = (values.ravel()[n::2].astype(int) for n in (0, 1))
    return np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], -1).astype(np.uint8)


GREY = ramp()


@pytest.mark.parametrize(
    "data",
    [
        tiff((GREY * 255).astype("u1"), 8, 1),
        tiff((255 - GREY * 255).astype("u1"), 8, 0),
        tiff(twelve_bits(GREY * 4_095), 12, 1),
        tiff((GREY * 65_535).astype("<u2"), 16, 1),
        tiff((65_535 - GREY * 65_535).astype("<u2"), 16, 0),
        tiff((GREY * (2**31 - 1)).astype("<i4"), 32, 1, 2),
        tiff((GREY * (2**32 - 1)).astype("<u4"), 32, 1),
        tiff(GREY.astype("<f4"), 32, 1, 3),
        tiff((1 - GREY).astype("<f4"), 32, 0, 3),
        tiff((GREY * 255).astype("<f4"), 32, 1, 3),
    ],
    ids=[
        "8",
        "8 white is zero",
        "12",
        "16",
        "16 white is zero",
        "signed 32",
        "32",
        "float",
        "float white is zero",
        "f255",
    ],
)
def test_every_depth_of_grey_in_a_tiff_is_scaled(data: bytes) -> None:
    assert_seen(data, Image.fromarray((GREY * 255).astype(np.uint8)), 3)


def png(samples: npt.NDArray[Any], bits: int, color_type: int) -> bytes:
    """Return a PNG [h, w] or [h, w, n] of any depth; `samples` below 8 bits are packed here."""
    height, width = samples.shape[:2]
    if bits < 8:
        wide = np.unpackbits(samples.astype(np.uint8)[..., None], axis=-1)[..., 8 - bits :]
        samples = np.packbits(wide.reshape(height, -1), axis=-1)
    rows = b"".join(b"\0" + row.tobytes() for row in samples.astype(">u2" if bits == 16 else "u1"))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(n * 255 // (2**bits - 1) for n in range(2**bits) for _ in "rgb"))
    parts = [chunk(b"IHDR", header), palette if color_type == 3 else b"", chunk(b"IDAT", zlib.compress(rows))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("bits", "color_type"),
    [(bits, 0) for bits in (1, 2, 4, 8, 16)]
    + [(bits, 3) for bits in (1, 2, 4, 8)]
    + [(bits, color_type) for color_type in (2, 4, 6) for bits in (8, 16)],
)
def test_every_depth_and_colour_type_of_png_is_scaled(bits: int, color_type: int) -> None:
    white = 2**bits - 1
    samples = np.round(GREY * white)
    opaque = np.full_like(samples, white)
    planes = {0: 1, 3: 1, 2: 3, 4: 1, 6: 3}[color_type]
    stacked = [samples] * planes + ([opaque] if color_type in (4, 6) else [])
    data = png(samples if len(stacked) == 1 else np.stack(stacked, -1), bits, color_type)
    assert_seen(data, Image.fromarray((samples * (255 / white)).astype(np.uint8)), 3)


def test_colours_of_16_bits_in_a_pixmap_are_scaled() -> None:
    values = (np.asarray(colors()).astype(">u2") * 257).tobytes()
    assert_seen(b"P6 256 256 65535\n" + values, colors(), 3)
    assert_seen(
        b"P5 256 256 4095\n" + (GREY * 4_095).astype(">u2").tobytes(), Image.fromarray((GREY * 255).astype("u1")), 3
    )


def test_an_eps_file_is_refused_before_ghostscript_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import EpsImagePlugin

    from photofind.core.errors import PhotofindError

    started: list[object] = []
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *args, **_: started.append(args))
    with pytest.raises(PhotofindError, match="not a picture"):
        decode_bytes(encode(colors(), "EPS"), SPEC)
    assert not started
