"""What the Models dialog says of a change: what it costs, how far it is, what is kept, and what it runs on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from photofind.core.records.models import ModelState
from photofind.core.records.progress import Progress
from photofind.core.sentences.sentence import Sentence
from photofind.gui.models.models_dialog import ModelsDialog
from photofind.gui.models.row import ModelRow
from photofind.gui.window import Window
from tests.gui.fake_library import FakeModel
from tests.gui.fakes import FakeSession
from tests.gui.made import make_progress
from tests.written import written, written_error

QUICK_LOOK = ModelState("quick look", True, True, written("MIT"), 0, 256, written("Colours and light."), answers=True)
SMALL = ModelState(
    "small", True, False, written("MIT"), 605_000_000, 512, written("Every computer."), Sentence("knows_english")
)
MINE = ModelState("/models/mine", True, False, Sentence("license_own"), 0, 512, Sentence("good_own"))


def changing(**changes: object) -> Progress:
    usual = make_progress(state="embedding", photos=20_100, embedded=9_000, pending=11_000, failed=100)
    return replace(usual, next_model="small", **changes)  # type: ignore[arg-type]


def show(qtbot: QtBot, window: Window, session: FakeSession, *models: ModelState) -> ModelsDialog:
    """Show the dialog with these models, once it also knows what they run on."""
    session.library.known_models = list(models)
    window.dialogs.show_models()
    made = window.dialogs.models
    assert made is not None
    qtbot.waitUntil(lambda: len(made.rows) == len(models) and made.device_line.devices is not None)
    qtbot.waitUntil(lambda: all(row.isVisible() for row in made.rows))
    return made


@pytest.fixture
def card(session: FakeSession) -> str:
    """A graphics card."""
    session.library.card = session.library.card_there = "NVIDIA X"
    return "NVIDIA X"


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def shown(row: ModelRow) -> list[str]:
    return [button.text() for button in row.buttons if button.isVisible()]


# What a model costs


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (replace(SMALL, images_per_second=48.4, to_embed=20_000), "48 photos/s · about 7 minutes for 20,000 photos"),
        (replace(SMALL, images_per_second=4.26, to_embed=1), "4.3 photos/s · less than a minute for 1 photo"),
        (replace(SMALL, images_per_second=0.4, to_embed=9_000), "0.4 photos/s · about 6 hours for 9,000 photos"),
        (replace(SMALL, images_per_second=1.0, to_embed=260_000), "1.0 photos/s · about 3 days for 260,000 photos"),
        (replace(SMALL, images_per_second=48.4, to_embed=0), "48 photos/s · ready at once"),
        (replace(SMALL, to_embed=0), "ready at once"),
        (replace(SMALL, to_embed=20_000), ""),
        (replace(SMALL, installed=False), ""),
    ],
)
def test_speed_and_time_of_a_change_are_told_where_they_are_known(
    qtbot: QtBot, window: Window, session: FakeSession, model: ModelState, words: str
) -> None:
    row = show(qtbot, window, session, QUICK_LOOK, model).rows[1]
    assert plain(row.costs.text()).replace(" on this computer", "") == words
    assert row.costs.isVisible() == bool(words)


def test_a_model_in_use_costs_nothing_more(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    in_use = replace(SMALL, in_use=True, answers=True, images_per_second=48.4)
    row = show(qtbot, window, session, replace(QUICK_LOOK, in_use=False, answers=False), in_use).rows[1]
    assert row.costs.text() == "48 photos/s on this computer"
    assert plain(row.details.text()) == "English\n605 MB · MIT"
    assert (row.mark_text.isVisible(), row.mark_text.text()) == (True, "in use")


def test_which_engine_runs_a_model_is_told_and_which_is_not_exact_enough(
    qtbot: QtBot, window: Window, session: FakeSession
) -> None:
    inexact = Sentence("engine_inexact", engine="ONNX INT8", off=8.34, furthest=31.2, same=88.0)
    fitted = replace(SMALL, in_use=True, images_per_second=16.0, engine="ONNX fp32", inexact=inexact)
    row = show(qtbot, window, session, QUICK_LOOK, fitted).rows[1]
    assert plain(row.costs.text()) == (
        "16 photos/s on this computer, by ONNX fp32\n"
        "ONNX INT8 is not exact enough: scores off by 8.3 % of what sets pictures apart, the worst picture by 31 %; "
        "88 % of the best ten the same."
    )


def test_the_speed_of_the_processor_is_not_told_for_a_graphics_card(
    qtbot: QtBot, window: Window, session: FakeSession, card: str
) -> None:
    dialog = show(
        qtbot,
        window,
        session,
        QUICK_LOOK,
        replace(SMALL, images_per_second=48.4, to_embed=20_000, engine="ONNX fp32", inexact=written("x")),
    )
    assert dialog.rows[1].costs.text() == ""
    dialog.device_line.box.activated.emit(dialog.device_line.box.findData("cpu"))
    qtbot.waitUntil(lambda: "about 7 minutes" in dialog.rows[1].costs.text())


# A change


@pytest.fixture
def dialog(qtbot: QtBot, window: Window, session: FakeSession) -> ModelsDialog:
    """Quick look in use, small and a folder of the person's own beside it."""
    return show(qtbot, window, session, QUICK_LOOK, SMALL, MINE)


