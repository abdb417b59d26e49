"""Models are used and downloaded in their dialog, from a hub on this computer."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photofind.core import models
from photofind.core.errors import PhotofindError
from photofind.core.places import models_dir
from photofind.core.records import ModelState
from photofind.gui.model_row import ModelRow
from photofind.gui.models_dialog import ModelsDialog
from photofind.gui.window import Window
from tests.core.test_download import Hub
from tests.gui.fakes import FakeSession

SMALL = models.find("small")
SECONDS = 20_000


@pytest.fixture
def dialog(qtbot: QtBot, window: Window, session: FakeSession) -> ModelsDialog:
    session.library.known_models = [
        ModelState("quick look", True, True, "MIT", 0, 256, "Colours and light."),
        ModelState("small", False, False, "MIT", 605_000_000, 512, "Every computer."),
        ModelState("best", False, False, "MIT", 1_700_000_000, 768, "Finds the most."),
        ModelState("/models/mine", True, False, "your own", 0, 512, "A model folder of yours."),
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
    assert "605 MB to download" in dialog.rows[1].details.text()
    assert "1.7 GB to download" in dialog.rows[2].details.text()
    assert dialog.rows[1].download_button.accessibleName() == "Download small"


def test_an_installed_model_is_used(qtbot: QtBot, dialog: ModelsDialog, session: FakeSession, window: Window) -> None:
    dialog.rows[3].use_button.click()
    qtbot.waitUntil(lambda: session.library.used_model == "/models/mine")
    qtbot.waitUntil(lambda: [buttons(row) for row in dialog.rows] == [["Use"], ["Download"], ["Download"], []])
    assert "mine is being prepared; quick look answers until it is ready." in window.notices.texts


def test_a_downloaded_model_is_used_at_once(
    qtbot: QtBot, hub: Hub, dialog: ModelsDialog, session: FakeSession, window: Window
) -> None:
    dialog.rows[1].download_button.click()
    assert buttons(dialog.rows[1]) == ["Cancel"]
    assert buttons(dialog.rows[2]) == [], "one download at a time"
    qtbot.waitUntil(lambda: session.library.used_model == "small", timeout=SECONDS)
    assert models.is_installed(SMALL, models_dir(session.library_dir))
    qtbot.waitUntil(lambda: "small is being prepared; quick look answers until it is ready." in window.notices.texts)
    qtbot.waitUntil(lambda: [buttons(row) for row in dialog.rows] == [["Use"], [], ["Download"], ["Use"]])


def test_progress_is_told_in_bytes(
    qtbot: QtBot, dialog: ModelsDialog, stalled: threading.Event, window: Window
) -> None:
    row = dialog.rows[1]
    row.download_button.click()
    assert row.progress_text.text() == "connecting…"
    window.model_chooser._on_progress(120_000_000, 605_000_000)
    assert row.progress_text.text() == "120 MB of 605 MB"
    assert row.progress.value() == 198


def test_a_download_goes_on_while_the_dialog_is_closed(
    qtbot: QtBot, dialog: ModelsDialog, stalled: threading.Event, session: FakeSession, window: Window
) -> None:
    dialog.rows[1].download_button.click()
    dialog.close()
    window.dialogs.show_models()
    assert buttons(dialog.rows[1]) == ["Cancel"]
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
    qtbot: QtBot, hub: Hub, dialog: ModelsDialog, stalled: threading.Event, window: Window
) -> None:
    dialog.rows[1].download_button.click()
    dialog.close()
    hub.told["open_clip_model.safetensors"] = "1"
    stalled.set()
    qtbot.waitUntil(lambda: any("does not say how" in text for text in window.notices.texts), timeout=SECONDS)
    window.dialogs.show_models()
    qtbot.waitUntil(lambda: buttons(dialog.rows[1]) == ["Try again"])


def test_a_model_folder_that_is_none_is_refused_in_the_window(
    qtbot: QtBot, dialog: ModelsDialog, session: FakeSession, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> None:
        raise PhotofindError(f"There is no model in {name}.")

    monkeypatch.setattr(session.library, "use_model", refuse)
    monkeypatch.setattr("photofind.gui.models_dialog.QFileDialog.getExistingDirectory", lambda *_: str(Path("/photos")))
    dialog.folder_button.click()
    qtbot.waitUntil(lambda: "There is no model in /photos." in window.notices.texts)
