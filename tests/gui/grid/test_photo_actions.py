"""The context menu and what its entries do."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from photofind.core.errors import PhotofindError
from photofind.core.records.photos import Folder
from photofind.core.sentences.sentence import Sentence
from photofind.gui.asking.incoming import OwnPhoto, read_drop
from photofind.gui.desktop.open_file import file_uri, open_file, show_in_folder
from photofind.gui.grid.mime import drag_mime
from photofind.gui.window import Window
from tests.gui.fakes import FakeSession
from tests.gui.made import make_tile

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="xdg-open is Linux's")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the desktop: xdg-open writes what it was asked to open."""
    programs = tmp_path / "bin"
    programs.mkdir()
    log = tmp_path / "opened"
    script = programs / "xdg-open"
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > "{log}.new" && mv "{log}.new" "{log}"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    return log


def read_soon(log: Path) -> bytes:
    deadline = time.monotonic() + 5
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return log.read_bytes()


def test_the_menu_offers_everything_for_one_photo(qtbot: QtBot, window: Window) -> None:
    window.picking.pick_row(0)
    window.actions_on_photos.show_menu(QPoint(10, 10))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    words = [action.text() for action in menu.actions() if action.text() and action.isEnabled()]
    assert words == ["Find similar", "Open", "Show in folder", "Copy image", "Copy path", "Leave this folder out…"]
    menu.hide()


def test_a_right_click_picks_the_photo_below_the_pointer(qtbot: QtBot, window: Window) -> None:
    place = window.grid.tile_rect(3).center()
    QTest.mouseClick(window.grid.viewport(), Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, place)
    assert window.picking.ids == [4]


def test_copy_image_gives_the_file_and_the_picture(qtbot: QtBot, window: Window) -> None:
    window.picking.pick_row(0)
    window.actions_on_photos.copy_image.trigger()
    mime = QApplication.clipboard().mimeData()
    assert mime.urls()[0].toLocalFile() == "/photos/green 1.jpg"
    assert mime.hasImage()
    assert "Copied 1 photo" in window.notices.texts


def test_the_whole_picture_takes_the_thumbnails_place_when_it_arrives(
    qtbot: QtBot, window: Window, session: FakeSession
) -> None:
    window.picking.pick_row(0)
    window.actions_on_photos.copy_image.trigger()
    on_done, _ = session.worker.images[b"/photos/green 1.jpg"]
    on_done(np.full((3000, 4000, 3), (1, 2, 3), np.uint8))
    mime = QApplication.clipboard().mimeData()
    image = QImage(mime.imageData())
    assert (image.width(), image.height()) == (4000, 3000)
    assert image.pixelColor(9, 9) == QColor(1, 2, 3)
    assert mime.urls()[0].toLocalFile() == "/photos/green 1.jpg"


