"""What programs write into photos in words, wherever they put it; and what cameras write there, which is no words."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from photofind.core.photos.facts.reading import read_facts
from photofind.core.records.decoded import Metadata
from tests.core.photos.facts.made import bag, box, exif, facts, heic, iptc, jpeg, resources, segment, xmp

DESCRIPTION, COMMENT, RATING, PERCENTAGE = 0x010E, 0x9286, 0x4746, 0x4749
XP_TITLE, XP_COMMENT, XP_KEYWORDS, XP_SUBJECT = 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F
PACKET = xmp(
    bag("dc:subject", "Lighthouse", "Grüße"),
    bag("dc:title", "The title", kind="Alt"),
    bag("dc:description", "The caption", kind="Alt"),
    attributes='photoshop:City="Oslo" xmp:Rating="4" exif:DateTimeOriginal="2007-06-30T18:45:17.25+02:00"',
)
WRITTEN = exif({0x010F: "Maker", 0x0110: "One"}, {0x829D: 2.8, 0x829A: 0.004, 0x8827: 200, 0x920A: 35.0})


def wide(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


def png(**chunks: bytes) -> bytes:
    out, info = io.BytesIO(), PngImagePlugin.PngInfo()
    if "xmp" in chunks:
        info.add_itxt("XML:com.adobe.xmp", chunks["xmp"].decode(), zip=True)
    Image.new("RGB", (60, 40)).save(out, "PNG", pnginfo=info, exif=WRITTEN)
    return out.getvalue()


def saved(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40)).save(out, kind, exif=WRITTEN, xmp=PACKET)
    return out.getvalue()


def tiff() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40)).save(out, "TIFF", exif=WRITTEN, tiffinfo={700: PACKET, 0x010F: "Maker", 0x0110: "One"})
    return out.getvalue()


def psd() -> bytes:
    blocks = b"".join(
        b"8BIM" + struct.pack(">HHI", number, 0, len(block)) + block + b"\0" * (len(block) & 1)
        for number, block in ((0x0424, PACKET), (0x0422, WRITTEN.tobytes()[6:]))
    )
    return b"8BPS\0\1" + bytes(20) + struct.pack(">II", 0, len(blocks)) + blocks


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (4, 4)).save(out, "GIF")
    content, trailer = out.getvalue(), b"\1" + bytes(range(255, -1, -1)) + b"\0"
    at = 13 + 3 * 2 ** ((content[10] & 7) + 1)
    return content[:at] + b"\x21\xff\x0bXMP DataXMP" + PACKET + trailer + content[at:]


IN_FILES: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: jpeg(WRITTEN, PACKET),
    "png": lambda: png(xmp=PACKET),
    "webp": lambda: saved("WEBP"),
    "tiff": tiff,
    "psd": psd,
    "heic": lambda: heic(WRITTEN.tobytes()[6:], PACKET),
    "avif": lambda: heic(WRITTEN.tobytes()[6:], PACKET, b"avif"),
}


@pytest.mark.parametrize("kind", IN_FILES)
def test_exif_and_xmp_are_read_in_every_kind_of_file(kind: str) -> None:
    read = facts(IN_FILES[kind]())
    assert read.kind == kind
    assert (read.taken, read.zone) == ("2007-06-30T18:45:17.25", "+02:00")
    assert (read.title, read.caption, read.rating) == ("The title", "The caption", 4)
    assert read.keywords == ("Lighthouse", "Grüße")
    assert read.places == ("Oslo",)
    if kind != "tiff":  # Pillow writes none into it
        assert (read.aperture, read.shutter, read.iso, read.focal_length) == (2.8, 0.004, 200, 35)
    assert read.camera == "Maker One"


def test_xmp_in_a_gif_is_read() -> None:
    read = facts(gif())
    assert (read.kind, read.title, read.keywords) == ("gif", "The title", ("Lighthouse", "Grüße"))


def test_a_packet_too_long_for_a_segment_is_read() -> None:
    words = [f"word{n}" for n in range(9_000)]
    packet = xmp(bag("dc:subject", *words[:280]), *(f"<!-- {word * 10} -->" for word in words))
    parts = [packet[start : start + 60_000] for start in range(0, len(packet), 60_000)]
    name = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">I", len(packet))
    segments = [segment(0xE1, name + struct.pack(">I", n * 60_000) + part) for n, part in enumerate(parts)]
    assert facts(jpeg(before=segments)).keywords == tuple(words[:280])


# As each program writes it


@pytest.mark.parametrize(
    ("packet", "keywords", "people"),
    [
        (xmp(bag("dc:subject", "sea", "Sea", "sun")), ("sea", "sun"), ()),
        (xmp(attributes='dc:subject="sea; sun, sand"'), ("sea", "sun", "sand"), ()),
        (
            xmp(
                '<dc:subject><rdf:Bag><rdf:li rdf:parseType="Resource"><rdf:value>sea</rdf:value></rdf:li>'
                "<rdf:li><rdf:Description><rdf:value>sun</rdf:value></rdf:Description></rdf:li></rdf:Bag></dc:subject>"
            ),
            ("sea", "sun"),
            (),
        ),
        (xmp(bag("lr:hierarchicalSubject", "Places|Norway|Oslo")), ("Places", "Norway", "Oslo"), ()),
        (xmp(bag("digiKam:TagsList", "People/Anna", kind="Seq")), ("People", "Anna"), ("Anna",)),
        (xmp(bag("lr:hierarchicalSubject", "Personen|Familie|Anna")), ("Personen", "Familie", "Anna"), ("Anna",)),
        (xmp(bag("MicrosoftPhoto:LastKeywordXMP", "Norway/Oslo")), ("Norway", "Oslo"), ()),
        (xmp(bag("mediapro:CatalogSets", "Norway|Oslo")), ("Norway", "Oslo"), ()),
        (
            xmp(
                attributes='acdsee:categories="&lt;Categories&gt;&lt;Category Assigned=&quot;1&quot;&gt;Oslo'
                '&lt;/Category&gt;&lt;/Categories&gt;"'
            ),
            ("Oslo",),
            (),
        ),
        (xmp(bag("Iptc4xmpExt:PersonInImage", "Anna", "Ben")), (), ("Anna", "Ben")),
    ],
)
def test_keywords_and_people_are_read_as_each_program_writes_them(
    packet: bytes, keywords: tuple[str, ...], people: tuple[str, ...]
) -> None:
    read = facts(jpeg(packet=packet))
    assert (read.keywords, read.people) == (keywords, people)


@pytest.mark.parametrize(
    "region",
    [
        '<rdf:li mwg-rs:Name="Anna" mwg-rs:Type="Face"/>',
        '<rdf:li><rdf:Description mwg-rs:Name="Anna" mwg-rs:Type="Face"/></rdf:li>',
        '<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Anna</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type></rdf:li>',
        '<rdf:li mwg-rs:Name="Anna" mwg-rs:Type="Pet"/>',
    ],
)
def test_faces_that_were_marked_are_people_and_what_the_camera_focused_on_is_not(region: str) -> None:
    focus = '<rdf:li mwg-rs:Name="AF point" mwg-rs:Type="Focus"/>'
    regions = f'<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>{region}{focus}</rdf:Bag>'
    assert facts(jpeg(packet=xmp(regions + "</mwg-rs:RegionList></mwg-rs:Regions>"))).people == ("Anna",)


def test_faces_of_windows_are_people() -> None:
    region = (
        '<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag><rdf:li MPReg:PersonDisplayName="Anna" '
        'MPReg:Rectangle="0.1, 0.1, 0.2, 0.2"/></rdf:Bag></MPRI:Regions></MP:RegionInfo>'
    )
    assert facts(jpeg(packet=xmp(region))).people == ("Anna",)


def test_what_windows_writes_into_exif_is_read() -> None:
    said = {
        XP_TITLE: wide("Title"),
        XP_COMMENT: wide("Caption"),
        XP_KEYWORDS: wide("sea;sun"),
        XP_SUBJECT: wide("More"),
    }
    read = facts(jpeg(exif(dict(said))))
    assert (read.title, read.caption, read.keywords, read.also) == ("Title", "Caption", ("sea", "sun"), ("More",))


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (iptc((1, 90, b"\x1b%G"), (2, 25, "Grüße".encode()), (2, 25, b"sea")), ("Grüße", "sea")),
        (iptc((2, 25, "Grüße".encode("latin-1")), (2, 25, b"sea")), ("Grüße", "sea")),
        (iptc((2, 25, "Grüße".encode())), ("Grüße",)),
    ],
)
def test_iptc_is_read_in_the_encoding_that_it_names_or_has(records: bytes, words: tuple[str, ...]) -> None:
    assert facts(jpeg(records=records)).keywords == words


def test_iptc_says_title_caption_and_place() -> None:
    records = iptc((2, 5, b"Title"), (2, 120, b"Caption"), (2, 90, b"Oslo"), (2, 101, b"Norway"), (2, 105, b"Headline"))
    read = facts(jpeg(records=records))
    assert (read.title, read.caption, read.places) == ("Title", "Caption", ("Oslo", "Norway"))
    assert read.also == ("Headline",)


@pytest.mark.parametrize(
    "junk", [b"SONY DSC", b"OLYMPUS DIGITAL CAMERA         ", b"SANYO DIGITAL CAMERA", b"DCIM\\100MEDIA\\DJI_0042.JPG"]
)
def test_what_a_camera_writes_is_no_caption(junk: bytes) -> None:
    assert facts(jpeg(exif({DESCRIPTION: junk.decode()}))).caption is None
    assert facts(jpeg(exif(details={COMMENT: b"ASCII\0\0\0" + junk}))).caption is None


@pytest.mark.parametrize(
    "comment",
    [
        b"ASCII\0\0\0At the harbour",
        b"UNICODE\0" + "At the harbour".encode("utf-16-le"),
        b"UNICODE\0" + "At the harbour".encode("utf-16-be"),
        b"\0\0\0\0\0\0\0\0At the harbour\0\0",
    ],
)
def test_a_comment_is_read_in_its_encoding(comment: bytes) -> None:
    assert facts(jpeg(exif(details={COMMENT: comment}))).caption == "At the harbour"


@pytest.mark.parametrize(
    ("content", "stars"),
    [
        (jpeg(packet=xmp(attributes='xmp:Rating="3"')), 3),
        (jpeg(packet=xmp(attributes='xmp:Rating="-1"')), -1),
        (jpeg(packet=xmp(attributes='xmp:Rating="0"')), None),
        (jpeg(packet=xmp(attributes='xmp:Rating="1e9"')), None),
        (jpeg(packet=xmp(attributes='MicrosoftPhoto:Rating="75"')), 4),
        (jpeg(exif({RATING: 5})), 5),
        (jpeg(exif({PERCENTAGE: 25})), 2),
    ],
)
def test_stars_are_read(content: bytes, stars: int | None) -> None:
    assert facts(content).rating == stars


def test_texts_in_a_png_are_read() -> None:
    out, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Title", "The title")
    info.add_itxt("Description", "Die Größe")
    Image.new("RGB", (4, 4)).save(out, "PNG", pnginfo=info)
    read = facts(out.getvalue())
    assert (read.title, read.caption) == ("The title", "Die Größe")


def test_the_town_of_a_place_is_said() -> None:
    read = facts(jpeg(exif(place={1: "N", 2: (59.0, 54.0, 50.0), 3: "E", 4: (10.0, 45.0, 8.0)})))
    assert "Oslo" in read.places
    assert read.latitude == pytest.approx(59.9139, abs=1e-3)


# What kind of photo it is


def test_a_screenshot_of_a_telephone_says_so() -> None:
    assert facts(jpeg(exif(details={COMMENT: b"ASCII\0\0\0Screenshot"}))).traits == ("screenshot",)


@pytest.mark.parametrize(
    ("name", "traits"),
    [
        ("Screenshot from 2024-01-05 10-11-12.png", ("screenshot",)),
        ("Bildschirmfoto 2024-01-05 um 10.11.12.png", ("screenshot",)),
        ("Screenshots/IMG_0042.jpg", ("screenshot",)),
        ("screen door.jpg", ()),
        ("IMG_0042.jpg", ()),
    ],
)
def test_screenshots_are_told_by_their_names(name: str, traits: tuple[str, ...]) -> None:
    assert facts(jpeg(), name.encode()).traits == traits


def test_a_raw_file_is_one_whatever_it_carries() -> None:
    read = facts(tiff(), b"/photos/IMG_0042.CR2")
    assert (read.kind, read.traits) == ("cr2", ("raw",))
    assert facts(jpeg(), b"/photos/IMG_0042.CR2").kind == "jpeg"


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize("frames", [1, 3])
def test_animations_are_told(kind: str, frames: int) -> None:
    out = io.BytesIO()
    pictures = [Image.new("RGB", (40, 40), (80 * n, 9, 9)) for n in range(frames)]
    pictures[0].save(out, kind, save_all=True, append_images=pictures[1:])
    assert facts(out.getvalue()).traits == (("animated",) if frames > 1 else ())


def test_a_file_that_says_nothing_says_its_kind() -> None:
    assert facts(jpeg()) == Metadata(kind="jpeg")
    assert facts(b"P5 1 1 255 x", b"a.PGM") == Metadata(kind="pgm")
    assert facts(resources(b"")) == Metadata()


# Cameras' own formats


def tiff_block() -> bytes:
    return exif({0x010F: "Maker", 0x0110: "One"}, {0x9003: "2007:06:30 18:45:17", 0x829D: 2.8}).tobytes()[6:]


def test_the_parts_of_a_cr3_are_read() -> None:
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    adobe = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    place = exif({1: "N", 2: (59.0, 54.0, 50.0), 3: "E", 4: (10.0, 45.0, 8.0)}).tobytes()[6:]
    original = exif({0x9003: "2007:06:30 18:45:17"}).tobytes()[6:]
    camera = exif({0x010F: "Canon", 0x0110: "Canon EOS R5"}).tobytes()[6:]
    parts = box(b"CMT1", camera), box(b"CMT2", original), box(b"CMT4", place)
    content = box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", box(b"uuid", canon, *parts))
    read = facts(content + box(b"uuid", adobe, xmp(bag("dc:subject", "sea"))), b"IMG.CR3")
    assert (read.kind, read.traits, read.keywords) == ("cr3", ("raw",), ("sea",))
    assert (read.taken, read.camera) == ("2007-06-30T18:45:17", "Canon EOS R5")
    assert read.latitude == pytest.approx(59.9139, abs=1e-3)


def test_the_preview_of_a_raf_is_read() -> None:
    preview = jpeg(exif({0x010F: "FUJIFILM"}, {0x9003: "2007:06:30 18:45:17"}))
    content = b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0") + struct.pack(">II", 200, len(preview))
    read = facts(content.ljust(200, b"\0") + preview, b"IMG.RAF")
    assert (read.taken, read.camera, read.kind) == ("2007-06-30T18:45:17", "FUJIFILM", "raf")


def test_the_head_of_an_mrw_is_read() -> None:
    blocks = b"\0PRD" + struct.pack(">I", 4) + b"1234" + b"\0TTW" + struct.pack(">I", len(tiff_block())) + tiff_block()
    read = facts(b"\0MRM" + struct.pack(">I", len(blocks)) + blocks, b"IMG.MRW")
    assert (read.taken, read.aperture, read.kind) == ("2007-06-30T18:45:17", 2.8, "mrw")


@pytest.mark.parametrize("magic", [b"IIRO", b"IIRS", b"IIU\0", b"II*\0"])
def test_raw_files_that_are_tiffs_by_another_name_are_read(magic: bytes) -> None:
    block = exif({0x010F: "Maker"}, {0x9003: "2007:06:30 18:45:17"}).tobytes()[6:]
    little = block if block[:2] == b"II" else tiff()
    read = facts(magic + little[4:], b"IMG.ORF")
    assert read.camera is not None
    assert read.kind == "orf"


def test_tags_at_the_end_of_a_large_file_are_read_without_the_rest(tmp_path: Path) -> None:
    entries = struct.pack("<HHHII", 1, 0x0110, 2, 4, int.from_bytes(b"One\0", "little"))
    size = 400_000_000
    with open(tmp_path / "IMG.NEF", "wb") as file:
        file.write(b"II*\0" + struct.pack("<I", size))
        file.truncate(size)
        file.seek(size)
        file.write(entries + b"\0\0\0\0")
    with open(tmp_path / "IMG.NEF", "rb") as file:
        start = time.process_time()
        assert read_facts(file, b"IMG.NEF").camera == "One"
        assert time.process_time() - start < 0.5


@pytest.mark.parametrize("written", [b"sea; sun,sand", b"sea;sun;sand"])
def test_iptc_may_have_all_keywords_in_one(written: bytes) -> None:
    assert facts(jpeg(records=iptc((2, 25, written)))).keywords == ("sea", "sun", "sand")
    assert facts(jpeg(records=iptc((2, 25, b"Paris, France"), (2, 25, b"sun")))).keywords == ("Paris, France", "sun")
