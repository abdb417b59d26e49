"""Models are used and downloaded in their dialog, from a hub on this computer."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from photofind.background.model_download import Transfer
from photofind.core.errors import PhotofindError
from photofind.core.models import offered as models
from photofind.core.models.installation import loaded_bytes
from photofind.core.places import models_dir
from photofind.core.records.models import ModelState
from photofind.core.sentences.sentence import Sentence
from photofind.gui.models.models_dialog import ModelsDialog
from photofind.gui.models.row import ModelRow
from photofind.gui.window import Window
from tests.gui.fakes import FakeSession
from tests.hub import SMALL, Hub
from tests.tiny_clip import TINY_CLIP
from tests.written import written, written_error

SECONDS = 60_000


@pytest.fixture
def dialog(qtbot: QtBot, window: Window, session: FakeSession) -> ModelsDialog:
    session.library.known_models = [
        ModelState("quick look", True, True, written("MIT"), 0, 256, written("Colours and light."), answers=True),
        ModelState("small", False, False, written("MIT"), 605_000_000, 512, written("Every computer.")),
        ModelState("best", False, False, written("MIT"), 1_700_000_000, 768, written("Finds the most.")),
        ModelState("/models/mine", True, False, Sentence("license_own"), 0, 512, Sentence("good_own")),
    ]
    window.dialogs.show_models()
    made = window.dialogs.models
    assert made is not None
    qtbot.waitUntil(lambda: len(made.rows) == 4 and made.rows[3].isVisible())
    return made


def buttons(row: ModelRow) -> list[str]:
    return [button.text() for button in row.buttons if button.isVisible()]


def test_every_model_offers_the_one_thing_that_can_be_done(dialog: ModelsDialog) -> None:
    assert [buttons(row) for row in dialog.rows] == [[], ["Download"], ["Download"], ["Use"]]
    assert dialog.rows[1].details.text().replace("\N{NO-BREAK SPACE}", " ") == "605 MB to download · MIT"
    assert dialog.rows[2].details.text().replace("\N{NO-BREAK SPACE}", " ") == "1.7 GB to download · MIT"
    assert dialog.rows[1].download_button.accessibleName() == "Download small"


def test_one_that_is_not_offered_any_more_names_what_takes_its_place(
    qtbot: QtBot, dialog: ModelsDialog, session: FakeSession
) -> None:
    formerly = Sentence("good_formerly", other="multilingual")
    kept = ModelState(
        "more languages", False, False, written("MIT"), 0, 0, formerly, kept_vectors=12, kept_bytes=12_288
    )
    session.library.known_models.append(kept)
    dialog.reload()
    qtbot.waitUntil(lambda: len(dialog.rows) == 5 and dialog.rows[4].isVisible())
    row = dialog.rows[4]
    assert row.good_for.text() == "Offered formerly; “multilingual” takes its place."
    assert "12 photos" in row.kept.text()
    assert buttons(row) == ["Delete…"]


def test_a_library_that_used_it_is_told_of_in_the_window(window: Window, tmp_path: Path) -> None:
    with pytest.raises(PhotofindError) as refused:
        models.describe("more languages", tmp_path)
    window.show_notice(Sentence("quick_look_for_words", why=refused.value.sentence))
    assert window.notices.texts == [
        "The model “more languages” is not offered any more; “multilingual” takes its place: download it in “Models”, "
        "or with “photofind models get multilingual”. Quick look is used instead; Find similar goes on with what the "
        "other one learned."
    ]


def test_both_licences_are_shown_where_they_differ(qtbot: QtBot, dialog: ModelsDialog, session: FakeSession) -> None:
    classic = ModelState("classic", False, False, models.find("classic").licenses, 605_000_000, 512, written("CLIP."))
    session.library.known_models.append(classic)
    dialog.reload()
    qtbot.waitUntil(lambda: len(dialog.rows) == 5)
    details = dialog.rows[4].details.text().replace("\N{NO-BREAK SPACE}", " ")
    assert details == "605 MB to download · Apache-2.0 by its page, MIT by its makers"


def test_an_installed_model_is_used(qtbot: QtBot, dialog: ModelsDialog, session: FakeSession, window: Window) -> None:
    dialog.rows[3].use_button.click()
    qtbot.waitUntil(lambda: session.library.used_model == "/models/mine")
    qtbot.waitUntil(
        lambda: [buttons(row) for row in dialog.rows] == [[], ["Download"], ["Download"], ["Cancel the change"]]
    )
    assert "“mine” is being prepared; “quick look” answers until it is ready." in window.notices.texts


def test_a_downloaded_model_is_used_at_once(
    qtbot: QtBot, hub: Hub, dialog: ModelsDialog, session: FakeSession, window: Window
) -> None:
    dialog.rows[1].download_button.click()
    assert buttons(dialog.rows[1]) == ["Pause", "Cancel"]
    assert not dialog.rows[2].download_button.isEnabled(), "one download at a time"
    assert not dialog.files_button.isEnabled()
    qtbot.waitUntil(lambda: session.library.used_model == "small", timeout=SECONDS)
    assert models.is_installed(SMALL, models_dir(session.library_dir))
    qtbot.waitUntil(
        lambda: "“small” is being prepared; “quick look” answers until it is ready." in window.notices.texts
    )
    qtbot.waitUntil(lambda: [buttons(row) for row in dialog.rows] == [[], ["Cancel the change"], ["Download"], ["Use"]])


@pytest.mark.parametrize(
    ("transfer", "words"),
    [
        (Transfer(120_000_000, 605_000_000), "120 MB of 605 MB"),
        (Transfer(120_000_000, 605_000_000, 4e6), "120 MB of 605 MB · 4 MB/s · about 3 minutes left"),
        (Transfer(120_000_000, 605_000_000, 0.0), "120 MB of 605 MB · waiting for the network…"),
        (
            Transfer(120_000_000, 605_000_000, 4e6, Sentence("hub_asks_to_wait", seconds=20.0)),
            "120 MB of 605 MB · the hub asks to wait 20 s",
        ),
        (
            Transfer(120_000_000, 605_000_000, 0.0, Sentence("waiting_for_network", seconds=4.0)),
            "120 MB of 605 MB · waiting for the network; next try in 4 s",
        ),
        (Transfer(605_000_000, 605_000_000, 4e6), "checking…"),
    ],
)
def test_progress_is_told_in_bytes_speed_and_time(
    dialog: ModelsDialog, stalled: threading.Event, window: Window, transfer: Transfer, words: str
) -> None:
    row = dialog.rows[1]
    row.download_button.click()
    assert row.line.text.text() == "connecting…"
    window.model_chooser._on_transfer(transfer)
    assert row.line.text.text() == words
    assert row.line.bar.value() == 1000 * transfer.done // transfer.total


def test_a_wait_before_anything_is_known_is_told_and_forgotten_when_it_is_begun_anew(
    dialog: ModelsDialog, stalled: threading.Event, window: Window
) -> None:
    row = dialog.rows[1]
    row.download_button.click()
    window.model_chooser._on_transfer(Transfer(0, 0, None, Sentence("waiting_for_hub", seconds=8.0)))
    assert row.line.text.text() == "the hub cannot answer just now; next try in 8 s"
    row.pause_button.click()
    row.download_button.click()
    assert row.line.text.text() == "connecting…"


def wait_loaded(qtbot: QtBot, session: FakeSession, least: int) -> None:
    qtbot.waitUntil(lambda: loaded_bytes(SMALL, models_dir(session.library_dir)) > least, timeout=SECONDS)


def test_a_paused_download_is_resumed(qtbot: QtBot, hub: Hub, dialog: ModelsDialog, session: FakeSession) -> None:
    hub.seconds_per_step = 0.02
    row = dialog.rows[1]
    row.download_button.setFocus()
    row.download_button.click()
    assert row.pause_button.hasFocus(), "the keyboard stays in the row"
    wait_loaded(qtbot, session, 2_000_000)
    qtbot.waitUntil(lambda: "MB of 8 MB" in row.line.text.text())
    row.pause_button.click()
    assert buttons(row) == ["Resume", "Cancel"]
    assert row.download_button.hasFocus()
    assert row.download_button.accessibleName() == "Resume the download of small"
    assert row.line.text.text().endswith("MB of 8 MB")
    assert buttons(dialog.rows[2]) == ["Download"], "another may be downloaded meanwhile"
    row.download_button.click()
    assert buttons(row) == ["Pause", "Cancel"]
    qtbot.waitUntil(lambda: session.library.used_model == "small", timeout=SECONDS)
    assert len(hub.ranges) == 1


def test_what_an_earlier_session_left_is_resumed_or_thrown_away(
    qtbot: QtBot, hub: Hub, dialog: ModelsDialog, session: FakeSession
) -> None:
    part = models_dir(session.library_dir) / ".small.part"
    part.mkdir(parents=True)
    (part / "open_clip_model.safetensors").write_bytes(b"\0" * 1_000_000)
    session.library.known_models[1] = replace(session.library.known_models[1], loaded_bytes=120_000_000)
    dialog.reload()
    qtbot.waitUntil(lambda: buttons(dialog.rows[1]) == ["Resume", "Cancel"])
    assert dialog.rows[1].line.text.text() == "120 MB of 605 MB"
    dialog.rows[1].cancel_button.click()
    assert buttons(dialog.rows[1]) == ["Download"]
    qtbot.waitUntil(lambda: not part.exists())


def test_cancel_in_the_middle_leaves_nothing(
    qtbot: QtBot, hub: Hub, dialog: ModelsDialog, session: FakeSession
) -> None:
    hub.seconds_per_step = 0.02
    dialog.rows[1].download_button.click()
    wait_loaded(qtbot, session, 2_000_000)
    dialog.rows[1].cancel_button.click()
    assert buttons(dialog.rows[1]) == ["Download"]
    qtbot.waitUntil(lambda: loaded_bytes(SMALL, models_dir(session.library_dir)) == 0, timeout=SECONDS)


def test_files_that_one_has_are_used_for_the_model_one_picks(
    qtbot: QtBot, dialog: ModelsDialog, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = replace(SMALL, dim=64, size=64, download_bytes=(TINY_CLIP / "open_clip_model.safetensors").stat().st_size)
    monkeypatch.setattr(models, "find", lambda name: tiny)
    chooser = "photofind.gui.models.models_dialog.QFileDialog.getExistingDirectory"
    monkeypatch.setattr(chooser, lambda *_: str(TINY_CLIP))
    dialog.files_menu.aboutToShow.emit()
    offered = dialog.files_menu.actions()
    assert [action.text() for action in offered] == ["small", "best"], "what is installed needs no files"
    offered[0].trigger()
    assert buttons(dialog.rows[1]) == ["Cancel"], "a copy cannot be paused"
    qtbot.waitUntil(lambda: session.library.used_model == "small", timeout=SECONDS)
    assert models.is_installed(SMALL, models_dir(session.library_dir))


def test_files_of_another_model_are_refused_in_its_row(
    qtbot: QtBot, dialog: ModelsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    chooser = "photofind.gui.models.models_dialog.QFileDialog.getExistingDirectory"
    monkeypatch.setattr(chooser, lambda *_: str(TINY_CLIP))
    dialog.files_menu.aboutToShow.emit()
    dialog.files_menu.actions()[0].trigger()
    qtbot.waitUntil(dialog.rows[1].failure.isVisible)
    assert "not those of the model “small”" in dialog.rows[1].failure.text()
    assert buttons(dialog.rows[1]) == ["Download"], "to try again would be to choose other files"


@pytest.mark.parametrize("is_active", [True, False])
def test_enter_begins_no_other_download_where_one_has_just_ended(
    qtbot: QtBot, hub: Hub, dialog: ModelsDialog, session: FakeSession, window: Window, is_active: bool
) -> None:
    dialog.activateWindow()
    dialog.rows[1].download_button.setFocus()
    dialog.rows[1].download_button.click()
    if not is_active:
        window.activateWindow()
    qtbot.waitUntil(lambda: buttons(dialog.rows[1]) == ["Cancel the change"], timeout=SECONDS)
    session.library.models.finish_change()
    dialog.reload()
    qtbot.waitUntil(lambda: buttons(dialog.rows[1]) == [])
    assert dialog.isActiveWindow() is is_active
    assert dialog.focusWidget() is dialog.close_button


def test_the_keyboard_begins_where_it_can_do_no_harm(dialog: ModelsDialog, window: Window) -> None:
    dialog.rows[2].download_button.setFocus()
    assert dialog.focusWidget() is dialog.rows[2].download_button
    dialog.close()
    window.dialogs.show_models()
    assert dialog.focusWidget() is dialog.close_button


def test_every_button_can_be_reached_by_the_tab_key(dialog: ModelsDialog) -> None:
    dialog.activateWindow()
    dialog.rows[1].download_button.setFocus()
    reached = []
    for _ in range(8):
        button = QApplication.focusWidget()
        assert isinstance(button, QPushButton | QComboBox)
        reached.append(button.accessibleName() or (button.text() if isinstance(button, QPushButton) else ""))
        QTest.keyClick(button, Qt.Key.Key_Tab)
    assert reached == [
        "Download small",
        "Download best",
        "Use /models/mine",
        "What embeds pictures",
        "Use files I already have",
        "Use a model folder…",
        "Close",
        "Download small",
    ]


def test_a_download_goes_on_while_the_dialog_is_closed(
    qtbot: QtBot, dialog: ModelsDialog, stalled: threading.Event, session: FakeSession, window: Window
) -> None:
    dialog.rows[1].download_button.click()
    dialog.close()
    window.dialogs.show_models()
    assert buttons(dialog.rows[1]) == ["Pause", "Cancel"]
    dialog.close()
    stalled.set()
    qtbot.waitUntil(lambda: session.library.used_model == "small", timeout=SECONDS)


def test_cancel_is_at_once_though_the_network_stalls(
    qtbot: QtBot, dialog: ModelsDialog, stalled: threading.Event, session: FakeSession, hub: Hub
) -> None:
    dialog.rows[1].download_button.click()
    qtbot.wait(100)
    dialog.rows[1].cancel_button.click()
    assert buttons(dialog.rows[1]) == ["Download"]
    assert buttons(dialog.rows[2]) == ["Download"]
    stalled.set()
    dialog.rows[1].download_button.click()
    qtbot.waitUntil(lambda: session.library.used_model == "small", timeout=SECONDS)


def test_a_failure_stays_in_view_and_can_be_tried_again(
    qtbot: QtBot, hub: Hub, dialog: ModelsDialog, session: FakeSession, window: Window
) -> None:
    hub.status = 500
    row = dialog.rows[1]
    row.download_button.click()
    qtbot.waitUntil(row.failure.isVisible, timeout=SECONDS)
    assert "500" in row.failure.text()
    assert buttons(row) == ["Try again"]
    assert window.notices.texts == [], "the dialog tells it"
    hub.status = None
    row.download_button.click()
    assert not row.failure.isVisible()
    qtbot.waitUntil(lambda: session.library.used_model == "small", timeout=SECONDS)


def test_a_failure_without_the_dialog_is_told_in_the_window(
    qtbot: QtBot, hub: Hub, dialog: ModelsDialog, window: Window
) -> None:
    hub.status = 403
    hub.be_late("HEAD", 0.3)
    dialog.rows[1].download_button.click()
    dialog.close()
    qtbot.waitUntil(lambda: any("it answered 403" in text for text in window.notices.texts), timeout=SECONDS)
    window.dialogs.show_models()
    qtbot.waitUntil(lambda: buttons(dialog.rows[1]) == ["Try again"])


def test_a_model_folder_that_is_none_is_refused_where_it_was_chosen(
    qtbot: QtBot, dialog: ModelsDialog, session: FakeSession, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> None:
        raise written_error(f"There is no model in {name}.")

    monkeypatch.setattr(session.library.models, "use", refuse)
    monkeypatch.setattr(
        "photofind.gui.models.models_dialog.QFileDialog.getExistingDirectory", lambda *_: str(Path("/photos"))
    )
    dialog.folder_button.click()
    qtbot.waitUntil(dialog.failure.isVisible)
    assert dialog.failure.text() == "There is no model in /photos."
    assert window.notices.texts == [], "the dialog tells it"
    dialog.close()
    window.dialogs.show_models()
    assert not dialog.failure.isVisible(), "it is not told again"
    dialog.close()
    window.model_chooser.use("/photos")
    qtbot.waitUntil(lambda: "There is no model in /photos." in window.notices.texts)
