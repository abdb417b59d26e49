"""Addresses in every form that programs and people write them, and none that asks another computer for anything."""

from __future__ import annotations

import base64
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData

from photofind.gui.asking import incoming
from photofind.gui.asking.addresses import listed_addresses, written_addresses
from photofind.gui.asking.incoming import Folders, Picture, Refusal, Words, read_drop, read_paste
from tests.pictures import write_photo

posix = pytest.mark.skipif(os.name != "posix", reason="paths of this form are of Unix")


def mime_of(form: str, content: bytes | str) -> QMimeData:
    mime = QMimeData()
    mime.setData(form, content.encode() if isinstance(content, str) else content)
    return mime


def text(words: str) -> QMimeData:
    mime = QMimeData()
    mime.setText(words)
    return mime


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "Ærø & 100% red.jpg"
    path.touch()
    return path


# Files of this computer


@posix
@pytest.mark.parametrize(
    "address",
    [
        "file://{path}",
        "file:{path}",
        "file://localhost{path}",
        "FILE://LocalHost{path}",
        "file://{host}{path}",
        "file://{short}{path}",
        "file://{short}.local{path}",
        "file://127.0.0.1{path}",
        "  file://{path}\n",
        '"file://{path}"',
        "copy\nfile://{path}",
        "x-special/nautilus-clipboard\ncut\nfile://{path}\n",
        "file://{path}\r\n\0",
    ],
)
def test_an_address_of_a_file_of_this_computer_is_that_file(photo: Path, address: str) -> None:
    host = socket.gethostname()
    written = address.format(path=quote(str(photo)), host=host, short=host.split(".")[0])
    expected = Picture(photo, photo.name)
    assert read_paste(text(written)) == expected
    assert read_drop(mime_of("text/uri-list", written.strip('"'))) == expected


@posix
def test_an_address_that_was_not_encoded_is_that_file_too(photo: Path) -> None:
    assert read_paste(text(f"file://{photo}")) == Picture(photo, photo.name)
    sharp = photo.with_name("a red #1?.jpg")
    sharp.touch()
    assert read_paste(text(f"file://{sharp}")) == Picture(sharp, sharp.name)
    assert read_paste(text(f"file://{quote(str(photo))}#part")) == Picture(photo, photo.name)
    assert read_drop(mime_of("text/uri-list", os.fsencode(f"file://{photo}\r\n"))) == Picture(photo, photo.name)


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="file names are text there")
@pytest.mark.parametrize("form", ["text/uri-list", "x-special/gnome-copied-files"])
def test_a_file_whose_name_is_no_text_is_that_file(tmp_path: Path, form: str) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    open(path, "w").close()
    for written in (b"file://" + os.fsencode(tmp_path) + b"/caf%E9.jpg", b"file://" + path):
        if form == "text/uri-list" and written.endswith(path):
            continue  # Qt itself reads a list that is made here
        dropped = read_drop(mime_of(form, b"copy\n" + written))
        assert isinstance(dropped, Picture)
        assert os.fsencode(str(dropped.source)) == path


@posix
@pytest.mark.parametrize("form", ["x-special/gnome-copied-files", "x-special/mate-copied-files", "text/uri-list"])
def test_files_copied_in_a_file_manager_are_pasted(photo: Path, form: str) -> None:
    second = photo.with_name("b.png")
    second.touch()
    lines = "\n".join(f"file://{quote(str(path))}" for path in (photo, second))
    assert read_paste(mime_of(form, f"copy\n{lines}")) == Picture(photo, photo.name, ignored=1)


@posix
def test_several_lines_are_several_files(photo: Path) -> None:
    second = photo.with_name("b.png")
    second.touch()
    for written in (
        f"file://{quote(str(photo))}\nfile://{second}",
        f"{photo}\r\n{second}\r\n",
        f'"{photo}"\n"{second}"',
    ):
        assert read_paste(text(written)) == Picture(photo, photo.name, ignored=1)
    assert read_paste(text(f"{photo.parent}\n")) == Folders((photo.parent,))


