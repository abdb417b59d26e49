"""Pictures that come as such, and the words that come with them: by a clipboard, or dragged out of a browser.

Where the file's bytes come along they are handed on unopened, however large the picture: a child decodes them. Only
what comes as pixels is turned into a file here, small enough to be quick.
"""

from __future__ import annotations

import html
from collections.abc import Iterator

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QSize, Qt
from PySide6.QtGui import QImage, QPixmap

# More than any picture takes that a child would open; so much is held in memory.
MOST_BYTES = 512 << 20
_PASTED_EDGE = 1024
# Forms of a picture that a child opens, the best first.
_FORMS = tuple(
    f"image/{name}" for name in ("png", "jpeg", "webp", "avif", "heic", "heif", "tiff", "jxl", "gif", "bmp", "x-bmp")
)
# What of a page of HTML is looked at for words, and the parts of it whose words nobody sees.
_MOST_HTML = 1_000_000
_UNSEEN = ("style", "title", "script")


def has_picture(mime: QMimeData) -> bool:
    """Tell whether a picture comes along, whatever else does."""
    return mime.hasImage() or any(map(mime.hasFormat, _FORMS))


def has_words(mime: QMimeData) -> bool:
    """Tell whether words come along that are more than the name of a picture, as with a cell of a spreadsheet."""
    return bool(mime.text().strip()) and (not mime.hasHtml() or any(_said(mime)))


def read_words(mime: QMimeData) -> str:
    """Return the words that come along, as text or as HTML alone; nothing where there are none."""
    return mime.text().strip() or " ".join(_said(mime))


def _said(mime: QMimeData) -> Iterator[str]:
    """Yield what is in HTML but tags; a browser's picture comes in such that says nothing."""
    is_seen = True
    for part in ("start>" + mime.html()[:_MOST_HTML]).split("<"):
        tag, _, said = part.partition(">")
        if tag.lower().startswith(_UNSEEN):
            is_seen = False
        elif tag.lower().startswith(tuple(f"/{name}" for name in _UNSEEN)):
            is_seen = True
        words = html.unescape(said).strip() if is_seen else ""
        if words:
            yield words


def read_picture(mime: QMimeData) -> tuple[bytes, QImage | None] | None:
    """Return the bytes of a picture's file, and its pixels where they are known; None where it cannot be read."""
    for form in filter(mime.hasFormat, _FORMS):
        content = bytes(mime.data(form).data())
        if content:
            return content, None
    data = mime.imageData()
    image = data.toImage() if isinstance(data, QPixmap) else data
    if not isinstance(image, QImage) or image.isNull():
        return None
    return to_png(image), image


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
