"""A dropped picture that hangs, as one on a dead network drive does, holds up no other search."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photofind.background.decoding.decoder import Decoder
from photofind.core.records.answers import SearchResult
from photofind.core.records.query import Query
from photofind.core.sentences.sentence import Sentence
from tests.background.test_worker import Window, never
from tests.pictures import COLORS, write_photo


@pytest.fixture
def hanging(tmp_path: Path) -> Path:
    """A picture that whoever opens it waits for: a pipe that nobody writes into."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes here")
    os.mkfifo(tmp_path / "hanging.png")
    return tmp_path / "hanging.png"


@pytest.fixture
def window(tmp_path: Path, folder: Path) -> Iterator[Window]:
    window = Window(tmp_path / "library")
    window.session.start()
    window.do(lambda library: library.folders.add(folder))
    window.wait_idle(8)
    window.ask(Query(text="red"))
    yield window
    window.session.stop()


def test_words_are_answered_at_once_while_a_dropped_picture_hangs(window: Window, hanging: Path) -> None:
    late: list[object] = []
    seconds = []
    for text in ("red", "blue", "green", "yellow", "purple"):
        window.worker.search(Query(picture=hanging), late.append, late.append)
        time.sleep(0.05)
        start = time.monotonic()
        window.ask(Query(text=text))
        seconds.append(time.monotonic() - start)
    assert statistics.median(seconds) < 0.25
    assert late == [], "nobody waits for that answer any more"


def test_another_picture_takes_the_place_of_one_that_hangs(window: Window, hanging: Path, tmp_path: Path) -> None:
    late: list[object] = []
    picture = write_photo(tmp_path / "query.png", COLORS["purple"], (640, 200), seed=3)
    for _ in range(4):  # more than there are children that open pictures
        window.worker.search(Query(picture=hanging), late.append, late.append)
        time.sleep(0.3)
        assert window.names(Query(picture=picture))[0] == "purple.jpg"
    assert late == []


def test_photos_come_in_while_a_dropped_picture_hangs(
    window: Window, hanging: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The live query is asked again for each, and the picture is not begun again for that."""
    begun: list[object] = []
    decode_soon = Decoder.decode_soon

    def begin(*task: Any, **how: Any) -> Any:
        begun.append(task)
        return decode_soon(*task, **how)

    monkeypatch.setattr(Decoder, "decode_soon", begin)
    late: list[object] = []
    for number in range(3):
        window.worker.search(Query(picture=hanging), late.append, late.append)
        write_photo(folder / f"new {number}.jpg", COLORS["blue"], (60, 40), 70 + number)
        window.worker.sync()
        window.wait_idle(9 + number)
    assert len(begun) == 1
    assert late == []


def test_a_picture_that_was_broken_is_tried_again(window: Window, tmp_path: Path) -> None:
    picture = tmp_path / "query.png"
    picture.write_bytes(b"nothing yet")
    errors: list[Sentence] = []
    window.worker.search(Query(picture=picture), lambda _: pytest.fail("answered"), errors.append)
    window.run_until(lambda: bool(errors), "the refusal")
    write_photo(picture, COLORS["purple"], (640, 200), seed=3)
    assert window.names(Query(picture=picture))[0] == "purple.jpg"


def test_an_older_picture_never_answers_after_a_newer_one(window: Window, tmp_path: Path) -> None:
    pictures = [
        write_photo(tmp_path / f"{color}.png", COLORS[color], (900, 700), seed=3) for color in ("red", "blue", "purple")
    ]
    answers: list[SearchResult] = []
    for picture in pictures:
        window.worker.search(Query(picture=picture), answers.append, never)
    window.run_until(lambda: any(answer.query.picture == pictures[-1] for answer in answers), "the last answer")
    assert answers[-1].query.picture == pictures[-1]