@posix
@pytest.mark.parametrize(
    "words",
    [
        "/no/such/file.jpg",
        "/no/such\n/file",
        "a\n/tmp",
        "file: red",
        "file:",
        "folder:Holiday",
        "data: x",
        "12:30",
        "://",
    ],
)
def test_words_that_look_like_addresses_are_words(words: str) -> None:
    assert read_paste(text(words)) is None
    assert read_drop(text(words)) == Words(words)


@posix
def test_an_address_of_a_file_that_is_not_there_says_so() -> None:
    for name in ("gone.jpg", "w" * 300 + ".jpg", "w" * 6_000 + ".jpg"):
        refused = read_paste(text(f"file:///no/such/{name}"))
        assert isinstance(refused, Refusal)
        assert "is not there" in refused.sentence


def test_a_huge_text_is_words_at_once() -> None:
    for words in (
        "/tmp\n" * 100_000,
        "red " * 1_000_000,
        '"' * 1_000_000,
        "data:" + ";" * 1_000_000,
        "file:" * 200_000,
    ):
        start = time.process_time()
        assert isinstance(read_drop(text(words)), Words)
        assert time.process_time() - start < 5, "what grows with the square of it takes minutes"


# Pictures inside an address


def png(tmp_path: Path) -> bytes:
    return write_photo(tmp_path / "made.png").read_bytes()


def forms_of(content: bytes) -> Iterator[str]:
    letters = base64.b64encode(content).decode()
    yield f"data:image/png;base64,{letters}"
    yield f"DATA:Image/PNG;BASE64,{letters}"
    yield f"data:image/png;charset=x;base64,{letters}"
    yield f"data:image/png;base64,{quote(letters, safe='')}"
    yield f"data:image/png;base64,{letters.rstrip('=')}"
    yield f"data:image/png;base64,{base64.urlsafe_b64encode(content).decode()}"
    yield "data:image/png,{}".format("".join(f"%{byte:02x}" for byte in content))


def test_a_picture_in_its_address_is_the_query(tmp_path: Path) -> None:
    content = png(tmp_path)
    for address in forms_of(content):
        for mime in (text(address), text(f"\n {address} "), mime_of("text/uri-list", f"{address}\r\n")):
            for read in (read_drop, read_paste):
                picture = read(mime)
                assert isinstance(picture, Picture)
                assert picture.source == content


def test_one_that_was_broken_into_lines_is_read(tmp_path: Path) -> None:
    content = png(tmp_path)
    letters = base64.encodebytes(content).decode()
    picture = read_paste(text(f"data:image/png;base64,\n{letters}"))
    assert isinstance(picture, Picture)
    assert picture.source == content


@pytest.mark.parametrize(
    "address",
    ["data:image/png;base64,!!", "data:image/png,", "data:text/html,<b>x</b>", "data:,x", "data:image/png;base64,A"],
)
def test_one_that_holds_no_picture_says_so(address: str) -> None:
    for mime in (text(address), mime_of("text/uri-list", address)):
        refused = read_paste(mime)
        assert isinstance(refused, Refusal)
        assert "holds no picture" in refused.sentence


def test_one_that_is_too_large_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MOST_BYTES", 1_000)
    refused = read_paste(text(f"data:image/png;base64,{'A' * 4_000}"))
    assert isinstance(refused, Refusal)
    assert "too large" in refused.sentence


# What is elsewhere


def test_an_address_of_a_browsers_own_says_what_to_do() -> None:
    for mime in (text("blob:https://example.org/1-2-3"), mime_of("text/uri-list", "blob:https://example.org/1-2-3")):
        for read in (read_drop, read_paste):
            refused = read(mime)
            assert isinstance(refused, Refusal)
            assert "only to the browser" in refused.sentence


def test_a_link_of_firefox_is_not_fetched() -> None:
    link = "https://example.org/cat.jpg\nA cat".encode("utf-16-le")
    refused = read_drop(mime_of("text/x-moz-url", link))
    assert isinstance(refused, Refusal)
    assert "from the web" in refused.sentence


