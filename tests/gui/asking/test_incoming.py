"""Drops and pastes of every kind, without a widget."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from photofind.background.decoding.decoder import Decoder
from photofind.core.records.models import Spec
from photofind.gui.asking.addresses import file_path
from photofind.gui.asking.incoming import (
    PHOTO_ID_FORMAT,
    Folders,
    OwnPhoto,
    Picture,
    Refusal,
    Words,
    mark_photo,
    may_hold_anything,
    name_library,
    read_drop,
    read_paste,
    read_paths,
)
from tests.image_files import encode, png_of_zeros
from tests.pictures import grain


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def text(words: str) -> QMimeData:
    mime = QMimeData()
    mime.setText(words)
    return mime


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a red 100%#1?.jpg"
    path.write_bytes(b"not opened here")
    return path


def test_a_dropped_picture_becomes_the_query(photo: Path) -> None:
    assert read_drop(files(photo)) == Picture(photo, "a red 100%#1?.jpg")


def test_of_several_pictures_the_first_counts_and_the_rest_are_counted(photo: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.png"
    other.touch()
    assert read_drop(files(photo, other)) == Picture(photo, photo.name, ignored=1)


def test_dropped_folders_are_watched(tmp_path: Path, photo: Path) -> None:
    assert read_drop(files(photo, tmp_path)) == Folders((tmp_path,))


def test_a_file_that_is_no_picture_is_refused_by_name(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.touch()
    assert read_drop(files(notes)) == Refusal("“notes.txt” is not a picture that photofind can read.")


def test_a_file_without_a_suffix_may_be_a_picture(tmp_path: Path) -> None:
    bare = tmp_path / "DSC0001"
    bare.touch()
    assert read_drop(files(bare)) == Picture(bare, "DSC0001")


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    answer = read_drop(files(tmp_path / "gone.jpg"))
    assert isinstance(answer, Refusal)
    assert "“gone.jpg” is not there" in answer.sentence


@pytest.mark.parametrize("address", ["https://example.org/cat.jpg", "http://example.org"])
def test_a_web_address_is_not_fetched(address: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl(address)])
    for dropped in (mime, text(address)):
        answer = read_drop(dropped)
        assert isinstance(answer, Refusal)
        assert "does not fetch from the web" in answer.sentence


def test_a_picture_dragged_out_of_a_browser_is_used_though_its_address_comes_along(qtbot: QtBot) -> None:
    image = QImage(3000, 1500, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat.jpg")])
    mime.setImageData(image)
    answer = read_drop(mime)
    assert isinstance(answer, Picture)
    assert isinstance(answer.source, bytes)
    pasted = QImage.fromData(answer.source)
    assert (pasted.width(), pasted.height()) == (1024, 512)
    assert pasted.pixelColor(5, 5) == QColor("red")


def test_dropped_words_are_searched() -> None:
    assert read_drop(text("  a red car 🚗 ")) == Words("a red car 🚗")


def with_parts(**parts: bytes | str) -> QMimeData:
    mime = QMimeData()
    for form, content in parts.items():
        mime.setData(form.replace("_", "/"), content.encode() if isinstance(content, str) else content)
    return mime


@pytest.mark.parametrize(
    "parts",
    [
        {"text_plain": "  \n "},
        {"text_html": "<img>"},
        {"text_html": '<meta charset="utf-8"><img src="blob:https://example.org/1-2">', "text_plain": " "},
        {"text_html": ""},
        {"application_x-color": b"\xff\xff\0\0\0\0\xff\xff"},
        {"text_uri-list": "\r\n"},
        {"x-special_gnome-copied-files": "copy\n"},
        {"application_pdf": b"%PDF-1.7"},
    ],
)
def test_what_holds_nothing_to_search_by_says_so(parts: dict[str, bytes | str]) -> None:
    for read in (read_drop, read_paste):
        refused = read(with_parts(**parts))
        assert isinstance(refused, Refusal)
        assert "neither words nor a picture" in refused.sentence


def test_an_empty_clipboard_says_so() -> None:
    for read in (read_drop, read_paste):
        refused = read(QMimeData())
        assert isinstance(refused, Refusal)
        assert "Nothing was copied" in refused.sentence


@pytest.mark.parametrize("content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\0"])
def test_a_drawing_is_no_silence(qtbot: QtBot, content: bytes) -> None:
    """Qt draws some, where it has what that takes."""
    assert isinstance(read_paste(with_parts(**{"image_svg+xml": content})), Refusal | Picture)


@pytest.mark.parametrize("address", ["data:image/png;base64,", "data:image/png,", "data:,", "data:text/plain,red"])
def test_an_address_that_holds_no_picture_says_so(address: str) -> None:
    for mime in (text(address), with_parts(**{"text_uri-list": address})):
        for read in (read_drop, read_paste):
            refused = read(mime)
            assert isinstance(refused, Refusal)
            assert "holds no picture" in refused.sentence


def test_words_that_come_as_html_alone_are_words() -> None:
    page = with_parts(text_html="<title>Seen by nobody</title><p>a red <b>car</b> &amp; a dog</p>")
    assert may_hold_anything(page)
    assert read_drop(page) == Words("a red car & a dog")
    assert read_paste(page) == Words("a red car & a dog"), "the field could not type them"


def test_a_pasted_path_is_a_picture_quoted_or_not(photo: Path) -> None:
    for written in (
        str(photo),
        f'"{photo}"',
        f"{photo}\n",
        QUrl.fromLocalFile(str(photo)).toString(QUrl.ComponentFormattingOption.FullyEncoded),
    ):
        assert read_paste(text(written)) == Picture(photo, photo.name)


@pytest.mark.parametrize(
    "words", ["red", "/no/such/file.jpg", "https://example.org/cat.jpg", "~nobody/x", "a" * 9000, "a\0b"]
)
def test_pasted_text_that_names_no_file_is_typed(words: str) -> None:
    assert read_paste(text(words)) is None


def test_our_own_photo_comes_back_as_itself() -> None:
    mime = QMimeData()
    mime.setData(PHOTO_ID_FORMAT, b"42")
    mime.setUrls([QUrl("file:///photos/a.jpg")])
    assert read_drop(mime) == OwnPhoto(42)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
def test_a_name_that_is_not_text_survives(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg"))
    path.touch()
    assert file_path(f"file://{tmp_path}/caf%E9.jpg") == path
    assert read_paths([path]) == Picture(path, "caf�.jpg")


# What comes with something else


def png(width: int = 40) -> bytes:
    return encode(grain((200, 30, 30), (width, 30)))


CELL = "<html><head><title>Sheet</title><style>td {color: red}</style></head><table><tr><td>Norway</td></tr></table>"
ONLY_A_PICTURE = '<meta charset="utf-8"><!--StartFragment--><img src="https://example.org/cat.jpg" alt="A cat">'


def test_a_cell_of_a_spreadsheet_is_words() -> None:
    cell = with_parts(text_plain="Norway\n", text_html=CELL, image_png=png())
    assert read_drop(cell) == Words("Norway")
    assert read_paste(cell) is None, "they are typed where the cursor is"
    row = with_parts(text_plain="Norway\t2019\nSweden\t2020", text_html=CELL, image_png=png())
    assert read_drop(row) == Words("Norway\t2019\nSweden\t2020")


@pytest.mark.parametrize(
    "parts",
    [
        {"image_png": png()},
        {"image_png": png(), "text_html": ONLY_A_PICTURE},
        {"image_png": png(), "text_html": ONLY_A_PICTURE, "text_plain": "A cat"},
        {"image_png": png(), "text_html": ONLY_A_PICTURE, "text_plain": "https://example.org/cat.jpg"},
        {"image_png": png(), "text_plain": " \n"},
        {"image_png": png(), "image_bmp": b"BM", "image_jpeg": b"smaller"},
        {"image_png": b"", "image_jpeg": png()},
    ],
)
def test_a_picture_that_words_come_with_is_a_picture(parts: dict[str, bytes | str]) -> None:
    for read in (read_drop, read_paste):
        picture = read(with_parts(**parts))
        assert isinstance(picture, Picture)
        assert picture.source == png(), "unopened, as it was copied"


@pytest.mark.parametrize("page", ["<style>" * 200_000, "<" * 1_000_000, "<!--" * 300_000, "&nbsp;" * 200_000])
def test_a_hostile_page_beside_a_picture_is_looked_through_at_once(page: str) -> None:
    start = time.process_time()
    assert isinstance(read_drop(with_parts(image_png=png(), text_html=page, text_plain="x")), Picture | Words)
    assert time.process_time() - start < 5, "what grows with the square of it takes minutes"


def test_a_picture_of_a_browser_is_used_in_place_of_an_address_of_its_own() -> None:
    mime = with_parts(image_png=png(), text_html=ONLY_A_PICTURE)
    mime.setUrls([QUrl("blob:https://example.org/1-2")])
    picture = read_paste(mime)
    assert isinstance(picture, Picture)
    assert picture.source == png()


def test_a_copied_picture_of_71_megapixels_is_the_query(tmp_path: Path) -> None:
    """Qt itself opens none that takes more than 256 MB; here are 286."""
    content = png_of_zeros(8_450, 8, 6)
    picture = read_paste(with_parts(image_png=content))
    assert isinstance(picture, Picture)
    assert isinstance(picture.source, bytes)
    decoder = Decoder(children=1)
    try:
        assert decoder.decode_now(picture.source, Spec("test", "test", 8, 64), is_content=True).width == 8_450
    finally:
        decoder.stop()


def test_a_copied_picture_that_is_far_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photofind.gui.asking.incoming.MOST_BYTES", 100)
    refused = read_paste(with_parts(image_png=png()))
    assert isinstance(refused, Refusal)
    assert "too large" in refused.sentence


def test_a_picture_that_never_came_says_so() -> None:
    refused = read_paste(with_parts(image_png=b""))
    assert isinstance(refused, Refusal)
    assert "could not be read" in refused.sentence


# Photos of another library


def test_a_photo_dragged_from_another_library_is_its_file(photo: Path) -> None:
    ours, others = name_library(Path("/libraries/ours")), name_library(Path("/libraries/others"))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photo))])
    mime.setData(PHOTO_ID_FORMAT, mark_photo(42, others))
    assert read_drop(mime, ours) == Picture(photo, photo.name)
    assert read_drop(mime, others) == OwnPhoto(42)
    assert "libraries" not in mark_photo(42, others).decode()


def test_one_that_is_away_there_says_so() -> None:
    mime = QMimeData()
    mime.setData(PHOTO_ID_FORMAT, mark_photo(42, "another"))
    refused = read_drop(mime, "ours")
    assert isinstance(refused, Refusal)
    assert "another library" in refused.sentence


@pytest.mark.parametrize("mark", [b"", b"x", b"-1", b"1e9", b"\xff", "²".encode()])
def test_a_mark_that_another_program_made_up_is_nothing(mark: bytes) -> None:
    mime = text("red")
    mime.setData(PHOTO_ID_FORMAT, mark)
    assert read_drop(mime) == Words("red")
