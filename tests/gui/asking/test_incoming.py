"""Drops and pastes of every kind, without a widget."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from photofind.gui.asking.incoming import (
    PHOTO_ID_FORMAT,
    Folders,
    OwnPhoto,
    Picture,
    Refusal,
    Words,
    local_path,
    read_drop,
    read_paste,
    read_paths,
)


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
    assert read_drop(files(notes)) == Refusal("notes.txt is not a picture that photofind can read.")


def test_a_file_without_a_suffix_may_be_a_picture(tmp_path: Path) -> None:
    bare = tmp_path / "DSC0001"
    bare.touch()
    assert read_drop(files(bare)) == Picture(bare, "DSC0001")


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    answer = read_drop(files(tmp_path / "gone.jpg"))
    assert isinstance(answer, Refusal)
    assert "gone.jpg is not there" in answer.sentence


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


def test_nothing_but_spaces_is_nothing() -> None:
    assert read_drop(text("  \n ")) is None


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
    url = QUrl.fromEncoded(b"file://" + os.fsencode(tmp_path) + b"/caf%E9.jpg")
    assert local_path(url) == path
    assert read_paths([path]) == Picture(path, "caf�.jpg")