def test_a_change_shows_how_far_it_is_and_which_model_answers(
    qtbot: QtBot, dialog: ModelsDialog, window: Window
) -> None:
    quick_look, small, mine = dialog.rows
    small.use_button.setFocus()
    small.use_button.click()
    qtbot.waitUntil(lambda: [shown(row) for row in dialog.rows] == [[], ["Cancel the change"], ["Use"]])
    assert small.stay_button.hasFocus(), "the keyboard stays in the row"
    assert small.stay_button.accessibleName() == "Cancel the change to small"
    assert quick_look.mark_text.text() == "answers until then"
    window.show_progress(changing(state="fitting"))
    assert small.line.text.text() == "being fitted to this computer…"
    assert small.line.bar.maximum() == 0, "busy, because nobody knows how long it takes"
    window.show_progress(changing(seconds_left=440.0))
    assert small.line.text.text() == "9,000 of 20,000 photos ready · about 8 minutes left"
    assert small.line.bar.value() == 450
    assert small.line.bar.accessibleName() == "Photos ready for small"
    window.show_progress(changing(state="paused"))
    assert small.line.text.text() == "9,000 of 20,000 photos ready · paused"
    assert not quick_look.line.isVisible()
    assert not mine.line.isVisible()


def test_a_change_is_cancelled(qtbot: QtBot, dialog: ModelsDialog, window: Window) -> None:
    small = dialog.rows[1]
    small.use_button.click()
    qtbot.waitUntil(small.stay_button.isVisible)
    small.stay_button.setFocus()
    QTest.keyClick(small.stay_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: [shown(row) for row in dialog.rows] == [[], ["Use"], ["Use"]])
    assert dialog.rows[0].mark_text.text() == "in use"
    assert not small.line.isVisible()
    assert "“quick look” is in use." in window.notices.texts
    assert small.use_button.hasFocus()


def test_the_end_of_a_change_is_shown_by_itself(
    qtbot: QtBot, dialog: ModelsDialog, window: Window, session: FakeSession
) -> None:
    dialog.rows[1].use_button.click()
    qtbot.waitUntil(dialog.rows[1].stay_button.isVisible)
    window.show_progress(changing())
    row = dialog.rows[1]
    session.library.models.finish_change()
    window.show_progress(make_progress(model="small"))
    qtbot.waitUntil(lambda: row.mark_text.isVisible() and row.mark_text.text() == "in use")
    assert dialog.rows[1] is row, "the list is not built anew"
    assert [shown(row) for row in dialog.rows] == [["Use"], [], ["Use"]]


