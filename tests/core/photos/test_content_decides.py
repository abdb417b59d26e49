"""What a file holds decides how it is opened, whatever it is called."""

from __future__ import annotations

import io
import itertools
import os
import struct
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from photofind.core.errors import PhotofindError
from photofind.core.photos.formats.raw_content import is_raw
from photofind.core.photos.images import decode_bytes, decode_photo, open_image
from tests.core.photos.tiffs import as_tiff
from tests.heic_files import heic
from tests.image_files import encode
from tests.photoshop_files import halves, psd
from tests.raw_files import dng
from tests.seen import BLUE, RED, SPEC, is_seen, red_and_blue, sides

PICTURE = red_and_blue((240, 160))
# A RAW whose sensor saw nothing: what is seen is its preview.
RAW = dng(Image.new("RGB", (960, 640)), PICTURE)
HEIC_COLORS = ((40, 40, 200), (200, 40, 40))
CONTENTS: dict[str, bytes] = {
    "jpeg": encode(PICTURE, "JPEG", quality=95),
    "png": encode(PICTURE, "PNG"),
    "tiff": encode(PICTURE, "TIFF"),
    "tiff of floats": as_tiff(np.asarray(PICTURE).astype("f4") / 255, photometric="rgb"),
    "webp": encode(PICTURE, "WEBP", lossless=True),
    "avif": encode(PICTURE, "AVIF", quality=95),
    "gif": encode(PICTURE, "GIF"),
    "bmp": encode(PICTURE, "BMP"),
    "jpeg 2000": encode(PICTURE, "JPEG2000"),
    "photoshop": psd([halves(1, 0), halves(0, 0), halves(0, 1)]),
    "jpeg xl": bytes(imagecodecs.jpegxl_encode(np.asarray(PICTURE), lossless=True, usecontainer=False)),
    "jpeg xl file": bytes(imagecodecs.jpegxl_encode(np.asarray(PICTURE), lossless=True, usecontainer=True)),
    "heic": heic(1, 1, 512, 512),
    "raw": RAW,
}
NAMES = ("jpg", "png", "tif", "webp", "heic", "avif", "gif", "psd", "jxl", "jp2", "dng", "cr2", "cr3", "nef", "raf")


@pytest.mark.parametrize(("kind", "name"), list(itertools.product(CONTENTS, NAMES)))
def test_every_content_is_opened_under_every_name(kind: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / f"photo.{name}"
    path.write_bytes(CONTENTS[kind])
    photo = decode_photo(os.fsencode(path), SPEC)
    left, right = HEIC_COLORS if kind == "heic" else (RED, BLUE)
    rows = photo.pixels[:30] if kind == "heic" else photo.pixels
    assert is_seen(rows, left, right), sides(rows)
    assert photo.flaw is None
    if kind == "raw":
        assert (photo.width, photo.height) == (960, 640)
        assert "raw" in photo.metadata.traits
    elif not kind.startswith("tiff"):  # what is called a RAW and built as one may be one that only LibRaw knows
        assert "raw" not in photo.metadata.traits
    assert open_image(os.fsencode(path), 64).shape[1] == 64


@pytest.mark.parametrize("kind", sorted(set(CONTENTS) - {"raw"}))
def test_a_picture_named_as_raw_needs_no_package_for_raw(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    path = tmp_path / "photo.nef"
    path.write_bytes(CONTENTS[kind])
    assert decode_photo(os.fsencode(path), SPEC).flaw is None


@pytest.mark.parametrize("name", ["jpg", "tif", "png", "dng"])
def test_a_raw_under_any_name_says_what_it_needs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    path = tmp_path / f"photo.{name}"
    path.write_bytes(RAW)
    with pytest.raises(PhotofindError, match=r"^RAW photos need one more package"):
        decode_photo(os.fsencode(path), SPEC)


def test_a_pasted_raw_is_opened_as_one() -> None:
    assert decode_bytes(RAW, SPEC).width == 960


def directory(tags: list[tuple[int, int, int]], order: str, magic: int = 42) -> bytes:
    """Return a TIFF's head with one directory of short numbers, and nothing else."""
    entries = b"".join(struct.pack(f"{order}HHIHxx", tag, 3, 1, value) for tag, _, value in tags)
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", magic, 8)
    return head + struct.pack(f"{order}H", len(tags)) + entries + bytes(4)


@pytest.mark.parametrize(
    "head",
    [
        b"FUJIFILMCCD-RAW 0201FF129502",
        b"FOVb\0\0\2\0" + bytes(20),
        b"\0MRM" + bytes(20),
        b"IIU\0\x18\0\0\0" + bytes(20),
        b"IIRO\x08\0\0\0" + bytes(20),
        b"II\x1a\0\0\0HEAPCCDR" + bytes(20),
        b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
        b"II*\0\x10\0\0\0CR\2\0" + bytes(20),
        directory([(262, 1, 32_803)], "<"),
        directory([(262, 1, 34_892)], ">"),
        directory([(259, 1, 34_713)], ">"),
        directory([(259, 1, 32_767)], "<"),
        directory([(33_422, 1, 1)], "<"),
        directory([(50_706, 1, 1)], "<"),
    ],
    ids=["RAF", "X3F", "MRW", "RW2", "ORF", "CRW", "CR3", "CR2", "filters", "linear", "NEF", "ARW", "pattern", "DNG"],
)
def test_cameras_files_are_known_by_their_content(head: bytes) -> None:
    assert is_raw(io.BytesIO(head))


@pytest.mark.parametrize("kind", sorted(set(CONTENTS) - {"raw"}))
def test_pictures_are_not_taken_for_raw(kind: str) -> None:
    assert not is_raw(io.BytesIO(CONTENTS[kind]))


def test_directories_in_a_circle_come_to_an_end() -> None:
    data = bytearray(directory([(330, 1, 8)], "<"))
    data[-4:] = struct.pack("<I", 8)
    assert not is_raw(io.BytesIO(bytes(data)))
    rng = np.random.default_rng(3)
    for _ in range(300):
        broken = bytearray(RAW[:400])
        broken[int(rng.integers(2, 400))] = int(rng.integers(0, 256))
        is_raw(io.BytesIO(bytes(broken)))
    for end in range(20):
        for beginning in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            assert not is_raw(io.BytesIO((beginning + bytes(20))[:end]))


def test_a_damaged_raw_is_no_small_picture(tmp_path: Path) -> None:
    """Its preview could be read as a TIFF's only picture, and would pass for the photo."""
    path = tmp_path / "photo.tif"
    path.write_bytes(RAW[: len(RAW) // 2])
    with pytest.raises(PhotofindError):
        decode_photo(os.fsencode(path), SPEC)
