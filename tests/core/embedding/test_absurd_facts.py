"""Whatever a picture's file says of it, its photo is found; a number or text that cannot be kept is left out."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, TiffImagePlugin

from photofind.core.catalog.storable import storable
from photofind.core.library import Library
from photofind.core.photos.images import decode_bytes
from photofind.core.records.decoded import DecodedPhoto, Metadata
from photofind.core.records.query import Query
from photofind.core.records.work import PendingPhoto
from tests.core.sync.test_scan_and_sync import sync
from tests.inside import catalog_of, sql
from tests.pictures import grain

ABSURD: list[Any] = [1 << 63, -(1 << 63) - 1, 1 << 100, float("nan"), float("inf"), -float("inf"), Fraction(10**400, 3)]
CAMERAS = ["\ud800 half a pair", "null \0 byte", "x" * 100_000]
DATES = ["9999-12-31T23:59:59", "0001-01-01T00:00:00"]


def pending(library: Library) -> list[PendingPhoto]:
    return library.embedding.pending(100)


def decoded_photos(library: Library, folder: Path) -> list[tuple[PendingPhoto, DecodedPhoto]]:
    library.folders.add(folder)
    sync(library)
    spec = library.embedding.decoding_spec
    return [(photo, decode_bytes(Path(os.fsdecode(photo.path)).read_bytes(), spec)) for photo in pending(library)]


@pytest.mark.parametrize("value", [*ABSURD, *CAMERAS, *DATES], ids=lambda value: repr(value)[:20])
def test_an_absurd_value_costs_itself_and_neither_its_photo_nor_the_others(
    library: Library, folder: Path, value: Any
) -> None:
    decoded = decoded_photos(library, folder)
    first, photo = decoded[0]
    is_text = isinstance(value, str)
    if is_text:
        metadata = replace(photo.metadata, **{"taken" if value in DATES else "camera": value})
        decoded[0] = first, replace(photo, metadata=metadata)
    else:
        metadata = replace(photo.metadata, latitude=value, longitude=value)
        decoded[0] = first, replace(photo, metadata=metadata, width=value, height=value)
    assert library.embedding.store(decoded).embedded == 8
    assert not pending(library)
    assert library.search.answer(Query(text="red")).total == 8
    (found,) = library.search.photos([first.id])
    assert is_text or (found.width, found.height) == (None, None)


NUMBERS_SAID = ("latitude", "longitude", "aperture", "shutter", "iso", "focal_length", "rating")
TEXTS_SAID = ("taken", "camera", "zone", "lens", "kind", "title", "caption")
SEVERAL_SAID = ("keywords", "people", "places", "also", "traits")


def absurd_metadata(photo: DecodedPhoto, value: Any) -> Metadata:
    """Return what a photo's file says, with one value in the place of all that is of its kind."""
    absurd: dict[str, Any] = dict.fromkeys(NUMBERS_SAID, value)
    if isinstance(value, str):
        absurd = dict.fromkeys(TEXTS_SAID, value) | dict.fromkeys(SEVERAL_SAID, (value, "meadow"))
    return replace(photo.metadata, **absurd)


@pytest.mark.parametrize("value", [*ABSURD, *CAMERAS], ids=lambda value: repr(value)[:20])
def test_all_that_a_file_says_may_be_absurd_when_it_is_read_first_and_again(
    library: Library, folder: Path, value: Any
) -> None:
    decoded = decoded_photos(library, folder)
    first, photo = decoded[0]
    metadata = absurd_metadata(photo, value)
    decoded[0] = first, replace(photo, metadata=metadata)
    assert library.embedding.store(decoded).embedded == 8
    catalog_of(library).facts.learn([(first.id, metadata)])
    assert library.search.answer(Query(text="red")).total == 8
    kept = sql(library).execute("SELECT * FROM facts WHERE photo_id = ?", [first.id]).fetchone()
    assert isinstance(value, str) or set(kept[4:8]) == {None}


@pytest.mark.parametrize("value", [0, -5, 1.5, "Zürich 🏔", "", None, b"\xff", (1 << 63) - 1])
def test_what_can_be_kept_is_kept_as_it_is(value: object) -> None:
    assert storable(value) == value


def test_numbers_of_other_libraries_are_kept_as_numbers() -> None:
    assert type(storable(np.int64(3))) is int
    assert type(storable(np.float32(0.5))) is float
    assert storable(TiffImagePlugin.IFDRational(1, 2)) == 0.5
    assert storable(TiffImagePlugin.IFDRational(1, 0)) is None


RATIONALS = st.builds(TiffImagePlugin.IFDRational, st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 32) - 1))
NUMBERS = st.integers(0, (1 << 32) - 1)
TEXT = st.text(st.characters(codec="ascii"), max_size=40) | st.from_regex(r"[0-9]{4}:[0-9]{2}:[0-9]{2} [0-9:]{8}")
ANY = TEXT | NUMBERS | st.lists(RATIONALS, min_size=1, max_size=4).map(tuple) | st.binary(max_size=40)
BASE, GPS = ExifTags.Base, ExifTags.GPS
DETAILS = st.sampled_from([BASE.DateTimeOriginal, BASE.DateTimeDigitized, BASE.FocalLength, BASE.ISOSpeedRatings])
HEAD = st.sampled_from([BASE.Make, BASE.Model, BASE.DateTime, BASE.Orientation, BASE.ImageDescription, BASE.Rating])
PLACE = st.sampled_from([GPS.GPSLatitude, GPS.GPSLatitudeRef, GPS.GPSLongitude, GPS.GPSLongitudeRef, GPS.GPSDateStamp])


def with_exif(head: dict[int, Any], details: dict[int, Any], place: dict[int, Any]) -> bytes:
    exif = Image.Exif()
    exif.update(head)
    exif.get_ifd(ExifTags.IFD.Exif).update(details)
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(place)
    content = io.BytesIO()
    grain((200, 25, 30), (32, 24)).save(content, "JPEG", exif=exif)
    return content.getvalue()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.dictionaries(HEAD, ANY, max_size=4),
    details=st.dictionaries(DETAILS, ANY, max_size=3),
    place=st.dictionaries(PLACE, ANY, max_size=5),
)
def test_no_exif_keeps_a_photo_from_being_kept(
    library: Library, folder: Path, head: dict[int, Any], details: dict[int, Any], place: dict[int, Any]
) -> None:
    try:
        content = with_exif(head, details, place)
    except Exception:  # noqa: BLE001 - what Pillow will not write is no file
        return
    if not library.folders.all():
        library.folders.add(folder)
        sync(library)
    sql(library).execute("UPDATE photo SET state = 0, content_hash = NULL")
    photo = pending(library)[0]
    decoded = decode_bytes(content, library.embedding.decoding_spec)
    assert isinstance(decoded, DecodedPhoto)
    stored = library.embedding.store([(photo, decoded)])
    assert stored.embedded + stored.reused == 1
    (found,) = library.search.photos([photo.id])
    assert (found.width, found.height) in ((32, 24), (24, 32))
