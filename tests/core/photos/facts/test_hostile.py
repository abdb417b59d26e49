"""What is damaged, absurd or hostile costs what it would have said: never the photo, never long."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photofind.core.photos.facts.said import Said
from photofind.core.photos.facts.takeout import read_takeout
from photofind.core.photos.facts.xmp_words import read_xmp
from photofind.core.records.decoded import Metadata
from tests.core.photos.facts.made import bag, exif, facts, iptc, jpeg, xmp
from tests.core.photos.facts.test_words import IN_FILES, PACKET, gif

DATED = exif(details={0x9003: "2007:06:30 18:45:17"})
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
GOOD = xmp(bag("dc:subject", "sea"))


def around(before: str, inside: str) -> bytes:
    return GOOD.replace(b"<x:xmpmeta", f"{before}<x:xmpmeta".encode()).replace(b"sea", inside.encode())


HOSTILE = {
    "a billion laughs": around(f"{LAUGHS}]>", "&i;"),
    "laughs within": GOOD.replace(b"<rdf:RDF", f"{LAUGHS}]><rdf:RDF".encode()).replace(b"sea", b"&i;"),
    "an entity of a file": around('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;"),
    "an entity of a network": around('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', "&a;"),
    "deep nesting": GOOD.replace(b"sea", b"<a>" * 100_000 + b"</a>" * 100_000),
    "many elements": GOOD.replace(b"sea", b"<a/>" * 200_000),
    "cut off": GOOD[:-150],
    "cut off within a letter": xmp(bag("dc:subject", "ü"))[: xmp(bag("dc:subject", "ü")).index("ü".encode()) + 1],
    "no XML": b"\x00\x01<<<>>>&&&" * 100,
    "nothing": b"",
}


@pytest.mark.parametrize("packet", HOSTILE.values(), ids=HOSTILE)
def test_hostile_xmp_costs_its_words_and_no_time(packet: bytes) -> None:
    start = time.process_time()
    said = read_xmp(packet)
    assert said.keywords in ([], [""])
    assert "root:" not in str(said)
    assert time.process_time() - start < 3
    if len(packet) < 60_000:
        assert facts(jpeg(DATED, packet)).taken == "2007-06-30T18:45:17"


def test_fifty_megabytes_of_xmp_are_not_read() -> None:
    packet = GOOD.replace(b"sea", b"x" * 50_000_000)
    start = time.process_time()
    assert read_xmp(packet).keywords == []
    assert time.process_time() - start < 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("has_mark", [True, False])
def test_xmp_in_utf_16_is_read(encoding: str, has_mark: bool) -> None:
    text = xmp(bag("dc:subject", "Grüße")).decode()
    text = text if has_mark else text[text.index("<x:xmpmeta") :]
    assert read_xmp(text.encode(encoding)).keywords == ["Grüße"]


@pytest.mark.parametrize("declared", ["utf-8", "utf-16", "iso-8859-1", "no-such-encoding"])
def test_what_xmp_says_of_its_encoding_is_not_believed(declared: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>' + xmp(bag("dc:subject", "Grüße")).decode()
    assert read_xmp(text.encode()).keywords == ["Grüße"]
    assert read_xmp(text.replace("\ufeff", "").encode("latin-1")).keywords == ["Grüße"]


def test_signs_that_no_xml_may_have_are_read_over() -> None:
    assert read_xmp(xmp(bag("dc:subject", "sea\x01side")) + b"\0" * 2_000).keywords == ["sea side"]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b"\xff\xfe",
        b"NaN",
        b'{"people": 7, "geoData": [], "photoTakenTime": {"timestamp": "soon"}}',
        b'{"photoTakenTime": {"timestamp": 1e400}, "geoData": {"latitude": 1e999, "longitude": null}}',
        b'{"photoTakenTime": {"timestamp": 1%s}, "geoData": {"latitude": -1%s, "longitude": 0}}'
        % (b"0" * 400, b"0" * 400),
    ],
)
def test_senseless_json_says_nothing(document: bytes) -> None:
    said = read_takeout(document)
    assert (said.dates, said.people, said.position, said.captions) == ({}, [], None, [])


NUMBERS = st.sampled_from([10**400, -(10**400), 1e308, -1e308, 1 << 63, True]) | st.integers() | st.floats()
VALUES = NUMBERS | st.none() | st.text(max_size=5) | st.just("\ud800")
NESTED = VALUES | st.lists(VALUES, max_size=3) | st.dictionaries(st.sampled_from(["name", "timestamp"]), VALUES)


@given(NESTED, NESTED, st.dictionaries(st.sampled_from(["latitude", "longitude"]), NESTED), NESTED)
def test_no_json_does_harm(time: object, people: object, place: object, caption: object) -> None:
    document = {"photoTakenTime": time, "people": [people, {"name": people}], "geoData": place, "description": caption}
    assert isinstance(read_takeout(json.dumps(document).encode()), Said)


def test_words_are_bounded() -> None:
    words = [f"{n} {'x' * 500}" for n in range(2_000)]
    read = facts(jpeg(records=iptc(*((2, 25, word.encode()) for word in words[:60]), (2, 120, b"y" * 30_000))))
    assert max(map(len, read.keywords)) <= 200
    assert read.caption is not None
    assert len(read.caption) <= 4_000


def test_absurd_numbers_in_exif_cost_themselves() -> None:
    details: dict[int, object] = {0x829D: 1e9, 0x829A: 0.0, 0x8827: 0, 0x920A: 1e8, 0x9003: "2007:06:30 18:45:17"}
    read = facts(jpeg(exif(place={1: "N", 2: (400.0, 0.0, 0.0), 3: "E", 4: (10.0, 0.0, 0.0)}, details=details)))
    assert (read.aperture, read.shutter, read.iso, read.focal_length, read.latitude) == (None,) * 5
    assert read.taken == "2007-06-30T18:45:17"


@pytest.mark.parametrize("kind", IN_FILES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damage_to_a_head_does_harm(kind: str, data: st.DataObject) -> None:
    content = bytearray(IN_FILES[kind]())
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for damaged in (bytes(content), bytes(content[:cut])):
        assert isinstance(facts(damaged, b"photo.jpg"), Metadata)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 20_000), st.binary(max_size=40))
def test_no_damage_to_a_gif_does_harm(at: int, noise: bytes) -> None:
    content = gif()
    at %= len(content)
    assert isinstance(facts(content[:at] + noise + content[at + len(noise) :]), Metadata)


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(content: bytes) -> None:
    for head in (
        b"",
        b"\xff\xd8\xff\xe1",
        b"II*\0\x08\0\0\0",
        b"MM\0+",
        b"\0\0\0\x18ftypheic",
        b"8BPS",
        b"GIF89a",
        b"\0MRM",
    ):
        assert isinstance(facts(head + content), Metadata)


def test_a_packet_is_read_once_however_often_it_is_there() -> None:
    assert facts(jpeg(packet=PACKET, records=iptc((2, 25, b"Lighthouse")))).keywords == ("Lighthouse", "Grüße")
