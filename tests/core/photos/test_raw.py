from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from photofind.core.disk.scan import is_photo_name
from photofind.core.errors import PhotofindError
from photofind.core.photos.images import decode_photo, open_image
from photofind.core.records.arrays import Pixels
from photofind.core.records.decoded import DecodedPhoto
from photofind.core.records.facts import TakenFrom
from photofind.core.records.models import Spec
from tests.image_files import quarters
from tests.raw_files import dng

SPEC = Spec("test", "test", 8, 64, "squash")
# How the sensor's picture lies for each of EXIF's orientations.
LIES = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


def lying(picture: Image.Image, orientation: int) -> Image.Image:
    turn = LIES[orientation]
    return picture if turn is None else picture.transpose(turn)


def decode(path: Path, content: bytes) -> DecodedPhoto:
    path.write_bytes(content)
    return decode_photo(os.fsencode(path), SPEC)


def off(pixels: Pixels, picture: Image.Image) -> float:
    """Return how far the four quarters are from how they should look, at the worst."""
    expected = np.asarray(picture.resize(pixels.shape[1::-1], Image.Resampling.BICUBIC)).astype(int)
    height, width = pixels.shape[:2]
    middles = [(height * y // 4, width * x // 4) for y in (1, 3) for x in (1, 3)]
    return float(max(np.abs(pixels[at].astype(int) - expected[at]).max() for at in middles))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("kind", ["jpeg", "bitmap"])
def test_a_raw_photo_is_seen_through_its_preview_upright(tmp_path: Path, orientation: int, kind: str) -> None:
    pytest.importorskip("rawpy")
    upright = quarters((960, 640))
    sensor = lying(upright, orientation)
    preview = lying(quarters((480, 320)), orientation)
    # The sensor's own picture is black, so that what is seen can only be the preview.
    content = dng(Image.new("RGB", sensor.size), preview, orientation=orientation, preview_kind=kind)
    photo = decode(tmp_path / "photo.DNG", content)
    assert (photo.width, photo.height) == (960, 640)
    assert off(photo.pixels, upright) < 12
    assert photo.flaw is None
    whole = open_image(os.fsencode(tmp_path / "photo.DNG"), 4096)
    assert whole.shape == (320, 480, 3)
    assert off(whole, upright) < 12


def test_a_preview_that_lies_upright_already_is_not_turned_again(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    sensor = lying(quarters((640, 960)), 6)
    photo = decode(tmp_path / "photo.dng", dng(sensor, quarters((320, 480)), orientation=6))
    assert off(photo.pixels, quarters((640, 960))) < 12


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_raw_photo_without_a_preview_is_developed(tmp_path: Path, orientation: int) -> None:
    pytest.importorskip("rawpy")
    upright = quarters((960, 640))
    photo = decode(tmp_path / "photo.dng", dng(lying(upright, orientation), None, orientation=orientation))
    assert (photo.width, photo.height) == (960, 640)
    assert off(photo.pixels, upright) < 20


@pytest.mark.parametrize("kind", ["jpeg", "bitmap"])
def test_date_camera_and_place_of_a_raw_photo_are_read(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("rawpy")
    metadata = decode(tmp_path / "p.dng", dng(quarters(), quarters(), preview_kind=kind)).metadata
    assert metadata.taken == "2024-05-06T07:08:09"
    assert metadata.camera == "Maker Rawcam 1"
    assert metadata.latitude == pytest.approx(48.5)
    assert metadata.longitude == pytest.approx(11.25)


def test_where_only_the_preview_knows_the_date_no_place_is_made_up(tmp_path: Path) -> None:
    """LibRaw writes an EXIF of its own into previews without one, with whatever lay in memory for N, S, E and W."""
    pytest.importorskip("rawpy")
    from photofind.core.photos.facts.reading import said_of_preview
    from photofind.core.photos.formats.raw import open_raw

    preview = open_raw(dng(quarters(), quarters())).picture
    assert isinstance(preview, bytes)
    (said,) = said_of_preview(preview)
    assert said.dates[TakenFrom.WRITTEN].taken == "2024-05-06T07:08:09"
    assert said.position is None


def test_a_cut_preview_is_marked(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    content = bytearray(dng(Image.new("RGB", (960, 640)), quarters((480, 320))))
    start, end = content.rindex(b"\xff\xd8\xff"), content.rindex(b"\xff\xd9")
    content[start + (end - start) * 2 // 3 : end + 2] = bytes(end + 2 - (start + (end - start) * 2 // 3))
    assert str(decode(tmp_path / "photo.dng", bytes(content)).flaw).startswith("The file ends too early: ")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a letter" * 100, "This is not a RAW photo that photofind can read."),
        (b"", "The file is empty."),
    ],
    ids=["letter", "empty"],
)
def test_what_is_no_raw_photo_says_so(tmp_path: Path, content: bytes, sentence: str) -> None:
    pytest.importorskip("rawpy")
    with pytest.raises(PhotofindError) as caught:
        decode(tmp_path / "photo.nef", content)
    assert str(caught.value) == sentence


def test_raw_photos_cut_anywhere_end_with_a_photo_or_a_reason(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    content = dng(quarters((960, 640)), quarters((480, 320)))
    reasons = set()
    for part in range(1, 40):
        try:
            decode(tmp_path / "photo.dng", content[: len(content) * part // 40])
        except PhotofindError as error:
            reasons.add(str(error))
    assert reasons
    assert all(reason.endswith(".") and "\n" not in reason for reason in reasons)


def test_without_the_extra_a_raw_photo_says_what_to_install_and_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)  # `import rawpy` now fails as where it is not installed
    content = dng(quarters((960, 640)), quarters())
    read: list[int] = []

    class Watched(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            read.append(len(data))
            return data

    monkeypatch.setattr("photofind.core.photos.file.open", lambda path, _: Watched(path), raising=False)
    assert is_photo_name(b"photo.CR3")
    for name in ("photo.dng", "photo.CR3", "photo.nef"):
        with pytest.raises(PhotofindError, match=r"^RAW photos need one more package: .* install .*rawpy"):
            decode(tmp_path / name, content)
    assert sum(read) < len(content) / 50


def test_a_raw_photo_whose_exif_says_nothing_of_orientation_lies_as_its_sensor(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Rawcam 1"
    preview = quarters((480, 320)).transpose(Image.Transpose.ROTATE_180)
    content = dng(preview.resize((960, 640)), preview, orientation=3, preview_exif=exif)
    assert off(decode(tmp_path / "photo.dng", content).pixels, quarters()) < 12
