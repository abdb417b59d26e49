"""Photos with odd names are opened, dragged and dropped as the very files they are."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from PySide6.QtCore import QMimeData
from pytestqt.qtbot import QtBot

from photofind.core.records.photos import Photo
from photofind.gui.asking.addresses import file_path
from photofind.gui.asking.incoming import Picture, read_drop
from photofind.gui.desktop.open_file import file_uri, open_file
from photofind.gui.grid.mime import drag_mime
from tests.odd_names import ODD_NAMES, byte_names

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes for a name")


def photo_at(path: bytes) -> Photo:
    return Photo(1, path, os.path.dirname(path), 40, 30, None, None, True)


def dragged(path: bytes) -> QMimeData:
    """Return what another program gets of a photo that is dragged to it."""
    mime = drag_mime([photo_at(path)])
    sent = QMimeData()
    sent.setData("text/uri-list", mime.data("text/uri-list"))
    return sent


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the desktop: xdg-open writes the path it was given, and whether a file is there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    log = tmp_path / "opened"
    script = programs / "xdg-open"
    script.write_text(f'#!/bin/sh\n[ -f "$1" ] && [ $# = 1 ] && printf %s "$1" > "{log}.new"\nmv "{log}.new" "{log}"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return log


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_an_oddly_named_photo_is_opened(qtbot: QtBot, tmp_path: Path, opened: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(tmp_path), name)
    with open(path, "wb"):
        open_file(path)
    deadline = time.monotonic() + 5
    while not opened.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert opened.read_bytes() == path


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_an_oddly_named_photo_is_dragged_out_and_dropped_back(qtbot: QtBot, tmp_path: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(tmp_path), name)
    with open(path, "wb"):
        pass
    incoming = read_drop(dragged(path))
    assert isinstance(incoming, Picture)
    assert os.fsencode(str(incoming.source)) == path
    assert incoming.name.isprintable()


@settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(byte_names)
def test_any_name_survives_the_way_through_a_uri(name: bytes) -> None:
    path = b"/photos/" + name
    uri = file_uri(path)
    assert uri.isascii()
    assert uri.isprintable()
    assert unquote_to_bytes(uri.removeprefix("file://")) == path
    found = file_path(uri)
    assert found is not None
    assert os.fsencode(found) == path
    (line,) = bytes(dragged(path).data("text/uri-list").data()).split()
    assert unquote_to_bytes(line.removeprefix(b"file://")) == path
