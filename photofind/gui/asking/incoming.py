"""What a drop or a paste means: words, a picture to search by, folders to watch, or a clear no.

Here are no widgets. Files are told apart by name alone: their bytes are opened in the child
process that decodes them, never here. Pictures that come as pixels (a screenshot, an image
dragged out of a browser) are turned into PNG bytes small enough to be quick.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMimeData, QSize, Qt, QUrl
from PySide6.QtGui import QImage, QPixmap

from photofind.core.disk.scan import is_photo_name
from photofind.core.places import expanded
from photofind.core.records.names import display_name

translate = QCoreApplication.translate

# Set on what is dragged out of our own grid, so that it can be dropped on the search bar.
PHOTO_ID_FORMAT = "application/x-photofind-photo-id"
_PASTED_EDGE = 1024
_LONGEST_PATH = 4096


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


def read_drop(mime: QMimeData) -> Incoming | None:
    """Return what was dropped or pasted, or None where it holds nothing to act on."""
    if mime.hasFormat(PHOTO_ID_FORMAT):
        return OwnPhoto(int(bytes(mime.data(PHOTO_ID_FORMAT).data()).decode("ascii")))
    local = [local_path(url) for url in mime.urls() if url.isLocalFile()]
    if local:
        return read_paths(local)
    if mime.hasImage():
        return _read_image(mime.imageData())
    if mime.urls():
        return _no_web()
    return _read_text(mime.text())


def read_paste(mime: QMimeData) -> Incoming | None:
    """Return what was pasted into the search field, or None where it is text to be typed."""
    incoming = read_drop(mime)
    is_plain_text = mime.hasText() and not mime.hasUrls() and not mime.hasImage()
    return None if is_plain_text and isinstance(incoming, Words | Refusal) else incoming


def read_paths(paths: list[Path]) -> Incoming:
    """Return what paths given by name mean: folders to watch, or the first picture among them."""
    folders = tuple(path for path in paths if path.is_dir())
    if folders:
        return Folders(folders)
    pictures = [path for path in paths if path.exists() and _may_be_picture(path)]
    if pictures:
        return Picture(pictures[0], _name(pictures[0]), ignored=len(pictures) - 1)
    first = paths[0]
    if not first.exists():
        return Refusal(translate("incoming", "{name} is not there; it may have been moved.").format(name=_name(first)))
    return Refusal(translate("incoming", "{name} is not a picture that photofind can read.").format(name=_name(first)))


def local_path(url: QUrl) -> Path:
    """Return a file URL's path, also where the file's name is not text."""
    if os.name == "nt":
        return Path(url.toLocalFile())
    encoded = bytes(url.toEncoded(QUrl.ComponentFormattingOption.FullyEncoded).data())
    return Path(os.fsdecode(unquote_to_bytes(encoded.removeprefix(b"file://").split(b"?")[0].split(b"#")[0])))


def to_png(image: QImage) -> bytes:
    """Return an image as PNG bytes, at most 1024 pixels on its longer edge."""
    if max(image.width(), image.height()) > _PASTED_EDGE:
        image = image.scaled(
            QSize(_PASTED_EDGE, _PASTED_EDGE),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # Quality 100 means the least compression: fast, and the bytes stay on this computer.
    image.save(buffer, "PNG", 100)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _read_image(data: object) -> Incoming:
    image = data.toImage() if isinstance(data, QPixmap) else data
    if not isinstance(image, QImage) or image.isNull():
        return Refusal(translate("incoming", "The picture could not be read. Save it as a file and drop the file."))
    return Picture(to_png(image), translate("incoming", "the pasted picture"), preview=image)


def _read_text(text: str) -> Incoming | None:
    stripped = text.strip()
    if not stripped:
        return None
    if stripped.lower().startswith(("http://", "https://")) and len(stripped.split()) == 1:
        return _no_web()
    path = _named_path(stripped)
    return Words(stripped) if path is None else read_paths([path])


def _named_path(text: str) -> Path | None:
    """Return the existing file or folder whose full path a text is, or None."""
    bare = text.strip("'\"")
    if "\n" in bare or "\0" in bare or len(bare) > _LONGEST_PATH:
        return None
    if bare.startswith("file://"):
        return local_path(QUrl(bare))
    try:
        path = expanded(bare)
        return path if path.is_absolute() and path.exists() else None
    except OSError:  # a name longer than the system allows: a text, no path
        return None


def _may_be_picture(path: Path) -> bool:
    """Tell by name; a file without a suffix gets the benefit of the doubt."""
    return path.is_file() and (not path.suffix or is_photo_name(os.fsencode(path.name)))


def _no_web() -> Refusal:
    return Refusal(translate("incoming", "photofind does not fetch from the web. Save the picture and drop the file."))


def _name(path: Path) -> str:
    return display_name(os.fsencode(path.name))
