"""Photos as other programs take them, dragged or copied."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QUrl

from photofind.core.records.names import display_name
from photofind.core.records.photos import Photo
from photofind.gui.asking.incoming import PHOTO_ID_FORMAT, mark_photo
from photofind.gui.desktop.open_file import file_uri


def drag_mime(photos: list[Photo], library: str = "") -> QMimeData:
    """Return photos as files for other programs; a single one also as a query for the search bar of its own library.

    One that is away is that query alone: no program could open its file.
    """
    mime = files_mime([photo.path for photo in photos]) if photos[0].online else QMimeData()
    if len(photos) == 1:
        mime.setData(PHOTO_ID_FORMAT, mark_photo(photos[0].id, library))
    return mime


def files_mime(paths: list[bytes]) -> QMimeData:
    """Return files as file managers and other programs take them."""
    mime = QMimeData()
    uris = [file_uri(path) for path in paths]
    mime.setUrls([QUrl.fromEncoded(uri.encode("ascii")) for uri in uris])
    mime.setText("\n".join(display_name(path) for path in paths))
    mime.setData("x-special/gnome-copied-files", "\n".join(["copy", *uris]).encode("ascii"))
    return mime
