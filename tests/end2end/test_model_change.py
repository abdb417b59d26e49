"""Going from quick look to a learned model and back while searching: the window, the session and the model are real.

In this process, so that every single answer can be looked at, not only those that a screenshot catches.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from itertools import cycle, groupby
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photofind.background.session import Session
from photofind.core.records.answers import SearchResult
from photofind.core.records.progress import Progress
from photofind.gui.desktop.main_thread import MainThread
from photofind.gui.models.models_dialog import ModelsDialog
from photofind.gui.news import News
from photofind.gui.window import Window
from tests.core.embedding.changing_models import write_scenes
from tests.tiny_clip import TINY_CLIP

PHOTOS = 80
MILLISECONDS = 120_000
TEXTS = ("red", "a blue circle", "green")

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


class Searcher:
    """Somebody who asks one thing after the other, each as soon as the last was answered."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._texts = cycle(TEXTS)
        self.answers: list[SearchResult] = []
        self.shown: list[list[int]] = []
        window.searches.answered.connect(self._on_answered)
        window.searches.failed.connect(lambda _query, sentence: pytest.fail(sentence))

    def begin(self) -> None:
        self._window.search_bar.show_words(next(self._texts))

    def _on_answered(self, result: SearchResult) -> None:
        if result.query.text:
            self.answers.append(result)
            shown = self._window.model.result
            assert shown is not None
            self.shown.append(shown.photo_ids.tolist())
            self._window.search_bar.show_words(next(self._texts))

    @property
    def models(self) -> list[str]:
        """The models that answered, in order, each once in a row."""
        return [model for model, _ in groupby(answer.model for answer in self.answers)]


@pytest.fixture
def progress() -> list[Progress]:
    return []


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, tmp_path: Path, progress: list[Progress]) -> Iterator[Window]:
    """A window on a library of scenes, put together as the program does it."""
    news = News()
    session = Session(
        tmp_path / "library",
        MainThread(qapp).post,
        on_progress=news.progressed.emit,
        on_notice=news.told.emit,
        on_changed=news.changed.emit,
        on_folders=news.folders_changed.emit,
    )
    made = Window(session)
    qtbot.addWidget(made)
    news.progressed.connect(made.show_progress)
    news.progressed.connect(progress.append)
    news.told.connect(made.show_notice)
    news.changed.connect(made.refresh)
    news.folders_changed.connect(made.show_folders)
    made.show()
    session.start()
    made.begin()
    made.folder_changes.add(write_scenes(tmp_path / "scenes", PHOTOS, size=(320, 240)))
    qtbot.waitUntil(lambda: is_idle(progress, "quick look"), timeout=MILLISECONDS)
    yield made
    made.hide()
    session.stop()


def is_idle(progress: list[Progress], model: str) -> bool:
    last = progress[-1] if progress else None
    return last is not None and (last.state, last.embedded, last.model) == ("idle", PHOTOS, model)


def use(qtbot: QtBot, dialog: ModelsDialog, name: str) -> None:
    """Click on the button of a model, once it is there."""

    def row_with_button() -> bool:
        return any(row.model.name == name and row.use_button.isVisible() for row in dialog.rows)

    qtbot.waitUntil(row_with_button, timeout=MILLISECONDS)
    next(row for row in dialog.rows if row.model.name == name).use_button.click()


@pytest.mark.usefixtures("tiny_clip_fits")
def test_a_change_there_and_back_while_searching_never_shows_an_empty_or_mixed_answer(
    qtbot: QtBot, window: Window, progress: list[Progress], monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher = Searcher(window)
    searcher.begin()
    qtbot.waitUntil(lambda: len(searcher.answers) > 9)
    window.dialogs.show_models()
    dialog = window.dialogs.models
    assert dialog is not None
    monkeypatch.setattr(
        "photofind.gui.models.models_dialog.QFileDialog.getExistingDirectory", lambda *_: str(TINY_CLIP)
    )
    dialog.folder_button.click()
    qtbot.waitUntil(lambda: "tiny_clip" in searcher.models, timeout=MILLISECONDS)
    during = [one for one in progress if one.next_model == "tiny_clip"]
    assert {one.model for one in during} == {"quick look"}
    seen = len(searcher.answers)
    qtbot.waitUntil(lambda: len(searcher.answers) > seen + 9)
    use(qtbot, dialog, "quick look")
    qtbot.waitUntil(lambda: searcher.models[-1] == "quick look", timeout=MILLISECONDS)
    use(qtbot, dialog, str(TINY_CLIP))
    qtbot.waitUntil(lambda: searcher.models[-1] == "tiny_clip", timeout=MILLISECONDS)
    assert searcher.models == ["quick look", "tiny_clip"] * 2

    answers: dict[tuple[str, str], set[tuple[int, ...]]] = {}
    for answer, shown in zip(searcher.answers, searcher.shown, strict=True):
        assert answer.photo_ids.tolist() == shown
        assert (len(answer.photo_ids), answer.searched) == (PHOTOS, PHOTOS)
        answers.setdefault((answer.query.text, answer.model), set()).add(tuple(shown))
    assert {key: len(found) for key, found in answers.items()} == dict.fromkeys(answers, 1), "always the same answer"
    assert len({found for each in answers.values() for found in each}) == 2 * len(TEXTS), "each model has its own"
