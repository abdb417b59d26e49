"""What is damaged beside a picture's pixels is no damage of the picture; what misses pixels, or its end, is."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms

from photofind.core.photos.images import decode_bytes
from tests.image_files import encode
from tests.seen import SPEC, assert_sides, is_seen, red_and_blue

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PNG = encode(red_and_blue(), "PNG")
HEAD, PIXELS, END = PNG[:33], PNG[33:-12], PNG[-12:]
AN_EXIF = b"MM\0*\0\0\0\x08\0\0\0\0\0\0"


def chunk(kind: bytes, data: bytes, checksum: int | None = None) -> bytes:
    checksum = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


WHOLE = {
    "good": PNG,
    "text": HEAD + chunk(b"tEXt", b"Comment\0hello", 1) + PIXELS + END,
    "text behind the pixels": HEAD + PIXELS + chunk(b"tEXt", b"Comment\0hello", 1) + END,
    "packed text": HEAD + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"hello"), 1) + PIXELS + END,
    "text that cannot be unpacked": HEAD + chunk(b"zTXt", b"Comment\0\0no zlib at all") + PIXELS + END,
    "text packed in an odd way": HEAD + chunk(b"zTXt", b"Comment\0\7nothing") + PIXELS + END,
    "text that becomes huge": HEAD + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80 << 20), 1)) + PIXELS + END,
    "international text": HEAD + chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0no zlib at all") + PIXELS + END,
    "EXIF": HEAD + chunk(b"eXIf", AN_EXIF, 7) + PIXELS + END,
    "EXIF that is none": HEAD + chunk(b"eXIf", b"no TIFF") + PIXELS + END,
    "EXIF behind the pixels": HEAD + PIXELS + chunk(b"eXIf", AN_EXIF, 7) + END,
    "profile": HEAD + chunk(b"iCCP", b"x\0\0" + zlib.compress(SRGB), 7) + PIXELS + END,
    "profile that cannot be unpacked": HEAD + chunk(b"iCCP", b"x\0\0no zlib at all") + PIXELS + END,
    "gamma that is too short": HEAD + chunk(b"gAMA", b"\0") + PIXELS + END,
    "size that is too short": HEAD + chunk(b"pHYs", b"\0") + PIXELS + END,
    "curve that is too short": HEAD + chunk(b"sRGB", b"") + PIXELS + END,
    "unknown": HEAD + chunk(b"npTc", bytes(30), 7) + PIXELS + END,
    "several": HEAD + chunk(b"npTc", b"", 7) + chunk(b"tEXt", b"x", 7) + PIXELS + chunk(b"tIME", b"", 7) + END,
    "end": HEAD + PIXELS + END[:-1] + b"\0",
    "behind the end": PNG + bytes(1000) + b"IDAT rubbish" * 20,
    "a picture behind the end": PNG + encode(Image.new("RGB", (9, 9)), "PNG"),
    "transparency that is none": HEAD + chunk(b"tRNS", b"") + PIXELS + END,
    "transparency of other colours": HEAD + chunk(b"tRNS", b"\0\1") + PIXELS + END,
    "kind of its own": HEAD + chunk(b"CgBI", b"\x50\0\x20\x02") + PIXELS + END,
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_png_of_whole_pixels_is_not_damaged(name: str) -> None:
    assert_sides(WHOLE[name])


NOISE = encode(Image.fromarray(np.random.default_rng(1).integers(0, 256, (80, 120, 3), dtype=np.uint8)), "PNG")


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (HEAD + PIXELS, "The file ends too early"),
        (NOISE[:-12], "The file ends too early"),
        (NOISE[: len(NOISE) * 2 // 3], "The file ends too early"),
        (NOISE[:9_000] + bytes(60) + NOISE[9_060:], "The picture is damaged"),
        (NOISE[:-16] + bytes(4) + NOISE[-12:], "The picture is damaged"),
    ],
    ids=["no end", "no end of noise", "cut", "broken pixels", "checksum of the pixels"],
)
def test_a_png_that_misses_pixels_or_its_end_is_marked(data: bytes, flaw: str) -> None:
    assert str(decode_bytes(data, SPEC).flaw).startswith(flaw)


def spoil(mark: bytes) -> Callable[[bytes], bytes]:
    """Return what writes nonsense over the data behind a mark."""

    def spoiled(data: bytes) -> bytes:
        at = data.index(mark) + len(mark)
        return data[:at] + bytes(range(200, 216)) + data[at + 16 :]

    return spoiled


def cut_promise(data: bytes) -> bytes:
    """Return a WebP whose EXIF says that it is longer than the file."""
    at = data.index(b"EXIF") + 4
    return data[:at] + struct.pack("<I", 1 << 30) + data[at + 4 :]


def facts() -> dict[str, object]:
    exif = Image.Exif()
    exif[271], exif[306] = "Maker", "2020:01:01 10:00:00"
    return {"exif": exif, "icc_profile": SRGB, "xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>" * 9}


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        ("JPEG", spoil(b"Exif\0\0")),
        ("JPEG", spoil(b"ICC_PROFILE\0")),
        ("JPEG", spoil(b"acsp")),
        ("JPEG", spoil(b"http://ns.adobe.com/xap/1.0/\0")),
        ("WEBP", spoil(b"acsp")),
        ("WEBP", spoil(b"<x:xmp")),
        ("WEBP", spoil(b"II*\0")),
        ("WEBP", cut_promise),
        ("AVIF", spoil(b"acsp")),
        ("AVIF", spoil(b"<x:xmp")),
        ("TIFF", spoil(b"acsp")),
        ("TIFF", spoil(b"Maker")),
    ],
)
def test_other_formats_pictures_are_whole_too(kind: str, damage: Callable[[bytes], bytes]) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encode(red_and_blue(), kind, **facts(), **options)
    if kind == "WEBP" and b"II*\0" not in data:
        data = data.replace(b"MM\0*", b"II*\0")
    assert_sides(damage(data))


def test_a_gif_with_a_comment_that_is_damaged_is_whole() -> None:
    data = encode(red_and_blue(), "GIF", comment=b"hello" * 40)
    assert_sides(spoil(b"hello")(data))


def test_a_photo_whose_checksums_are_right_keeps_its_facts() -> None:
    exif = Image.Exif()
    exif[272] = "Camera 1"
    data = encode(red_and_blue(), "PNG", exif=exif)
    data = data[:33] + chunk(b"tEXt", b"Comment\0hello", 1) + data[33:]
    photo = decode_bytes(data, SPEC)
    assert photo.metadata.camera == "Camera 1"
    assert is_seen(photo.pixels, (255, 0, 0), (0, 0, 255))
