"""What the properties of an XMP packet mean, as the programs that write them have it."""

from __future__ import annotations

import re
from typing import Final

from photofind.core.photos.facts.dates import When, exact, read_date
from photofind.core.photos.facts.exif import is_no_caption
from photofind.core.photos.facts.said import Said, as_camera, as_number, as_percentage, as_position, as_rating
from photofind.core.photos.facts.xmp import Packet, field
from photofind.core.records.facts import TakenFrom

_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_XMP: Final = "{http://ns.adobe.com/xap/1.0/}"
_MM: Final = "{http://ns.adobe.com/xap/1.0/sType/ResourceEvent#}"
_EXIF: Final = "{http://ns.adobe.com/exif/1.0/}"
_EXIF_EX: Final = "{http://cipa.jp/exif/1.0/}"
_AUX: Final = "{http://ns.adobe.com/exif/1.0/aux/}"
_TIFF: Final = "{http://ns.adobe.com/tiff/1.0/}"
_PHOTOSHOP: Final = "{http://ns.adobe.com/photoshop/1.0/}"
_LIGHTROOM: Final = "{http://ns.adobe.com/lightroom/1.0/}"
_DIGIKAM: Final = "{http://www.digikam.org/ns/1.0/}"
_WINDOWS: Final = ("{http://ns.microsoft.com/photo/1.0/}", "{http://ns.microsoft.com/photo/1.0}")
_WINDOWS_REGION: Final = "{http://ns.microsoft.com/photo/1.2/t/Region#}"
_REGION: Final = "{http://www.metadataworkinggroup.com/schemas/regions/}"
_KEYWORD: Final = "{http://www.metadataworkinggroup.com/schemas/keywords/}"
_MEDIAPRO: Final = "{http://ns.iview-multimedia.com/mediapro/1.0/}"
_ACDSEE: Final = "{http://ns.acdsee.com/iptc/1.0/}"
_ACDSEE_REGION: Final = "{http://ns.acdsee.com/regions/}"
_IPTC: Final = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
_IPTC_EXT: Final = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"

# Trees of keywords, each with what is between its levels.
_TREES: Final = (
    (f"{_LIGHTROOM}hierarchicalSubject", "|"),
    (f"{_DIGIKAM}TagsList", "/"),
    (f"{_WINDOWS[0]}LastKeywordXMP", "/"),
    (f"{_WINDOWS[1]}LastKeywordXMP", "/"),
    (f"{_MEDIAPRO}CatalogSets", "|"),
)
_PLACES: Final = (
    f"{_IPTC}Location",
    f"{_PHOTOSHOP}City",
    f"{_PHOTOSHOP}State",
    f"{_PHOTOSHOP}Country",
    *(f"{_IPTC_EXT}{name}" for name in ("LocationName", "Sublocation", "City", "ProvinceState", "CountryName")),
)
_PEOPLE: Final = (f"{_IPTC_EXT}PersonInImage", f"{_IPTC_EXT}PersonName", f"{_WINDOWS_REGION}PersonDisplayName")
# Regions that are no one: where the camera focused, a code that was read.
_NO_ONE: Final = ("focus", "barcode")
_DEGREES: Final = re.compile(r"(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?\s*([NSEW])$", re.IGNORECASE)


def read_xmp(data: bytes) -> Said:
    """Return what an XMP packet says; nothing where it cannot be read."""
    packet = Packet(data)
    said = Said(
        titles=packet.all(f"{_DC}title", f"{_PHOTOSHOP}Headline", f"{_ACDSEE}caption"),
        captions=[
            text
            for text in packet.all(
                f"{_DC}description", f"{_EXIF}UserComment", f"{_TIFF}ImageDescription", f"{_ACDSEE}notes"
            )
            if not is_no_caption(text)
        ],
        people=[name for name in packet.all(*_PEOPLE) if name] + _regions(packet),
        places=packet.all(*_PLACES),
        also=packet.all(f"{_IPTC}AltTextAccessibility", f"{_IPTC}ExtDescrAccessibility", f"{_IPTC_EXT}Event"),
        tools=packet.all(f"{_XMP}CreatorTool", f"{_TIFF}Software", f"{_MM}softwareAgent"),
        camera=as_camera(packet.first(f"{_TIFF}Make"), packet.first(f"{_TIFF}Model")),
        lens=packet.first(f"{_EXIF_EX}LensModel", f"{_AUX}Lens") or None,
        position=as_position(*(_degrees(packet.first(f"{_EXIF}GPS{name}")) for name in ("Latitude", "Longitude"))),
        rating=as_rating(packet.first(f"{_XMP}Rating"))
        or as_percentage(packet.first(*(f"{space}Rating" for space in _WINDOWS))),
    )
    _add_keywords(packet, said)
    _add_dates(packet, said)
    return said


def _add_keywords(packet: Packet, said: Said) -> None:
    said.list_keywords(packet.all(f"{_DC}subject"))
    said.keywords += packet.all(f"{_PHOTOSHOP}SupplementalCategories", f"{_KEYWORD}Keyword", f"{_ACDSEE}keywords")
    for name, between in _TREES:
        for keyword in packet.all(name):
            said.branch(keyword.split(between))
    for tree in packet.all(f"{_ACDSEE}categories"):  # XML within XML
        said.keywords += [name.strip() for name in re.findall(r">([^<>]+)<", tree) if name.strip()]


def _regions(packet: Packet) -> list[str]:
    """Return the names of people, and of animals, whose faces were marked."""
    found = []
    for node in packet.nodes():
        for space in (_REGION, _ACDSEE_REGION):
            name, kind = field(node, f"{space}Name"), field(node, f"{space}Type")
            if name and kind.lower() not in _NO_ONE:
                found.append(name)
    return found


def _add_dates(packet: Packet, said: Said) -> None:
    def date(*names: str) -> When | None:
        return next((when for name in names if (when := read_date(packet.first(name)))), None)

    original = date(f"{_EXIF}DateTimeOriginal")
    if original:
        fraction = packet.first(f"{_EXIF}SubSecTimeOriginal", f"{_EXIF}SubsecTimeOriginal")
        original = exact(
            original, fraction, packet.first(f"{_EXIF_EX}OffsetTimeOriginal", f"{_EXIF}OffsetTimeOriginal")
        )
    said.date(TakenFrom.XMP, original)
    said.date(TakenFrom.IPTC, date(f"{_PHOTOSHOP}DateCreated"))
    said.date(TakenFrom.CREATED, date(f"{_EXIF}DateTimeDigitized", f"{_XMP}CreateDate"))
    said.date(TakenFrom.GPS, date(f"{_EXIF}GPSTimeStamp", f"{_EXIF}GPSDateTime"))


def _degrees(text: str) -> float | None:
    """Return degrees of a text such as 48,12.34N; None of anything else."""
    found = _DEGREES.match(text)
    if found is None:
        return as_number(text)
    total = int(found[1]) + float(found[2]) / 60 + float(found[3] or 0) / 3600
    return -total if found[4].upper() in "SW" else total
