"""Folders that go away, come back, lose photos, move: what the window says and what the dialog does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from photofind.core.records.photos import Folder, NotFollowed
from photofind.core.sentences.sentence import Sentence
from photofind.gui.folders.folders_dialog import FoldersDialog
from photofind.gui.window import Window
from tests.gui.fakes import FakeSession
from tests.gui.made import make_progress, make_tile
from tests.written import written

PHOTOS = Folder(1, b"/media/anna/USB/Photos", True, 5000, 0, 0, "USB")
AWAY = "“Photos” is away: the drive “USB” is not connected. Its photos stay searchable."
VANISHED = (
    "1,240 of 5,000 photos in “Photos” vanished at once. They are kept until you choose “Forget missing…” in “Folders”."
)


@pytest.fixture
def watching(qtbot: QtBot, session: FakeSession, window: Window) -> Window:
    """A window that knows the folder “Photos” on the drive “USB”."""
    tell(window, session)
    tell(window, session, PHOTOS)
    return window


def tell(window: Window, session: FakeSession, *folders: Folder) -> None:
    session.library.watched = list(folders)
    window.show_folders(list(folders))


def press(window: Window, words: str) -> None:
    next(b for b in window.notices.findChildren(QAbstractButton) if b.text() == words).click()


def choose(monkeypatch: pytest.MonkeyPatch, place: Path | str) -> list[str]:
    """Choose a place whenever a folder is asked for; return where each question began."""
    began: list[str] = []

    def answer(_parent: object, _title: str, start: str) -> str:
        began.append(start)
        return str(place)

    monkeypatch.setattr("photofind.gui.folders.locate.QFileDialog.getExistingDirectory", answer)
    return began


def test_a_folder_that_goes_away_is_said_once_with_its_drive(watching: Window, session: FakeSession) -> None:
    for _ in range(3):
        tell(watching, session, replace(PHOTOS, online=False))
    assert watching.notices.texts == [AWAY]
    next(
        b for b in watching.notices.findChildren(QAbstractButton) if b.accessibleName() == "Close this message"
    ).click()
    tell(watching, session, replace(PHOTOS, online=False, photos=5001))
    assert watching.notices.texts == []


def test_without_a_drive_the_folder_itself_is_named(watching: Window, session: FakeSession) -> None:
    tell(watching, session, replace(PHOTOS, online=False, drive=""))
    sentence = "“Photos” is away: its folder “/media/anna/USB/Photos” cannot be found. Its photos stay searchable."
    assert watching.notices.texts == [sentence]


def test_a_folder_that_is_back_takes_the_warning_away(watching: Window, session: FakeSession) -> None:
    tell(watching, session, replace(PHOTOS, online=False))
    tell(watching, session, PHOTOS)
    assert watching.notices.texts == ["“Photos” is back."]


@pytest.mark.parametrize("is_back", [False, True])
def test_what_is_away_at_the_start_is_said_once_after_the_first_look(
    qtbot: QtBot, session: FakeSession, is_back: bool
) -> None:
    session.library.watched = [replace(PHOTOS, online=False)]
    window = Window(session)
    qtbot.addWidget(window)
    window.begin()
    qtbot.waitUntil(lambda: window.folder_changes.folders is not None)
    window.show_progress(make_progress(state="scanning"))
    assert window.notices.texts == []  # The list is of the last time until the look is done.
    if is_back:
        tell(window, session, PHOTOS)
    for _ in range(2):
        window.show_progress(make_progress())
    assert window.notices.texts == (["“Photos” is back."] if is_back else [AWAY])


def test_photos_that_vanished_at_once_are_told_and_lead_to_the_folders(
    qtbot: QtBot, watching: Window, session: FakeSession
) -> None:
    for _ in range(2):
        tell(watching, session, replace(PHOTOS, missing=1240))
    assert watching.notices.texts == [VANISHED]
    press(watching, "Show folders")
    qtbot.waitUntil(lambda: watching.dialogs.folders is not None)
    dialog = watching.dialogs.folders
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.isVisible() and dialog.list.count() == 1)
    dialog.close()


def test_photos_that_are_away_with_a_drive_inside_are_not_asked_about(watching: Window, session: FakeSession) -> None:
    for _ in range(2):
        tell(watching, session, replace(PHOTOS, missing=40, away_inside=40))
    assert watching.notices.texts == [
        "Photos of “Photos” are away, with a link or a drive inside it. They are kept.",
    ]
    press(watching, "Show folders")
    tell(watching, session, PHOTOS)
    assert watching.notices.texts == []


def test_photos_that_are_there_again_take_the_warning_away(watching: Window, session: FakeSession) -> None:
    tell(watching, session, replace(PHOTOS, missing=1240))
    tell(watching, session, PHOTOS)
    assert watching.notices.texts == []


def test_a_removed_folder_takes_its_warning_with_it(watching: Window, session: FakeSession) -> None:
    tell(watching, session, replace(PHOTOS, online=False))
    tell(watching, session)
    assert watching.notices.texts == []


def test_a_folder_is_located_from_the_warning(
    qtbot: QtBot, watching: Window, session: FakeSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = replace(PHOTOS, id=2, path=os.fsencode(tmp_path / "gone" / "Photos"))
    for is_there in (True, False):
        tell(watching, session, replace(folder, online=is_there))
    (tmp_path / "new").mkdir()
    began = choose(monkeypatch, tmp_path / "new")
    press(watching, "Locate folder…")
    qtbot.waitUntil(lambda: watching.notices.texts == [f"“Photos” is now at “{tmp_path / 'new'}”."])
    assert began == [str(tmp_path)]  # The nearest parent that is there.
    assert session.library.watched[0].path == os.fsencode(tmp_path / "new")


def test_a_folder_that_is_not_located_after_all_is_still_said_to_be_away(
    qtbot: QtBot, watching: Window, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(watching, session, replace(PHOTOS, online=False))
    began = choose(monkeypatch, "")  # Cancelled.
    press(watching, "Locate folder…")
    qtbot.waitUntil(lambda: len(began) == 1)
    assert watching.notices.texts == [AWAY]
    tell(watching, session, PHOTOS)
    assert watching.notices.texts == ["“Photos” is back."]


def test_after_the_first_folder_the_search_field_has_the_keyboard(
    qtbot: QtBot, session: FakeSession, tmp_path: Path
) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    window.begin()
    qtbot.waitUntil(window.empty_state.add_button.isVisible)
    window.empty_state.add_button.setFocus()
    window.folder_changes.add(tmp_path)
    qtbot.waitUntil(lambda: not window.empty_state.add_button.isVisible())
    assert search_has_keyboard(window)


def test_after_mending_the_search_field_has_the_keyboard(qtbot: QtBot, window: Window) -> None:
    window.show_progress(make_progress(state="damaged", note=written("The catalog is damaged.")))
    window.damage_page.rescue_button.setFocus()
    assert not search_has_keyboard(window)
    window.show_progress(make_progress())
    assert search_has_keyboard(window)


def search_has_keyboard(window: Window) -> bool:
    focused = window.focusWidget()
    return focused is not None and (focused is window.search_bar or window.search_bar.isAncestorOf(focused))


def test_badges_follow_the_folders(qtbot: QtBot, watching: Window, session: FakeSession) -> None:
    session.library.tiles[1] = make_tile(1, "green 1.jpg", (40, 160, 60), online=False)
    tell(watching, session, replace(PHOTOS, online=False))
    watching.refresh()  # As the library says after each such change.
    qtbot.waitUntil(lambda: (tile := watching.model.tile(1)) is not None and not tile.photo.online)


# The dialog


@pytest.fixture
def dialog(qtbot: QtBot, watching: Window, session: FakeSession) -> Iterator[FoldersDialog]:
    """The dialog on a folder that is there, one that is away, and one that lost photos."""
    session.library.watched = [
        Folder(1, b"/photos", True, 40, 12, 3, in_cloud=312),
        Folder(2, b"/media/caf\xe9", False, 5, 0, 0, "caf\xe9".encode("latin-1").decode("utf-8", "replace")),
        Folder(3, b"/home/anna/Scans", True, 100, 0, 0, missing=60),
    ]
    watching.dialogs.show_folders()
    made = watching.dialogs.folders
    assert made is not None
    qtbot.waitUntil(lambda: made.list.count() == 3)
    yield made
    made.close()


def answer_question(dialog: FoldersDialog, button: str) -> str:
    """Press a button of the question that is shown; return what it says."""
    box = dialog.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    said = f"{box.text()} {box.informativeText()}"
    next(b for b in box.buttons() if b.text() == button).click()
    return said


def test_each_folder_says_how_it_is(dialog: FoldersDialog) -> None:
    shown = [dialog.list.item(row).text() for row in range(3)]
    assert shown[0].split("\n")[1:] == [
        "37 photos · 12 to be indexed · 3 problems",
        "312 photos are only in the cloud and left out",
    ]
    assert "caf�" in shown[1]
    assert "Away: the drive “caf�” is not connected" in shown[1]
    assert "60 photos vanished at once and are kept until you choose “Forget missing…”" in shown[2]


def test_only_what_fits_the_chosen_folder_can_be_done(dialog: FoldersDialog) -> None:
    buttons = (dialog.locate_button, dialog.forget_button, dialog.remove_button)
    assert [button.isEnabled() for button in buttons] == [True, False, True]  # The first is chosen to begin with.
    for row, enabled in ((0, [True, False, True]), (1, [True, True, True]), (2, [True, True, True])):
        dialog.list.setCurrentRow(row)
        assert [button.isEnabled() for button in buttons] == enabled


def test_a_folder_is_removed_after_asking(qtbot: QtBot, dialog: FoldersDialog, session: FakeSession) -> None:
    dialog.list.setCurrentRow(1)
    dialog.remove_button.click()
    assert "forgets its 5 photos. Your files stay where they are." in answer_question(dialog, "Remove")
    qtbot.waitUntil(lambda: len(session.library.watched) == 2)
    qtbot.waitUntil(lambda: dialog.list.count() == 2)


def test_the_question_counts_the_photos_that_are_seen_and_shows_its_title_whole(dialog: FoldersDialog) -> None:
    dialog.remove_button.click()
    box = dialog.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    assert box.width() >= box.fontMetrics().horizontalAdvance("Remove the folder?") + 150
    assert "forgets its 37 photos." in answer_question(dialog, "Cancel")


def test_photos_are_forgotten_only_after_asking(qtbot: QtBot, dialog: FoldersDialog, session: FakeSession) -> None:
    dialog.list.setCurrentRow(2)
    dialog.forget_button.click()
    assert "forgets up to 60 photos that are not there. No file is touched." in answer_question(dialog, "Cancel")
    qtbot.wait(20)
    assert session.library.watched[2].missing == 60
    dialog.forget_button.click()
    answer_question(dialog, "Forget them")
    qtbot.waitUntil(lambda: session.library.watched[2].missing == 0)
    qtbot.waitUntil(lambda: "40 photos" in dialog.list.item(2).text())
    assert not dialog.forget_button.isEnabled()


def test_forgetting_a_folder_that_is_away_says_that_it_is(dialog: FoldersDialog, session: FakeSession) -> None:
    dialog.list.setCurrentRow(1)
    dialog.forget_button.click()
    said = answer_question(dialog, "Cancel")
    assert "was empty or could not be found at the last look. Are its photos deleted?" in said
    assert "If they are on a drive that is not connected, connect it instead." in said


def test_the_keyboard_goes_through_the_dialog_from_top_to_bottom(dialog: FoldersDialog) -> None:
    order: list[tuple[int, int]] = []
    part: QWidget | None = dialog.list.nextInFocusChain()
    while part is not None and part is not dialog.list:
        if isinstance(part, QAbstractButton | QAbstractSpinBox) and part.isVisible():
            place = part.mapTo(dialog, part.rect().topLeft())
            order.append((place.y(), place.x()))
        part = part.nextInFocusChain()
    assert len(order) == 7
    assert [y // 20 for y, _ in order] == sorted(y // 20 for y, _ in order)


def test_all_of_the_dialog_can_be_read_at_its_first_size(dialog: FoldersDialog) -> None:
    assert dialog.minimumSizeHint().width() <= 620


def test_what_the_library_refuses_is_said_in_the_dialog(qtbot: QtBot, dialog: FoldersDialog) -> None:
    dialog.list.setCurrentRow(1)
    dialog.forget_button.click()
    answer_question(dialog, "Forget them")
    qtbot.waitUntil(dialog.failure.isVisible)
    assert "There is no folder" in dialog.failure.text()
    dialog.close()
    assert dialog.failure.isHidden()


def test_a_folder_is_located_in_the_dialog(
    qtbot: QtBot, dialog: FoldersDialog, session: FakeSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, tmp_path)
    dialog.list.setCurrentRow(1)
    dialog.locate_button.click()
    qtbot.waitUntil(lambda: str(tmp_path) in dialog.list.item(1).text())
    assert session.library.watched[1].online
    choose(monkeypatch, "")  # Cancelled.
    dialog.locate_button.click()
    qtbot.wait(20)
    assert session.library.watched[1].path == os.fsencode(tmp_path)


def test_the_share_that_may_vanish_is_kept(qtbot: QtBot, dialog: FoldersDialog, session: FakeSession) -> None:
    assert dialog.share.text() == "20 %"
    dialog.share.setValue(35)
    qtbot.waitUntil(lambda: session.library.share == 0.35)
    session.library.share = 0.5
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.share.value() == 50)


def test_what_to_leave_out_is_reached_from_the_folders(qtbot: QtBot, dialog: FoldersDialog, watching: Window) -> None:
    dialog.exclusions_button.click()
    assert watching.dialogs.exclusions is not None
    assert watching.dialogs.exclusions.isVisible()
    watching.dialogs.exclusions.close()


def test_a_folder_that_does_not_answer_is_said_so(
    qtbot: QtBot, watching: Window, session: FakeSession, dialog: FoldersDialog
) -> None:
    hanging = replace(PHOTOS, online=False, why_away=Sentence("folder_does_not_answer"))
    tell(watching, session, hanging)
    why = "The folder does not answer; its drive, or the network, may hang."
    assert watching.notices.texts == [f"“Photos” is away. {why} Its photos stay searchable."]
    dialog.reload()
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    assert f"Away. {why} Its photos stay searchable" in dialog.list.item(0).text()


def test_what_is_not_followed_is_said_in_the_dialog(qtbot: QtBot, watching: Window, session: FakeSession) -> None:
    links = tuple(NotFollowed(b"link %d" % n, Sentence("link_in_a_circle")) for n in range(7))
    session.library.watched = [Folder(1, b"/photos", True, 40, 0, 0, not_followed=links, more_not_followed=30)]
    watching.dialogs.show_folders()
    made = watching.dialogs.folders
    assert made is not None
    qtbot.waitUntil(lambda: made.list.count() == 1)
    lines = made.list.item(0).text().split("\n")[2:]
    assert lines[0] == "Not followed: “link 0”. Leads in a circle."
    assert (len(lines), lines[-1]) == (6, "and 32 more")
    made.close()


def test_of_two_drives_in_one_place_the_chosen_one_is_removed(
    qtbot: QtBot, watching: Window, session: FakeSession
) -> None:
    away = Folder(1, b"/media/card", False, 40, 0, 0, why_away=Sentence("folder_shows_another_drive"))
    session.library.watched = [away, Folder(2, b"/media/card", True, 12, 0, 0)]
    watching.dialogs.show_folders()
    made = watching.dialogs.folders
    assert made is not None
    qtbot.waitUntil(lambda: made.list.count() == 2)
    assert "Another drive is connected in its place" in made.list.item(0).text()
    made.list.setCurrentRow(0)
    made.remove_button.click()
    answer_question(made, "Remove")
    qtbot.waitUntil(lambda: [folder.id for folder in session.library.watched] == [2])
    made.close()
