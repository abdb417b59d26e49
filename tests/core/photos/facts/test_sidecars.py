"""The files beside a photo are found by its name, in any case, as other programs and Google Takeout name them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from photofind.core.photos.facts.reading import read_photo_facts
from photofind.core.records.decoded import Metadata
from tests.core.photos.facts.made import bag, exif, jpeg, xmp

LONG = "a_very_long_name_of_a_photo_that_somebody_took_on_the_way.jpg"


def read(photo: Path) -> Metadata:
    return read_photo_facts(os.fsencode(photo))


def write(photo: Path) -> Path:
    photo.parent.mkdir(exist_ok=True)
    photo.write_bytes(jpeg())
    return photo


def takeout(caption: str) -> str:
    return json.dumps({"title": "any", "description": caption, "photoTakenTime": {"timestamp": "1183229117"}})


PICASA = """[Picasa]
name=Norway
[Contacts2]
8e62398ebda8c1a5=Ærlig Ås;;
1f2e3d4c5b6a7988=Åse;aase@example.org;
[img.JPG]
star=yes
caption=At the [old] harbour = home
keywords=boats, sea
rotate=rotate(1)
faces=rect64(3f845bcb59418507),8e62398ebda8c1a5;rect64(1),1F2E3D4C5B6A7988;rect64(2),ffffffffffffffff;rect64(3),77
[other.jpg]
caption=Another
"""


@pytest.mark.parametrize("name", [".picasa.ini", "Picasa.ini", ".PICASA.INI"])
def test_what_picasa_wrote_beside_all_photos_is_read(tmp_path: Path, name: str) -> None:
    photo = write(tmp_path / "IMG.jpg")
    (tmp_path / name).write_text(PICASA, "utf-8")
    known = read(photo)
    assert (known.caption, known.keywords, known.people) == (
        "At the [old] harbour = home",
        ("boats", "sea"),
        ("Ærlig Ås", "Åse"),
    )
    assert read(write(tmp_path / "unnamed.jpg")).caption is None


@pytest.mark.parametrize(
    "content",
    [b"", b"no section\nat all", b"[IMG.jpg]\ncaption", b"[IMG.jpg\ncaption=x", b"\xff\xfe[\0I\0", b"[]\n=\n" * 9000],
)
def test_a_damaged_picasa_file_says_nothing(tmp_path: Path, content: bytes) -> None:
    photo = write(tmp_path / "IMG.jpg")
    (tmp_path / ".picasa.ini").write_bytes(content)
    assert (read(photo).caption, read(photo).keywords, read(photo).people) == (None, (), ())


def test_picasa_of_long_ago_wrote_as_windows_does(tmp_path: Path) -> None:
    photo = write(tmp_path / "IMG.jpg")
    (tmp_path / "Picasa.ini").write_bytes("[IMG.jpg]\r\ncaption=Grüße\r\n".encode("cp1252"))
    assert read(photo).caption == "Grüße"


@pytest.mark.parametrize("name", ["IMG.jpg.xmp", "IMG.xmp", "IMG.XMP", "img.jpg.Xmp", "IMG.JPG.XMP"])
def test_an_xmp_beside_a_photo_is_read(tmp_path: Path, name: str) -> None:
    photo = write(tmp_path / "IMG.jpg")
    (tmp_path / name).write_bytes(xmp(bag("dc:subject", "sea"), attributes='xmp:Rating="3"'))
    (tmp_path / "IMG2.xmp").write_bytes(xmp(bag("dc:subject", "other")))
    assert (read(photo).keywords, read(photo).rating) == (("sea",), 3)


def test_what_was_written_beside_a_photo_is_newer_than_what_is_in_it(tmp_path: Path) -> None:
    photo = tmp_path / "IMG.jpg"
    photo.write_bytes(jpeg(packet=xmp(bag("dc:title", "Old", kind="Alt"), attributes='xmp:Rating="1"')))
    (tmp_path / "IMG.xmp").write_bytes(xmp(bag("dc:title", "New", kind="Alt"), attributes='xmp:Rating="5"'))
    known = read(photo)
    assert (known.title, known.rating, known.also) == ("New", 5, ("Old",))


def test_a_raw_file_without_a_date_has_that_of_its_sidecar(tmp_path: Path) -> None:
    photo = tmp_path / "IMG.cr2"
    photo.write_bytes(b"II*\0\x08\0\0\0\0\0\0\0\0\0")
    (tmp_path / "IMG.xmp").write_bytes(xmp(attributes='exif:DateTimeOriginal="2007-06-30T18:45:17+02:00"'))
    known = read(photo)
    assert (known.taken, known.zone, known.taken_from, known.traits) == (
        "2007-06-30T18:45:17",
        "+02:00",
        "sidecar",
        ("raw",),
    )


@pytest.mark.parametrize(
    ("photo", "sidecar"),
    [
        ("IMG.jpg", "IMG.jpg.json"),
        ("IMG.jpg", "IMG.jpg.supplemental-metadata.json"),
        ("IMG.jpg", "IMG.jpg.supplemental-meta.json"),
        ("IMG.jpg", "IMG.jpg.su.json"),
        ("IMG.JPG", "IMG.JPG.json"),
        ("IMG(1).jpg", "IMG.jpg(1).json"),
        ("IMG(1).jpg", "IMG(1).jpg.json"),
        ("IMG(1).jpg", "IMG.jpg.supplemental-metadata(1).json"),
        ("IMG-edited.jpg", "IMG.jpg.json"),
        ("IMG-bearbeitet.jpg", "IMG.jpg.supplemental-metadata.json"),
        ("IMG-edited(1).jpg", "IMG.jpg(1).json"),
        ("IMG-編集済み.jpg", "IMG.jpg.json"),
        ("IMG-edytowane.jpg", "IMG.jpg.supplemental-metadata.json"),
        ("IMG-ha editado.jpg", "IMG.jpg.json"),
        ("IMG-EFFECTS.jpg", "IMG.jpg.json"),
        ("IMG.jpg", "IMG.json"),
        (LONG, f"{LONG[:46]}.json"),
        (f"{LONG[:40]}.jpg", f"{LONG[:40]}.jpg.s.json"),
    ],
)
def test_what_takeout_says_is_found_beside_a_photo(tmp_path: Path, photo: str, sidecar: str) -> None:
    (tmp_path / sidecar).write_text(takeout("mine"), "utf-8")
    for other in ("IMG(2).jpg.json", "IMG.jpg(2).json", "IMG2.jpg.json", "IM.jpg.json", "metadata.json"):
        (tmp_path / other).write_text(takeout("another's"), "utf-8")
    if not photo.startswith("IMG.") and "-" not in photo:
        (tmp_path / "IMG.jpg.json").write_text(takeout("another's"), "utf-8")
    known = read(write(tmp_path / photo))
    assert (known.caption, known.taken, known.taken_from) == ("mine", "2007-06-30T18:45:17", "sidecar")
    assert (known.zone, known.also) == ("+00:00", ())


def test_photos_that_differ_in_case_alone_have_each_its_own(tmp_path: Path) -> None:
    for stem, suffix in (("IMG", "JPG"), ("IMG", "jpg"), ("img", "jpg")):
        (tmp_path / f"{stem}.{suffix}.json").write_text(takeout(f"{stem} {suffix}"), "utf-8")
        (tmp_path / f"{stem}.{suffix}.xmp").write_bytes(xmp(bag("dc:subject", f"{stem} {suffix}")))
    for stem, suffix in (("IMG", "JPG"), ("IMG", "jpg"), ("img", "jpg")):
        known = read(write(tmp_path / f"{stem}.{suffix}"))
        assert (known.caption, known.keywords, known.also) == (f"{stem} {suffix}", (f"{stem} {suffix}",), ())


def test_an_edited_copy_with_a_file_of_its_own_has_that(tmp_path: Path) -> None:
    (tmp_path / "IMG.jpg.json").write_text(takeout("original"), "utf-8")
    (tmp_path / "IMG-edited.jpg.json").write_text(takeout("edited"), "utf-8")
    assert read(write(tmp_path / "IMG-edited.jpg")).caption == "edited"


def test_takeout_says_people_and_place(tmp_path: Path) -> None:
    document = {
        "people": [{"name": "Anna"}, {"name": "Ben"}],
        "geoData": {"latitude": 59.9139, "longitude": 10.7522},
        "geoDataExif": {"latitude": 0.0, "longitude": 0.0},
    }
    (tmp_path / "IMG.jpg.json").write_text(json.dumps(document), "utf-8")
    known = read(write(tmp_path / "IMG.jpg"))
    assert known.people == ("Anna", "Ben")
    assert (known.latitude, known.longitude) == (59.9139, 10.7522)
    assert "Oslo" in known.places


def test_the_photos_own_date_comes_before_takeouts(tmp_path: Path) -> None:
    (tmp_path / "IMG.jpg.json").write_text(takeout(""), "utf-8")
    (tmp_path / "IMG.jpg").write_bytes(jpeg(exif(details={0x9003: "2001:01:01 01:00:00"})))
    assert read(tmp_path / "IMG.jpg").taken == "2001-01-01T01:00:00"


def test_names_that_are_no_text_have_sidecars_too(tmp_path: Path) -> None:
    photo = os.fsencode(tmp_path) + b"/\xff\xfe.jpg"
    with open(photo, "wb") as file:
        file.write(jpeg())
    with open(photo + b".xmp", "wb") as file:
        file.write(xmp(bag("dc:subject", "sea")))
    assert read_photo_facts(photo).keywords == ("sea",)


def test_what_is_no_sidecar_does_no_harm(tmp_path: Path) -> None:
    photo = write(tmp_path / "IMG.jpg")
    (tmp_path / "IMG.jpg.xmp").mkdir()
    os.mkfifo(tmp_path / "IMG.xmp")
    (tmp_path / "IMG.jpg.json").symlink_to("nowhere")
    with open(tmp_path / "IMG.jpg.supplemental-metadata.json", "wb") as file:
        file.truncate(50_000_000)
    assert read(photo).keywords == ()


def test_a_sidecar_that_came_just_now_is_seen(tmp_path: Path) -> None:
    photo = write(tmp_path / "IMG.jpg")
    for word in ("one", "two", "three"):
        for name in ("IMG.xmp", "IMG.jpg.xmp"):
            (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / ("IMG.xmp" if word == "two" else "IMG.jpg.xmp")).write_bytes(xmp(bag("dc:subject", word)))
        assert read(photo).keywords == (word,)


def test_many_photos_in_a_directory_cost_no_more_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[bytes] = []
    listdir = os.listdir
    for n in range(50):
        write(tmp_path / f"{n}.jpg")
    os.utime(tmp_path, (1, 1))

    def counted(path: bytes) -> list[bytes]:
        listed.append(path)
        return listdir(path)

    monkeypatch.setattr(os, "listdir", counted)
    for n in range(50):
        read(tmp_path / f"{n}.jpg")
    assert len(listed) == 1