NETWORK = ["file://nas/photos/x.jpg", "smb://nas/photos/x.jpg", "sftp://anna@nas/x.jpg", "file://192.0.2.7/x.jpg"]
PLACES = [
    "trash:///x.jpg",
    "mtp://phone/x.jpg",
    "gphoto2://camera/x.jpg",
    "recent:///1234/x.jpg",
    "content://media/x.jpg",
]
NETWORK_OF_WINDOWS = [
    r"\\host\x.jpg",
    r'"\\host\share\x.jpg"',
    "//host/x.jpg",
    r"\/host\x.jpg",
    r"\\?\UNC\host\share\x.jpg",
    r"\\.\UNC\host\x.jpg",
    r"\\host@SSL\dav\x.jpg",
    r"\??\UNC\host\x.jpg",
    "file://host/x.jpg",
    "file:////host/x.jpg",
    "file://///host/x.jpg",
    r"file:\\host\x.jpg",
    r"file:///\\host\x.jpg",
    "file:///%5C%5Chost%5Cx.jpg",
    "file:///%2F%2Fhost/x.jpg",
    "file://localhost//host/x.jpg",
    "copy\nfile://host/x.jpg",
]


@contextmanager
def no_disk_asked() -> Iterator[None]:
    """Require that nothing at all is asked of a disk, as of another computer."""
    asked: list[object] = []

    def refuse(path: object, *_: object, **__: object) -> None:
        asked.append(path)
        raise OSError("asked")

    with pytest.MonkeyPatch.context() as patched:
        for name in ("stat", "lstat", "scandir", "listdir", "access", "open"):
            patched.setattr(os, name, refuse)
        yield
    assert asked == []


def refusals(address: str) -> list[str]:
    """Return what is said of an address, pasted and dropped, as text and where it is one in a list."""
    mimes = [text(address)]
    if not address.startswith(("\\", "/", '"', "C:")):
        mimes.append(mime_of("text/uri-list", address))
    with no_disk_asked():
        read = [read(mime) for mime in mimes for read in (read_drop, read_paste)]
    return [said.sentence if isinstance(said, Refusal) else repr(said) for said in read]


@pytest.mark.parametrize("address", NETWORK)
def test_no_other_computer_is_asked_for_a_file(address: str) -> None:
    assert all("“x.jpg” is on another computer" in said for said in refusals(address))


@pytest.mark.parametrize("address", [*NETWORK, *NETWORK_OF_WINDOWS])
def test_windows_is_not_made_to_ask_another_computer(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert all("“x.jpg” is on another computer" in said for said in refusals(address))


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("file:///C:/a%20red/x.jpg", "C:/a red/x.jpg"),
        ("file:C:/x.jpg", "C:/x.jpg"),
        ("file:///C|/x.jpg", "C:/x.jpg"),
        (r"file:///C:\x.jpg", "C:/x.jpg"),
        ("file://localhost/c:/x.jpg", "c:/x.jpg"),
    ],
)
def test_a_drive_of_windows_is_this_computer(address: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    (found,) = written_addresses(address)
    assert str(getattr(found, "path", "")) == path


@settings(deadline=None, derandomize=True, database=None)
@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_whatever_is_pasted_is_read_or_typed(words: str) -> None:
    for start in ("", "file:", "file://", "data:image/png;base64,", "data:", "/", "\\\\"):
        written_addresses(start + words)


@settings(deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=200))
def test_whatever_bytes_are_a_list_of_files(data: bytes) -> None:
    for form in ("text/uri-list", "text/x-moz-url", "x-special/gnome-copied-files"):
        listed_addresses(mime_of(form, b"file:///" + data))
        listed_addresses(mime_of(form, data))


@pytest.mark.parametrize("address", PLACES)
def test_what_is_in_the_trash_or_on_a_phone_is_not_said_to_be_on_another_computer(address: str) -> None:
    assert set(refusals(address)) == {"“x.jpg” cannot be opened where it is. Copy it to a folder of this computer."}
