"""In a window of another language everything that core and background say is in that language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photofind.core.library import Library
from photofind.core.records.care import Finding
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from photofind.gui.grid.description import describe
from photofind.gui.window import Window
from tests.core.sync.test_scan_and_sync import sync
from tests.gui.fakes import FakeSession
from tests.gui.made import make_progress
from tests.gui.made_up_language import begin, spoken, translate_all


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("language") / "photofind_pl.ts"
    begin(path)
    translate_all(path)
    return path


@pytest.fixture
def foreign(qapp: QApplication, language: Path, window: Window) -> Iterator[Window]:
    """A window on 40 photos that speaks the made-up language."""
    with spoken(qapp, language):
        yield window


def test_an_error_is(qtbot: QtBot, foreign: Window, tmp_path: Path) -> None:
    foreign.folder_changes.add(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: foreign.notices.texts[-1:] == [f"«folder_not_there» {tmp_path / 'nowhere'}"])


def test_a_notice_is(foreign: Window) -> None:
    why = Sentence("model_folder_not_there", folder="/models/mine")
    foreign.show_notice(Sentence("quick_look_instead", why=why))
    assert foreign.notices.texts == ["«quick_look_instead» «model_folder_not_there» /models/mine"]


def test_why_the_work_stands_still_is(foreign: Window) -> None:
    foreign.show_progress(make_progress(state="halted", note=Sentence("library_disk_full", library="/library")))
    assert foreign.notices.texts == ["«library_disk_full» /library"]
    foreign.show_progress(make_progress(state="damaged", note=Sentence("library_damaged", library="/library")))
    assert foreign.damage_page.text.text() == "«library_damaged» /library"


def test_a_reason_that_a_library_has_stored_is(
    qtbot: QtBot, foreign: Window, session: FakeSession, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"")
    library = Library(tmp_path / "library")
    library.folders.add(tmp_path / "photos")
    sync(library)
    (pending,) = library.embedding.pending(1)
    library.embedding.store([(pending, Sentence("file_too_big", gigabytes=12.34))])
    library.close()
    with Library(tmp_path / "library") as again:
        session.library.unread = again.care.problems()
    foreign.dialogs.show_problems()
    assert foreign.dialogs.problems is not None
    table = foreign.dialogs.problems.table
    qtbot.waitUntil(lambda: table.rowCount() == 1)
    cells = [item.text() if (item := table.item(0, column)) else "" for column in range(2)]
    assert cells == ["a.jpg", "«file_too_big» 12,3"]


def test_a_flaw_is(qtbot: QtBot, foreign: Window, session: FakeSession) -> None:
    tile = session.library.tiles[1]
    session.library.tiles[1] = replace(tile, photo=replace(tile.photo, flaw=Sentence("part_missing")))
    foreign.model.refresh_all()
    foreign.model.request([1])
    qtbot.waitUntil(lambda: foreign.model.tile(1) == session.library.tiles[1])
    row = foreign.model.ids.tolist().index(1)
    assert "«part_missing»" in describe(foreign.model, row).split("\n")


def test_what_an_answer_has_to_say_is(foreign: Window) -> None:
    result = foreign.searches._answer
    assert result is not None
    note = Sentence("words_unknown", model="Quick look")
    foreign.header.describe(replace(result, query=Query(text="dog"), note=note), "", indexing=False)
    assert foreign.header.note.text() == "«words_unknown» Quick look"


def test_what_a_check_finds_is(qtbot: QtBot, foreign: Window, session: FakeSession) -> None:
    session.library.damage = [Finding(Sentence("found_damaged_embeddings"), 1240, False)]
    foreign.dialogs.show_check()
    check = foreign.dialogs.check
    assert check is not None
    qtbot.waitUntil(lambda: "«found_damaged_embeddings»: 1" in check.details.text())
