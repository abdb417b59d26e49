"""Paths on a disk that hangs, and a file manager that says nothing: the window goes on at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCall
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from photofind.core.records.photos import Folder
from photofind.gui.asking.incoming import Folders, Picture, Refusal, read_paths
from photofind.gui.desktop import disk, open_file
from photofind.gui.folders.absence import Absence
from photofind.gui.folders.locate import ask_place
from tests.gui.made import make_tile
from tests.hanging_disk import HangingDisk, hanging_disk

AT_ONCE = 1.0


@pytest.fixture
def server(tmp_path: Path) -> Path:
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "a.jpg").touch()
    return tmp_path / "server"


@pytest.fixture
def hanging(server: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingDisk]:
    with hanging_disk(server, monkeypatch) as hanging:
        hanging.hang()
        start = time.monotonic()
        yield hanging
        assert time.monotonic() - start < AT_ONCE


def test_a_picture_on_a_disk_that_hangs_is_taken_at_its_name(server: Path, hanging: HangingDisk) -> None:
    taken = read_paths([server / "a.jpg"])
    assert isinstance(taken, Picture)
    assert hanging.asked


def test_a_folder_on_a_disk_that_hangs_is_taken_for_one(server: Path, hanging: HangingDisk) -> None:
    assert read_paths([server / "trip"]) == Folders((server / "trip",))
    assert hanging.asked


def test_of_more_files_than_one_waits_for_none_becomes_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when all photos of a folder are dropped, with the sidecars that lie beside them."""
    paths = [tmp_path / f"{number}{suffix}" for number in range(500) for suffix in (".jpg", ".jpg.xmp", ".txt")]
    for path in paths:
        path.touch()
    real = os.path.isdir

    def slowly(path: Path) -> bool:
        time.sleep(0.0005)
        return real(path)

    monkeypatch.setattr(os.path, "isdir", slowly)
    assert disk.kinds_of(paths)[-1] is None, "all were asked for"
    assert read_paths(paths) == Picture(paths[0], "0.jpg", ignored=499)


def test_a_photo_on_a_disk_that_hangs_is_said_not_to_be_reached(server: Path, hanging: HangingDisk) -> None:
    absence = Absence()
    absence.note_folders([Folder(1, os.fsencode(server), True, 1, 0, 0)])
    photo = make_tile(1, "a.jpg", path=os.fsencode(server / "a.jpg"), folder=os.fsencode(server)).photo
    assert "does not answer" in absence.explain(photo)
    assert hanging.asked


def test_locating_a_folder_that_hangs_begins_at_home(
    qtbot: QtBot, server: Path, hanging: HangingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[str] = []

    def choose(_parent: QWidget, _title: str, start: str) -> str:
        began.append(start)
        return ""

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    parent = QWidget()
    qtbot.addWidget(parent)
    assert ask_place(Folder(1, os.fsencode(server), False, 1, 0, 0), parent) is None
    assert began == [str(Path.home())]


def test_disks_that_hang_hold_no_more_than_a_few_threads(server: Path, hanging: HangingDisk) -> None:
    disk.real_path(os.fsencode(server))
    for _ in range(3):
        assert disk.is_there(os.fsencode(server)) is None
    assert hanging.asked <= 8


def test_what_is_there_is_told(server: Path, tmp_path: Path) -> None:
    paths = [server, server / "a.jpg", tmp_path / "gone.jpg"]
    assert disk.kinds_of(paths) == ["folder", "file", "nothing"]
    assert isinstance(read_paths([tmp_path / "gone.jpg"]), Refusal)


class Bus:
    """A session bus on which the file manager answers as the test says."""

    def __init__(self, answer: QDBusMessage) -> None:
        self._answer = answer

    def isConnected(self) -> bool:
        return True

    def asyncCall(self, *_: Any) -> QDBusPendingCall:
        return QDBusPendingCall.fromCompletedCall(self._answer)


@pytest.mark.skipif(os.name != "posix", reason="there is no D-Bus here")
def test_a_file_manager_that_fails_is_done_without_and_never_waited_for(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = QDBusMessage.createMethodCall("a.b", "/a", "a.b", "c")
    bus = Bus(call.createErrorReply("org.freedesktop.DBus.Error.NoReply", "nothing came"))
    started: list[tuple[bytes, ...]] = []
    monkeypatch.setattr(QDBusConnection, "sessionBus", lambda: bus)
    monkeypatch.setattr(open_file, "_start", lambda *program: started.append(program))
    open_file.show_in_folder(os.fsencode(tmp_path / "a.jpg"))
    qtbot.waitUntil(lambda: started == [(b"xdg-open", os.fsencode(tmp_path))])
