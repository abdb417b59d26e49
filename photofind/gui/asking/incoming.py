"""What a drop or a paste means: words, a picture to search by, folders to watch, or a clear no.

Here are no widgets. Files are told apart by name alone: their bytes are opened in the child
process that decodes them, never here.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMimeData
from PySide6.QtGui import QClipboard, QGuiApplication, QImage

from photofind.core.disk.scan import is_photo_name
from photofind.core.records.names import display_name
from photofind.gui.asking.addresses import (
    Address,
    Elsewhere,
    Here,
    Inline,
    has_addresses,
    listed_addresses,
    written_addresses,
)
from photofind.gui.asking.pasted_picture import MOST_BYTES, has_picture, has_words, read_picture, read_words
from photofind.gui.desktop import disk

translate = QCoreApplication.translate

# Set on what is dragged out of our own grid, so that it can be dropped on the search bar: the photo's id, and which
# library that is in.
PHOTO_ID_FORMAT = "application/x-photofind-photo-id"


@dataclass(frozen=True, slots=True)
class Words:
    """Text to search for."""

    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to search by: a file or the bytes of one; `ignored` pictures came with it."""

    source: Path | bytes
    name: str
    preview: QImage | None = None
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class OwnPhoto:
    """A photo of the library, dragged out of our own grid."""

    photo_id: int


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders to watch."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing photofind can use, and why in one sentence."""

    sentence: str


Incoming = Words | Picture | OwnPhoto | Folders | Refusal


