from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from photofind.core.disk.scan import scan_folder
from photofind.core.errors import PhotofindError
from photofind.core.photos.images import decode_bytes, decode_photo, open_image, open_thumbnail
from photofind.core.records.arrays import Pixels
from photofind.core.records.models import Spec
from tests.image_files import bomb, encode, quarters
from tests.pictures import grain

SPEC = Spec("test", "test", 8, 64)
SQUASH = Spec("test", "test", 8, 64, "squash")


def corner(pixels: Pixels) -> tuple[int, ...]:
    return tuple(int(value) for value in pixels[4, 4])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_is_seen_upright(orientation: int, kind: str) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = quarters((960, 640))
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    photo = decode_bytes(encode(stored, kind, exif=exif), SQUASH)
    assert (photo.width, photo.height) == (960, 640)
    expected = np.asarray(upright.resize((64, 64), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(photo.pixels - expected).mean() < 6
    assert open_thumbnail(photo.thumbnail).shape == (256, 384, 3)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_whole_picture_is_upright_and_scaled_down(kind: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    path = tmp_path / "photo"
    path.write_bytes(encode(quarters((960, 640)).transpose(Image.Transpose.ROTATE_90), kind, exif=exif))
    whole = open_image(os.fsencode(path), 4096)
    assert whole.shape == (640, 960, 3)
    small = open_image(os.fsencode(path), 240)
    assert small.shape == (160, 240, 3)
    for pixels in (whole, small):
        assert np.abs(np.subtract(corner(pixels), (255, 0, 0))).max() < 8


@pytest.mark.parametrize("size", [(900, 600), (9000, 20)])
def test_a_whole_picture_lies_on_white_and_is_never_enlarged(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    image = Image.new("RGBA", size, (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, size[0] // 2, size[1]))
    image.save(path)
    pixels = open_image(os.fsencode(path), 4096)
    assert pixels.shape[1] == min(4096, size[0])
    assert pixels[:, pixels.shape[1] * 3 // 4].min() == 255


def test_16_bit_grey_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    photo = decode_bytes(encode(Image.fromarray(ramp)), SPEC)
    assert abs(photo.pixels.mean() - 127.5) < 1.5
    assert photo.pixels[0, 0, 0] < 5
    assert photo.pixels[-1, -1, 0] > 250


def test_float_grey_is_scaled_not_black() -> None:
    ramp = np.linspace(0, 1, 64 * 64).reshape(64, 64).astype(np.float32)
    photo = decode_bytes(encode(Image.fromarray(ramp), "TIFF"), SPEC)
    assert abs(photo.pixels.mean() - 127.5) < 1.5


def test_32_bit_integers_holding_16_bits_are_scaled() -> None:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.int32)
    photo = decode_bytes(encode(Image.fromarray(ramp), "TIFF"), SPEC)
    assert abs(photo.pixels.mean() - 127.5) < 1.5


def test_transparent_pixels_are_white() -> None:
    hidden_red = Image.new("RGBA", (80, 80), (255, 0, 0, 0))
    hidden_red.paste((0, 0, 255, 255), (40, 0, 80, 80))
    assert corner(decode_bytes(encode(hidden_red), SPEC).pixels) == (255, 255, 255)


def test_half_transparent_is_mixed_with_white() -> None:
    image = Image.new("RGBA", (80, 80), (0, 0, 0, 128))
    assert abs(corner(decode_bytes(encode(image), SPEC).pixels)[0] - 127) <= 2


def test_a_transparent_palette_is_laid_over_white() -> None:
    image = Image.new("P", (80, 80), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (40, 0, 80, 80))
    assert corner(decode_bytes(encode(image, transparency=0), SPEC).pixels) == (255, 255, 255)


def test_a_wide_gamut_profile_is_brought_to_srgb() -> None:
    """The same numbers under a LAB profile mean another colour than in sRGB."""
    lab = Image.new("LAB", (80, 80), (136, 208, 195))  # L 53, a 80, b 67: sRGB red
    red = corner(decode_bytes(encode(lab, "TIFF"), SPEC).pixels)
    assert red[0] > 230
    assert max(red[1:]) < 60


def test_an_srgb_profile_changes_nothing() -> None:
    image = grain((180, 90, 40), (80, 80))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain, profiled = (
        decode_bytes(encode(image), SPEC),
        decode_bytes(encode(image, icc_profile=profile), SPEC),
    )
    assert np.abs(plain.pixels.astype(int) - profiled.pixels).max() <= 1


def test_a_broken_profile_does_not_lose_the_photo() -> None:
    photo = decode_bytes(encode(quarters(), icc_profile=b"no profile at all" * 20), SPEC)
    assert photo.width == 120


def test_cmyk_and_one_bit_are_read() -> None:
    assert corner(decode_bytes(encode(quarters().convert("CMYK"), "JPEG", quality=95), SQUASH).pixels)[0] > 200
    assert corner(decode_bytes(encode(Image.new("1", (80, 80), 1)), SPEC).pixels) == (255, 255, 255)


def test_only_the_first_frame_of_an_animation_counts() -> None:
    frames = [Image.new("RGB", (80, 80), color) for color in ("red", "blue", "blue")]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert corner(decode_bytes(data, SPEC).pixels)[0] > 240


def test_draft_decoding_keeps_the_picture() -> None:
    rng = np.random.default_rng(1)
    coarse = Image.fromarray(rng.integers(0, 255, (30, 40, 3), dtype=np.uint8))
    image = coarse.resize((4000, 3000), Image.Resampling.BICUBIC)
    photo = decode_bytes(encode(image, "JPEG", quality=92), SQUASH)
    full = np.asarray(image.resize((64, 64), Image.Resampling.BICUBIC)).astype(int)
    assert (photo.width, photo.height) == (4000, 3000)
    assert np.abs(photo.pixels - full).mean() < 2


def test_a_very_long_panorama_needs_little_memory() -> None:
    photo = decode_bytes(encode(Image.new("RGB", (60_000, 20), "blue")), SPEC)
    assert photo.pixels.shape == (64, 64, 3)
    assert open_thumbnail(photo.thumbnail).shape == (1, 384, 3)


def test_small_pictures_are_not_blown_up_in_thumbnails() -> None:
    assert open_thumbnail(decode_bytes(encode(quarters((20, 10))), SPEC).thumbnail).shape == (10, 20, 3)


def test_longest_edge_models_see_the_whole_picture_on_their_fill() -> None:
    spec = Spec("test", "test", 8, 64, "longest", fill=0)
    pixels = decode_bytes(encode(Image.new("RGB", (200, 100), "white")), spec).pixels
    assert tuple(pixels[2, 32]) == (0, 0, 0)
    assert tuple(pixels[32, 32]) == (255, 255, 255)


def test_date_camera_and_place_are_read() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "NIKON CORPORATION", "NIKON D750"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2023:09:25 08:33:30"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "S", 2: (43.0, 28.0, 2.8), 3: "W", 4: (11.0, 53.0, 6.4)})
    metadata = decode_bytes(encode(quarters(), "JPEG", exif=exif), SPEC).metadata
    assert metadata.taken == "2023-09-25T08:33:30"
    assert metadata.camera == "NIKON D750"
    assert metadata.latitude == pytest.approx(-43.4674, abs=1e-3)
    assert metadata.longitude == pytest.approx(-11.8851, abs=1e-3)


@pytest.mark.parametrize("date", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday", ""])
def test_a_camera_without_a_clock_has_no_date(date: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = date
    assert decode_bytes(encode(quarters(), "JPEG", exif=exif), SPEC).metadata.taken is None


def test_damaged_exif_does_not_lose_the_photo() -> None:
    data = bytearray(encode(quarters(), "JPEG", exif=b"Exif\0\0" + bytes(range(256)) * 4))
    assert decode_bytes(bytes(data), SPEC).width == 120


def test_the_same_content_has_the_same_hash_under_any_name(tmp_path: Path) -> None:
    data = encode(quarters())
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(data)
    first, second = (decode_photo(os.fsencode(tmp_path / name), SPEC) for name in ("a.png", "b.png"))
    assert first.content_hash == second.content_hash != decode_bytes(encode(quarters((90, 90))), SPEC).content_hash


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello, I am a letter", "not a picture"),
        (encode(quarters(), "JPEG")[:600], "damaged"),
        (encode(grain((9, 9, 9)), "PNG")[:3000], "damaged"),
        (bomb(), "too large: 400 megapixels"),
        (b"\xff\x0a" + bytes(100), "damaged"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(100), "damaged"),
    ],
    ids=["empty", "text", "cut jpeg", "cut png", "bomb", "jxl stream", "jxl file"],
)
def test_what_cannot_be_used_says_why_in_one_sentence(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    with pytest.raises(PhotofindError, match=reason) as caught:
        decode_photo(os.fsencode(path), SPEC)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_vanished_file_is_told_apart_from_a_bad_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        decode_photo(os.fsencode(tmp_path / "gone.jpg"), SPEC)


def test_a_160_megapixel_panorama_is_read() -> None:
    data = encode(Image.new("RGB", (40_000, 4_000), (10, 120, 220)), "JPEG")
    assert decode_bytes(data, SPEC).width == 40_000


def test_real_photos_are_all_read(real_photos: Path) -> None:
    """Cameras, phones, HEIC, AVIF, WebP, PNG and JPEG XL of the real library."""
    root, read = os.fsencode(real_photos), 0
    for directory in scan_folder(root):
        for path, *_ in directory.photos:
            photo = decode_photo(os.path.join(root, path), SPEC)
            assert photo.pixels.std() > 1
            read += 1
    assert read > 80


def test_the_eight_orientations_of_a_real_photo_look_alike(real_photos: Path) -> None:
    for kind in ("Landscape", "Portrait"):
        seen = [
            decode_photo(os.fsencode(real_photos / "orientation" / f"{kind}_{n}.jpg"), SPEC).pixels.astype(int)
            for n in range(1, 9)
        ]
        assert max(np.abs(pixels - seen[0]).mean() for pixels in seen) < 12
