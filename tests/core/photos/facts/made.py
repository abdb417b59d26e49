"""Pictures with something to say, made as programs and cameras write them."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

from PIL import ExifTags, Image

from photofind.core.photos.facts.reading import read_facts
from photofind.core.records.decoded import Metadata

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "mediapro": "http://ns.iview-multimedia.com/mediapro/1.0/",
    "acdsee": "http://ns.acdsee.com/iptc/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}


def xmp(*properties: str, attributes: str = "") -> bytes:
    """Return a packet with these properties."""
    spaces = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in NAMESPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF {spaces}><rdf:Description rdf:about="" {attributes}>{"".join(properties)}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def bag(name: str, *values: str, kind: str = "Bag") -> str:
    """Return a property that is a list."""
    items = "".join(f"<rdf:li>{value}</rdf:li>" for value in values)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"


def iptc(*records: tuple[int, int, bytes]) -> bytes:
    return b"".join(struct.pack(">BBBH", 0x1C, record, number, len(value)) + value for record, number, value in records)


def resources(records: bytes) -> bytes:
    """Return IPTC as Photoshop puts it into a file."""
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + records + b"\0" * (len(records) & 1)


def exif(
    main: dict[int, object] | None = None,
    details: dict[int, object] | None = None,
    place: dict[int, object] | None = None,
) -> Image.Exif:
    made = Image.Exif()
    made.update(main or {})
    made.get_ifd(ExifTags.IFD.Exif).update(details or {})
    made.get_ifd(ExifTags.IFD.GPSInfo).update(place or {})
    return made


def jpeg(
    says: Image.Exif | None = None, packet: bytes = b"", records: bytes = b"", before: Sequence[bytes] = ()
) -> bytes:
    """Return a JPEG; `before` are segments to come first."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "olive").save(out, "JPEG", **({} if says is None else {"exif": says}))
    content = out.getvalue()
    segments = list(before)
    if packet:
        segments.append(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet))
    if records:
        segments.append(segment(0xED, b"Photoshop 3.0\0" + resources(records)))
    return content[:2] + b"".join(segments) + content[2:]


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def box(kind: bytes, *content: bytes) -> bytes:
    whole = b"".join(content)
    return struct.pack(">I4s", len(whole) + 8, kind) + whole


def heic(block: bytes, packet: bytes, brand: bytes = b"heic") -> bytes:
    """Return the boxes of a HEIC without pixels; `block` is EXIF that begins like a TIFF."""
    items = [(1, b"Exif", b""), (2, b"mime", b"application/rdf+xml\0")]
    contents = [struct.pack(">I", 6) + b"Exif\0\0" + block, packet]
    head = box(b"ftyp", brand + b"\0\0\0\0mif1" + brand)

    def meta(start: int) -> bytes:
        entries = [box(b"infe", struct.pack(">IHH", 2 << 24, i, 0) + kind + b"\0" + more) for i, kind, more in items]
        iinf = box(b"iinf", struct.pack(">IH", 0, len(items)), *entries)
        places, at = [], start
        for (i, _, _), content in zip(items, contents, strict=True):
            places.append(struct.pack(">HHHII", i, 0, 1, at, len(content)))
            at += len(content)
        iloc = box(b"iloc", struct.pack(">IBBH", 0, 0x44, 0, len(items)), *places)
        return box(b"meta", b"\0\0\0\0", iinf, iloc)

    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", *contents)


def facts(content: bytes, path: bytes | None = None, mtime_ns: int | None = None) -> Metadata:
    return read_facts(io.BytesIO(content), path, mtime_ns)
