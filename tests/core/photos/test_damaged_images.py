from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from photofind.core.errors import PhotofindError
from photofind.core.photos.images import decode_bytes, open_image, open_thumbnail
from photofind.core.records.models import Spec
from tests.image_files import encode
from tests.pictures import grain

SPEC = Spec("test", "test", 8, 64, "squash")
A_PART = "The file ends too early: a part of the picture is missing."
REFUSED = "The picture is damaged: the file ends too early."
DETAIL = "The file ends too early: some detail is missing."


def red_over_blue() -> Image.Image:
    """Red above, blue below, with so much grain that a file's middle is about the picture's."""
    picture = grain((200, 25, 30), (640, 480))
    picture.paste(grain((30, 60, 200), (640, 240), seed=1), (0, 240))
    return picture


def outcome(data: bytes) -> str:
    """Return a damaged file's flaw, or why it is refused."""
    try:
        photo = decode_bytes(data, SPEC)
    except PhotofindError as error:
        return str(error)
    assert photo.pixels.std() > 3
    return str(photo.flaw or "")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "TGA", "PPM"])
def test_a_file_that_was_cut_off_shows_what_is_left_and_is_marked(tmp_path: Path, kind: str) -> None:
    data = encode(red_over_blue(), kind)
    photo = decode_bytes(data[: len(data) * 2 // 5], SPEC)
    assert str(photo.flaw) == A_PART
    assert (photo.width, photo.height) == (640, 480)
    # A BMP begins with its lowest row.
    there, color = (slice(44, 64), (30, 60, 200)) if kind in ("BMP", "TGA") else (slice(0, 20), (200, 25, 30))
    assert np.abs(photo.pixels[there].mean((0, 1)) - color).max() < 12
    assert open_thumbnail(photo.thumbnail).shape == (288, 384, 3)
    path = tmp_path / "cut"
    path.write_bytes(data[: len(data) * 2 // 5])
    assert open_image(os.fsencode(path), 4096).shape == (480, 640, 3)


def test_a_cut_progressive_jpeg_lacks_detail_only() -> None:
    data = encode(red_over_blue(), "JPEG", progressive=True)
    photo = decode_bytes(data[: len(data) // 2], SPEC)
    assert str(photo.flaw) == DETAIL
    assert np.abs(photo.pixels[44:].mean((0, 1)) - (30, 60, 200)).max() < 12


def test_a_copy_that_broke_off_and_left_zeros_is_marked() -> None:
    """libjpeg takes the zeros for pixels; where there are enough of them, it complains of nothing."""
    data = encode(red_over_blue(), "JPEG")
    half = len(data) // 2
    assert str(decode_bytes(data[:half] + bytes(20 * half), SPEC).flaw) == A_PART
    assert decode_bytes(data + bytes(4096), SPEC).flaw is None


def test_broken_data_in_the_middle_are_told_apart_from_an_early_end() -> None:
    data = bytearray(encode(red_over_blue(), "PNG"))
    data[len(data) // 2 : len(data) // 2 + 64] = bytes(64)
    photo = decode_bytes(bytes(data), SPEC)
    assert str(photo.flaw) == "The picture is damaged: parts of it may look wrong."
    assert np.abs(photo.pixels[:20].mean((0, 1)) - (200, 25, 30)).max() < 12


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "GIF", "WEBP", "AVIF", "JPEG2000"])
def test_every_picture_cut_at_ten_places_is_whole_marked_or_refused(kind: str) -> None:
    data = encode(red_over_blue(), kind)
    ends = [outcome(data[: len(data) * tenth // 11]) for tenth in range(1, 11)]
    assert set(ends) <= {A_PART, DETAIL, REFUSED}
    refused = ends.count(REFUSED)
    assert set(ends[:refused]) <= {REFUSED}  # what is refused is shorter than what is marked
    assert (refused < 10) == (kind not in ("WEBP", "AVIF", "JPEG2000"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP"])
def test_a_header_without_pixels_is_refused_and_not_taken_for_a_grey_picture(kind: str) -> None:
    data = encode(red_over_blue(), kind)
    with pytest.raises(PhotofindError, match=r"^The picture is damaged: the file ends too early\.$"):
        decode_bytes(data[:800], SPEC)


def test_a_good_picture_is_not_marked_and_leniency_does_not_last() -> None:
    data = encode(red_over_blue(), "JPEG")
    assert decode_bytes(data[: len(data) // 2], SPEC).flaw
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    assert decode_bytes(data, SPEC).flaw is None
    with pytest.raises(PhotofindError):
        decode_bytes(data[:300], SPEC)
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_a_cut_heic_photo_is_marked(real_photos: Path) -> None:
    """libheif shows the missing tiles in green and complains of nothing."""
    data = next(real_photos.rglob("IMG_2682.heic")).read_bytes()
    assert decode_bytes(data, SPEC).flaw is None
    assert str(decode_bytes(data[: len(data) // 2], SPEC).flaw) == A_PART
    with pytest.raises(PhotofindError, match="ends too early"):
        decode_bytes(data[: len(data) // 40], SPEC)


def test_real_photos_cut_at_ten_places_are_marked_or_refused(real_photos: Path) -> None:
    paths = [*(real_photos / "albums" / "nature").iterdir(), *(real_photos / "formats").rglob("*.[pw]*")]
    marked = 0
    for path in paths:
        data = path.read_bytes()
        for tenth in range(1, 11):
            cut = data[: len(data) * tenth // 11]
            end = outcome(cut)
            if not end:  # what is missing lies behind the pixels
                assert np.array_equal(decode_bytes(cut, SPEC).pixels, decode_bytes(data, SPEC).pixels)
                continue
            assert end in (A_PART, DETAIL, REFUSED, "The picture is damaged: its beginning cannot be read.")
            marked += end in (A_PART, DETAIL)
    assert marked > 80


def test_a_webp_that_ends_within_what_is_said_of_it_is_marked_and_shown() -> None:
    exif = Image.Exif()
    exif[0x010E] = "words " * 200
    data = encode(red_over_blue(), "WEBP", exif=exif)
    photo = decode_bytes(data[:-300], SPEC)
    assert str(photo.flaw) == DETAIL
    assert photo.pixels[8, 32, 0] > 150 > photo.pixels[8, 32, 2]
