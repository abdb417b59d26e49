"""When a photo was taken: the first of all that says so, in this order, and the file's own time only at the end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from photofind.core.photos.facts.reading import read_photo_facts
from tests.core.photos.facts.made import exif, facts, iptc, jpeg, xmp

ORIGINAL, DIGITIZED, WRITTEN, SOFTWARE = 0x9003, 0x9004, 0x0132, 0x0131
CAMERA: dict[int, object] = {0x010F: "Maker", 0x0110: "One"}
YEAR_2024 = 1_704_067_200


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("2007:06:30 18:45:17", "2007-06-30T18:45:17"),
        ("2007:06:30 18:45:17+02:00", "2007-06-30T18:45:17"),
        ("2007:06:30 18:45", "2007-06-30T18:45:00"),
        ("2007:06:30", "2007-06-30"),
        ("2007:06:30 24:24:27", "2007-06-30"),
        ("2007:06:30   :  :  ", "2007-06-30"),
        ("2007:6:30 8:45:17", "2007-06-30T08:45:17"),
        ("2007:06", "2007-06"),
        ("2007:06:30 06:45:17 PM", "2007-06-30T18:45:17"),
        ("30.06.2007 18:45:17", "2007-06-30T18:45:17"),
    ],
)
def test_odd_dates_of_scanners_and_cheap_cameras_are_read(tmp_path: Path, written: str, taken: str) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg(exif(details={ORIGINAL: written})))
    os.utime(photo, (YEAR_2024, YEAR_2024))
    read = read_photo_facts(os.fsencode(photo))
    assert (read.taken, read.taken_from) == (taken, "exif")
    assert read.zone == ("+02:00" if "+02:00" in written else None)


@pytest.mark.parametrize("written", ["0001:01:01 00:00:00", "9999:12:31 23:59:59", "    :  :     :  :  "])
def test_where_nothing_is_known_the_files_time_is_said_to_be_that(tmp_path: Path, written: str) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg(exif(details={ORIGINAL: written})))
    os.utime(photo, (YEAR_2024, YEAR_2024))
    read = read_photo_facts(os.fsencode(photo))
    assert read.taken is not None
    assert read.taken[:4] in ("2023", "2024")  # by the clock of whoever runs this
    assert read.taken_from == "file"


def test_each_source_is_believed_before_the_next(tmp_path: Path) -> None:
    photo = tmp_path / "IMG-20080808-WA0001.jpg"
    sidecar = tmp_path / "IMG-20080808-WA0001.jpg.xmp"
    sidecar.write_bytes(xmp(attributes='exif:DateTimeOriginal="2009-09-09T09:00:00"'))
    details: dict[int, object] = {ORIGINAL: "2001:01:01 01:00:00", DIGITIZED: "2006:06:06 06:00:00"}
    place: dict[int, object] = {29: "2007:07:07", 7: (7.0, 0.0, 0.0)}
    said = {
        "exif:DateTimeOriginal": "2002-02-02T02:00:00",
        "photoshop:DateCreated": "2003-03-03T03:00:00",
        "xmp:CreateDate": "2006-07-06T06:00:00",
    }
    records = [iptc((2, 55, b"20040404"), (2, 60, b"040000+0100"))]

    def read() -> tuple[str | None, str | None, str | None]:
        packet = xmp(attributes=" ".join(f'{name}="{value}"' for name, value in said.items())) if said else b""
        written = exif({**CAMERA, WRITTEN: "2010:10:10 10:00:00"}, details, place)
        photo.write_bytes(jpeg(written, packet, records[0]))
        os.utime(photo, (YEAR_2024, YEAR_2024))
        known = read_photo_facts(os.fsencode(photo))
        return known.taken, known.taken_from, known.zone

    assert read() == ("2001-01-01T01:00:00", "exif", None)
    del details[ORIGINAL]
    assert read() == ("2002-02-02T02:00:00", "xmp", None)
    del said["exif:DateTimeOriginal"]
    assert read() == ("2003-03-03T03:00:00", "iptc", None)
    del said["photoshop:DateCreated"]
    assert read() == ("2004-04-04T04:00:00", "iptc", "+01:00")
    records[0] = b""
    assert read() == ("2006-06-06T06:00:00", "created", None)
    del details[DIGITIZED]
    assert read() == ("2006-07-06T06:00:00", "created", None)
    del said["xmp:CreateDate"]
    assert read() == ("2007-07-07T07:00:00", "gps", "+00:00")
    place.clear()
    assert read() == ("2008-08-08", "name", None)
    photo.unlink()
    photo = tmp_path / "holiday.jpg"
    sidecar.rename(tmp_path / "holiday.xmp")
    assert read() == ("2009-09-09T09:00:00", "sidecar", None)
    (tmp_path / "holiday.xmp").unlink()
    assert read() == ("2010-10-10T10:00:00", "written", None)


@pytest.mark.parametrize(
    ("main", "source"),
    [
        ({**CAMERA}, "written"),
        ({**CAMERA, SOFTWARE: "Ver.1.00"}, "written"),
        ({**CAMERA, SOFTWARE: "HDR+ 1.0.220943774z"}, "written"),
        ({**CAMERA, SOFTWARE: "16.5.1"}, "written"),
        ({}, None),
        ({SOFTWARE: "GIMP 2.10.30"}, None),
        ({**CAMERA, SOFTWARE: "Adobe Photoshop 25.4 (Windows)"}, None),
        ({**CAMERA, SOFTWARE: "Picasa 3.0"}, None),
        ({0x010F: "EPSON", 0x0110: "Perfection V600", SOFTWARE: "EPSON Scan"}, None),
    ],
)
def test_the_time_of_writing_counts_only_where_a_camera_wrote(main: dict[int, object], source: str | None) -> None:
    read = facts(jpeg(exif({**main, WRITTEN: "2010:10:10 10:00:00"})))
    assert (read.taken, read.taken_from) == (("2010-10-10T10:00:00", source) if source else (None, None))


def test_a_program_that_says_so_in_xmp_alone_had_it_in_hand_too() -> None:
    written = exif({**CAMERA, WRITTEN: "2010:10:10 10:00:00"})
    assert facts(jpeg(written, xmp(attributes='xmp:CreatorTool="darktable 4.2"'))).taken is None


def test_sub_seconds_and_zones_are_kept() -> None:
    read = facts(jpeg(exif(details={ORIGINAL: "2007:06:30 18:45:17", 0x9291: "053", 0x9011: "+05:30"})))
    assert (read.taken, read.zone) == ("2007-06-30T18:45:17.053", "+05:30")


def test_the_date_of_a_png_is_read() -> None:
    import io

    from PIL import PngImagePlugin

    said, out = PngImagePlugin.PngInfo(), io.BytesIO()
    said.add_text("Creation Time", "30 Jun 2007 18:45:17 +0200")
    Image.new("RGB", (4, 4)).save(out, "PNG", pnginfo=said)
    read = facts(out.getvalue())
    assert (read.taken, read.taken_from, read.zone) == ("2007-06-30T18:45:17", "created", "+02:00")


@pytest.mark.parametrize("seconds", [0, -5, 86_400, 1 << 62])
def test_a_file_without_a_time_says_none(seconds: int) -> None:
    assert facts(jpeg(), b"holiday.jpg", seconds * 10**9).taken is None