def test_what_was_copied_meanwhile_stays(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    window.picking.pick_row(0)
    window.actions_on_photos.copy_image.trigger()
    QApplication.clipboard().setText("a phone number")
    on_done, _ = session.worker.images[b"/photos/green 1.jpg"]
    on_done(np.zeros((30, 40, 3), np.uint8))
    assert QApplication.clipboard().text() == "a phone number"


def test_a_picture_that_cannot_be_opened_is_said_and_the_file_stays_copied(
    qtbot: QtBot, window: Window, session: FakeSession
) -> None:
    window.picking.pick_row(0)
    window.actions_on_photos.copy_image.trigger()
    _, on_error = session.worker.images[b"/photos/green 1.jpg"]
    on_error(Sentence("file_gone"))
    assert window.notices.texts[-1] == "“green 1.jpg” was copied as a file only. The file is no longer there."
    assert QApplication.clipboard().mimeData().hasUrls()


def test_copy_path_gives_every_path_in_order(qtbot: QtBot, window: Window) -> None:
    window.picking.pick_all()
    window.actions_on_photos.copy_path.trigger()
    qtbot.waitUntil(lambda: QApplication.clipboard().text().count("\n") == 39)
    assert QApplication.clipboard().text().startswith("/photos/green 1.jpg\n/photos/blue 2.jpg")


def test_control_c_in_the_grid_copies_the_photo_and_in_the_field_the_words(qtbot: QtBot, window: Window) -> None:
    window.activateWindow()
    window.picking.pick_row(0)
    window.grid.setFocus()
    QTest.keyClick(window.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().mimeData().hasUrls()
    window.search_bar.field.setText("words")
    window.search_bar.field.selectAll()
    window.search_bar.field.setFocus()
    QTest.keyClick(window.search_bar.field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "words"


def show_photo(qtbot: QtBot, window: Window, session: FakeSession, **changes: Any) -> None:
    """Make photo 1 what `changes` say, in the window too, and pick it."""
    tile = session.library.tiles[1]
    session.library.tiles[1] = replace(tile, photo=replace(tile.photo, **changes))
    window.model.refresh_all()
    window.refresh()
    qtbot.waitUntil(lambda: window.model.tile(1) == session.library.tiles[1])
    window.picking.pick_row(0)


def put_away(window: Window, session: FakeSession, drive: str) -> None:
    session.library.watched = [Folder(1, b"/photos", False, 40, 0, 0, drive)]
    window.show_folders(session.library.watched)


def test_a_photo_that_is_away_is_said_in_a_sentence_that_goes_by_itself(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photofind.gui.notice_bar._INFO_MS", 50)
    window.picking.pick_row(0)
    window.actions_on_photos.open.trigger()
    assert any("“green 1.jpg” cannot be reached now" in text for text in window.notices.texts)
    qtbot.waitUntil(lambda: window.notices.texts == [])


@pytest.mark.parametrize("action", ["open", "show_in_folder"])
def test_the_missing_drive_is_named_without_asking_the_disk(
    qtbot: QtBot, window: Window, session: FakeSession, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    put_away(window, session, "USB")
    show_photo(qtbot, window, session, drive="USB", online=False)

    def touched(_path: object) -> bool:
        raise AssertionError("a drive that hangs would hang the window")

    monkeypatch.setattr("photofind.gui.folders.absence.os.path.exists", touched)
    monkeypatch.setattr("photofind.gui.folders.absence.os.scandir", touched)
    getattr(window.actions_on_photos, action).trigger()
    expected = "“green 1.jpg” is on the drive “USB”, which is not connected. Connect it and try again."
    assert window.notices.texts[-1] == expected


def test_a_file_that_is_gone_from_a_drive_that_is_there_is_said_to_be_gone(
    qtbot: QtBot, window: Window, session: FakeSession, tmp_path: Path
) -> None:
    folder = os.fsencode(tmp_path)
    (tmp_path / "other.jpg").touch()
    session.library.watched = [Folder(1, folder, True, 40, 0, 0, "USB", missing=1)]
    window.show_folders(session.library.watched)
    show_photo(qtbot, window, session, path=folder + b"/green 1.jpg", folder=folder, drive="USB", online=False)
    syncs = session.worker.syncs
    window.actions_on_photos.open.trigger()
    assert "“green 1.jpg” is no longer where it was" in window.notices.texts[-1]
    assert session.worker.syncs == syncs + 1  # So that the window knows it too.


def test_the_image_of_a_photo_that_is_away_is_copied_as_it_is_kept(
    qtbot: QtBot, window: Window, session: FakeSession
) -> None:
    put_away(window, session, "USB")
    show_photo(qtbot, window, session, drive="USB", online=False)
    window.actions_on_photos.copy_image.trigger()
    mime = QApplication.clipboard().mimeData()
    assert QImage(mime.imageData()).pixelColor(9, 9) == QColor(40, 160, 60)
    assert not mime.hasUrls()  # A file manager could not paste it.
    assert any("is on the drive “USB”" in text for text in window.notices.texts)
    assert session.worker.images == {}


def test_of_many_photos_those_that_are_there_are_copied(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    put_away(window, session, "USB")
    show_photo(qtbot, window, session, drive="USB", online=False)
    window.grid.selection.toggle(2)
    window.actions_on_photos.copy_image.trigger()
    urls = [url.toLocalFile() for url in QApplication.clipboard().mimeData().urls()]
    assert urls == ["/photos/blue 2.jpg"]
    assert any("is on the drive “USB”" in text for text in window.notices.texts)


def test_a_photo_that_is_away_is_dragged_as_a_query_only() -> None:
    mime = drag_mime([make_tile(3, "yellow 3.jpg", online=False).photo])
    assert read_drop(mime) == OwnPhoto(3)
    assert not mime.hasUrls()


def test_a_drag_that_holds_a_photo_that_is_away_says_why_it_does_not_begin(
    qtbot: QtBot, window: Window, session: FakeSession
) -> None:
    put_away(window, session, "USB")
    show_photo(qtbot, window, session, drive="USB", online=False)
    window.grid.selection.toggle(2)
    grid = window.grid.viewport()
    start = window.grid.tile_rect(0).center()
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(grid, start + QPoint(60, 20))
    assert any("is on the drive “USB”" in text for text in window.notices.texts)


def test_a_folder_is_left_out_from_the_photo_that_lies_in_it(
    qtbot: QtBot, window: Window, session: FakeSession
) -> None:
    show_photo(qtbot, window, session, path=b"/photos/scans/green 1.jpg")
    window.actions_on_photos.leave_out.trigger()
    dialog = window.dialogs.exclusions
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.effect.text() == "Leaves out 1 of 40 photos:")
    assert dialog.examples.item(0).text() == "/photos/scans/green 1.jpg"
    assert session.library.left_out.folders == ()
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: session.library.left_out.folders == (b"/photos/scans",))


@linux_only
def test_a_file_whose_name_is_no_text_is_opened(opened: Path, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9 & $HOME.jpg"
    Path(os.fsdecode(path)).touch()
    open_file(path)
    assert read_soon(opened) == path


@linux_only
def test_without_a_file_manager_on_the_bus_the_folder_opens(opened: Path, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.touch()
    show_in_folder(os.fsencode(photo))
    assert read_soon(opened) == os.fsencode(tmp_path)


@linux_only
def test_a_system_without_xdg_open_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    photo = tmp_path / "a.jpg"
    photo.touch()
    with pytest.raises(PhotofindError, match="xdg-utils"):
        open_file(os.fsencode(photo))


def test_uris_are_quoted_byte_by_byte() -> None:
    assert file_uri(b"/a b/caf\xe9#1.jpg") == "file:///a%20b/caf%E9%231.jpg"
