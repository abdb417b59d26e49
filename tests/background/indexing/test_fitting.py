"""What the person sees of a model being fitted and loaded: answers all the while, and why a card is not used."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from photofind.core.encoders.engines import ENGINES
from photofind.core.encoders.learned_encoder import LearnedEncoder
from photofind.core.library import Library
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from tests.background.test_worker import Window
from tests.background.test_worker import window as window
from tests.tiny_clip import TINY_CLIP
from tests.written import written


def test_answers_come_while_a_model_is_fitted_and_the_status_says_so(window: Window, folder: Path) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    window.do(lambda library: library.models.use(str(TINY_CLIP)))
    window.run_until(lambda: window.progress[-1].state == "fitting", "the fitting")
    start = time.monotonic()
    answer = window.ask(Query(text="red"))
    assert (answer.model, answer.searched) == ("quick look", 8)
    assert time.monotonic() - start < 2.0
    window.run_until(lambda: window.progress[-1].model == "tiny_clip", "the model")
    window.wait_idle(8)
    assert window.progress[-1].engine in ENGINES


def test_quitting_while_a_model_is_fitted_is_quick_and_the_next_start_fits_it(
    window: Window, folder: Path, tmp_path: Path
) -> None:
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    window.do(lambda library: library.models.use(str(TINY_CLIP)))
    window.run_until(lambda: window.progress[-1].state == "fitting", "the fitting")
    start = time.monotonic()
    assert window.session.stop()
    assert time.monotonic() - start < 3.0
    again = Window(tmp_path / "library")
    again.session.start()
    again.run_until(lambda: bool(again.progress) and again.progress[-1].model == "tiny_clip", "the model")
    again.wait_idle(8)
    assert again.session.stop()


@pytest.mark.usefixtures("tiny_clip_fits")
def test_the_image_side_leaves_the_memory_after_a_rest(
    window: Window, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.do(lambda library: library.models.use(str(TINY_CLIP)))
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    assert window.do(is_loaded) is True
    monkeypatch.setattr("photofind.background.upkeep._KEEP_IMAGES_SECONDS", 0.0)
    window.run_until(lambda: window.do(is_loaded) is False, "the rest")
    assert window.ask(Query(text="red")).searched == 8
    assert window.do(is_loaded) is False


def is_loaded(library: Library) -> bool:
    return library.models.answering.is_loaded


@pytest.mark.usefixtures("tiny_clip_fits")
def test_why_the_graphics_card_is_not_used_is_said_once(
    window: Window, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = Sentence("card_unusable", device="Test card", why=written("it is broken"))
    monkeypatch.setattr(LearnedEncoder, "note", sentence, raising=False)
    monkeypatch.setattr(LearnedEncoder, "__setattr__", keep_note)
    window.do(lambda library: library.models.use(str(TINY_CLIP)))
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    assert window.notices == [sentence]


def keep_note(encoder: LearnedEncoder, name: str, value: object) -> None:
    if name != "note":
        object.__setattr__(encoder, name, value)
