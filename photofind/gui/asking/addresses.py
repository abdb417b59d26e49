"""Addresses as other programs write them: lists of files, and text that is nothing but addresses. No file is looked at.

Whatever names another computer is told apart here, by its letters alone: on Windows, already asking whether such a file
is there would send the person's name and a hash of the password to whoever wrote the address.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData

from photofind.core.disk.scan import is_photo_name
from photofind.core.places import expanded

_URI_LIST = "text/uri-list"
# What file managers put beside a list, or instead of it; the first line says what is to be done with the files.
_COPIED_FILES = ("x-special/gnome-copied-files", "x-special/mate-copied-files", "x-special/nautilus-clipboard")
_NOT_ADDRESSES = ("copy", "cut", *_COPIED_FILES)
_FIREFOX_LINK = "text/x-moz-url"  # an address and its title, in UTF-16
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)
_FILE = re.compile(r"file:(?=[/\\]|%2f|%5c|[a-z][:|])", re.IGNORECASE)
_WEB = ("http", "https", "ftp", "ftps")
# Those that file managers name other computers by; all others name phones, cameras, the trash, lists of files.
_NETWORK = re.compile(r"file|smb|s?ftp|ssh|fish|nfs|afp|davs?|webdavs?|gdrive|onedrive|google-drive", re.IGNORECASE)
_DRIVE = re.compile(r"[/\\]?([A-Za-z])[:|](?=[/\\])(.*)", re.DOTALL)
_DATA = re.compile(r"data:\s*([^;,\s]*)((?:;[^;,]*)*?)(;\s*base64\s*)?,(.*)", re.IGNORECASE | re.DOTALL)
_LONGEST_PATH = 4096
# Of a text; one of more lines than a person would copy is words.
_MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class Here:
    """A file or folder of this computer, there or not; a bare path that is not there may be words all the same."""

    path: Path
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class Inline:
    """The content of a picture's file in the address itself; None where there is none to be read."""

    content: bytes | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What photofind does not open: on the web, inside a browser, on another computer, at a place like the trash."""

    kind: Literal["web", "blob", "network", "place"]
    name: str


Address = Here | Inline | Elsewhere


def has_addresses(mime: QMimeData) -> bool:
    """Tell whether a list of files or links comes along."""
    return any(map(mime.hasFormat, (_URI_LIST, _FIREFOX_LINK, *_COPIED_FILES)))


def listed_addresses(mime: QMimeData) -> list[Address]:
    """Return what a list of files or links, as file managers and browsers pass them on, names."""
    if mime.hasFormat(_URI_LIST):
        lines = _lines(_text(mime, _URI_LIST))
    elif mime.hasFormat(_FIREFOX_LINK):
        link = bytes(mime.data(_FIREFOX_LINK).data()).decode("utf-16-le", "replace")
        lines = link.split("\n")[:1]
    else:
        found = [form for form in _COPIED_FILES if mime.hasFormat(form)]
        lines = _lines(_text(mime, found[0])) if found else []
    read = [_read_address(line) for line in lines if not line.startswith("#")]
    return [address for address in read if address is not None]


def written_addresses(text: str) -> list[Address]:
    """Return what a text names of which every line is an address or a full path; nothing for any other text."""
    if text.lstrip()[:11].lower() == "data:image/":  # may be broken into lines
        return [_read_data(text)]
    addresses: list[Address] = []
    for line in _lines(text[: _MOST_LINES * _LONGEST_PATH]):
        address = _read_address(line) or _read_path(line)
        if address is None or len(addresses) == _MOST_LINES:
            return []
        addresses.append(address)
    return addresses


def file_path(address: str) -> Path | None:
    """Return the path that a `file:` address names on this computer, also where it is no text; None on another one."""
    place = address[len("file:") :]
    if _is_windows():
        place = place.replace("\\", "/")
    if place.startswith("//"):
        host, slash, path = place[2:].partition("/")
        if not _is_this_computer(host):
            return None
        place = slash + path
    decoded = os.fsdecode(unquote_to_bytes(_as_bytes(_without_query(place))))
    return None if is_on_network(decoded) else Path(_without_drive_slash(decoded))


def is_on_network(path: str) -> bool:
    r"""Tell whether Windows would ask another computer for a path: `\\host\…` and all other ways to write that."""
    if not _is_windows():
        return False
    plain = path.replace("/", "\\").removeprefix("\\\\?\\")
    return not _DRIVE.fullmatch(plain) and plain.startswith(("\\\\", "UNC\\", "\\??\\"))


def _text(mime: QMimeData, form: str) -> str:
    return bytes(mime.data(form).data()).decode("utf-8", "surrogateescape")


def _lines(text: str) -> list[str]:
    """Return the lines that say something, without space and quotes around them."""
    lines = [line.strip() for line in re.split(r"[\r\n\0]+", text)]
    bare = (line[1:-1] if line[:1] in ('"', "'") and line[-1] == line[0] else line for line in lines)
    return [line for line in bare if line and line not in _NOT_ADDRESSES]


def _read_address(line: str) -> Address | None:
    if _FILE.match(line):
        path = file_path(line)
        return Elsewhere("network", _last_part(line)) if path is None else Here(path)
    found = _SCHEME.match(line)
    if found is None or len(line.split()) > 1:
        return None
    scheme = found[1].lower()
    if scheme == "data" and "," in line:
        return _read_data(line)
    if scheme == "blob":
        return Elsewhere("blob", "")
    if "://" not in line:
        return None
    if scheme in _WEB:
        return Elsewhere("web", "")
    return Elsewhere("network" if _NETWORK.fullmatch(scheme) else "place", _last_part(line))


def _read_path(line: str) -> Address | None:
    """Return the existing-or-not full path that a line is; None for words."""
    if is_on_network(line):
        return Elsewhere("network", _last_part(line))
    if len(line) > _LONGEST_PATH:
        return None
    path = expanded(line)
    return Here(path, is_bare=True) if path.is_absolute() else None


def _read_data(address: str) -> Inline:
    """Read a picture out of a `data:` address (RFC 2397), also one of the URL-safe alphabet or broken into lines."""
    parts = _DATA.fullmatch(address.strip())
    if parts is None or not parts[1].lower().startswith("image/"):
        return Inline(None)
    try:
        content = unquote_to_bytes(parts[4])
        if parts[3]:
            letters = b"".join(content.split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
            content = base64.b64decode(letters + b"=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError):
        return Inline(None)
    return Inline(content or None)


def _is_windows() -> bool:
    return sys.platform == "win32"


def _is_this_computer(host: str) -> bool:
    own = socket.gethostname().casefold()
    short = own.split(".")[0]
    known = {"", "localhost", "localhost.localdomain", "127.0.0.1", "[::1]", own, short, f"{short}.local"}
    return host.casefold() in known


def _without_query(place: str) -> str:
    """Leave away what follows “?” or “#”, unless a program forgot to encode these in a photo's name."""
    bare = re.split(r"[?#]", place, maxsplit=1)[0]
    is_name = is_photo_name(_as_bytes(place)) and not is_photo_name(_as_bytes(bare))
    return place if is_name else bare


def _without_drive_slash(path: str) -> str:
    drive = _DRIVE.fullmatch(path) if _is_windows() else None
    return f"{drive[1]}:{drive[2]}" if drive else path


def _last_part(address: str) -> str:
    return re.split(r"[/\\]", os.fsdecode(unquote_to_bytes(_as_bytes(address))).rstrip("/\\"))[-1]


def _as_bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, which no file's name holds as such
        return text.encode("utf-8", "replace")
