"""What to leave out: edited as a copy, with a preview by the real filter."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from photofind.gui.folders.exclusions_dialog import ExclusionsDialog
from photofind.gui.folders.exclusions_table import explain_pattern
from tests.gui.fakes import FakeSession
from tests.gui.made import make_tile


@pytest.fixture
def dialog(qtbot: QtBot, session: FakeSession) -> ExclusionsDialog:
    """The dialog on 40 photos and 203 previews, with one folder left out so far."""
    session.fill()
    for i in range(100, 303):
        session.library.tiles[i] = make_tile(i, f"Old.lrprev/{i}.jpg")
    session.library.left_out = Exclusions(("*.lrdata", "Trash"), (b"/photos/private",))
    made = ExclusionsDialog(session.worker)
    qtbot.addWidget(made)
    made.show()
    made.begin()
    qtbot.waitUntil(lambda: made.table.rowCount() == 3)
    return made


def rows(dialog: ExclusionsDialog) -> list[tuple[str, str]]:
    return [
        (dialog.table.model().index(row, 0).data(), dialog.table.model().index(row, 1).data())
        for row in range(dialog.table.rowCount())
    ]


def test_everything_left_out_is_listed_with_what_it_means(dialog: ExclusionsDialog) -> None:
    assert rows(dialog) == [
        ("/photos/private", "this folder"),
        ("*.lrdata", "names that end so"),
        ("Trash", "this name"),
    ]


def test_a_new_pattern_shows_what_it_drops_before_it_is_applied(
    qtbot: QtBot, dialog: ExclusionsDialog, session: FakeSession
) -> None:
    qtbot.waitUntil(lambda: dialog.effect.text() == "Leaves out none of the 243 photos in your library.")
    assert not dialog.examples.isVisible(), "there is nothing to list"
    QTest.keyClicks(dialog.new_pattern, " *.lrprev ")
    QTest.keyClick(dialog.new_pattern, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.effect.text() == "Leaves out 203 of 243 photos:")
    shown = [dialog.examples.item(row).text() for row in range(dialog.examples.count())]
    assert shown == [f"/photos/Old.lrprev/{i}.jpg" for i in range(100, 300)] + ["and 3 more"]
    assert dialog.examples.isVisible()
    assert session.library.left_out.patterns == ("*.lrdata", "Trash")
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert session.library.left_out == Exclusions(("*.lrdata", "Trash", "*.lrprev"), (b"/photos/private",))
    assert session.worker.syncs == 0, "the worker notices by itself, and looks through the folders once"


def test_a_pattern_that_was_typed_but_not_added_is_applied(
    qtbot: QtBot, dialog: ExclusionsDialog, session: FakeSession
) -> None:
    QTest.keyClicks(dialog.new_pattern, "*.lrprev")
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert session.library.left_out.patterns == ("*.lrdata", "Trash", "*.lrprev")


def test_many_changes_are_previewed_once(qtbot: QtBot, dialog: ExclusionsDialog, session: FakeSession) -> None:
    qtbot.waitUntil(lambda: len(session.library.previewed) == 1)
    for number in range(10):
        dialog.table.add_pattern(f"*.{number}")
        qtbot.wait(10)
    qtbot.waitUntil(lambda: len(session.library.previewed) == 2)
    assert session.library.previewed[-1].patterns[-1] == "*.9"


def test_a_pattern_is_changed_in_place(qtbot: QtBot, dialog: ExclusionsDialog) -> None:
    dialog.table.selectRow(2)
    dialog.edit_button.click()
    editor = QApplication.focusWidget() or dialog.table.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "Old*")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rows(dialog)[2] == ("Old*", "names that begin so"))
    qtbot.waitUntil(lambda: dialog.effect.text() == "Leaves out 203 of 243 photos:")


def test_a_folder_is_not_edited_but_removed(qtbot: QtBot, dialog: ExclusionsDialog, session: FakeSession) -> None:
    dialog.table.selectRow(0)
    assert not dialog.edit_button.isEnabled()
    dialog.remove_button.click()
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: session.library.left_out.folders == ())


def test_cancelling_changes_nothing(dialog: ExclusionsDialog, session: FakeSession) -> None:
    before = session.library.left_out
    dialog.usual_button.click()
    assert dialog.table.exclusions == DEFAULT_EXCLUSIONS
    dialog.reject()
    assert session.library.left_out == before


def test_a_folder_of_no_use_is_refused_with_the_reason(
    qtbot: QtBot, dialog: ExclusionsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for chosen, reason in (
        ("/photos", "is a watched folder itself"),
        ("/elsewhere", "in none of your watched folders"),
    ):
        monkeypatch.setattr(
            "photofind.gui.folders.exclusions_dialog.QFileDialog.getExistingDirectory", lambda *_, chosen=chosen: chosen
        )
        dialog.folder_button.click()
        assert reason in dialog.failure.text()
        assert dialog.failure.isVisible()
        assert dialog.table.rowCount() == 3


@pytest.mark.parametrize(
    ("pattern", "meaning"),
    [
        (".*", "hidden files and folders"),
        ("@eaDir", "this name"),
        ("*.lrdata", "names that end so"),
        ("IMG_*", "names that begin so"),
        ("a?b", "names of this form"),
        ("2019/raw", "this place in each watched folder"),
        ("", ""),
    ],
)
def test_patterns_are_said_in_plain_words(qtbot: QtBot, pattern: str, meaning: str) -> None:
    assert explain_pattern(pattern) == meaning


def test_a_new_pattern_stays_in_view_beside_what_it_drops(qtbot: QtBot, dialog: ExclusionsDialog) -> None:
    for number in range(30):
        dialog.table.add_pattern(f"*.{number}")
    QTest.keyClicks(dialog.new_pattern, "*.lrprev")
    QTest.keyClick(dialog.new_pattern, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.examples.isVisible)
    new = dialog.table.item(dialog.table.rowCount() - 1, 0)
    assert new is not None
    assert new.text() == "*.lrprev"
    view = dialog.table.viewport()
    assert view is not None
    qtbot.waitUntil(lambda: view.rect().contains(dialog.table.visualItemRect(new)), timeout=1000)