def clipboard_content(mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> QMimeData:
    """Return what was copied, or what is selected where there is such a clipboard."""
    # A system without a clipboard, or an empty one, may give None, whatever Qt's types say. Where the program that was
    # copied from hangs, no form is named, and each further question would wait for it for five seconds.
    content = QGuiApplication.clipboard().mimeData(mode)
    return content if content is not None and content.formats() else QMimeData()


def may_hold_anything(mime: QMimeData) -> bool:
    """Tell, without reading it, whether what is dragged may hold what can be acted on."""
    is_said = mime.hasText() or mime.hasHtml()
    return is_said or mime.hasFormat(PHOTO_ID_FORMAT) or has_picture(mime) or has_addresses(mime)


def read_drop(mime: QMimeData, library: str = "") -> Incoming:
    """Return what was dropped or pasted on the window of a library."""
    if mime.hasFormat(PHOTO_ID_FORMAT):
        photo = _own_photo(bytes(mime.data(PHOTO_ID_FORMAT).data()), library)
        if photo is not None:
            return photo
        if len(mime.formats()) == 1:
            return Refusal(translate("incoming", "That photo is of another library, and is not there now."))
    addresses = listed_addresses(mime) or written_addresses(mime.text())
    usable = _read_usable(addresses)
    if usable is not None:
        return usable
    if has_picture(mime) and (addresses or not has_words(mime)):
        return _read_picture(mime)
    if addresses and not all(isinstance(address, Here) for address in addresses):
        return _refuse(addresses)
    words = read_words(mime)
    return Words(words) if words else _refuse_empty(mime)


def read_paste(mime: QMimeData) -> Incoming | None:
    """Return what was pasted into the search field, or None where it is text to be typed."""
    incoming = read_drop(mime)
    is_text_alone = not listed_addresses(mime) and not has_picture(mime)
    is_web = any(isinstance(address, Elsewhere) and address.kind == "web" for address in written_addresses(mime.text()))
    is_words = isinstance(incoming, Words) and bool(mime.text().strip())
    is_typed = is_words or (isinstance(incoming, Refusal) and is_web and is_text_alone)
    return None if is_typed else incoming


def name_library(directory: Path) -> str:
    """Return what tells a library from others, and nothing else about it, to whom its photos are dragged."""
    return hashlib.sha256(disk.real_path(os.fsencode(directory))).hexdigest()[:20]


def mark_photo(photo_id: int, library: str) -> bytes:
    """Return the content of `PHOTO_ID_FORMAT` for a photo of a library."""
    return f"{photo_id} {library}".strip().encode("ascii")


def read_paths(paths: list[Path]) -> Incoming:
    """Return what paths given by name mean: folders to watch, or the first picture among them."""
    kinds = disk.kinds_of(paths)
    if kinds[0] is not None:  # the disk answers, these are only too many to wait for
        kinds = [kind or "file" for kind in kinds]
    found = list(zip(paths, kinds, strict=True))
    folders = tuple(path for path, kind in found if _may_be_folder(path, kind))
    if folders:
        return Folders(folders)
    pictures = [path for path, kind in found if _may_be_picture(path, kind)]
    if pictures:
        return Picture(pictures[0], _name(pictures[0]), ignored=len(pictures) - 1)
    first, kind = found[0]
    if kind == "nothing":
        text = translate("incoming", "“{name}” is not there; it may have been moved.")
    else:
        text = translate("incoming", "“{name}” is not a picture that photofind can read.")
    return Refusal(text.format(name=_name(first)))


def _own_photo(mark: bytes, library: str) -> OwnPhoto | None:
    """Return the photo that a mark names, None where it is one of another library; a mark may name none."""
    photo_id, _, of = mark.decode("ascii", "replace").partition(" ")
    return OwnPhoto(int(photo_id)) if photo_id.isdecimal() and of in ("", library) else None


def _read_usable(addresses: list[Address]) -> Incoming | None:
    """Return what those addresses mean that photofind can use, if there are any."""
    here = [address for address in addresses if isinstance(address, Here)]
    if here and not (all(address.is_bare for address in here) and not _is_any_there(here)):
        return read_paths([address.path for address in here])
    contents = [address.content for address in addresses if isinstance(address, Inline) and address.content]
    if contents:
        return _as_picture(contents[0], None, ignored=len(contents) - 1)
    return None


def _refuse(addresses: list[Address]) -> Refusal:
    """Say why nothing can be done with addresses of which none is of this computer."""
    match next(address for address in addresses if not isinstance(address, Here)):
        case Elsewhere("web"):
            sentence = translate(
                "incoming", "photofind does not fetch from the web. Save the picture and drop the file."
            )
        case Elsewhere("blob"):
            sentence = translate(
                "incoming",
                "This address means something only to the browser it is from. Copy the picture there instead of its "
                "address, or save it and drop the file.",
            )
        case Elsewhere("network", name):
            text = translate(
                "incoming",
                "“{name}” is on another computer, and photofind asks no other. Copy it to this one, or open it from a "
                "drive of this computer.",
            )
            sentence = text.format(name=_shown(name))
        case Elsewhere("place", name):
            text = translate("incoming", "“{name}” cannot be opened where it is. Copy it to a folder of this computer.")
            sentence = text.format(name=_shown(name))
        case _:
            sentence = translate("incoming", "The address holds no picture that photofind can read.")
    return Refusal(sentence)


def _refuse_empty(mime: QMimeData) -> Refusal:
    """Say why nothing can be done with what holds nothing: a colour, a page without words, an empty clipboard."""
    if mime.formats():
        return Refusal(translate("incoming", "This holds neither words nor a picture that photofind can read."))
    return Refusal(translate("incoming", "Nothing was copied, or the program it was copied from does not answer."))


def _read_picture(mime: QMimeData) -> Incoming:
    picture = read_picture(mime)
    if picture is None:
        return Refusal(translate("incoming", "The picture could not be read. Save it as a file and drop the file."))
    return _as_picture(*picture)


def _as_picture(content: bytes, preview: QImage | None, ignored: int = 0) -> Incoming:
    if len(content) > MOST_BYTES:
        return Refusal(translate("incoming", "The picture is too large for this. Save it as a file and drop the file."))
    return Picture(content, translate("incoming", "the pasted picture"), preview, ignored)


def _may_be_folder(path: Path, kind: disk.Kind | None) -> bool:
    """Tell whether to take a path for a folder; of one whose disk does not answer, its name tells."""
    return kind == "folder" or (kind is None and not is_photo_name(os.fsencode(path.name)))


def _may_be_picture(path: Path, kind: disk.Kind | None) -> bool:
    """Tell by name; a file without a suffix gets the benefit of the doubt."""
    return kind in ("file", None) and (not path.suffix or is_photo_name(os.fsencode(path.name)))


def _is_any_there(addresses: list[Here]) -> bool:
    return any(kind != "nothing" for kind in disk.kinds_of([address.path for address in addresses]))


def _name(path: Path) -> str:
    return _shown(path.name)


def _shown(name: str) -> str:
    return display_name(os.fsencode(name))