def test_a_change_under_way_is_shown_when_the_dialog_opens(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    window.show_progress(changing())
    under_way = (replace(QUICK_LOOK, in_use=False), replace(SMALL, in_use=True))
    dialog = show(qtbot, window, session, *under_way)
    assert dialog.rows[1].line.text.text() == "9,000 of 20,000 photos ready"


def test_a_model_that_is_ready_at_once_is_not_said_to_be_prepared(
    qtbot: QtBot, dialog: ModelsDialog, window: Window, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = session.library.models.use

    def use(name: str) -> FakeModel:
        made = begin(name)
        session.library.models.finish_change()
        return made

    monkeypatch.setattr(session.library.models, "use", use)
    dialog.rows[1].use_button.click()
    qtbot.waitUntil(lambda: window.notices.texts == ["“small” is in use."])


# What is kept


def agree(dialog: ModelsDialog, button: str) -> str:
    """Answer the question that is asked; return it."""
    box = dialog.findChild(QMessageBox)
    assert box is not None
    found = next(one for one in box.buttons() if one.text().replace("&", "") == button)
    text = f"{box.text()} {box.informativeText()}"
    found.click()
    return text


@pytest.mark.parametrize("button", ["Delete", "Cancel"])
def test_kept_vectors_are_deleted_only_after_asking(
    qtbot: QtBot, window: Window, session: FakeSession, button: str
) -> None:
    kept = replace(SMALL, kept_vectors=20_000, kept_bytes=31_000_000)
    dialog = show(qtbot, window, session, replace(QUICK_LOOK, kept_vectors=20_000, kept_bytes=1), kept)
    assert not dialog.rows[0].kept.isVisible(), "those of a model in use are not offered for deletion"
    row = dialog.rows[1]
    assert row.kept.text() == "Keeps what it learned of 20,000 photos (31 MB)"
    assert shown(row) == ["Use", "Delete…"]
    row.delete_button.click()
    assert session.library.known_models[1].kept_vectors == 20_000
    said = agree(dialog, button)
    assert "“small”" in said
    assert "20,000 photos are looked at again" in said
    assert "photos are never touched" in said
    if button == "Cancel":
        qtbot.wait(50)
        assert session.library.known_models[1].kept_vectors == 20_000
    else:
        qtbot.waitUntil(lambda: not row.kept.isVisible())
        assert shown(row) == ["Use"]


def test_a_row_that_goes_takes_no_download_button_for_its_own(
    qtbot: QtBot, window: Window, session: FakeSession
) -> None:
    kept = replace(MINE, kept_vectors=12, kept_bytes=3_000)
    dialog = show(qtbot, window, session, QUICK_LOOK, kept, replace(SMALL, installed=False))
    dialog.rows[1].delete_button.setFocus()
    session.library.known_models.remove(kept)
    dialog.reload()
    qtbot.waitUntil(lambda: len(dialog.rows) == 2)
    assert dialog.focusWidget() is dialog.close_button, "Enter begins no download"


def test_vectors_of_a_model_that_is_not_there_can_only_be_deleted(
    qtbot: QtBot, window: Window, session: FakeSession
) -> None:
    gone = replace(MINE, installed=False, kept_vectors=12, kept_bytes=3_000)
    dialog = show(qtbot, window, session, QUICK_LOOK, gone)
    assert shown(dialog.rows[1]) == ["Delete…"]
    assert not dialog.files_button.isEnabled(), "no files of it can be had"


# What it runs on


def items(dialog: ModelsDialog) -> list[str]:
    box = dialog.device_line.box
    return [box.itemText(row) for row in range(box.count())]


def test_without_a_card_there_are_two_choices(qtbot: QtBot, dialog: ModelsDialog, session: FakeSession) -> None:
    assert items(dialog) == ["Automatic", "CPU"]
    assert dialog.device_line.in_use.text() == "now: CPU"


def test_a_card_is_chosen_by_name_and_used_at_once(
    qtbot: QtBot, window: Window, session: FakeSession, card: str
) -> None:
    dialog = show(qtbot, window, session, QUICK_LOOK, SMALL)
    line = dialog.device_line
    assert items(dialog) == ["Automatic", card, "CPU"]
    assert line.in_use.text() == "now: NVIDIA X"
    dialog.activateWindow()
    line.box.setFocus()
    QTest.keyClick(line.box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: session.library.chosen_device == "cuda")
    qtbot.waitUntil(lambda: line.in_use.text() == "")
    QTest.keyClick(line.box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: session.library.chosen_device == "cpu")
    assert QApplication.focusWidget() is line.box


def test_a_chosen_card_that_is_not_there_is_told(qtbot: QtBot, window: Window, session: FakeSession) -> None:
    session.library.chosen_device = "cuda"
    dialog = show(qtbot, window, session, QUICK_LOOK)
    assert items(dialog) == ["Automatic", "A graphics card that is not there", "CPU"]
    assert dialog.device_line.box.currentIndex() == 1
    assert dialog.device_line.in_use.text() == "now: CPU"


def test_a_card_that_fails_is_told_without_asking(
    qtbot: QtBot, window: Window, session: FakeSession, card: str
) -> None:
    window.show_progress(make_progress(device="NVIDIA X"))
    dialog = show(qtbot, window, session, QUICK_LOOK, SMALL)
    session.library.card = "CPU"
    window.show_progress(make_progress(device="CPU"))
    qtbot.waitUntil(lambda: dialog.device_line.in_use.text() == "now: CPU")


def test_what_cannot_be_chosen_is_said_and_not_shown_as_chosen(
    qtbot: QtBot, dialog: ModelsDialog, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(device: str) -> None:
        raise written_error("The disk is full.")

    monkeypatch.setattr(session.library.models, "use_device", refuse)
    line = dialog.device_line
    line.box.setCurrentIndex(1)
    line.box.activated.emit(1)
    qtbot.waitUntil(dialog.failure.isVisible)
    assert dialog.failure.text() == "The disk is full."
    qtbot.waitUntil(lambda: line.box.currentIndex() == 0)
