"""The model for Find similar has its own place on the Models page, and its own words in the status bar."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from photofind.core.records.models import ModelState
from photofind.core.sentences.sentence import Sentence
from photofind.gui.models.models_dialog import ModelsDialog
from photofind.gui.models.row import ModelRow
from photofind.gui.status_bar import StatusBar
from photofind.gui.window import Window
from tests.gui.fakes import FakeSession
from tests.gui.made import make_progress
from tests.written import written

SECOND = ModelState(
    "look-alikes", True, False, written("Apache-2.0"), 88_000_000, 384, written("The same thing or place."),
    images_per_second=40.0, to_embed=8000, for_similar=True,
)  # fmt: skip


@pytest.fixture
def dialog(qtbot: QtBot, window: Window, session: FakeSession) -> ModelsDialog:
    session.library.known_models = [
        ModelState("quick look", True, True, written("MIT"), 0, 256, written("Colours and light."), answers=True),
        SECOND,
        ModelState("small", False, False, written("MIT"), 605_000_000, 512, written("Every computer.")),
    ]
    window.dialogs.show_models()
    made = window.dialogs.models
    assert made is not None
    qtbot.waitUntil(lambda: len(made.rows) == 3 and made.rows[2].isVisible())
    return made


def buttons(row: ModelRow) -> list[str]:
    return [button.text() for button in row.buttons if button.isVisible()]


def second(dialog: ModelsDialog) -> ModelRow:
    (row,) = (row for row in dialog.rows if row.model.name == "look-alikes")
    return row


def test_it_stands_below_the_others_under_a_heading_of_its_own(dialog: ModelsDialog) -> None:
    assert [row.model.name for row in dialog.rows] == ["quick look", "small", "look-alikes"]
    heading, row = dialog._list.similar_heading, second(dialog)
    assert heading.isVisible()
    assert "Find similar" in heading.text()
    assert dialog.rows[1].geometry().bottom() < heading.y() < row.y()


def test_without_such_a_model_there_is_no_heading(qtbot: QtBot, dialog: ModelsDialog, session: FakeSession) -> None:
    session.library.known_models = [model for model in session.library.known_models if not model.for_similar]
    dialog.reload()
    qtbot.waitUntil(lambda: len(dialog.rows) == 2)
    assert not dialog._list.similar_heading.isVisible()


def test_before_it_is_used_it_says_what_that_costs(dialog: ModelsDialog) -> None:
    assert buttons(second(dialog)) == ["Use"]
    words = second(dialog).costs.text().replace("\N{NO-BREAK SPACE}", " ")
    assert words == "40 photos/s on this computer · about 4 minutes for 8,000 photos"


def test_it_is_used_beside_the_other_and_stopped(
    qtbot: QtBot, dialog: ModelsDialog, session: FakeSession, window: Window
) -> None:
    second(dialog).use_button.click()
    qtbot.waitUntil(lambda: buttons(second(dialog)) == ["Stop using"])
    assert dialog.rows[0].mark.isVisible(), "quick look is in use as before"
    assert "Find similar uses “look-alikes” once it has seen your photos; words go on with “quick look”." in (
        window.notices.texts
    )
    second(dialog).stop_button.click()
    qtbot.waitUntil(lambda: buttons(second(dialog)) == ["Use"])
    assert "Find similar uses “quick look” again; what “look-alikes” learned is kept." in window.notices.texts


def test_its_progress_comes_into_view_at_the_end_of_the_list(
    qtbot: QtBot, dialog: ModelsDialog, session: FakeSession
) -> None:
    dialog.resize(dialog.width(), 420)
    row = second(dialog)
    dialog._list.ensureWidgetVisible(row.use_button, 0, 0)
    row.use_button.click()
    qtbot.waitUntil(row.line.isVisible)
    qtbot.waitUntil(lambda: row.line.visibleRegion().boundingRect() == row.line.rect())


def use(dialog: ModelsDialog, session: FakeSession, qtbot: QtBot, **changes: object) -> None:
    known = session.library.known_models
    at = known.index(SECOND)
    known[at] = replace(SECOND, in_use=True, **changes)  # type: ignore[arg-type]
    dialog.reload()
    qtbot.waitUntil(second(dialog).stop_button.isVisible)


def test_it_shows_how_many_photos_it_has_seen(qtbot: QtBot, dialog: ModelsDialog, session: FakeSession) -> None:
    use(dialog, session, qtbot)
    row = second(dialog)
    dialog.show_progress(
        make_progress(
            state="similar", photos=8000, embedded=8000, similar=1240, images_per_second=40.0, seconds_left=169.0
        )
    )
    assert row.line.isVisible()
    assert row.line.text.text() == "1,240 of 8,000 photos ready · about 3 minutes left"
    assert row.line.bar.value() == 155
    dialog.show_progress(make_progress(state="paused", photos=8000, embedded=8000, similar=1240))
    assert row.line.text.text() == "1,240 of 8,000 photos ready · paused"


def test_once_it_has_seen_all_the_page_says_so_by_itself(
    qtbot: QtBot, dialog: ModelsDialog, session: FakeSession
) -> None:
    use(dialog, session, qtbot)
    dialog.show_progress(make_progress(state="similar", similar=39))
    known = session.library.known_models
    known[1] = replace(known[1], answers=True)
    dialog.show_progress(make_progress(similar=40))
    qtbot.waitUntil(second(dialog).mark.isVisible)
    assert second(dialog).mark_text.text() == "in use"
    assert not second(dialog).line.isVisible()
    assert buttons(second(dialog)) == ["Stop using"]


def test_one_that_is_away_is_not_said_to_be_prepared(qtbot: QtBot, dialog: ModelsDialog, session: FakeSession) -> None:
    use(dialog, session, qtbot, installed=False, download_bytes=0)
    assert buttons(second(dialog)) == ["Stop using"]
    assert not second(dialog).line.isVisible()


def test_its_vectors_are_deleted_once_it_is_stopped(qtbot: QtBot, dialog: ModelsDialog, session: FakeSession) -> None:
    use(dialog, session, qtbot, kept_vectors=8000, kept_bytes=6_000_000)
    assert not second(dialog).delete_button.isVisible()
    second(dialog).stop_button.click()
    qtbot.waitUntil(second(dialog).delete_button.isVisible)


def test_the_status_bar_says_what_is_being_done(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.resize(1100, 44)
    bar.show()
    bar.show_progress(
        make_progress(
            state="similar",
            photos=8003,
            embedded=8000,
            failed=3,
            similar=2000,
            images_per_second=40.0,
            seconds_left=150.0,
        )
    )
    assert bar.text.text() == ("Getting ready for Find similar: 2,000 of 8,000 · 40 photos/s · about 3 minutes left")
    assert bar.bar.isVisible()
    assert bar.bar.value() == 250
    assert bar.pause.isEnabled()


def test_a_model_folder_that_is_new_in_the_list_comes_into_view_whole(
    qtbot: QtBot, dialog: ModelsDialog, session: FakeSession
) -> None:
    words = [
        ModelState(f"model {number}", False, False, written("MIT"), 1, 512, written("Good.")) for number in range(8)
    ]
    session.library.known_models += [*words, replace(SECOND, name="/models/mine", license=Sentence("license_own"))]
    dialog._chooser.use("/models/mine")
    qtbot.waitUntil(lambda: len(dialog.rows) == 12)
    row = next(row for row in dialog.rows if row.model.name == "/models/mine")
    qtbot.waitUntil(lambda: row.visibleRegion().boundingRect() == row.rect(), timeout=1000)
